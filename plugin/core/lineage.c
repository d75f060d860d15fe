/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ancestors of a launch tell about the environment its rank began with. */
#include "lineage.h"

#include "launcher.h"
#include "rules.h"

#include <string.h>

static bool is_after_singleton_init(const struct env *env)
{
    const char *ess = env_get(env, "OMPI_MCA_ess");
    return ess && strcmp(ess, "singleton") == 0;
}

static bool is_one_of(const char *word, char *const list[])
{
    for (size_t i = 0; list[i]; i++) {
        if (strcmp(word, list[i]) == 0)
            return true;
    }
    return false;
}

/* Is this still the program that the launcher started, or has it become another one? Open MPI 4
 * leaves the command in OMPI_COMMAND (ompi v4.1.6 orted_submit.c:1818); else it must be among the
 * launcher's arguments. A script has its interpreter, and perhaps an option, before it. */
static bool is_as_launched(const struct ancestor *rank, char *const told[])
{
    const char *command = env_get(&rank->env, "OMPI_COMMAND");
    if (!rank->argv || (!command && !told))
        return true;
    for (size_t i = 0; i < 3 && rank->argv[i]; i++) {
        const char *word = rank->argv[i];
        if (command ? strcmp(launcher_basename(word), launcher_basename(command)) == 0
                    : is_one_of(word, told))
            return true;
    }
    return false;
}

/* Is it one of these by its name, or by its script's name? */
static bool is_called(const struct ancestor *ancestor, bool (*is_one)(const char *path))
{
    for (size_t i = 0; i < 2 && ancestor->argv && ancestor->argv[i]; i++) {
        if (is_one(ancestor->argv[i]))
            return true;
    }
    return false;
}

/* A launcher's daemon is none of its ranks, though they inherit the numbers that srun gave it, as
 * Hydra's do. */
static bool is_of_rank(const struct ancestor *ancestor, const struct env *now)
{
    if (ancestor->kin != KIN_UNKNOWN)
        return ancestor->kin == KIN_RANK;
    return nesting_same_rank(&ancestor->env, now) && !is_called(ancestor, launcher_is_daemon);
}

static struct origin find_singleton(const struct lineage *lineage)
{
    static char *const nothing[] = {NULL};
    struct origin origin = {.told = nothing};
    size_t i = 0;
    /* Whatever was started below MPI_Init has the mark at its exec; the singleton has not. */
    while (i < lineage->count && is_after_singleton_init(&lineage->ancestors[i].env))
        i++;
    if (i < lineage->count)
        origin.rank = origin.before = &lineage->ancestors[i].env;
    return origin;
}

/* The launcher above, past the daemons that it has on each node; where no more than a daemon can be
 * seen (a launcher on another node), that had the same environment but other arguments. */
static void find_launcher(struct origin *origin, const struct lineage *lineage, size_t i)
{
    size_t launcher = i;
    while (launcher < lineage->count &&
           is_called(&lineage->ancestors[launcher], launcher_is_daemon))
        launcher++;
    if (launcher < lineage->count) {
        origin->before = &lineage->ancestors[launcher].env;
        origin->told = lineage->ancestors[launcher].argv;
    } else if (i < lineage->count) {
        origin->before = &lineage->ancestors[i].env;
    }
}

struct origin lineage_find(const struct lineage *lineage, const struct env *now,
                           const struct verdict *verdict)
{
    static char *const nothing[] = {NULL};
    struct origin origin = {0};
    size_t i = 0;
    if (!verdict->nested)
        return origin;
    if (verdict->outer == OUTER_SINGLETON)
        return find_singleton(lineage);
    while (i < lineage->count && is_of_rank(&lineage->ancestors[i], now))
        i++;
    /* With no other process in the rank, it is the launch itself that its launcher started. */
    bool started_here = i == 0 && lineage->count > 0 &&
                        (is_called(&lineage->ancestors[0], launcher_is_one) ||
                         is_called(&lineage->ancestors[0], launcher_is_daemon));
    if (i > 0 || started_here)
        find_launcher(&origin, lineage, i);
    /* srun has no options that become MPI tuning. */
    if (verdict->outer == OUTER_SRUN || verdict->outer == OUTER_STEP)
        origin.told = nothing;
    else if (i > 0 && is_as_launched(&lineage->ancestors[i - 1], origin.told))
        origin.rank = &lineage->ancestors[i - 1].env;
    return origin;
}

bool lineage_goes_on(struct ancestor *ancestor, const struct env *now,
                     const struct verdict *verdict)
{
    if (verdict->outer == OUTER_SINGLETON)
        return is_after_singleton_init(&ancestor->env);
    ancestor->kin = is_of_rank(ancestor, now) ? KIN_RANK : KIN_OTHER;
    return ancestor->kin == KIN_RANK || is_called(ancestor, launcher_is_daemon);
}

const char *lineage_node(const struct lineage *lineage, const struct env *now)
{
    static const char name[] = "SLURMD_NODENAME";
    for (size_t i = lineage->count; i-- > 0;) {
        const struct ancestor *ancestor = &lineage->ancestors[i];
        const char *node = env_get(&ancestor->env, name);
        /* What a daemon that was started by ssh has below it is from another node. */
        if (node || is_called(ancestor, launcher_is_daemon))
            return node;
    }
    return env_get(now, name);
}

bool lineage_was_told(char *const told[], const char *name, size_t length)
{
    /* These read settings from files that are not looked into. */
    static const char files[] = "-tune* --tune* -am --am --am=* -app* --app* -configfile* "
                                "--configfile*";
    /* Parameters that options such as --bind-to and --map-by stand for. */
    static const char launch_only[] = "hwloc_base_* rmaps_* orte_* plm_* odls_* ras_*";
    static const char *const prefixes[] = {"OMPI_MCA_", "PRTE_MCA_", "PMIX_MCA_"};
    const char *parameter = name;
    if (!told[0])
        return false;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            parameter = name + strlen(prefixes[i]);
    }
    size_t rest = length - (size_t)(parameter - name);
    for (const char *p = launch_only; *p; p += strspn(p, " ")) {
        size_t prefix = strcspn(p, " ") - 1;
        if (rest >= prefix && strncmp(parameter, p, prefix) == 0)
            return true;
        p += prefix + 1;
    }
    for (size_t i = 0; told[i]; i++) {
        const char *word = told[i];
        bool parameter_named = strlen(word) == rest && strncmp(word, parameter, rest) == 0;
        bool variable_named =
            strncmp(word, name, length) == 0 && (word[length] == '=' || !word[length]);
        if (parameter_named || variable_named || pattern_list_matches(files, word))
            return true;
    }
    return false;
}
