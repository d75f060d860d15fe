/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe-account deliver: bring what a node knows of a job to the scheduler, if the node is the
 * job's first, or else to the node that is. One writer a job: of many that read the field, change
 * it and write it back, all but the last would lose what they wrote. */
#include "account.h"
#include "core/keyvalue.h"
#include "core/section.h"
#include "ctld.h"
#include "dbd.h"
#include "hosts.h"
#include "launch/readfile.h"
#include "peer.h"
#include "slurm_compat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATE_MAX = 16 * 1024 * 1024 };

/* The most that a field may hold: slurmctld refuses longer comments, and the database's column
 * ends for AdminComment, where the job's whole record would be lost with it. */
static const size_t limits[] = {
    [ACCOUNTING_ADMIN_COMMENT] = 65535,
    [ACCOUNTING_COMMENT] = 1024,
    [ACCOUNTING_EXTRA] = 1024,
};

struct delivery {
    struct jobstate state;
    const char *node; /* this one */
    unsigned port;    /* of the collectors */
    const char *file;
    const char *recorded; /* where it is now, or NULL */
    struct ctld_job job;
    struct dbd dbd;
    struct dbd_record record;
};

static int read_options(struct delivery *delivery, int argc, char *argv[])
{
    static const char node[] = "--node=", port[] = "--port=";
    unsigned long long number;
    if (argc != 4 || strncmp(argv[1], node, strlen(node)) != 0 ||
        strncmp(argv[2], port, strlen(port)) != 0 ||
        keyvalue_number(argv[2] + strlen(port), 65535, &number) != 0)
        return -1;
    delivery->node = argv[1] + strlen(node);
    delivery->port = (unsigned)number;
    delivery->file = argv[3];
    return 0;
}

static enum outcome read_state(struct delivery *delivery)
{
    size_t length;
    char *text = readfile_root(delivery->file, STATE_MAX, &length);
    int rc = text ? jobstate_parse(&delivery->state, text, length) : -1;
    free(text);
    if (rc != 0)
        return account_say(errno == ENOMEM ? OUTCOME_LATER : OUTCOME_NEVER, "%s: %s",
                           delivery->file, strerror(errno));
    return OUTCOME_DONE;
}

/* The field's text with our section in it, to free; OUTCOME_NEVER where there is no room. */
static enum outcome put_section(const struct jobstate *state, const char *before, char **after)
{
    struct totals sum;
    size_t room = section_room(before, limits[state->field]);
    char *hosts = hosts_ranged(state);
    jobstate_sum(state, &sum);
    char *section = hosts ? section_make(&sum, hosts, state->count, room) : NULL;
    int error = errno;
    *after = section ? section_put(before, section) : NULL;
    free(section);
    free(hosts);
    if (*after)
        return OUTCOME_DONE;
    if (!section && error == EMSGSIZE)
        return account_say(OUTCOME_NEVER,
                           "job %u: no room in %s: %zu of %zu bytes are other people's text",
                           state->job, accounting_name(state->field), limits[state->field] - room,
                           limits[state->field]);
    return account_say(OUTCOME_LATER, "%s", strerror(ENOMEM));
}

/* Open slurmdbd and find the run's record there, once. slurmctld sends a job's beginning some
 * seconds late, so one that it knows may still come. */
static enum outcome find_record(struct delivery *delivery)
{
    enum outcome outcome = OUTCOME_DONE;
    if (delivery->dbd.connection)
        return outcome;
    outcome = dbd_open(&delivery->dbd);
    if (outcome == OUTCOME_DONE)
        outcome = dbd_find(&delivery->dbd, &delivery->state, &delivery->record);
    return outcome == OUTCOME_NEVER && delivery->job.known ? OUTCOME_LATER : outcome;
}

static enum outcome put_record(struct delivery *delivery)
{
    const struct dbd_record *record = &delivery->record;
    char *text;
    enum outcome outcome = find_record(delivery);
    if (outcome != OUTCOME_DONE)
        return outcome;
    if (!record->end)
        return account_say(OUTCOME_LATER, "slurmdbd does not know yet that job %u has ended",
                           delivery->state.job);
    outcome = put_section(&delivery->state, record->text, &text);
    if (outcome == OUTCOME_DONE && (!record->text || strcmp(record->text, text) != 0))
        outcome = dbd_put(&delivery->dbd, &delivery->state, record, text);
    if (outcome == OUTCOME_DONE)
        delivery->recorded = "slurmdbd";
    free(text);
    return outcome;
}

static enum outcome put_field(struct delivery *delivery)
{
    const char *before = delivery->job.text;
    char *text;
    enum outcome outcome = put_section(&delivery->state, before, &text);
    if (outcome == OUTCOME_DONE && (!before || strcmp(before, text) != 0))
        outcome = ctld_put(&delivery->state, text);
    if (outcome == OUTCOME_DONE)
        delivery->recorded = "field";
    free(text);
    return outcome;
}

/* Send this node's share to the first. */
static enum outcome forward(struct delivery *delivery)
{
    const struct jobstate *state = &delivery->state;
    struct share share = {.job = state->job,
                          .restart = state->restart,
                          .uid = state->uid,
                          .field = state->field,
                          .notify = state->notify};
    const struct totals *totals = jobstate_totals(state, delivery->node);
    bool recorded;
    if (!totals || keyvalue_copy(share.node, sizeof(share.node), delivery->node) != 0)
        return account_say(OUTCOME_NEVER, "%s: nothing of node %s", delivery->file, delivery->node);
    strcpy(share.to, state->writer);
    share.totals = *totals;
    enum outcome outcome = peer_send(state->address, delivery->port, &share, &recorded);
    if (recorded)
        delivery->recorded = "peer";
    return outcome;
}

/* Find the job's first node: as slurmctld has it, or slurmdbd for a run that slurmctld forgot. */
static enum outcome find_writer(struct delivery *delivery)
{
    struct jobstate *state = &delivery->state;
    const char *first = delivery->job.first;
    enum outcome outcome = OUTCOME_DONE;
    if (!first[0]) {
        outcome = find_record(delivery);
        first = delivery->record.first;
    }
    if (outcome != OUTCOME_DONE)
        return outcome;
    if (!first[0])
        return account_say(OUTCOME_NEVER, "job %u has no nodes", state->job);
    strcpy(state->writer, first);
    if (strcmp(state->writer, delivery->node) != 0)
        outcome = ctld_address(state->writer, state->address);
    if (outcome == OUTCOME_DONE)
        printf("writer=%s %s\n", state->writer, state->address);
    return outcome;
}

static enum outcome deliver(struct delivery *delivery)
{
    struct jobstate *state = &delivery->state;
    if (state->writer[0] && strcmp(state->writer, delivery->node) != 0)
        return forward(delivery);
    enum outcome run = ctld_load(&delivery->job, state);
    enum outcome outcome = OUTCOME_DONE;
    if (run != OUTCOME_DONE && run != OUTCOME_ENDED)
        return run;
    if (!state->writer[0])
        outcome = find_writer(delivery);
    if (outcome != OUTCOME_DONE)
        return outcome;
    if (strcmp(state->writer, delivery->node) != 0)
        return forward(delivery);
    if (run == OUTCOME_DONE)
        run = put_field(delivery);
    return run == OUTCOME_ENDED ? put_record(delivery) : run;
}

enum outcome account_deliver(int argc, char *argv[])
{
    struct delivery delivery = {0};
    if (read_options(&delivery, argc, argv) != 0)
        return OUTCOME_MISUSE;
    enum outcome outcome = read_state(&delivery);
    if (outcome != OUTCOME_DONE || delivery.state.field == ACCOUNTING_NONE)
        return outcome;
    slurm_init(NULL);
    outcome = deliver(&delivery);
    dbd_close(&delivery.dbd);
    slurm_fini();
    if (outcome == OUTCOME_ENDED) {
        /* Without slurmdbd, nothing that could be changed is left of a job that has ended. */
        outcome = OUTCOME_DONE;
        delivery.recorded = "nowhere";
    }
    printf("rpcs=%u\n", account_rpcs);
    if (delivery.recorded)
        printf("recorded=%s\n", delivery.recorded);
    free(delivery.job.text);
    free(delivery.record.text);
    jobstate_destroy(&delivery.state);
    return outcome;
}
