/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc tells of a process: who it is, and what it was executed with. */
#include "process.h"

#include "readfile.h"

#include "core/decimal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the number'th field after this one begins, or NULL. */
static const char *skip_fields(const char *text, unsigned number)
{
    while (text && number--) {
        text = strchr(text, ' ');
        text += text != NULL;
    }
    return text;
}

/* Fields 3, 4 and 22 of /proc/PID/stat; field 2, the name, is in parentheses and may hold anything.
 */
static int parse_stat(const char *text, struct process_facts *facts)
{
    const char *name_end = strrchr(text, ')');
    const char *state = skip_fields(name_end, 1);
    const char *parent = skip_fields(state, 1);
    const char *start = skip_fields(parent, 18);
    char *parent_end, *start_end;
    if (start) {
        facts->parent = (pid_t)strtol(parent, &parent_end, 10);
        facts->process.start = strtoull(start, &start_end, 10);
    }
    if (!start || parent_end == parent || start_end == start) {
        errno = EIO;
        return -1;
    }
    facts->ended = *state == 'Z' || *state == 'X';
    return 0;
}

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
    facts->uid = status.st_uid;
    return parse_stat(text, facts);
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

/* The strings of length bytes at text, each with its NUL, in a list to free; or NULL. */
static char **split(char *text, size_t length)
{
    size_t count = 0, capacity = 0;
    char **strings = NULL;
    char *next = text;
    /* The last may lack its NUL, and is no string then. */
    for (char *at = text; next; at = next) {
        if (count == capacity) {
            capacity = capacity ? capacity * 2 : 128;
            char **grown = reallocarray(strings, capacity, sizeof(*strings));
            if (!grown)
                break;
            strings = grown;
        }
        next = memchr(at, '\0', length - (size_t)(at - text));
        strings[count++] = next ? at : NULL;
        next += next != NULL;
    }
    if (next) {
        free(strings);
        return NULL;
    }
    return strings;
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
    char **strings = split(*text, length);
    if (!strings) {
        free(*text);
        *text = NULL;
        errno = ENOMEM;
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
