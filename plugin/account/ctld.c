/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nestsafe asks of slurmctld. */
#include "ctld.h"

#include "hosts.h"
#include "slurm_compat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Errors that mean something else than that it may work another time. */
static const struct {
    int error;
    enum outcome outcome;
} known_errors[] = {
    {ESLURM_INVALID_JOB_ID, OUTCOME_ENDED},    {ESLURM_JOB_FINISHED, OUTCOME_ENDED},
    {ESLURM_ALREADY_DONE, OUTCOME_ENDED},      {ESLURM_ACCESS_DENIED, OUTCOME_NEVER},
    {ESLURM_USER_ID_MISSING, OUTCOME_NEVER},   {ESLURM_PATHNAME_TOO_LONG, OUTCOME_NEVER},
    {ESLURM_INVALID_NODE_NAME, OUTCOME_NEVER}, {ESLURM_NOT_SUPPORTED, OUTCOME_NEVER},
};

static enum outcome failed(const char *what, uint32_t job)
{
    int error = errno;
    enum outcome outcome = OUTCOME_LATER;
    for (size_t i = 0; i < sizeof(known_errors) / sizeof(known_errors[0]); i++) {
        if (known_errors[i].error == error)
            outcome = known_errors[i].outcome;
    }
    if (outcome == OUTCOME_ENDED)
        return outcome;
    return account_say(outcome, "job %u: %s: %s", job, what, slurm_strerror(error));
}

/* Returns the text, borrowed, or NULL. */
static const char *text_of(const slurm_job_info_t *job, enum accounting field)
{
    switch (field) {
    case ACCOUNTING_ADMIN_COMMENT:
        return job->admin_comment;
    case ACCOUNTING_COMMENT:
        return job->comment;
    case ACCOUNTING_EXTRA:
        return compat_job_extra(job);
    case ACCOUNTING_NONE:
        break;
    }
    return NULL;
}

/* The answer has all tasks of an array and all parts of a heterogeneous job, and the id may belong
 * to a later run or, used again, to somebody else's job. */
static const slurm_job_info_t *job_of(const job_info_msg_t *message, const struct jobstate *state)
{
    for (uint32_t i = 0; i < message->record_count; i++) {
        const slurm_job_info_t *job = &message->job_array[i];
        if (compat_job_id(job) == state->job && job->user_id == state->uid)
            return job;
    }
    return NULL;
}

static enum outcome take(struct ctld_job *job, const slurm_job_info_t *info, enum accounting field)
{
    if (hosts_first(info->nodes, job->first) != 0)
        job->first[0] = '\0';
    if ((info->job_state & JOB_STATE_BASE) > JOB_SUSPENDED)
        return OUTCOME_ENDED;
    const char *text = text_of(info, field);
    job->text = text ? strdup(text) : NULL;
    if (text && !job->text)
        return account_say(OUTCOME_LATER, "%s", strerror(errno));
    return OUTCOME_DONE;
}

enum outcome ctld_load(struct ctld_job *job, const struct jobstate *state)
{
    job_info_msg_t *message = NULL;
    enum outcome outcome = OUTCOME_ENDED;
    *job = (struct ctld_job){0};
    account_rpcs++;
    /* Else libslurm first asks for the federation (src/api/job_info.c), and then all of it. */
    if (compat_load_job(&message, state->job, SHOW_ALL | SHOW_LOCAL) != SLURM_SUCCESS)
        return failed("asking slurmctld for it", state->job);
    const slurm_job_info_t *info = job_of(message, state);
    job->known = info;
    if (info && info->restart_cnt == state->restart)
        outcome = take(job, info, state->field);
    slurm_free_job_info_msg(message);
    return outcome;
}

enum outcome ctld_put(const struct jobstate *state, char *text)
{
    job_desc_msg_t update;
    slurm_init_job_desc_msg(&update);
    compat_set_job_id(&update, state->job);
    switch (state->field) {
    case ACCOUNTING_ADMIN_COMMENT:
        update.admin_comment = text;
        break;
    case ACCOUNTING_COMMENT:
        update.comment = text;
        break;
    case ACCOUNTING_EXTRA:
        update.extra = text;
        break;
    case ACCOUNTING_NONE:
        return OUTCOME_DONE;
    }
    account_rpcs++;
    if (slurm_update_job(&update) != SLURM_SUCCESS)
        return failed("updating it", state->job);
    return OUTCOME_DONE;
}

enum outcome ctld_address(char *node, char address[JOBSTATE_NODE])
{
    node_info_msg_t *message = NULL;
    enum outcome outcome = OUTCOME_NEVER;
    account_rpcs++;
    if (slurm_load_node_single(&message, node, SHOW_ALL) != SLURM_SUCCESS) {
        int error = errno;
        return account_say(error == ESLURM_INVALID_NODE_NAME ? OUTCOME_NEVER : OUTCOME_LATER,
                           "asking slurmctld for node %s: %s", node, slurm_strerror(error));
    }
    const char *found = message->record_count > 0 ? message->node_array[0].node_addr : NULL;
    if (found && *found && strlen(found) < JOBSTATE_NODE) {
        strcpy(address, found);
        outcome = OUTCOME_DONE;
    }
    slurm_free_node_info_msg(message);
    if (outcome != OUTCOME_DONE)
        account_say(outcome, "slurmctld has no address for node %s", node);
    return outcome;
}

enum outcome ctld_notify(uint32_t job, char *text)
{
    account_rpcs++;
    if (compat_notify_job(job, text) == SLURM_SUCCESS)
        return OUTCOME_DONE;
    return failed("telling its user", job);
}

enum outcome ctld_settings(struct ctld_settings *settings)
{
    slurm_conf_t *conf = NULL;
    account_rpcs++;
    if (slurm_load_ctl_conf(0, &conf) != SLURM_SUCCESS)
        return account_say(OUTCOME_LATER, "asking slurmctld for its settings: %s",
                           slurm_strerror(errno));
    settings->cluster = conf->cluster_name ? strdup(conf->cluster_name) : NULL;
    settings->slurmd_log = conf->slurmd_logfile ? strdup(conf->slurmd_logfile) : NULL;
    compat_free_conf(conf);
    if (settings->cluster)
        return OUTCOME_DONE;
    return account_say(OUTCOME_LATER, "slurmctld's settings have no cluster's name");
}
