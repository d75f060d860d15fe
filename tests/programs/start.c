/* SPDX-License-Identifier: GPL-2.0-or-later */
/* start FILE [ARGUMENT]…: no MPI and, built statically, no loader: it executes FILE in a child and
 * exits with its status. */
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char *argv[])
{
    pid_t pid;
    int status;
    if (argc < 2 || posix_spawn(&pid, argv[1], NULL, NULL, argv + 1, environ) != 0 ||
        waitpid(pid, &status, 0) != pid)
        return 255;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
