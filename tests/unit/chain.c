/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chains of real processes for the unit tests: this program, executed again and again. */
#include "support.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a process of the chain exits with where the next one could not be executed. */
enum { CANNOT_EXECUTE = 77 };

static const char link_word[] = "--chain";
static const char group_end[] = "--";

/* Become the next process of the chain: words are its environment up to the next "--", then the
 * words of those after it. Does not return. */
static void become_link(char *words[])
{
    static char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    size_t count = 0;
    while (words[count])
        count++;
    char **argv = calloc(count + 3, sizeof(*argv));
    char **env = calloc(count + 1, sizeof(*env));
    if (length < 0 || !argv || !env)
        _exit(CANNOT_EXECUTE);
    size_t variables = 0;
    size_t i = 0;
    for (; words[i] && strcmp(words[i], group_end) != 0; i++) {
        if (strncmp(words[i], "@uid=", 5) != 0)
            env[variables++] = words[i];
        else if (setgid((gid_t)atoi(words[i] + 5)) != 0 || setuid((uid_t)atoi(words[i] + 5)) != 0)
            _exit(CANNOT_EXECUTE);
    }
    argv[0] = self;
    argv[1] = (char *)link_word;
    size_t rest = words[i] ? i + 1 : i;
    memcpy(argv + 2, words + rest, (count - rest) * sizeof(*argv));
    execve(self, argv, env);
    _exit(CANNOT_EXECUTE);
}

static int wait_for(pid_t child)
{
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return CANNOT_EXECUTE;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool chain_main(int argc, char *argv[], int (*leaf)(void), int *status)
{
    if (argc < 2 || strcmp(argv[1], link_word) != 0)
        return false;
    if (argc == 2) {
        *status = leaf();
        fflush(stdout);
        return true;
    }
    pid_t child = fork();
    if (child == 0)
        become_link(argv + 2);
    *status = wait_for(child);
    return true;
}

static char *read_all(int fd)
{
    enum { OUTPUT_MAX = 1024 * 1024 };
    char *text = malloc(OUTPUT_MAX);
    size_t length = 0;
    ssize_t got;
    assert_non_null(text);
    while ((got = read(fd, text + length, OUTPUT_MAX - 1 - length)) > 0)
        length += (size_t)got;
    text[length] = '\0';
    return text;
}

char *chain_run(const char *const *const groups[], size_t count)
{
    size_t words = 1;
    for (size_t i = 0; i < count; i++) {
        words++;
        for (size_t j = 0; groups[i][j]; j++)
            words++;
    }
    char **list = calloc(words, sizeof(*list));
    assert_non_null(list);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; groups[i][j]; j++)
            list[at++] = (char *)groups[i][j];
        if (i + 1 < count)
            list[at++] = (char *)group_end;
    }
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(pipe_ends[1], STDOUT_FILENO);
        close(pipe_ends[0]);
        close(pipe_ends[1]);
        become_link(list);
    }
    close(pipe_ends[1]);
    char *output = read_all(pipe_ends[0]);
    close(pipe_ends[0]);
    int status = wait_for(child);
    free(list);
    if (status == CANNOT_EXECUTE) {
        free(output);
        return NULL;
    }
    if (status != 0)
        fail_case("the chain exited with %d, after '%.200s'", status, output);
    return output;
}
