/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting a daemon that outlives the step, or the slurmd, that happened to be first. */
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Descriptors move here first, where none of their last places is. */
enum { OUT_OF_THE_WAY = 64 };

void daemon_cgroup_root(const char *line, unsigned place, char *path, size_t size)
{
    /* "NUMBER:CONTROLLERS:PATH", without controllers in version 2 (cgroups(7)). */
    static const char *const unified[] = {"", "/unified"};
    const char *controllers = strchr(line, ':');
    const char *group = controllers ? strchr(controllers + 1, ':') : NULL;
    path[0] = '\0';
    if (!group || (!strstr(group, "/job_") && !strstr(group, "slurmstepd")))
        return;
    size_t length = (size_t)(group - ++controllers);
    if (length == 0 && place < sizeof(unified) / sizeof(unified[0])) {
        snprintf(path, size, "/sys/fs/cgroup%s/cgroup.procs", unified[place]);
    } else if (length > 0 && place == 0) {
        bool named = strncmp(controllers, "name=", 5) == 0;
        snprintf(path, size, "/sys/fs/cgroup/%.*s/cgroup.procs", (int)(named ? length - 5 : length),
                 named ? controllers + 5 : controllers);
    }
}

static void write_zero(const char *path)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (write(fd, "0", 1) < 0)
        errno = 0; /* then it stays as it is */
    close(fd);
}

/* The kernel makes the file anew for each reader, and a job's has a line a hierarchy. */
static void leave_cgroups(void)
{
    char text[8192];
    char path[256];
    int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
    if (fd >= 0)
        close(fd);
    if (length <= 0)
        return;
    text[length] = '\0';
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        for (unsigned place = 0; place < 2; place++) {
            daemon_cgroup_root(line, place, path, sizeof(path));
            if (path[0])
                write_zero(path);
        }
    }
}

/* Returns 0, or an error number. */
static int place_descriptors(const int fds[], size_t count)
{
    int moved[OUT_OF_THE_WAY];
    int first_other = DAEMON_FIRST_FD + (int)count;
    int null = open("/dev/null", O_RDWR);
    null = null < 0 ? -1 : fcntl(null, F_DUPFD, OUT_OF_THE_WAY);
    if (null < 0)
        return errno;
    for (size_t i = 0; i < count; i++) {
        moved[i] = fcntl(fds[i], F_DUPFD, OUT_OF_THE_WAY);
        if (moved[i] < 0)
            return errno;
    }
    for (int fd = 0; fd < first_other; fd++) {
        if (dup2(fd < DAEMON_FIRST_FD ? null : moved[fd - DAEMON_FIRST_FD], fd) < 0)
            return errno;
    }
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first_other, ~0U, 0) == 0)
        return 0;
#endif
    for (long fd = first_other; fd < sysconf(_SC_OPEN_MAX); fd++)
        close((int)fd);
    return 0;
}

/* In a child of a process with other threads: only what is safe there (signal-safety(7)), which
 * posix_spawn is in glibc. What it starts is left to process 1 when this ends, so that no step's
 * end reaches it. Returns 0, or an error number. */
static int spawn(char *const argv[], char *const envp[], const int fds[], size_t count)
{
    posix_spawnattr_t attributes;
    sigset_t none, all;
    pid_t daemon;
    setsid();
    umask(022);
    leave_cgroups();
    write_zero("/proc/self/oom_score_adj");
    int error = chdir("/") == 0 ? place_descriptors(fds, count) : errno;
    if (error == 0)
        error = posix_spawnattr_init(&attributes);
    if (error != 0)
        return error;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return posix_spawn(&daemon, argv[0], NULL, &attributes, argv, envp);
}

int daemon_start(char *const argv[], char *const envp[], const int fds[], size_t count)
{
    int status = 0;
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0)
        _exit(spawn(argv, envp, fds, count));
    while (waitpid(child, &status, 0) < 0) {
        /* Where SIGCHLD is ignored, it has ended and nobody knows how. */
        if (errno != EINTR)
            return 0;
    }
    if (status == 0)
        return 0;
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECANCELED;
    return -1;
}
