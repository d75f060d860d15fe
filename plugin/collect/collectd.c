/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe-collectd: one on each node, it hears of nested launches and sees that they are recorded.
 */
#include "collector.h"
#include "inbox.h"
#include "keeper.h"

#include "core/launcher.h"
#include "launch/address.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

static void help(void)
{
    puts(
        "Usage: nestsafe-collectd [OPTION]…\n\n"
        "Hear of nested MPI launches on this node, from nestsafe's own programs and from the "
        "kernel,\n"
        "and see that they come into the node's log and into Slurm's accounting. The Slurm plugin\n"
        "starts it where it is not running; there is no need to start it by hand.\n\n"
        "  --rundir=DIR      as in plugstack.conf (" NESTSAFE_RUNDIR ")\n"
        "  --spool=DIR       as in plugstack.conf (" NESTSAFE_SPOOL ")\n"
        "  --launchers=LIST  as in plugstack.conf: further names of launchers\n"
        "  --port=N          as in plugstack.conf (868); 0 for none\n"
        "  --foreground      stay in the foreground, without a keeper: for systemd\n"
        "  --socket-fd=N     the bound socket, from whoever starts it\n"
        "  --lock-fd=N       the lock, from whoever starts it\n"
        "  -V, --version     the version\n"
        "  -h, --help        this text");
}

static int usage(const char *what, const char *value)
{
    fprintf(stderr, "nestsafe-collectd: error: %s '%s'\nTry 'nestsafe-collectd --help'.\n", what,
            value);
    return EXIT_USAGE;
}

static bool parse_number(const char *text, int most, int *number)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || value > most)
        return false;
    *number = (int)value;
    return true;
}

/* Returns 0, or the exit status plus 1. */
static int parse(int argc, char *argv[], struct collector_options *options)
{
    enum {
        OPTION_RUNDIR,
        OPTION_SPOOL,
        OPTION_LAUNCHERS,
        OPTION_PORT,
        OPTION_FOREGROUND,
        OPTION_SOCKET,
        OPTION_LOCK,
        OPTION_VERSION = 'V',
        OPTION_HELP = 'h',
    };
    static const struct option names[] = {
        {"rundir", required_argument, NULL, OPTION_RUNDIR},
        {"spool", required_argument, NULL, OPTION_SPOOL},
        {"launchers", required_argument, NULL, OPTION_LAUNCHERS},
        {"port", required_argument, NULL, OPTION_PORT},
        {"foreground", no_argument, NULL, OPTION_FOREGROUND},
        {"socket-fd", required_argument, NULL, OPTION_SOCKET},
        {"lock-fd", required_argument, NULL, OPTION_LOCK},
        {"version", no_argument, NULL, OPTION_VERSION},
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
    };
    int *const numbers[] = {[OPTION_PORT] = &options->port,
                            [OPTION_SOCKET] = &options->socket,
                            [OPTION_LOCK] = &options->lock};
    const char **const paths[] = {
        [OPTION_RUNDIR] = &options->rundir, [OPTION_SPOOL] = &options->spool};
    int option;
    while ((option = getopt_long(argc, argv, ":Vh", names, NULL)) != -1) {
        switch (option) {
        case OPTION_RUNDIR:
        case OPTION_SPOOL:
            if (*optarg != '/')
                return usage("not an absolute path:", optarg) + 1;
            *paths[option] = optarg;
            break;
        case OPTION_LAUNCHERS:
            if (!launcher_names_are_valid(optarg))
                return usage("no list of file names:", optarg) + 1;
            launcher_add_names(optarg);
            break;
        case OPTION_PORT:
        case OPTION_SOCKET:
        case OPTION_LOCK:
            if (!parse_number(optarg, 65535, numbers[option]))
                return usage("not a number from 0 to 65535:", optarg) + 1;
            break;
        case OPTION_FOREGROUND:
            options->foreground = true;
            break;
        case OPTION_VERSION:
            puts("nestsafe-collectd " PACKAGE_VERSION);
            return EXIT_SUCCESS + 1;
        case OPTION_HELP:
            help();
            return EXIT_SUCCESS + 1;
        default:
            return usage("no such option, or it needs a value:", argv[optind - 1]) + 1;
        }
    }
    return optind < argc ? usage("unexpected argument", argv[optind]) + 1 : 0;
}

/* Only one collector a directory: whoever holds the lock. */
static int take_lock(struct collector_options *options)
{
    char path[PATH_MAX];
    if (options->lock >= 0)
        return fcntl(options->lock, F_SETFD, FD_CLOEXEC);
    snprintf(path, sizeof(path), "%s/lock", options->rundir);
    if (mkdir(options->rundir, 0755) != 0 && errno != EEXIST)
        return -1;
    options->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    return options->lock < 0 ? -1 : flock(options->lock, LOCK_EX | LOCK_NB);
}

static int take_socket(struct collector_options *options)
{
    if (options->socket >= 0)
        return inbox_adopt(options->socket);
    options->socket = inbox_open(options->rundir);
    return options->socket < 0 ? -1 : 0;
}

/* What is opened later must not take the place of standard input, output or error. */
static void open_standard_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char *argv[])
{
    struct collector_options options = {
        .rundir = NESTSAFE_RUNDIR, .spool = NESTSAFE_SPOOL, .port = 868, .socket = -1, .lock = -1};
    int rc = parse(argc, argv, &options);
    if (rc != 0)
        return rc - 1;
    umask(022);
    open_standard_streams();
    if (take_lock(&options) != 0) {
        fprintf(stderr, "nestsafe-collectd: error: --rundir=%s: %s\n", options.rundir,
                errno == EWOULDBLOCK ? "another collector is at work there" : strerror(errno));
        return EXIT_FAILURE;
    }
    if (take_socket(&options) != 0) {
        fprintf(stderr, "nestsafe-collectd: error: %s/" COLLECTOR_SOCKET ": %s\n", options.rundir,
                strerror(errno));
        return EXIT_FAILURE;
    }
    if (!options.foreground)
        keeper_begin();
    return collector_run(&options);
}
