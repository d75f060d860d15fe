/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the values of rules stand for. */
#include "value.h"

#include "decimal.h"
#include "launcher.h"
#include "slurmstep.h"

#include <stdio.h>
#include <string.h>

static const char *cpus(const struct value_sources *sources, char *text)
{
    decimal(text, sources->facts->cpus);
    return text;
}

static const char *mask(const struct value_sources *sources, char *text)
{
    (void)text;
    return sources->facts->mask;
}

static const char *unreachable(const struct value_sources *sources, char *text)
{
    (void)text;
    return sources->facts->unreachable;
}

static const char *nodelist(const struct value_sources *sources, char *text)
{
    (void)text;
    return slurmstep_job_nodelist(sources->original);
}

static const char *nodes(const struct value_sources *sources, char *text)
{
    unsigned count = slurmstep_job_nodes(sources->original);
    decimal(text, count);
    return count ? text : NULL;
}

/* Where this environment lets Open MPI put its session directory, in its own order
 * (ompi v4.1.4 orte/util/session_dir.c, opal/util/sys_limits.c). */
static const char *session_base(const struct env *env)
{
    static const char *const names[] = {"OMPI_MCA_orte_local_tmpdir_base",
                                        "OMPI_MCA_orte_tmpdir_base", "TMPDIR", "TEMP", "TMP"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *base = env_get(env, names[i]);
        if (base && *base)
            return base;
    }
    return "/tmp";
}

static const char *session(const struct value_sources *sources, char *text)
{
    if (!sources->facts->tag)
        return NULL;
    snprintf(text, VALUE_TEXT, "%s/ompi.%s", session_base(sources->env), sources->facts->tag);
    return text;
}

/* PRRTE refuses to leave processes unbound that get CPUs of their own, by the command line or by
 * its mapping policy. */
static const char *unbound(const struct value_sources *sources, char *text)
{
    static const char *const policies[] = {"PRTE_MCA_mapby", "PRTE_MCA_map_by",
                                           "PRTE_MCA_rmaps_default_mapping_policy"};
    bool places = sources->facts->places;
    (void)text;
    for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
        const char *policy = env_get(sources->env, policies[i]);
        places = places || (policy && launcher_word_places(policy));
    }
    return places ? NULL : "none";
}

static const struct {
    const char *word;
    const char *(*find)(const struct value_sources *sources, char *text);
} words[] = {
    {"%cpus", cpus},         {"%mask", mask},
    {"%session", session},   {"%unreachable", unreachable},
    {"%nodelist", nodelist}, {"%nodes", nodes},
    {"%unbound", unbound},
};

const char *value_of(const char *value, const struct value_sources *sources,
                     char text[static VALUE_TEXT])
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(value, words[i].word) == 0)
            return words[i].find(sources, text);
    }
    return value[0] == '$' ? env_get(sources->original, value + 1) : value;
}
