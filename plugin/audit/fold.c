/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The aggregate into which the records of jobs are folded. */
#include "fold.h"

#include "text.h"

#include "core/flavour.h"
#include "core/mode.h"
#include "core/nesting.h"
#include "core/section.h"

#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The class of launches that nothing endangers. */
#define NO_CLASS "none"

enum {
    KEY_SIZE = 128,     /* of a name, which is cut */
    CLOCK_SLACK = 60,   /* seconds that a node's clock may lag behind */
    FASTEST_RATE = 1000 /* launches that a CPU cannot start in a second */
};

static int compare_keys(const void *left, const void *right)
{
    return strcmp(((const struct group *)left)->key, ((const struct group *)right)->key);
}

/* The group of a key, new where it has to be; NULL with errno ENOMEM. */
static struct group *group_of(struct groups *groups, const char *name)
{
    char key[KEY_SIZE];
    struct group wanted = {.key = text_clean(key, sizeof(key), name && *name ? name : "(none)")};
    void *found = tfind(&wanted, &groups->tree, compare_keys);
    if (found)
        return *(struct group **)found;

    if (groups->count == groups->room) {
        size_t room = groups->room ? 2 * groups->room : 16;
        struct group **list = realloc(groups->list, room * sizeof(struct group *));
        if (!list)
            return NULL;
        groups->list = list;
        groups->room = room;
    }
    struct group *group = calloc(1, sizeof(*group));
    if (group && (group->key = strdup(key)) && tsearch(group, &groups->tree, compare_keys))
        return groups->list[groups->count++] = group;
    if (group)
        free(group->key);
    free(group);
    errno = ENOMEM;
    return NULL;
}

static void keep_key(void *unused)
{
    (void)unused;
}

static void groups_destroy(struct groups *groups)
{
    tdestroy(groups->tree, keep_key);
    for (size_t i = 0; i < groups->count; i++) {
        free(groups->list[i]->key);
        free(groups->list[i]);
    }
    free(groups->list);
    *groups = (struct groups){0};
}

static bool is_class(const char *name)
{
    const struct hazard *hazard;
    for (unsigned i = 0; (hazard = hazard_at(i)); i++) {
        if (strcmp(hazard->name, name) == 0)
            return true;
    }
    return strcmp(name, NO_CLASS) == 0;
}

static bool is_flavour(const char *name)
{
    for (enum flavour flavour = 0; flavour < FLAVOURS; flavour++) {
        if (strcmp(flavour_name(flavour), name) == 0)
            return true;
    }
    return false;
}

static bool is_mode(const char *name)
{
    enum mode mode;
    return mode_parse(name, &mode) == 0 || strcmp(name, "mixed") == 0 || strcmp(name, "none") == 0;
}

/* Users may write the text: names of their own must not crowd out those that are in use. */
static void only_known(struct tally *tally, bool (*is_known)(const char *name))
{
    const struct tally given = *tally;
    memset(tally, 0, sizeof(*tally));
    for (size_t i = 0; i < tally_rows(&given); i++)
        tally_add(tally, is_known(given.names[i]) ? given.names[i] : TALLY_OTHER, given.counts[i]);
}

const char *group_class(const struct group *group)
{
    const struct tally *classes = &group->totals.classes;
    const char *top = NULL;
    uint64_t most = 0;
    for (size_t i = 0; i < tally_rows(classes); i++) {
        bool none = strcmp(classes->names[i], NO_CLASS) == 0;
        if (!none && classes->counts[i] > most) {
            most = classes->counts[i];
            top = classes->names[i];
        }
    }
    return top ? top : tally_rows(classes) ? NO_CLASS : NULL;
}

/* A job is in one row only, so that rows add up. */
static const char *only_name(const struct tally *tally)
{
    size_t rows = tally_rows(tally);
    return rows == 0 ? "none" : rows == 1 ? tally->names[0] : "mixed";
}

static uint64_t least(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

/* What is left of a number when another has been taken away. */
static uint64_t rest(uint64_t of, uint64_t taken)
{
    return of > taken ? of - taken : 0;
}

static uint64_t count_of(const struct tally *tally, const char *name)
{
    for (size_t i = 0; i < tally_rows(tally); i++) {
        if (strcmp(tally->names[i], name) == 0)
            return tally->counts[i];
    }
    return 0;
}

/* A section does not tell which of the launches failed. As many as were repaired, refused, or in no
 * danger may be among those that ended well: it is the most that there can be. */
static uint64_t unrepaired(const struct totals *totals)
{
    uint64_t left = rest(rest(totals->launches, totals->repaired), totals->denied);
    uint64_t endangered = rest(totals->launches, count_of(&totals->classes, NO_CLASS));
    return least(totals->failed, least(left, endangered));
}

void group_outcomes(const struct group *group, uint64_t outcomes[OUTCOMES])
{
    uint64_t left = group->totals.launches;
    const uint64_t counts[] = {
        [OUTCOME_REPAIRED] = group->totals.repaired,
        [OUTCOME_DENIED] = group->totals.denied,
        [OUTCOME_UNREPAIRED] = group->unrepaired,
    };
    for (enum outcome outcome = 0; outcome < OUTCOME_WELL; outcome++) {
        outcomes[outcome] = least(counts[outcome], left);
        left -= outcomes[outcome];
    }
    outcomes[OUTCOME_WELL] = left;
}

/* Users may write the text: nobody's numbers are to drown those of all others. */
static bool can_be_true(const struct totals *totals, const struct audit_job *job)
{
    uint64_t most = FASTEST_RATE * (job->cpus ? job->cpus : 1) * (job->elapsed + 1);
    return totals->launches <= most && totals->repaired <= totals->launches &&
           totals->denied <= totals->launches && totals->bypassed <= totals->launches &&
           totals->failed <= totals->launches && totals->preventable <= totals->failed;
}

static void add_to_group(struct group *group, const struct audit_job *job,
                         const struct totals *totals)
{
    group->jobs++;
    totals_add(&group->totals, totals);
    group->unrepaired += unrepaired(totals);
    group->core_seconds += job->cpus * job->elapsed;
}

static int add_to_groups(struct groups *groups, const char *name, const struct audit_job *job,
                         const struct totals *totals)
{
    struct group *group = group_of(groups, name);
    if (!group)
        return -1;
    add_to_group(group, job, totals);
    return 0;
}

static const char *key_of(const struct fold *fold, const struct audit_job *job,
                          const struct totals *totals)
{
    switch (fold->by) {
    case BY_ACCOUNT:
        return job->account;
    case BY_PARTITION:
        return job->partition;
    case BY_LAUNCHER:
        return only_name(&totals->flavours);
    case BY_CLASS:
        return only_name(&totals->classes);
    case BY_MODE:
        return only_name(&totals->modes);
    case BY_USER:
    case BYS:
        break;
    }
    return job->user;
}

void fold_begin(struct fold *fold, enum audit_by by)
{
    *fold = (struct fold){.by = by};
}

int fold_add(struct fold *fold, const struct audit_job *job)
{
    struct section section;
    fold->seen++;
    struct totals *totals = &section.totals;
    int rc = section_read(&section, job->text);
    if (rc == 1 && !can_be_true(totals, job))
        rc = -1;
    fold->unreadable += rc < 0;
    if (rc != 1)
        return 0;
    if (!totals->launches || totals->last + CLOCK_SLACK < job->start)
        return 0;
    only_known(&totals->flavours, is_flavour);
    only_known(&totals->classes, is_class);
    only_known(&totals->modes, is_mode);

    char day[] = "YYYY-MM-DD";
    struct tm tm;
    localtime_r(&job->end, &tm);
    strftime(day, sizeof(day), "%F", &tm);
    add_to_group(&fold->all, job, totals);
    if (add_to_groups(&fold->groups, key_of(fold, job, totals), job, totals) != 0 ||
        add_to_groups(&fold->days, day, job, totals) != 0)
        return -1;
    return unrepaired(totals) ? add_to_groups(&fold->contacts, job->user, job, totals) : 0;
}

void fold_end(struct fold *fold)
{
    groups_destroy(&fold->groups);
    groups_destroy(&fold->contacts);
    groups_destroy(&fold->days);
}

static int descending(uint64_t left, uint64_t right)
{
    return left < right ? 1 : left > right ? -1 : 0;
}

static int by_failures(const void *left, const void *right)
{
    const struct group *a = *(struct group *const *)left;
    const struct group *b = *(struct group *const *)right;
    int order = descending(a->unrepaired, b->unrepaired);
    if (order == 0)
        order = descending(a->totals.launches, b->totals.launches);
    return order ? order : strcmp(a->key, b->key);
}

static int by_key(const void *left, const void *right)
{
    return compare_keys(*(struct group *const *)left, *(struct group *const *)right);
}

static void sort(struct groups *groups, int (*compare)(const void *left, const void *right))
{
    if (groups->count)
        qsort(groups->list, groups->count, sizeof(*groups->list), compare);
}

void fold_sort(struct fold *fold)
{
    sort(&fold->groups, by_failures);
    sort(&fold->contacts, by_failures);
    sort(&fold->days, by_key);
}
