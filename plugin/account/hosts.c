/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host lists, in Slurm's own words. */
#include "hosts.h"

#include "core/section.h"
#include "slurm_compat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int hosts_first(const char *list, char first[JOBSTATE_NODE])
{
    compat_hostlist hosts = list ? slurm_hostlist_create(list) : NULL;
    char *host = hosts ? slurm_hostlist_shift(hosts) : NULL;
    int rc = -1;
    if (host && *host && strlen(host) < JOBSTATE_NODE) {
        strcpy(first, host);
        rc = 0;
    }
    free(host);
    if (hosts)
        slurm_hostlist_destroy(hosts);
    if (rc != 0)
        errno = EINVAL;
    return rc;
}

char *hosts_ranged(const struct jobstate *state)
{
    enum { SIZE = 2 * SECTION_MAX };
    compat_hostlist hosts = slurm_hostlist_create(NULL);
    char *list = calloc(1, SIZE);
    if (hosts && list) {
        for (size_t i = 0; i < state->count; i++)
            slurm_hostlist_push_host(hosts, state->nodes[i].name);
        slurm_hostlist_uniq(hosts);
        slurm_hostlist_ranged_string(hosts, SIZE, list);
        list[SIZE - 1] = '\0';
    }
    if (hosts)
        slurm_hostlist_destroy(hosts);
    return list;
}
