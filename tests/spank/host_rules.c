/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between Slurm releases, as far as a SPANK plugin notices. */
#include "host_internal.h"

#include <stdlib.h>

/*
 * Sources, compared between the first and the last tag of each pair:
 *   stack_any_nonzero   plugstack.c:759 at slurm-20-11-4-1, plugstack.c:756
 *   caller_any_nonzero  mgr.c:1693 at slurm-24-11-5-1, mgr.c:1664 at slurm-25-05-5-1; the same
 *                       change in srun_job.c, sbatch.c, salloc.c, task.c, slurmstepd.c, slurmd.c
 *   failure_mode        spank.c:755 at slurm-25-05-5-1
 *   callbacks_once      spank.c:1677 at slurm-24-05-8-1
 *   contain_spank       mgr.c:1021 at slurm-24-05-8-1
 *   slurmd_needs_init   plugstack.c:463 at slurm-20-11-4-1, plugstack.c:464
 *   export_none_keeps   sbatch.c:441, sbatch.c:436 at slurm-23-11-4-1
 *   prepend_argv        spank.c:2415 at slurm-23-11-4-1
 *   checks_version      plugin.c:192 at slurm-20-11-4-1, plugin.c:135
 *   quiet_optional      spank.c:340 at slurm-26-05-3-1
 */
static const struct rules table[HOST_RELEASES] = {
    [HOST_20_11] =
        {
            .name = "20.11",
        },
    [HOST_22_05] =
        {
            .name = "22.05",
            .stack_any_nonzero = true,
            .slurmd_needs_init = true,
            .checks_version = true,
        },
    [HOST_23_11] =
        {
            .name = "23.11",
            .stack_any_nonzero = true,
            .slurmd_needs_init = true,
            .checks_version = true,
            .export_none_keeps = true,
            .prepend_argv = true,
        },
    [HOST_24_05] =
        {
            .name = "24.05",
            .stack_any_nonzero = true,
            .slurmd_needs_init = true,
            .checks_version = true,
            .export_none_keeps = true,
            .prepend_argv = true,
            .callbacks_once = true,
            .contain_spank = true,
        },
    [HOST_25_05] =
        {
            .name = "25.05",
            .stack_any_nonzero = true,
            .slurmd_needs_init = true,
            .checks_version = true,
            .export_none_keeps = true,
            .prepend_argv = true,
            .callbacks_once = true,
            .contain_spank = true,
            .caller_any_nonzero = true,
            .failure_mode = true,
        },
    [HOST_26_05] =
        {
            .name = "26.05",
            .stack_any_nonzero = true,
            .slurmd_needs_init = true,
            .checks_version = true,
            .export_none_keeps = true,
            .prepend_argv = true,
            .callbacks_once = true,
            .contain_spank = true,
            .caller_any_nonzero = true,
            .failure_mode = true,
            .quiet_optional = true,
        },
};

const struct rules *rules_of(enum host_release release)
{
    return &table[release < HOST_RELEASES ? release : HOST_22_05];
}

unsigned host_stride(void)
{
    /* Else some of the loops would see the same half of their cases only. */
    _Static_assert((HOST_RELEASES - 1) % 2 && (HOST_RELEASES - 1) % 3, "the stride divides cases");
    return getenv("HOST_TEST_VALGRIND") ? HOST_RELEASES - 1 : 1;
}

const char *host_release_name(enum host_release release)
{
    return rules_of(release)->name;
}

/* Names only: a plugin's option of the same name is ignored with an error (plugstack.c:1082). */
/* clang-format off */
const char *const rules_slurm_options[] = {
    "accel-bind", "account", "acctg-freq", "array", "batch", "bb", "bbf", "bcast",
    "bcast-exclude", "begin", "bell", "chdir", "cluster", "cluster-constraint", "clusters",
    "comment", "compress", "constraint", "container", "contiguous", "core-spec",
    "cores-per-socket", "cpu-bind", "cpu-freq", "cpu_bind", "cpus-per-gpu", "cpus-per-task",
    "deadline", "debugger-test", "delay-boot", "dependency", "disable-status", "distribution",
    "epilog", "error", "exact", "exclude", "exclusive", "export", "export-file",
    "extra-node-info", "get-user-env", "gid", "gpu-bind", "gpu-freq", "gpus", "gpus-per-node",
    "gpus-per-socket", "gpus-per-task", "gres", "gres-flags", "help", "het-group", "hint", "hold",
    "ignore-pbs", "immediate", "input", "interactive", "job-name", "jobid", "kill-command",
    "kill-on-bad-exit", "kill-on-invalid-dep", "label", "licenses", "mail-type", "mail-user",
    "mcs-label", "mem", "mem-bind", "mem-per-cpu", "mem-per-gpu", "mincpus", "mpi",
    "msg-timeout", "multi-prog", "network", "nice", "no-allocate", "no-bell", "no-kill",
    "no-requeue", "no-shell", "nodefile", "nodelist", "nodes", "ntasks", "ntasks-per-core",
    "ntasks-per-gpu", "ntasks-per-node", "ntasks-per-socket", "ntasks-per-tres", "open-mode",
    "output", "overcommit", "overlap", "oversubscribe", "pack-group", "parsable", "partition",
    "power", "prefer", "preserve-env", "priority", "profile", "prolog", "propagate", "pty", "qos",
    "quiet", "quit-on-interrupt", "reboot", "relative", "requeue", "reservation", "resv-ports",
    "send-libs", "signal", "slurmd-debug", "sockets-per-node", "spread-job", "switches",
    "task-epilog", "task-prolog", "tasks-per-node", "test-only", "thread-spec", "threads",
    "threads-per-core", "time", "time-min", "tmp", "uid", "unbuffered", "usage",
    "use-min-nodes", "verbose", "version", "wait", "wait-all-nodes", "wckey", "whole", "wrap",
    "x11", NULL,
};
/* clang-format on */
