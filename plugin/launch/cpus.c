/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CPUs that this process may use. */
#include "cpus.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Memory to free with CPU_FREE, of *cpus bits; or NULL. The kernel refuses a set smaller than its
 * own (sched_getaffinity(2)): ask for ever more. */
static cpu_set_t *get(int *cpus)
{
    for (*cpus = CPU_SETSIZE; *cpus <= CPU_SETSIZE * 64; *cpus *= 2) {
        size_t size = CPU_ALLOC_SIZE((size_t)*cpus);
        cpu_set_t *set = CPU_ALLOC((size_t)*cpus);
        if (set && sched_getaffinity(0, size, set) == 0)
            return set;
        CPU_FREE(set);
    }
    return NULL;
}

unsigned cpus_count(void)
{
    int cpus;
    cpu_set_t *set = get(&cpus);
    int count = set ? CPU_COUNT_S(CPU_ALLOC_SIZE((size_t)cpus), set) : 0;
    CPU_FREE(set);
    return count > 0 ? (unsigned)count : 1;
}

char *cpus_mask(void)
{
    static const char begin[] = "quiet,mask_cpu:0x";
    int cpus;
    cpu_set_t *set = get(&cpus);
    char *text = set ? calloc(1, sizeof(begin) + (size_t)cpus / 4) : NULL;
    if (text) {
        char *at = stpcpy(text, begin);
        for (int digit = cpus / 4 - 1; digit >= 0; digit--) {
            unsigned value = 0;
            for (int bit = 0; bit < 4; bit++) {
                if (CPU_ISSET_S((size_t)(digit * 4 + bit), CPU_ALLOC_SIZE((size_t)cpus), set))
                    value |= 1U << bit;
            }
            if (value || at > text + strlen(begin))
                at += sprintf(at, "%x", value);
        }
    }
    CPU_FREE(set);
    return text;
}
