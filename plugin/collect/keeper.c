/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper: the parent of the collector, which starts it again when it is killed. */
#include "keeper.h"

#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* One that dies at once, again and again, must not keep a node busy. */
enum { SHORT_LIFE_SECONDS = 5, PAUSE_MILLISECONDS = 1000 };

static volatile sig_atomic_t collector; /* 0: none now */
static volatile sig_atomic_t ending;    /* the signal that told us to end */

static void hand_on(int number)
{
    if (number != SIGHUP)
        ending = number;
    if (collector > 0)
        kill((pid_t)collector, number);
}

static void handle(void (*handler)(int))
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    struct sigaction action = {.sa_handler = handler};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
}

static int wait_for(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return 0;
    }
    return status;
}

void keeper_begin(void)
{
    for (;;) {
        int64_t began = clock_steady();
        handle(hand_on);
        pid_t pid = fork();
        if (pid <= 0) {
            handle(SIG_DFL);
            return; /* the collector; or, where there is no second process to be had, both in one */
        }
        collector = pid;
        if (ending)
            kill(pid, ending);
        int status = wait_for(pid);
        collector = 0;
        if (WIFEXITED(status))
            _exit(WEXITSTATUS(status));
        if (ending)
            _exit(0);
        if (clock_steady() - began < SHORT_LIFE_SECONDS * 1000000LL)
            poll(NULL, 0, PAUSE_MILLISECONDS);
    }
}
