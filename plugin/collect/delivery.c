/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When which job's totals go to the scheduler. */
#include "delivery.h"

#include "advice.h"
#include "clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECOND 1000000LL

/*
 * slurmctld on two cores answered some 460 loads and updates a second (Slurm 22.05), and root is
 * exempt from its rate limits: the nodes of a job that begin or end together spread what they ask
 * of it over time. It is to be no more than 50 a second, though some nodes get no CPU when it is
 * their turn, and ask together with the next ones. A job that goes on having incidents asks ever
 * more seldom.
 */
enum {
    NODES_PER_SECOND = 16,  /* each asks twice: for the job, and for its first node's address */
    GATHER_PEERS = 10,      /* for each of so many peers it waits, so that what they send to the */
    GATHER_PER_SECOND = 40, /* first node is told with what that one has itself */
    DELIVERIES_MAX = 4,     /* at a time, from this node */
    PROMPT_DELIVERIES = 20, /* so many of a job are made as soon as somebody waits */
    LATER_SECONDS = 10,     /* then they keep this distance */
    FIRST_SECONDS = 1,      /* an ordinary first one waits for more incidents */
    GAP_SECONDS = 5,        /* then, doubled each time */
    GAP_DOUBLINGS = 10,
    RETRY_MAX_SECONDS = 60,
    RESUME_SECONDS = 60, /* nobody waits then; it spreads jobs of one node each as well */
    ASK_ANEW = 8,        /* after so many failures in a row the job's first node is looked up */
    GIVE_UP_SECONDS = 7 * 24 * 3600,
    PATIENCE_SECONDS = 3, /* how long slurmstepd waits (spank/register.c) */
    TOLD_SECONDS = 600,
};

/* nestsafe-account's exit status for what will not go better another time. Every other one may:
 * libslurm ends a program that finds no slurm.conf, and a package may be replaced just now. */
enum { NEVER = 65 };

static int64_t random_up_to(int64_t most)
{
    return most > 0 ? (int64_t)((double)random() / RAND_MAX * (double)most) : 0;
}

/* By the nodes' numbers, and not at random: of several draws the earliest would count, and all
 * nodes would be early. One that knows which node writes for the job need not ask slurmctld. */
static int64_t spread(const struct job *job)
{
    return job->state.writer[0] ? 0 : job->settings.index * SECOND / NODES_PER_SECOND;
}

/* For peers that end at the same time: the more there are, the longer; of those that a job is known
 * by alone (nodes is 0) there may be any number. */
static int64_t gather(const struct job *job)
{
    uint32_t peers = job->settings.nodes - 1;
    return (peers < GATHER_PEERS ? peers : GATHER_PEERS) * SECOND / GATHER_PER_SECOND;
}

static int64_t wait_of(const struct job *job, bool urgent)
{
    if (urgent && job->deliveries < PROMPT_DELIVERIES)
        return gather(job) + spread(job);
    if (urgent)
        return LATER_SECONDS * SECOND;
    if (job->deliveries == 0)
        return FIRST_SECONDS * SECOND + spread(job);
    unsigned doublings = job->deliveries < GAP_DOUBLINGS ? job->deliveries : GAP_DOUBLINGS;
    return (GAP_SECONDS * SECOND) << doublings;
}

void delivery_wanted(struct job *job, bool urgent)
{
    int64_t due = clock_steady() + wait_of(job, urgent);
    /* While Slurm cannot be reached, it is the next attempt that everybody waits for. */
    if (!job->due || (due < job->due && job->failures == 0))
        job->due = due;
}

void delivery_resume(const struct jobs *jobs)
{
    for (struct job *job = jobs->list; job; job = job->next) {
        job->due = 0;
        if (job_sum(job) == 0 && job->state.serial <= job->delivered)
            continue;
        delivery_wanted(job, true);
        job->due += random_up_to(RESUME_SECONDS * SECOND);
    }
}

static void answer(const struct waiter *waiter, bool recorded)
{
    /* Nobody may be there to read it any more. */
    if (waiter->peer && recorded && write(waiter->reply, "r", 1) < 0)
        errno = 0;
    close(waiter->reply);
}

/* Answer those whose state has been reached, or all. */
static void answer_waiters(struct job *job, uint64_t reached, bool recorded)
{
    for (struct waiter **link = &job->waiters; *link;) {
        struct waiter *waiter = *link;
        if (waiter->serial > reached) {
            link = &waiter->next;
            continue;
        }
        *link = waiter->next;
        answer(waiter, recorded);
        free(waiter);
    }
}

/* Whoever has stopped waiting must not hold a descriptor of ours while Slurm cannot be reached. */
static void forget_gone(struct job *job)
{
    for (struct waiter **link = &job->waiters; *link;) {
        struct waiter *waiter = *link;
        struct pollfd pipe = {.fd = waiter->reply};
        if (poll(&pipe, 1, 0) <= 0) {
            link = &waiter->next;
            continue;
        }
        *link = waiter->next;
        close(waiter->reply);
        free(waiter);
    }
}

static bool is_writer(const struct job *job)
{
    return job->settings.node[0] && strcmp(job->state.writer, job->settings.node) == 0;
}

/* Is the user to be told, here and now? One node of a job does that: the one that writes for it. */
static bool is_to_tell(const struct job *job)
{
    struct totals totals;
    if (job->told || !job->state.notify || !is_writer(job))
        return false;
    jobstate_sum(&job->state, &totals);
    return totals.preventable > 0;
}

void delivery_wait(struct delivery *delivery, struct job *job, int reply, bool peer)
{
    char path[PATH_MAX];
    struct waiter waiter = {.reply = reply, .peer = peer};
    job_sum(job);
    waiter.serial = job->state.serial;
    if (peer && job_save(delivery->jobs, job, delivery->rundir, path) == 0 &&
        !delivery->jobs->error && write(reply, "k", 1) < 0)
        errno = 0;
    struct waiter *kept = malloc(sizeof(*kept));
    if (!kept || (waiter.serial <= job->delivered && !job->delivering)) {
        answer(&waiter, kept != NULL);
        free(kept);
        return;
    }
    forget_gone(job);
    *kept = waiter;
    kept->next = job->waiters;
    job->waiters = kept;
    if (!job->delivering || waiter.serial > job->in_flight)
        delivery_wanted(job, true);
    /* What is not even tried in time is no reason to hold anybody up; it is in the journal. */
    if (!job->delivering && job->due > clock_steady() + PATIENCE_SECONDS * SECOND)
        answer_waiters(job, waiter.serial, false);
}

/* What a child of ours was sent for. */
struct mission {
    struct delivery *delivery;
    struct job *job;
};

static struct mission *mission_new(struct delivery *delivery, struct job *job)
{
    struct mission *mission = malloc(sizeof(*mission));
    if (mission)
        *mission = (struct mission){delivery, job};
    return mission;
}

static void conclude(struct delivery *delivery, struct job *job)
{
    job->delivering = false;
    delivery->running--;
    answer_waiters(job, job->delivered, true);
    if (job->state.serial > job->delivered || job->changed)
        delivery_wanted(job, job->waiters != NULL);
}

static void told(void *context, const struct errand_result *result)
{
    struct mission mission = *(struct mission *)context;
    char path[PATH_MAX];
    free(context);
    if (result->status == 0)
        job_save(mission.delivery->jobs, mission.job, mission.delivery->rundir, path);
    else
        nodelog_say(mission.delivery->log, "error: job %u: its user could not be told: %s",
                    mission.job->state.job, result->complaint);
    conclude(mission.delivery, mission.job);
}

/* Slurm's job notification: on srun's standard error, or in a batch job's error file. */
static bool tell(struct delivery *delivery, struct job *job)
{
    char number[16], text[1024];
    struct totals totals;
    const char *argv[] = {delivery->account, "notify", number, NULL};
    struct mission *mission = mission_new(delivery, job);
    snprintf(number, sizeof(number), "%u", job->state.job);
    jobstate_sum(&job->state, &totals);
    advice(&totals, text, sizeof(text));
    if (!mission || courier_send(delivery->courier, argv, text, -1, told, mission) != 0) {
        free(mission);
        return false;
    }
    job->told = true;
    return true;
}

/* "writer=NODE ADDRESS" */
static void take_writer(struct job *job, const char *output)
{
    const char *line = strstr(output, "writer=");
    char node[JOBSTATE_NODE], address[JOBSTATE_NODE] = "";
    if (!line || sscanf(line, "writer=%255[^ \n]%*1[ ]%255[^\n]", node, address) < 1)
        return;
    strcpy(job->state.writer, node);
    strcpy(job->state.address, address);
}

static void retry(struct delivery *delivery, struct job *job, const char *why)
{
    int64_t now = clock_steady();
    int64_t wait = SECOND << (job->failures < 6 ? job->failures : 6);
    if (wait > RETRY_MAX_SECONDS * SECOND)
        wait = RETRY_MAX_SECONDS * SECOND;
    forget_gone(job);
    job->failures++;
    job->failing = job->failing ? job->failing : now;
    job->due = now + wait / 2 + random_up_to(wait / 2);
    /* The first node may have got another address, or have gone for good. */
    if (job->failures % ASK_ANEW == 0)
        job->state.writer[0] = '\0';
    if (now - job->failing > GIVE_UP_SECONDS * SECOND) {
        nodelog_say(delivery->log, "error: job %u: its record is given up after a week: %s",
                    job->state.job, why);
        job->delivered = job->state.serial;
        job->due = 0;
        return;
    }
    if (delivery->told && now - delivery->told < TOLD_SECONDS * SECOND)
        return;
    delivery->told = now;
    nodelog_say(delivery->log,
                "error: job %u: its record waits in %s until it can be delivered: %s",
                job->state.job, delivery->jobs->path, why);
}

static void delivered(void *context, const struct errand_result *result)
{
    struct mission mission = *(struct mission *)context;
    struct delivery *delivery = mission.delivery;
    struct job *job = mission.job;
    char path[PATH_MAX];
    free(context);
    if (result->status != 0 && result->status != NEVER) {
        job->delivering = false;
        delivery->running--;
        retry(delivery, job, result->complaint[0] ? result->complaint : delivery->account);
        return;
    }
    if (result->status != 0)
        nodelog_say(delivery->log, "error: job %u: its record cannot be delivered: %s",
                    job->state.job, result->complaint);
    job->failures = 0;
    job->failing = 0;
    job->deliveries++;
    job->delivered = job->in_flight;
    if (result->status == 0)
        delivery->told = 0;
    take_writer(job, result->output);
    job_save(delivery->jobs, job, delivery->rundir, path);
    if (!is_to_tell(job) || !tell(delivery, job))
        conclude(delivery, job);
}

static void deliver(struct delivery *delivery, struct job *job)
{
    char path[PATH_MAX], node[300], port[32];
    const char *argv[] = {delivery->account, "deliver", node, port, path, NULL};
    job->due = 0;
    if (job_sum(job) == 0 && job->state.serial <= job->delivered) {
        answer_waiters(job, job->delivered, true);
        return;
    }
    struct mission *mission = mission_new(delivery, job);
    snprintf(node, sizeof(node), "--node=%s", job->settings.node);
    snprintf(port, sizeof(port), "--port=%u", job->settings.port);
    if (!mission || job_save(delivery->jobs, job, delivery->rundir, path) != 0 ||
        courier_send(delivery->courier, argv, NULL, -1, delivered, mission) != 0) {
        retry(delivery, job, strerror(errno));
        free(mission);
        return;
    }
    job->in_flight = job->state.serial;
    job->delivering = true;
    delivery->running++;
}

int64_t delivery_run(struct delivery *delivery)
{
    int64_t now = clock_steady();
    int64_t next = 0;
    for (struct job *job = delivery->jobs->list; job; job = job->next) {
        if (!job->due || job->delivering)
            continue;
        /* Where too many are on their way already, the end of one of them is what we wait for. */
        bool held_up = job->due <= now && delivery->running >= DELIVERIES_MAX;
        if (job->due <= now && !held_up)
            deliver(delivery, job);
        if (job->due && !job->delivering && !held_up && (!next || job->due < next))
            next = job->due;
    }
    return next;
}
