/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe audit: becomes a program of its own, so that nothing else here needs libslurm. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cli_audit(int argc, char *argv[])
{
    (void)argc;
    execv(NESTSAFE_LIBEXEC "/nestsafe-audit", argv);
    fprintf(stderr, "nestsafe audit: error: %s: %s\n", NESTSAFE_LIBEXEC "/nestsafe-audit",
            strerror(errno));
    return EXIT_FAILURE;
}
