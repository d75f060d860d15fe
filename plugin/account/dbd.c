/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job's record in slurmdbd, for jobs that have ended. */
#include "dbd.h"

#include "ctld.h"
#include "hosts.h"
#include "slurm_compat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum outcome dbd_open(struct dbd *dbd)
{
    *dbd = (struct dbd){0};
    struct ctld_settings settings = {0};
    enum outcome outcome = ctld_settings(&settings);
    free(settings.slurmd_log);
    dbd->cluster = settings.cluster;
    if (outcome != OUTCOME_DONE)
        return outcome;
    dbd->connection = slurmdb_connection_get(NULL);
    if (dbd->connection)
        return OUTCOME_DONE;
    return account_say(OUTCOME_ENDED, "no accounting storage");
}

void dbd_close(struct dbd *dbd)
{
    if (dbd->connection)
        slurmdb_connection_close(&dbd->connection);
    free(dbd->cluster);
    *dbd = (struct dbd){0};
}

/* A condition that selects the runs of one job, and what it borrows. */
struct condition {
    slurmdb_job_cond_t cond;
    slurm_selected_step_t job;
    char state[16];
};

static void condition_begin(struct condition *condition, struct dbd *dbd, uint32_t job)
{
    *condition = (struct condition){
        .job = {.array_task_id = NO_VAL, .het_job_offset = NO_VAL},
        .cond = {.db_flags = SLURMDB_JOB_FLAG_NOTSET,
                 .flags = JOBCOND_FLAG_DUP | JOBCOND_FLAG_NO_STEP | JOBCOND_FLAG_NO_TRUNC |
                          JOBCOND_FLAG_NO_WHOLE_HETJOB | JOBCOND_FLAG_NO_DEFAULT_USAGE}};
    condition->job.step_id.job_id = job;
    condition->job.step_id.step_id = NO_VAL;
    condition->job.step_id.step_het_comp = NO_VAL;
    condition->cond.step_list = slurm_list_create(NULL);
    condition->cond.cluster_list = slurm_list_create(NULL);
    slurm_list_append(condition->cond.step_list, &condition->job);
    slurm_list_append(condition->cond.cluster_list, dbd->cluster);
}

/* Select the one run that ended so and then. */
static void condition_narrow(struct condition *condition, const struct dbd_record *record)
{
    snprintf(condition->state, sizeof(condition->state), "%u", record->state);
    condition->cond.state_list = slurm_list_create(NULL);
    slurm_list_append(condition->cond.state_list, condition->state);
    condition->cond.usage_start = record->end;
    condition->cond.usage_end = record->end;
}

static void condition_end(struct condition *condition)
{
    slurm_list_destroy(condition->cond.step_list);
    slurm_list_destroy(condition->cond.cluster_list);
    if (condition->cond.state_list)
        slurm_list_destroy(condition->cond.state_list);
}

/* Where the record has its text of the field; NULL where it has no place for it. */
static char **text_of(slurmdb_job_rec_t *record, enum accounting field)
{
    switch (field) {
    case ACCOUNTING_ADMIN_COMMENT:
        return &record->admin_comment;
    case ACCOUNTING_COMMENT:
        return &record->derived_es;
    case ACCOUNTING_EXTRA:
        return compat_record_extra(record);
    case ACCOUNTING_NONE:
        break;
    }
    return NULL;
}

/* Seconds between a run and the incidents; 0: they are in it. */
static int64_t distance(const slurmdb_job_rec_t *run, const struct totals *totals)
{
    int64_t before = (int64_t)run->start - totals->first;
    int64_t behind = run->end ? totals->last - (int64_t)run->end : 0;
    return (before > 0 ? before : 0) + (behind > 0 ? behind : 0);
}

/* The owner tells a job from a later one whose id is the same. slurmdbd has 0 until it hears of a
 * run's beginning, which it never does where slurmctld was killed meanwhile: once such a run has
 * ended, it is the one if the incidents lie within. */
static bool is_of(const slurmdb_job_rec_t *run, const struct jobstate *state,
                  const struct totals *totals)
{
    bool owner_unknown = run->uid == 0 && run->end;
    return run->jobid == state->job && run->start &&
           (run->uid == state->uid || (owner_unknown && distance(run, totals) == 0));
}

/* The run of this state, borrowed from the list, or NULL. */
static slurmdb_job_rec_t *run_of(compat_list list, const struct jobstate *state)
{
    struct totals sum;
    slurmdb_job_rec_t *nearest = NULL;
    slurmdb_job_rec_t *run;
    compat_iterator iterator = slurm_list_iterator_create(list);
    jobstate_sum(state, &sum);
    while ((run = slurm_list_next(iterator))) {
        if (!is_of(run, state, &sum))
            continue;
        if (!nearest || distance(run, &sum) < distance(nearest, &sum) ||
            (distance(run, &sum) == distance(nearest, &sum) && run->start > nearest->start))
            nearest = run;
    }
    slurm_list_iterator_destroy(iterator);
    return nearest;
}

static enum outcome take(struct dbd_record *record, slurmdb_job_rec_t *run, enum accounting field)
{
    char **text = text_of(run, field);
    record->end = run->end;
    record->state = run->state;
    if (hosts_first(run->nodes, record->first) != 0)
        record->first[0] = '\0';
    record->text = text && *text ? strdup(*text) : NULL;
    if (text && *text && !record->text)
        return account_say(OUTCOME_LATER, "%s", strerror(errno));
    return OUTCOME_DONE;
}

/* Ask for the runs that a condition selects, and take the one of this state. */
static enum outcome get(struct dbd *dbd, struct condition *condition, const struct jobstate *state,
                        struct dbd_record *record)
{
    enum outcome outcome = OUTCOME_NEVER;
    account_rpcs++;
    errno = 0;
    compat_list list = slurmdb_jobs_get(dbd->connection, &condition->cond);
    if (!list)
        return account_say(OUTCOME_LATER, "asking slurmdbd for job %u: %s", state->job,
                           slurm_strerror(errno));
    slurmdb_job_rec_t *run = run_of(list, state);
    if (run)
        outcome = take(record, run, state->field);
    else
        account_say(outcome, "slurmdbd has no job %u of uid %u", state->job, state->uid);
    slurm_list_destroy(list);
    return outcome;
}

enum outcome dbd_find(struct dbd *dbd, const struct jobstate *state, struct dbd_record *record)
{
    struct condition condition;
    *record = (struct dbd_record){0};
    condition_begin(&condition, dbd, state->job);
    enum outcome outcome = get(dbd, &condition, state, record);
    condition_end(&condition);
    return outcome;
}

/* Returns 0, or -1 where nothing was changed, and says why. */
static int modify(struct dbd *dbd, struct condition *condition, const struct jobstate *state,
                  char *text)
{
    slurmdb_job_rec_t change = {.derived_ec = NO_VAL};
    char **to = text_of(&change, state->field);
    if (!to)
        return -1;
    *to = text;
    account_rpcs++;
    errno = 0;
    compat_list changed = slurmdb_job_modify(dbd->connection, &condition->cond, &change);
    int rc = changed && slurm_list_count(changed) == 1 ? 0 : -1;
    if (rc != 0)
        account_say(OUTCOME_LATER, "slurmdbd did not change job %u: %s", state->job,
                    slurm_strerror(errno));
    if (changed)
        slurm_list_destroy(changed);
    slurmdb_connection_commit(dbd->connection, rc == 0);
    return rc;
}

enum outcome dbd_put(struct dbd *dbd, const struct jobstate *state, const struct dbd_record *record,
                     char *text)
{
    struct condition condition;
    struct dbd_record after = {0};
    enum outcome outcome = OUTCOME_LATER;
    condition_begin(&condition, dbd, state->job);
    condition_narrow(&condition, record);
    if (modify(dbd, &condition, state, text) == 0)
        outcome = get(dbd, &condition, state, &after);
    condition_end(&condition);
    if (outcome == OUTCOME_DONE && (!after.text || strcmp(after.text, text) != 0))
        outcome = account_say(OUTCOME_LATER, "job %u: slurmdbd has another text than it was given",
                              state->job);
    free(after.text);
    return outcome;
}
