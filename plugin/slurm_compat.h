/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between Slurm's releases, 20.11 to 26.05: the only place that asks for the release.
 */
#ifndef NESTSAFE_SLURM_COMPAT_H
#define NESTSAFE_SLURM_COMPAT_H

#include <slurm/slurm.h>
#include <slurm/slurmdb.h>

#define COMPAT_AT_LEAST(major, minor) (SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(major, minor, 0))

/* A job's "extra" can be set, and AccountingStoreFlags=job_extra stores it, from 23.02 on; before,
 * an update that sets it succeeds and does nothing. */
#define COMPAT_STORES_EXTRA COMPAT_AT_LEAST(23, 2)

/* A SPANK plugin says for which release it was built (spank.h, SPANK_PLUGIN); before, any was
 * loaded. */
#define COMPAT_SPANK_SAYS_RELEASE COMPAT_AT_LEAST(21, 8)

#if COMPAT_AT_LEAST(23, 11)
typedef hostlist_t *compat_hostlist;
typedef list_t *compat_list;
typedef list_itr_t *compat_iterator;
#else
typedef hostlist_t compat_hostlist;
typedef List compat_list;
typedef ListIterator compat_iterator;
#endif

static inline int compat_load_job(job_info_msg_t **answer, uint32_t job, uint16_t flags)
{
#if COMPAT_AT_LEAST(26, 5)
    slurm_step_id_t id = SLURM_STEP_ID_INITIALIZER;
    id.job_id = job;
    return slurm_load_job(answer, id, flags);
#else
    return slurm_load_job(answer, job, flags);
#endif
}

static inline int compat_notify_job(uint32_t job, char *message)
{
#if COMPAT_AT_LEAST(26, 5)
    slurm_step_id_t id = SLURM_STEP_ID_INITIALIZER;
    id.job_id = job;
    return slurm_notify_job(id, message);
#else
    return slurm_notify_job(job, message);
#endif
}

static inline uint32_t compat_job_id(const slurm_job_info_t *job)
{
#if COMPAT_AT_LEAST(25, 11)
    return job->step_id.job_id;
#else
    return job->job_id;
#endif
}

static inline void compat_set_job_id(job_desc_msg_t *update, uint32_t job)
{
#if COMPAT_AT_LEAST(25, 11)
    update->step_id.job_id = job;
#else
    update->job_id = job;
#endif
}

/* A job's "extra" in slurmctld's answer; NULL where it has none. */
static inline char *compat_job_extra(const slurm_job_info_t *job)
{
#if COMPAT_STORES_EXTRA
    return job->extra;
#else
    (void)job;
    return NULL;
#endif
}

/* Where slurmdbd's record has "extra"; NULL where it has no place for it. */
static inline char **compat_record_extra(slurmdb_job_rec_t *record)
{
#if COMPAT_STORES_EXTRA
    return &record->extra;
#else
    (void)record;
    return NULL;
#endif
}

static inline void compat_free_conf(slurm_conf_t *conf)
{
#if COMPAT_AT_LEAST(26, 5)
    slurm_free_conf(conf);
#else
    slurm_free_ctl_conf(conf);
#endif
}

#endif
