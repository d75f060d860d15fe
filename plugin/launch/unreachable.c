/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe-unreachable: what a launcher in scope node starts in place of ssh, for a host that is
 * not its rank's own. It says why that cannot be, and sees to it that the launcher ends. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char words[] =
    "nestsafe: error: this nested launch may use its rank's node only, and was told to use another "
    "host. "
    "To let it use all nodes of the job, ask srun, sbatch or salloc for --mpi-nested-safe=job.\n";

/* Until the launcher has read the words, or for a second: Hydra from 4.2 on gives up as soon as its
 * child has ended (ui_cmd_cb in pmiserv_pmci.c), and what is in the pipe then is lost. */
static void wait_for_reader(int fd)
{
    struct stat status;
    int unread;
    for (int i = 0; i < 100 && fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) &&
                    ioctl(fd, FIONREAD, &unread) == 0 && unread > 0;
         i++)
        poll(NULL, 0, 10);
}

/* Hydra, before 4.2 at least, does not notice that a proxy could not be started, and waits for
 * ever. PRRTE's prterun does. */
static bool is_hydra(pid_t pid)
{
    char path[40];
    char name[17] = "";
    snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool known = fd >= 0 && read(fd, name, sizeof(name) - 1) > 0;
    if (fd >= 0)
        close(fd);
    return known && (strncmp(name, "mpiexec", 7) == 0 || strncmp(name, "mpirun", 6) == 0);
}

int main(void)
{
    pid_t launcher = getppid();
    bool told = write(STDERR_FILENO, words, strlen(words)) > 0;
    if (told)
        wait_for_reader(STDERR_FILENO);
    if (getppid() == launcher && is_hydra(launcher))
        kill(launcher, SIGTERM);
    return 1;
}
