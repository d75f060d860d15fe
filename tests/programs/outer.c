/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outer [-i] [-p] [-s] [-o RANK] [-d SECONDS] COMMAND [ARGUMENT]…: an MPI rank that starts a nested
 * launch, as all ranks do at the same time, and then shows that its own job is in good health.
 *
 *   -i          without MPI: what a shell script in a step does
 *   -p          part of the health is a name that its launcher keeps for it (MPI_Publish_name)
 *   -s          part of the health is MPI_Comm_spawn of itself
 *   -o RANK     only this rank launches; the others wait
 *   -d SECONDS  how long the launch may take (10); then it is sent SIGTERM, and SIGKILL after 3
 * more
 *
 * Prints, each in one write, so that ranks cannot mix: "outer RANK/SIZE nested: exit N", or
 * "… hang", or "… hang, SIGKILL"; and from each job's rank 0 "outer healthy". */
#include <mpi.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char spawned[] = "--spawned";

static struct options {
    bool without_mpi;
    bool publishes;
    bool spawns;
    int only;
    double seconds;
} options = {.only = -1, .seconds = 10};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool ends_within(pid_t pid, double seconds, int *status)
{
    const struct timespec moment = {.tv_nsec = 20000000};
    double end = now() + seconds;
    for (;;) {
        if (waitpid(pid, status, WNOHANG) == pid)
            return true;
        if (now() > end)
            return false;
        nanosleep(&moment, NULL);
    }
}

static void say(const char *line)
{
    ssize_t written = write(STDOUT_FILENO, line, strlen(line));
    if (written < 0)
        _exit(1);
}

static void launch(char *argv[], int rank, int size)
{
    char line[128];
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    if (ends_within(pid, options.seconds, &status)) {
        snprintf(line, sizeof(line), "outer %d/%d nested: exit %d\n", rank, size,
                 WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    } else {
        kill(pid, SIGTERM);
        bool ended = ends_within(pid, 3, &status);
        if (!ended) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
        }
        snprintf(line, sizeof(line), "outer %d/%d nested: hang%s\n", rank, size,
                 ended ? "" : ", SIGKILL");
    }
    say(line);
}

static bool publishing_works(int rank)
{
    char port[MPI_MAX_PORT_NAME] = "";
    if (rank == 0)
        MPI_Publish_name("outer", MPI_INFO_NULL, "kept");
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Lookup_name("outer", MPI_INFO_NULL, port);
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0)
        MPI_Unpublish_name("outer", MPI_INFO_NULL, "kept");
    return strcmp(port, "kept") == 0;
}

/* A child needs no more than to have been started, and to find its parent. */
static bool spawn_works(char *self)
{
    char *arguments[] = {(char *)spawned, NULL};
    MPI_Comm child;
    int value = 0;
    MPI_Comm_spawn(self, arguments, 1, MPI_INFO_NULL, 0, MPI_COMM_WORLD, &child,
                   MPI_ERRCODES_IGNORE);
    MPI_Bcast(&value, 1, MPI_INT, 0, child);
    MPI_Comm_disconnect(&child);
    return value == 21;
}

static int be_child(void)
{
    MPI_Comm parent;
    int value = 21, rank;
    MPI_Init(NULL, NULL);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_get_parent(&parent);
    MPI_Bcast(&value, 1, MPI_INT, rank == 0 ? MPI_ROOT : MPI_PROC_NULL, parent);
    MPI_Comm_disconnect(&parent);
    MPI_Finalize();
    return 0;
}

/* The directory of the server above, of which a nested launcher must not take itself for the owner.
 */
static bool directory_is_there(const char *name)
{
    const char *path = getenv(name);
    struct stat at;
    return !path || stat(path, &at) == 0;
}

static bool healthy(char *self, int rank, int size)
{
    int sum = 0, there = 0, all_there = 0;
    MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    there = directory_is_there("PMIX_SERVER_TMPDIR") &&
            directory_is_there("OMPI_MCA_orte_jobfam_session_dir");
    MPI_Allreduce(&there, &all_there, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    bool published_well = !options.publishes || publishing_works(rank);
    bool spawned_well = !options.spawns || spawn_works(self);
    return sum == size * (size - 1) / 2 && all_there && published_well && spawned_well;
}

static int read_options(int argc, char *argv[])
{
    int option;
    while ((option = getopt(argc, argv, "+ipso:d:")) != -1) {
        switch (option) {
        case 'i':
            options.without_mpi = true;
            break;
        case 'p':
            options.publishes = true;
            break;
        case 's':
            options.spawns = true;
            break;
        case 'o':
            options.only = atoi(optarg);
            break;
        case 'd':
            options.seconds = atof(optarg);
            break;
        default:
            exit(2);
        }
    }
    return optind;
}

int main(int argc, char *argv[])
{
    char host[256] = "";
    int rank = 0, size = 1;
    if (argc == 2 && strcmp(argv[1], spawned) == 0)
        return be_child();
    int at = read_options(argc, argv);
    gethostname(host, sizeof(host) - 1);
    setenv("OUTER_HOST", host, 1);
    if (!options.without_mpi) {
        MPI_Init(&argc, &argv);
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        MPI_Comm_size(MPI_COMM_WORLD, &size);
        MPI_Barrier(MPI_COMM_WORLD);
    }
    if (options.only < 0 || options.only == rank)
        launch(argv + at, rank, size);
    bool well = options.without_mpi || healthy(argv[0], rank, size);
    if (well && rank == 0)
        say("outer healthy\n");
    if (!options.without_mpi)
        MPI_Finalize();
    return !well;
}
