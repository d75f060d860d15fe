/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that are stopped right after their exec, and programs to be executed so. */
#include "stopped.h"

#include "support.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(uid_t uid, const char *file, const char *const arguments[],
                   const char *const environment[])
{
    pid_t child = fork();
    if (child == 0) {
        if (uid != geteuid() && setuid(uid) != 0)
            _exit(127);
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        execve(file, (char *const *)arguments, (char *const *)environment);
        _exit(127);
    }
    int status;
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSTOPPED(status) ? child : 0;
}

pid_t stopped_start(const char *file, const char *const arguments[],
                    const char *const environment[])
{
    return start(geteuid(), file, arguments, environment);
}

pid_t stopped_start_as(uid_t uid, const char *file, const char *const arguments[])
{
    return start(uid, file, arguments, NO_STRINGS);
}

void stopped_end(pid_t pid)
{
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

char *file_bytes(const char *file, size_t *length)
{
    struct stat status;
    FILE *from = fopen(file, "r");
    assert_non_null(from);
    assert_int_equal(fstat(fileno(from), &status), 0);
    char *bytes = malloc((size_t)status.st_size + 1);
    assert_non_null(bytes);
    *length = fread(bytes, 1, (size_t)status.st_size, from);
    fclose(from);
    return bytes;
}

static void write_bytes(const char *file, const char *mode, const void *bytes, size_t length)
{
    FILE *to = fopen(file, mode);
    assert_non_null(to);
    assert_int_equal(fwrite(bytes, 1, length, to), length);
    assert_int_equal(fclose(to), 0);
}

char *program_copy(const char *file, const char *directory, const char *name, const void *more,
                   size_t more_length)
{
    size_t length;
    char *bytes = file_bytes(file, &length);
    char *path = path_join(directory, name);
    write_bytes(path, "w", bytes, length);
    if (more_length)
        write_bytes(path, "a", more, more_length);
    assert_int_equal(chmod(path, 0755), 0);
    free(bytes);
    return path;
}

size_t program_edit(const char *file, const char *text, const char *replacement)
{
    size_t length;
    size_t count = 0;
    char *bytes = file_bytes(file, &length);
    char *at = bytes;
    assert_int_equal(strlen(text), strlen(replacement));
    while ((at = memmem(at, length - (size_t)(at - bytes), text, strlen(text)))) {
        memcpy(at, replacement, strlen(text));
        count++;
    }
    write_bytes(file, "w", bytes, length);
    free(bytes);
    return count;
}
