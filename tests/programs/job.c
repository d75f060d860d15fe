/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job [COMMAND]: an MPI job of which each rank says its number, runs a shell command, and shows
 * with the others that the job is still whole. Exits with 1 where a command has failed. One that
 * crashes says where. */
#include <mpi.h>

#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FRAMES = 64 };

static void crashed(int number)
{
    static const char title[] = "job crashed in\n";
    void *frames[FRAMES];
    if (write(STDERR_FILENO, title, sizeof(title) - 1) > 0)
        backtrace_symbols_fd(frames, backtrace(frames, FRAMES), STDERR_FILENO);
    signal(number, SIG_DFL);
    raise(number);
}

int main(int argc, char *argv[])
{
    int rank, size, failed = 0, all_failed = 0;
    void *frame;
    backtrace(&frame, 1); /* the first one loads a library */
    signal(SIGSEGV, crashed);
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    printf("rank %d of %d\n", rank, size);
    fflush(stdout);
    if (argc > 1)
        failed = system(argv[1]) != 0;
    MPI_Allreduce(&failed, &all_failed, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0)
        printf("whole: %d, failed: %d\n", size, all_failed);
    MPI_Finalize();
    return all_failed != 0;
}
