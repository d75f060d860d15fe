/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc tells of a process: who it is, and what it was executed with. */
#include "process.h"

#include "procfile.h"
#include "readfile.h"

#include "core/decimal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail_as_ended(void)
{
    if (errno == ENOENT)
        errno = ESRCH;
    return -1;
}

/* One directory for all: a process id may pass to another process, an open directory does not. Its
 * owner is the effective user, even where the files in it are root's (proc(5), dumpable). */
static int read_in(int directory, struct process_facts *facts)
{
    char text[1024];
    struct stat status;
    if (fstat(directory, &status) != 0)
        return -1;
    int fd = openat(directory, "stat", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t length = read(fd, text, sizeof(text) - 1);
    int saved = errno;
    close(fd);
    errno = saved;
    if (length < 0)
        return -1;
    text[length] = '\0';
    struct procfile_stat told;
    if (procfile_stat(&told, text) != 0)
        return -1;
    facts->uid = status.st_uid;
    facts->parent = (pid_t)told.parent;
    facts->ended = told.state == 'Z' || told.state == 'X';
    facts->process.start = told.start;
    return 0;
}

int process_read(pid_t pid, struct process_facts *facts)
{
    char path[sizeof("/proc/") + DECIMAL_SIZE];
    *facts = (struct process_facts){.process.pid = pid};
    decimal(stpcpy(path, "/proc/"), (unsigned long long)pid);
    int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return fail_as_ended();
    int rc = read_in(directory, facts);
    int saved = errno;
    close(directory);
    errno = saved;
    return rc == 0 ? 0 : fail_as_ended();
}

struct process process_self(void)
{
    struct process_facts facts;
    if (process_read(getpid(), &facts) != 0)
        return (struct process){.pid = getpid()};
    return facts.process;
}

char **process_strings(pid_t pid, const char *file, size_t max, char **text)
{
    char path[sizeof("/proc//") + DECIMAL_SIZE + NAME_MAX];
    size_t length;
    char *at = decimal(stpcpy(path, "/proc/"), (unsigned long long)pid);
    stpcpy(stpcpy(at, "/"), file);
    *text = readfile(path, max, &length);
    if (!*text) {
        fail_as_ended();
        return NULL;
    }
    char **strings = procfile_strings(*text, length);
    if (!strings) {
        free(*text);
        *text = NULL;
        errno = ENOMEM;
        return NULL;
    }
    return strings;
}

int process_environment(pid_t pid, size_t max, struct env *env, char **text)
{
    char **vars = process_strings(pid, "environ", max, text);
    if (!vars)
        return -1;
    int rc = env_init(env, vars);
    free(vars);
    if (rc != 0) {
        env_destroy(env);
        free(*text);
        *text = NULL;
        errno = ENOMEM;
    }
    return rc;
}
