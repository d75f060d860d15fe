/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ancestors of a launch tell about the environment its rank began with. */
#include "lineage.h"

#include <string.h>

static bool is_after_singleton_init(const struct env *env)
{
    const char *ess = env_get(env, "OMPI_MCA_ess");
    return ess && strcmp(ess, "singleton") == 0;
}

struct origin lineage_find(const struct lineage *lineage, const struct env *now,
                           const struct verdict *verdict)
{
    struct origin origin = {0};
    size_t i = 0;
    if (!verdict->nested)
        return origin;
    if (verdict->outer == OUTER_SINGLETON) {
        /* Whatever was started below MPI_Init has the mark at its exec; the singleton has not. */
        while (i < lineage->count && is_after_singleton_init(&lineage->ancestors[i]))
            i++;
        if (i < lineage->count)
            origin.rank = origin.before = &lineage->ancestors[i];
        return origin;
    }
    while (i < lineage->count && nesting_same_rank(&lineage->ancestors[i], now))
        i++;
    if (i > 0)
        origin.rank = &lineage->ancestors[i - 1];
    if (i > 0 && i < lineage->count)
        origin.before = &lineage->ancestors[i];
    return origin;
}
