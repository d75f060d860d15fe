/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CPUs that this process may use. */
#ifndef NESTSAFE_LAUNCH_CPUS_H
#define NESTSAFE_LAUNCH_CPUS_H

/* How many; 1 where that is not to be had. */
unsigned cpus_count(void);

/* Which, as a value of SLURM_CPU_BIND: "quiet,mask_cpu:0x3". Memory to free, or NULL. */
char *cpus_mask(void);

#endif
