/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe: finds the command and hands over to it. */
#include "cli.h"

#include "core/launcher.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char *argv[]);
    const char *summary;
} commands[] = {
    {"run", cli_run, "start a command so that mpirun works in and below it"},
    {"explain", cli_explain, "tell what a launcher started here would meet, and what to do"},
    {"rules", cli_rules, "print the rule table"},
    {"audit", cli_audit, "report the nested launches in Slurm's accounting"},
    {"doctor", cli_doctor, "tell whether nestsafe works on this host, and what to do"},
};

static void help(FILE *to)
{
    fprintf(to, "Usage: nestsafe COMMAND [OPTION]…\n\n"
                "Nested MPI launches that work, and that leave the outer job alone.\n\n");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].summary);
    fputs("\n  -h, --help     this text; 'nestsafe COMMAND --help' tells more\n"
          "  -V, --version  the version\n",
          to);
}

int cli_usage_error(const char *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "nestsafe %s: error: ", command);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\nTry 'nestsafe %s --help'.\n", command);
    va_end(arguments);
    return EXIT_USAGE;
}

int main(int argc, char *argv[])
{
    const char *name = argc > 1 ? argv[1] : "";
    launcher_add_names(getenv(LAUNCHERS_VARIABLE));
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        help(stdout);
        return 0;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        puts("nestsafe " PACKAGE_VERSION);
        return 0;
    }
    if (*name)
        fprintf(stderr, "nestsafe: error: no command '%s'\n", name);
    help(stderr);
    return EXIT_USAGE;
}
