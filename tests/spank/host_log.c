/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slurm's log functions, captured. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "host_internal.h"

/*
 * Who sees a message with default verbosity: srun, sbatch and salloc print info and above
 * (LOG_LEVEL_INFO is their stderr level); a step prints errors once its stderr is connected
 * (mgr.c:2783: LOG_LEVEL_ERROR, more with srun -v); before that, and for batch and extern steps'
 * early hooks, only slurmd's log has it. slurmd, prolog and epilog write to the log only.
 */
static bool user_sees(enum host_level level)
{
    switch (host.sc->context) {
    case HOST_LOCAL:
    case HOST_ALLOCATOR:
        return level <= HOST_LOG_INFO;
    case HOST_REMOTE:
        return host.io_ready && level <= HOST_LOG_ERROR;
    default:
        return false;
    }
}

static void __attribute__((format(printf, 3, 0)))
record(enum host_level level, bool from_host, const char *fmt, va_list ap)
{
    int saved = errno; /* callers use %m after a message */
    char *text;

    if (vasprintf(&text, fmt, ap) < 0)
        abort();
    wire_emit((struct wire){.type = WIRE_LOG,
                            .hook = host.hook,
                            .task = host.task,
                            .a = level,
                            .b = from_host,
                            .c = user_sees(level)},
              text, NULL);
    free(text);
    errno = saved;
}

void host_say(enum host_level level, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    record(level, true, fmt, ap);
    va_end(ap);
}

#define LOG_FUNCTION(name, level)                                                                  \
    void name(const char *fmt, ...)                                                                \
    {                                                                                              \
        va_list ap;                                                                                \
                                                                                                   \
        va_start(ap, fmt);                                                                         \
        record(level, false, fmt, ap);                                                             \
        va_end(ap);                                                                                \
    }

LOG_FUNCTION(slurm_error, HOST_LOG_ERROR)
LOG_FUNCTION(slurm_info, HOST_LOG_INFO)
LOG_FUNCTION(slurm_verbose, HOST_LOG_VERBOSE)
LOG_FUNCTION(slurm_debug, HOST_LOG_DEBUG)
LOG_FUNCTION(slurm_debug2, HOST_LOG_DEBUG2)
LOG_FUNCTION(slurm_debug3, HOST_LOG_DEBUG3)
LOG_FUNCTION(slurm_spank_log, HOST_LOG_SPANK)
