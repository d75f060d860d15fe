/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe-account: one errand to the scheduler, and then it ends. */
#include "account.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The most that an errand may take, whoever does not answer. */
enum { SECONDS = 60 };

unsigned account_rpcs;

static const struct {
    const char *name;
    enum outcome (*run)(int argc, char *argv[]);
    const char *usage;
} commands[] = {
    {"deliver", account_deliver, "--node=NAME --port=N FILE"},
    {"notify", account_notify, "JOB <TEXT"},
    {"receive", account_receive, "--rundir=DIR"},
    {"settings", account_settings, ""},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

enum outcome account_say(enum outcome outcome, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    fprintf(stderr, "nestsafe-account: error: %s\n", text);
    return outcome;
}

static void out_of_time(int signal)
{
    static const char text[] = "nestsafe-account: error: no answer in time\n";
    (void)signal;
    if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
        _exit(OUTCOME_LATER);
    _exit(OUTCOME_LATER);
}

static enum outcome misused(void)
{
    fputs("usage:\n", stderr);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(stderr, "  nestsafe-account %s %s\n", commands[i].name, commands[i].usage);
    return OUTCOME_MISUSE;
}

int main(int argc, char *argv[])
{
    const char *name = argc > 1 ? argv[1] : "";
    enum outcome outcome = OUTCOME_MISUSE;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGALRM, out_of_time);
    alarm(SECONDS);
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(name, commands[i].name) == 0)
            outcome = commands[i].run(argc - 1, argv + 1);
    }
    return (int)(outcome == OUTCOME_MISUSE ? misused() : outcome);
}
