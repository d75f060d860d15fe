/* SPDX-License-Identifier: GPL-2.0-or-later */
/* health COUNT COMMAND: an MPI job of which each rank runs a shell command COUNT times, and which
 * then shows that it is in good health: MPI_Allreduce over its ranks and MPI_Comm_spawn of itself.
 * Prints "healthy" once, from rank 0, after "launches failed: N". */
#include <mpi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int as_child(MPI_Comm parent)
{
    int value = 21;
    MPI_Send(&value, 1, MPI_INT, 0, 0, parent);
    MPI_Comm_disconnect(&parent);
    MPI_Finalize();
    return 0;
}

static int spawn(const char *self, int rank)
{
    MPI_Comm child;
    int value = 0;
    char *command = strdup(self);
    MPI_Comm_spawn(command, MPI_ARGV_NULL, 1, MPI_INFO_NULL, 0, MPI_COMM_WORLD, &child,
                   MPI_ERRCODES_IGNORE);
    if (rank == 0)
        MPI_Recv(&value, 1, MPI_INT, 0, 0, child, MPI_STATUS_IGNORE);
    MPI_Comm_disconnect(&child);
    free(command);
    return value;
}

int main(int argc, char *argv[])
{
    MPI_Comm parent;
    int rank, size, failed = 0, all_failed = 0, sum = 0;
    MPI_Init(&argc, &argv);
    MPI_Comm_get_parent(&parent);
    if (parent != MPI_COMM_NULL)
        return as_child(parent);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    for (int i = 0; argc > 2 && i < atoi(argv[1]); i++)
        failed += system(argv[2]) != 0;
    MPI_Allreduce(&failed, &all_failed, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0) {
        printf("launches failed: %d\n", all_failed);
        fflush(stdout);
    }
    int value = spawn(argv[0], rank);
    if (rank == 0 && value == 21 && sum == size * (size - 1) / 2)
        puts("healthy");
    MPI_Finalize();
    return 0;
}
