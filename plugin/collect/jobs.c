/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The jobs that have had incidents. */
#include "jobs.h"

#include "clock.h"
#include "spoolfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* In memory a job stays for as long as more is likely to come, on disk for as long as a node that
 * was down may come back with what it has. */
enum { IDLE_SECONDS = 600, KEPT_SECONDS = 30 * 24 * 3600 };

/* A journal of more lines than this is written anew, as their sum. */
enum { JOURNAL_LINES = 4096 };

int jobs_open(struct jobs *jobs, const char *spool)
{
    *jobs = (struct jobs){.spool = -1};
    if (snprintf(jobs->path, sizeof(jobs->path), "%s/jobs", spool) >= (int)sizeof(jobs->path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    jobs->spool = spoolfile_directory(jobs->path);
    return jobs->spool < 0 ? -1 : 0;
}

int jobs_move(struct jobs *jobs, const char *spool)
{
    struct jobs other;
    size_t length = strlen(spool);
    bool same =
        strncmp(jobs->path, spool, length) == 0 && strcmp(jobs->path + length, "/jobs") == 0;
    if (same && jobs->spool >= 0)
        return 0;
    if (jobs_open(&other, spool) != 0)
        return -1;
    jobs_pause(jobs);
    if (jobs->spool >= 0)
        close(jobs->spool);
    other.list = jobs->list;
    *jobs = other;
    for (struct job *job = jobs->list; job; job = job->next)
        job->broken_journal = true;
    return 0;
}

static struct job *find(const struct jobs *jobs, uint32_t id, uint32_t restart)
{
    struct job *job = jobs->list;
    while (job && (job->state.job != id || job->state.restart != restart))
        job = job->next;
    return job;
}

static void count(struct totals *totals, const struct incident *incident)
{
    int64_t second = incident->began / 1000000;
    struct totals one = {
        .launches = 1,
        .repaired = incident->deed == DEED_REPAIRED,
        .denied = incident->deed == DEED_DENIED,
        .bypassed = incident->deed == DEED_BYPASSED,
        .failed = incident_failed(incident),
        .preventable = incident_preventable(incident),
        .first = second,
        .last = second,
    };
    tally_add(&one.flavours, flavour_name(incident->flavour), 1);
    tally_add(&one.classes, incident_class(incident), 1);
    tally_add(&one.modes, mode_name(mode_plain(incident->mode)), 1);
    totals_add(totals, &one);
}

static struct launch *find_launch(const struct job *job, const struct process *process)
{
    struct launch *launch = job->launches;
    while (launch && (launch->incident.process.pid != process->pid ||
                      launch->incident.process.start != process->start))
        launch = launch->next_of_job;
    return launch;
}

static void unlink_launch(struct job *job, struct launch *launch)
{
    struct launch **link = &job->launches;
    while (*link != launch)
        link = &(*link)->next_of_job;
    *link = launch->next_of_job;
}

struct launch *job_begin(struct job *job, const struct incident *incident)
{
    struct launch *launch = calloc(1, sizeof(*launch));
    if (!launch)
        return NULL;
    *launch = (struct launch){
        .next_of_job = job->launches, .job = job, .incident = *incident, .said_status = -1};
    job->launches = launch;
    job->changed = true;
    job->touched = clock_steady();
    return launch;
}

/* The place of this node is that in the largest of its steps: a job of many nodes may end with
 * steps of one each. */
static void adopt(struct job *job, const struct stepfile *settings)
{
    uint32_t nodes = job->settings.nodes, index = job->settings.index;
    job->settings = *settings;
    if (nodes > settings->nodes) {
        job->settings.nodes = nodes;
        job->settings.index = index;
    }
    job->state.uid = settings->uid;
    job->state.field = settings->accounting;
    job->state.notify = settings->notify;
}

void jobs_pause(struct jobs *jobs)
{
    journal_pause(&jobs->journal);
}

/* The whole journal, where it is long or a line could not be appended to it. */
static int rewrite(struct jobs *jobs, struct job *job)
{
    char name[JOURNAL_NAME];
    size_t number = 0;
    journal_name(name, job->state.job, job->state.restart);
    for (struct launch *launch = job->launches; launch; launch = launch->next_of_job)
        number++;
    const struct incident **incidents = calloc(number + 1, sizeof(*incidents));
    if (!incidents)
        return -1;
    number = 0;
    for (struct launch *launch = job->launches; launch; launch = launch->next_of_job)
        incidents[number++] = &launch->incident;
    jobs_pause(jobs);
    int rc = journal_write(jobs->spool, name, &job->settings, &job->ended, incidents, number);
    free(incidents);
    job->broken_journal = rc != 0;
    job->lines = rc == 0 ? 0 : job->lines;
    return rc;
}

static void append(struct jobs *jobs, struct job *job, const struct incident *incident)
{
    char name[JOURNAL_NAME];
    int rc;
    if (jobs->spool < 0)
        return;
    journal_name(name, job->state.job, job->state.restart);
    if (job->broken_journal || ++job->lines > JOURNAL_LINES)
        rc = rewrite(jobs, job);
    else
        rc = journal_append(&jobs->journal, jobs->spool, name, incident);
    jobs->error = rc == 0 ? 0 : errno;
    job->broken_journal = rc != 0;
}

void job_record(struct jobs *jobs, struct job *job)
{
    for (struct launch *launch = job->launches; launch; launch = launch->next_of_job) {
        if (!launch->recorded)
            append(jobs, job, &launch->incident);
        launch->recorded = true;
    }
}

void job_end(struct jobs *jobs, struct job *job, struct launch *launch)
{
    unlink_launch(job, launch);
    count(&job->ended, &launch->incident);
    job->changed = true;
    job->touched = clock_steady();
    append(jobs, job, &launch->incident);
    free(launch);
}

int job_sum(struct job *job)
{
    struct totals totals = job->ended;
    if (!job->changed)
        return 0;
    for (struct launch *launch = job->launches; launch; launch = launch->next_of_job)
        count(&totals, &launch->incident);
    if (jobstate_set(&job->state, job->settings.node, &totals) < 0)
        return -1;
    job->changed = false;
    return 0;
}

static void state_name(char name[JOURNAL_NAME], const struct job *job)
{
    snprintf(name, JOURNAL_NAME, "%u.%u", job->state.job, job->state.restart);
}

static int save_in(const char *path, const char *name, const char *const lines[], size_t count)
{
    int directory = spoolfile_directory(path);
    if (directory < 0)
        return -1;
    int rc = spoolfile_replace(directory, name, lines, count);
    int saved = errno;
    close(directory);
    errno = saved;
    return rc;
}

int job_save(struct jobs *jobs, struct job *job, const char *rundir, char path[PATH_MAX])
{
    char name[JOURNAL_NAME];
    const char *where = jobs->path;
    state_name(name, job);
    job->state.delivered = job->delivered;
    job->state.told = job->told;
    char *text = jobstate_format(&job->state);
    if (!text)
        return -1;
    const char *const lines[] = {text, "\n"};
    int rc = jobs->spool < 0 ? -1 : spoolfile_replace(jobs->spool, name, lines, 2);
    if (rc == 0)
        jobs->error = 0;
    if (rc != 0) {
        if (jobs->spool >= 0)
            jobs->error = errno;
        where = rundir;
        rc = save_in(rundir, name, lines, 2);
    }
    free(text);
    if (rc == 0 && snprintf(path, PATH_MAX, "%s/%s", where, name) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return rc;
}

static void restore_settings(void *context, const struct stepfile *settings)
{
    struct job *job = context;
    adopt(job, settings);
}

static void restore_totals(void *context, const struct totals *totals)
{
    struct job *job = context;
    job->ended = *totals;
}

static void restore_launch(void *context, const struct incident *incident)
{
    struct job *job = context;
    struct launch *launch = find_launch(job, &incident->process);
    if (launch)
        launch->incident = *incident;
    else
        launch = job_begin(job, incident);
    if (!launch)
        return;
    job->lines++;
    launch->recorded = true;
    if (incident->ended) {
        unlink_launch(job, launch);
        count(&job->ended, incident);
        free(launch);
    }
}

static void read_state(struct jobs *jobs, struct job *job)
{
    char name[JOURNAL_NAME];
    size_t length;
    state_name(name, job);
    char *text = spoolfile_read(jobs->spool, name, &length);
    struct jobstate state;
    if (text && jobstate_parse(&state, text, length) == 0) {
        jobstate_destroy(&job->state);
        job->state = state;
        job->delivered = state.delivered;
        job->told = state.told;
        /* It is this node that writes for the job, and may have had no incident itself. */
        if (state.writer[0] && !state.address[0])
            strcpy(job->settings.node, state.writer);
    }
    free(text);
}

static void read_journal(struct jobs *jobs, struct job *job)
{
    static const struct journal_reader reader = {restore_settings, restore_totals, restore_launch};
    char name[JOURNAL_NAME];
    journal_name(name, job->state.job, job->state.restart);
    int rc = journal_read(jobs->spool, name, &reader, job);
    if (rc < 0)
        return;
    job->broken_journal = rc > 0;
    job->changed = true;
    job_sum(job);
}

/* Make a job of what is known of it, which may be nothing. */
static struct job *make(struct jobs *jobs, uint32_t id, uint32_t restart)
{
    struct job *job = calloc(1, sizeof(*job));
    if (!job)
        return NULL;
    job->state.job = id;
    job->state.restart = restart;
    job->touched = clock_steady();
    job->next = jobs->list;
    jobs->list = job;
    if (jobs->spool >= 0) {
        read_state(jobs, job);
        read_journal(jobs, job);
    }
    return job;
}

struct job *jobs_of(struct jobs *jobs, uint32_t id, uint32_t restart)
{
    struct job *job = find(jobs, id, restart);
    return job ? job : make(jobs, id, restart);
}

struct job *jobs_of_step(struct jobs *jobs, const struct stepfile *step)
{
    struct job *job = jobs_of(jobs, step->job, step->restart);
    if (!job)
        return NULL;
    bool larger = job->settings.nodes < step->nodes; /* as is the first one */
    adopt(job, step);
    if (larger && jobs->spool >= 0)
        rewrite(jobs, job);
    return job;
}

/* "JOB.RESTART" or "JOB.RESTART.journal". */
static bool parse_name(const char *name, uint32_t *id, uint32_t *restart)
{
    int length = 0;
    return sscanf(name, "%u.%u%n", id, restart, &length) == 2 &&
           (!name[length] || strcmp(name + length, ".journal") == 0);
}

/* Call visit for each file of the spool. */
static void each_file(struct jobs *jobs, void (*visit)(struct jobs *jobs, const char *name,
                                                       uint32_t id, uint32_t restart))
{
    int fd = jobs->spool < 0 ? -1 : openat(jobs->spool, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    uint32_t id, restart;
    if (!directory) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(directory))) {
        if (parse_name(entry->d_name, &id, &restart))
            visit(jobs, entry->d_name, id, restart);
    }
    closedir(directory);
}

static void load(struct jobs *jobs, const char *name, uint32_t id, uint32_t restart)
{
    (void)name;
    jobs_of(jobs, id, restart);
}

void jobs_restore(struct jobs *jobs, void (*found)(void *context, struct launch *launch),
                  void *context)
{
    each_file(jobs, load);
    for (struct job *job = jobs->list; job; job = job->next) {
        for (struct launch *launch = job->launches; launch; launch = launch->next_of_job)
            found(context, launch);
    }
}

static void remove_old(struct jobs *jobs, const char *name, uint32_t id, uint32_t restart)
{
    struct stat status;
    if (fstatat(jobs->spool, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        clock_wall() / 1000000 - status.st_mtime < KEPT_SECONDS || find(jobs, id, restart))
        return;
    unlinkat(jobs->spool, name, 0);
}

static void job_free(struct job *job)
{
    while (job->launches) {
        struct launch *next = job->launches->next_of_job;
        free(job->launches);
        job->launches = next;
    }
    while (job->waiters) {
        struct waiter *next = job->waiters->next;
        close(job->waiters->reply);
        free(job->waiters);
        job->waiters = next;
    }
    jobstate_destroy(&job->state);
    free(job);
}

void jobs_expire(struct jobs *jobs)
{
    int64_t now = clock_steady();
    for (struct job **link = &jobs->list; *link;) {
        struct job *job = *link;
        bool idle = !job->launches && !job->waiters && !job->delivering && !job->due &&
                    !job->changed && jobs->spool >= 0;
        bool whole = !job->lines && !job->broken_journal;
        if (idle && now - job->touched > IDLE_SECONDS * 1000000LL &&
            (whole || rewrite(jobs, job) == 0)) {
            *link = job->next;
            job_free(job);
        } else {
            link = &job->next;
        }
    }
    each_file(jobs, remove_old);
}

void jobs_close(struct jobs *jobs)
{
    while (jobs->list) {
        struct job *next = jobs->list->next;
        job_free(jobs->list);
        jobs->list = next;
    }
    jobs_pause(jobs);
    if (jobs->spool >= 0)
        close(jobs->spool);
    *jobs = (struct jobs){.spool = -1};
}
