/* SPDX-License-Identifier: GPL-2.0-or-later */
/* incidents SOCKET COUNT FIRST [LAST | PROGRAM]: nested launches, as fast as the collector behind
 * the socket takes them.
 *
 * With LAST, a word with a '=' in it, the launches are this process itself, one after the other: it
 * sends FIRST and LAST of each. Otherwise each is a process of its own, below one of 64 ranks,
 * which sends FIRST if that is not empty, and becomes PROGRAM. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { RANKS = 64 }; /* of a node */

static int reach(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    perror(path);
    exit(1);
}

/* When this process began, as /proc has it: the 20th word behind its name. */
static unsigned long long begun(void)
{
    char text[1024] = "";
    FILE *file = fopen("/proc/self/stat", "r");
    if (!file || !fgets(text, sizeof(text), file) || fclose(file) != 0)
        exit(1);
    char *at = strrchr(text, ')');
    for (int word = 0; at && word < 20; word++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at, NULL, 10) : 0;
}

/* As a launch does, with its number and beginning. It waits where the socket is full. */
static void say(int fd, const char *report, unsigned long long start)
{
    char text[2048];
    int length = snprintf(text, sizeof(text), "%spid=%d\nstart=%llu\n", report, getpid(), start);
    if (send(fd, text, (size_t)length, 0) < 0) {
        perror("send");
        exit(1);
    }
}

static pid_t child(void)
{
    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        exit(1);
    }
    return pid;
}

static void launch(int fd, const char *report, char *program)
{
    char *const words[] = {program, NULL};
    if (child() > 0) {
        wait(NULL);
        return;
    }
    if (*report)
        say(fd, report, begun());
    execve(program, words, environ);
    _exit(127);
}

/* Each rank launches one after the other. */
static void launches(int fd, long count, const char *report, char *program)
{
    for (long rank = 0; rank < RANKS; rank++) {
        if (child() > 0)
            continue;
        for (long i = rank; i < count; i += RANKS)
            launch(fd, report, program);
        _exit(0);
    }
    while (wait(NULL) > 0)
        continue;
}

/* Those of this process itself. */
static void reports(int fd, long count, const char *first, const char *last)
{
    unsigned long long start = begun();
    for (long i = 0; i < count; i++) {
        say(fd, first, start);
        say(fd, last, start);
    }
}

int main(int argc, char *argv[])
{
    if (argc != 5)
        return 2;
    long count = atol(argv[2]);
    int fd = *argv[1] ? reach(argv[1]) : -1;
    if (strchr(argv[4], '='))
        reports(fd, count, argv[3], argv[4]);
    else
        launches(fd, count, argv[3], argv[4]);
    return 0;
}
