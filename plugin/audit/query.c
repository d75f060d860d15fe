/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of jobs, from Slurm's accounting by libslurmdb.
 *
 * slurmdbd is asked for jobs by the state in which they ended, not as sacct asks for those that
 * were eligible at some time of the period: only then does it look for the end within the window
 * alone, which its database has an index for, and only then is a job in one window and one period
 * only. What has not ended has no section yet: fields reach slurmdbd when a job ends. */
#include "query.h"

#include "windows.h"

#include "slurm_compat.h"

#include <errno.h>
#include <pwd.h>
#include <slurm/slurm_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* libslurm exports its configuration, of a type that slurm.h declares, without declaring it. */
extern slurm_conf_t slurm_conf;

/* Not JOB_RESIZING: the record of a resized job's last part has the section of all. */
static const uint32_t end_states[] = {
    JOB_COMPLETE,  JOB_CANCELLED, JOB_FAILED,   JOB_TIMEOUT, JOB_NODE_FAIL,
    JOB_PREEMPTED, JOB_BOOT_FAIL, JOB_DEADLINE, JOB_OOM,     JOB_REQUEUE,
};

enum { TRES_CPU_ID = 1 };

struct progress {
    bool wanted, shown;
    time_t begun, last;
};

/* In one line that is written over, and not at all where there is nothing to wait for. */
static void progress_show(struct progress *progress, time_t reached, uint64_t seen)
{
    time_t now = time(NULL);
    char day[] = "YYYY-MM-DD";
    struct tm tm;
    if (!progress->wanted || now - progress->begun < 2 || now == progress->last)
        return;
    localtime_r(&reached, &tm);
    strftime(day, sizeof(day), "%F", &tm);
    fprintf(stderr, "\rnestsafe audit: %s, %llu jobs\033[K", day, (unsigned long long)seen);
    progress->last = now;
    progress->shown = true;
}

static void progress_end(const struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
}

static int append(compat_list list, void *item)
{
    if (item)
        slurm_list_append(list, item);
    return item ? 0 : -1;
}

/* A list of copies; NULL for none at all, which means any. */
static int list_of(compat_list *list, const struct strings *strings)
{
    int rc = 0;
    if (strings->count)
        *list = slurm_list_create(free);
    for (size_t i = 0; rc == 0 && i < strings->count; i++)
        rc = append(*list, strdup(strings->list[i]));
    return rc;
}

static int states_of(compat_list *list)
{
    int rc = 0;
    *list = slurm_list_create(free);
    for (size_t i = 0; rc == 0 && i < sizeof(end_states) / sizeof(end_states[0]); i++) {
        char *state;
        rc = asprintf(&state, "%u", end_states[i]) < 0 ? -1 : append(*list, state);
    }
    return rc;
}

static int jobs_of(compat_list *list, const struct options *options)
{
    int rc = 0;
    if (options->job_count)
        *list = slurm_list_create(free);
    for (size_t i = 0; rc == 0 && i < options->job_count; i++) {
        const struct job_number *number = &options->jobs[i];
        slurm_selected_step_t *job = calloc(1, sizeof(*job));
        if (job) {
            job->array_task_id = number->task < 0 ? NO_VAL : (uint32_t)number->task;
            job->het_job_offset = number->component < 0 ? NO_VAL : (uint32_t)number->component;
            job->step_id.job_id = number->job;
            job->step_id.step_id = NO_VAL;
            job->step_id.step_het_comp = NO_VAL;
        }
        rc = append(*list, job);
    }
    return rc;
}

static int condition_set(slurmdb_job_cond_t *condition, const struct options *options)
{
    char *own[] = {slurm_conf.cluster_name};
    struct strings here = {own, slurm_conf.cluster_name ? 1 : 0};
    /* Without NO_TRUNC slurmdbd asks its database once more for each job. With DUP it does not hide
     * a record that has the number of a later one: neither the runs of a requeued job, nor what
     * ran before job numbers began anew. */
    condition->flags = JOBCOND_FLAG_NO_STEP | JOBCOND_FLAG_NO_TRUNC | JOBCOND_FLAG_DUP;
    condition->db_flags = SLURMDB_JOB_FLAG_NOTSET;
    if (!options->all_clusters &&
        list_of(&condition->cluster_list, options->clusters.count ? &options->clusters : &here))
        return -1;
    if (list_of(&condition->userid_list, &options->users) != 0 ||
        list_of(&condition->acct_list, &options->accounts) != 0 ||
        list_of(&condition->partition_list, &options->partitions) != 0)
        return -1;
    return states_of(&condition->state_list) == 0 ? jobs_of(&condition->step_list, options) : -1;
}

static void condition_unset(slurmdb_job_cond_t *condition)
{
    compat_list lists[] = {condition->cluster_list,   condition->userid_list, condition->acct_list,
                           condition->partition_list, condition->state_list,  condition->step_list};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (lists[i])
            slurm_list_destroy(lists[i]);
    }
}

/* AdminComment first: the others are for the job's owner to write. */
static const char *text_of(slurmdb_job_rec_t *record, enum audit_field field)
{
    char **extra = compat_record_extra(record);
    const char *const texts[FIELDS] = {
        [FIELD_ADMIN_COMMENT] = record->admin_comment,
        [FIELD_COMMENT] = record->derived_es,
        [FIELD_EXTRA] = extra ? *extra : NULL,
    };
    for (enum audit_field i = FIELD_ADMIN_COMMENT; i < FIELDS; i++) {
        if ((field == FIELD_ANY || field == i) && texts[i] && strstr(texts[i], "nestsafe:{"))
            return texts[i];
    }
    return NULL;
}

/* Of "1=16,2=64000,4=1". */
static uint64_t cpus_of(const slurmdb_job_rec_t *record)
{
    const char *at = record->tres_alloc_str;
    while (at && *at) {
        char *end;
        if (strtoul(at, &end, 10) == TRES_CPU_ID && *end == '=')
            return strtoull(end + 1, NULL, 10);
        at = strchr(at, ',');
        at = at ? at + 1 : NULL;
    }
    return 0;
}

/* Who the job's association names; a job without one still has a user. */
static const char *user_of(const slurmdb_job_rec_t *record, char number[16])
{
    if (record->user && *record->user)
        return record->user;
    const struct passwd *user = getpwuid(record->uid);
    snprintf(number, 16, "%u", record->uid);
    return user ? user->pw_name : number;
}

static int fold_record(struct fold *fold, const struct options *options, slurmdb_job_rec_t *record)
{
    char number[16];
    struct audit_job job = {
        .text = text_of(record, options->field),
        .account = record->account,
        .partition = record->partition,
        .elapsed = record->elapsed,
        .start = record->start == (time_t)NO_VAL ? 0 : record->start,
        .end = record->end,
    };
    if (job.text) {
        job.user = user_of(record, number);
        job.cpus = cpus_of(record);
    }
    return fold_add(fold, &job);
}

/* One window. slurmdbd adds a second to one that is empty or ends now. */
static int query_window(struct fold *fold, const struct options *options, void *connection,
                        slurmdb_job_cond_t *condition, size_t *count)
{
    time_t start = condition->usage_start, last = condition->usage_end;
    slurmdb_job_rec_t *record;
    int rc = 0;
    errno = 0;
    compat_list records = slurmdb_jobs_get(connection, condition);
    if (!records)
        return -1;
    *count = (size_t)slurm_list_count(records);
    /* Freed one by one, so that nothing is held twice. */
    while ((record = slurm_list_pop(records))) {
        if (rc == 0 && record->end >= start && record->end <= last)
            rc = fold_record(fold, options, record);
        slurmdb_destroy_job_rec(record);
    }
    slurm_list_destroy(records);
    return rc;
}

static int query_windows(struct fold *fold, const struct options *options, void *connection,
                         slurmdb_job_cond_t *condition)
{
    struct progress progress = {.wanted = isatty(STDERR_FILENO), .begun = time(NULL)};
    struct windows windows;
    time_t start, end;
    size_t count;
    int rc = 0;
    windows_begin(&windows, options->start, options->end);
    if (options->job_count)
        windows.length = options->end - options->start;
    while (rc == 0 && windows_next(&windows, &start, &end)) {
        condition->usage_start = start;
        condition->usage_end = end - 1; /* slurmdbd's is inclusive here */
        rc = query_window(fold, options, connection, condition, &count);
        if (rc == 0)
            windows_learn(&windows, count);
        progress_show(&progress, end, fold->seen);
    }
    progress_end(&progress);
    return rc;
}

int query_jobs(struct fold *fold, const struct options *options, char *error, size_t error_size)
{
    const char *storage = slurm_conf.accounting_storage_type;
    if (!storage || strcmp(storage, "accounting_storage/none") == 0) {
        snprintf(error, error_size, "this cluster keeps no accounting (AccountingStorageType)");
        return -1;
    }
    slurmdb_job_cond_t condition = {0};
    void *connection = NULL;
    int rc = condition_set(&condition, options);
    if (rc == 0) {
        errno = 0;
        connection = slurmdb_connection_get(NULL);
        rc = connection && errno == 0 ? query_windows(fold, options, connection, &condition) : -1;
    }
    if (rc != 0)
        snprintf(error, error_size, "no job records from slurmdbd: %s", slurm_strerror(errno));
    if (connection)
        slurmdb_connection_close(&connection);
    condition_unset(&condition);
    return rc;
}
