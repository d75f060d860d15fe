/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forms FORM COMMAND [ARGUMENT]…: an MPI rank that starts a command in one of the ways C has, and
 * exits with its status, or with 128 and the signal that ended it. */
#include <mpi.h>

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int wait_for(pid_t pid)
{
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 255;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Good for arguments without quotes in them. */
static void join(char *line, size_t size, char *argv[])
{
    size_t at = 0;
    for (int i = 0; argv[i] && at < size; i++)
        at += (size_t)snprintf(line + at, size - at, "%s'%s'", i ? " " : "", argv[i]);
}

static int by_system(char *argv[])
{
    char line[4096];
    join(line, sizeof(line), argv);
    int status = system(line);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int by_popen(char *argv[])
{
    char line[4096];
    char text[4096];
    join(line, sizeof(line), argv);
    FILE *pipe = popen(line, "r");
    while (pipe && fgets(text, sizeof(text), pipe))
        fputs(text, stdout);
    return pipe ? WEXITSTATUS(pclose(pipe)) : 255;
}

static int by_posix_spawnp(char *argv[])
{
    pid_t pid;
    return posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) == 0 ? wait_for(pid) : 255;
}

static int by_vfork_execv(char *argv[])
{
    pid_t pid = vfork();
    if (pid == 0) {
        execv(argv[0], argv);
        _exit(127);
    }
    return wait_for(pid);
}

static int by_execvp(char *argv[])
{
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    return wait_for(pid);
}

static const struct form {
    const char *name;
    int (*start)(char *argv[]);
} forms[] = {
    {"system", by_system},           {"popen", by_popen},   {"posix_spawnp", by_posix_spawnp},
    {"vfork_execv", by_vfork_execv}, {"execvp", by_execvp},
};

int main(int argc, char *argv[])
{
    int rc = 254;
    MPI_Init(&argc, &argv);
    for (size_t i = 0; argc > 2 && i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(argv[1], forms[i].name) == 0)
            rc = forms[i].start(argv + 2);
    }
    /* Not MPI_Abort: how the nested launch ended is to be this program's own end. */
    MPI_Finalize();
    return rc;
}
