/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The node's collector: started where it is not there. */
#include "collector.h"

#include "daemon.h"

#include "launch/address.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(char error[RUNDIR_ERROR_MAX], const char *what)
{
    int saved = errno;
    snprintf(error, RUNDIR_ERROR_MAX, "%.160s: %s", what, strerror(saved));
    return false;
}

/* Returns the socket, or -1 with errno. */
static int bind_socket(int directory, const char *rundir)
{
    const int yes = 1;
    struct sockaddr_un address;
    if (collector_address(&address, rundir) != 0)
        return -1;
    unlinkat(directory, COLLECTOR_SOCKET, 0);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    /* The kernel notes who sent a message when it is sent, not when it is read: from the start. */
    if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)) == 0 &&
        bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
        fchmodat(directory, COLLECTOR_SOCKET, 0666, 0) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

/* "NAME=VALUE" where this process, which is slurmd's or has its environment from it, has NAME. */
static char *inherit(char *entry, size_t size, const char *name)
{
    const char *value = getenv(name);
    int length = value ? snprintf(entry, size, "%s=%s", name, value) : -1;
    return length >= 0 && (size_t)length < size ? entry : NULL;
}

static int execute(const char *const command[], const char *rundir, int socket, int lock)
{
    char directory[PATH_MAX];
    char conf[PATH_MAX];
    char namespace[PATH_MAX];
    char *argv[1 + COLLECTOR_OPTIONS_MAX + 4];
    size_t words = 0;
    char *envp[5] = {(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", (char *)"LANG=C.UTF-8"};
    const int fds[] = {socket, lock};
    size_t count = 2;
    snprintf(directory, sizeof(directory), "--rundir=%s", rundir);
    argv[words++] = (char *)command[0];
    argv[words++] = directory;
    for (size_t i = 1; i <= COLLECTOR_OPTIONS_MAX && command[i]; i++)
        argv[words++] = (char *)command[i];
    argv[words++] = (char *)"--socket-fd=3";
    argv[words++] = (char *)"--lock-fd=4";
    argv[words] = NULL;
    envp[count] = inherit(conf, sizeof(conf), "SLURM_CONF");
    count += envp[count] != NULL;
    /* Where the kernel tells of processes, for nodes in network namespaces of their own. */
    envp[count] = inherit(namespace, sizeof(namespace), "NESTSAFE_CONNECTOR_NETNS");
    return daemon_start(argv, envp, fds, 2);
}

/* With the lock held. */
static bool start(int directory, int lock, const char *rundir, const char *const command[],
                  char error[RUNDIR_ERROR_MAX])
{
    int socket = bind_socket(directory, rundir);
    if (socket < 0)
        return fail(error, rundir);
    bool started = execute(command, rundir, socket, lock) == 0;
    if (!started) {
        fail(error, command[0]);
        unlinkat(directory, COLLECTOR_SOCKET, 0);
    }
    close(socket);
    return started;
}

enum collector_state collector_start(const char *rundir, const char *const command[],
                                     char error[RUNDIR_ERROR_MAX])
{
    enum collector_state state = COLLECTOR_FAILED;
    int directory = rundir_open(rundir, true, error);
    if (directory < 0)
        return COLLECTOR_FAILED;
    int lock = openat(directory, COLLECTOR_LOCK,
                      O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (lock < 0)
        fail(error, rundir);
    else if (flock(lock, LOCK_EX | LOCK_NB) == 0)
        state =
            start(directory, lock, rundir, command, error) ? COLLECTOR_STARTED : COLLECTOR_FAILED;
    else if (errno == EWOULDBLOCK)
        state = COLLECTOR_LIVES;
    else
        fail(error, rundir);
    if (lock >= 0)
        close(lock);
    close(directory);
    return state;
}
