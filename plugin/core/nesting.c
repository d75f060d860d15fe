/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict: is a launch from this environment nested, and what would break it. */
#include "nesting.h"

#include "rules.h"
#include "slurmstep.h"

#include <stdlib.h>
#include <string.h>

/* What a launcher hands to one rank only; the launcher's own environment lacks it. */
static const char *const mpi_identity[] = {
    "OMPI_MCA_ess_base_jobid",
    "OMPI_MCA_ess_base_vpid",
    "PMIX_NAMESPACE",
    "PMIX_RANK",
    "PMI_RANK",
    "PMI_FD",
    "PMI_ID",
    "PMI_PORT",
    "MPIRUN_RANK",
    "PALS_RANKID",
    NULL,
};

/* The same of srun, which counts only where there is no other: a batch script has a SLURM_PROCID
 * too, and every launcher started from it inherits that. */
static const char *const step_identity[] = {"SLURM_STEP_ID", "SLURM_PROCID", NULL};

enum {
    ORTE = 1U << FLAVOUR_OPENMPI,
    OPENMPI = ORTE | 1U << FLAVOUR_PRRTE,
    SRUN_USERS = OPENMPI | 1U << FLAVOUR_HYDRA | 1U << FLAVOUR_INTEL | 1U << FLAVOUR_SLURM,
};

/* The classes of failure, as seen with Open MPI 4.1.4, 5.0.7 and MPICH 4 under Slurm. */
static const struct hazard hazards[] = {
    {"silent-exit", "OMPI_MCA_ess", "singleton pmi env tool", ORTE, true,
     "mpirun of Open MPI 4 exits 1 and prints nothing"},
    {"recursion-banner", "OMPI_UNIVERSE_SIZE", NULL, ORTE, true,
     "mpirun of Open MPI 4 refuses: \"does not support recursive calls\""},
    {"name-clash", "OMPI_MCA_ess_base_jobid", NULL, ORTE, true,
     "mpirun of Open MPI 4 takes the outer job's name and dies in rml_oob_send"},
    {"session-directory", "OMPI_MCA_orte_jobfam_session_dir", NULL, ORTE, false,
     "mpirun of Open MPI 4 deletes the outer job's session directory when it ends"},
    {"foreign-security", "PMIX_SECURITY_MODE", NULL, OPENMPI, false,
     "a launcher of another PMIx release may lack the security module named here"},
    {"rendezvous", "PMIX_LAUNCHER_RNDZ_URI", NULL, OPENMPI, true,
     "mpirun reports to a tool that is not there"},
    {"dvm", "ORTE_HNP_DVM_URI PRTEPROXY_USE_DVM", NULL, OPENMPI, true,
     "mpirun goes to a virtual machine that is not its own"},
    {"slots", "SLURM_STEP_NUM_TASKS", NULL, OPENMPI, false,
     "mpirun has as many slots as the outer step has tasks"},
    {"srun-wait", "SLURM_STEP_ID", NULL, SRUN_USERS, false,
     "srun, or a launcher that needs it, waits for the CPUs that the outer step holds"},
};

static bool has(const struct env *env, const char *name)
{
    return env_get(env, name) != NULL;
}

static enum outer find_outer(const struct env *env, bool in_step)
{
    const char *ess = env_get(env, "OMPI_MCA_ess");
    if (has(env, "OMPI_COMM_WORLD_RANK") || has(env, "OMPI_MCA_ess_base_jobid"))
        return OUTER_OPENMPI;
    if (has(env, "HYDI_CONTROL_FD") || has(env, "MPI_LOCALRANKID") || has(env, "MPIRUN_RANK"))
        return OUTER_HYDRA;
    if (ess && strcmp(ess, "singleton") == 0)
        return OUTER_SINGLETON;
    bool pmix = has(env, "PMIX_NAMESPACE") && has(env, "PMIX_RANK");
    bool pmi = has(env, "PMI_RANK") || has(env, "PMI_FD") || has(env, "PMI_ID");
    if ((pmix || pmi) && in_step)
        return OUTER_SRUN;
    if (pmi)
        return OUTER_HYDRA;
    if (pmix || (ess && pattern_list_matches("pmi env tool", ess)))
        return OUTER_OPENMPI;
    return in_step ? OUTER_STEP : OUTER_NONE;
}

/* The numbers that the innermost launcher gave. */
static void find_rank(struct verdict *verdict, const struct env *env)
{
    static const char *const names[][2] = {
        [OUTER_OPENMPI] = {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
        [OUTER_HYDRA] = {"PMI_RANK", "PMI_SIZE"},
        [OUTER_SINGLETON] = {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS"},
        [OUTER_SRUN] = {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS"},
        [OUTER_STEP] = {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS"},
    };
    bool step_numbers = verdict->outer != OUTER_OPENMPI && verdict->outer != OUTER_HYDRA;
    if (verdict->outer == OUTER_NONE || (step_numbers && !verdict->in_step))
        return;
    verdict->rank = env_get(env, names[verdict->outer][0]);
    verdict->size = env_get(env, names[verdict->outer][1]);
}

/* The value of the first that is there of some names, separated by blanks. */
static const char *get_one_of(const struct env *env, const char *names)
{
    const char *value = NULL;
    while (*names && !value) {
        char name[64];
        size_t length = (size_t)(strchrnul(names, ' ') - names);
        if (length < sizeof(name)) {
            memcpy(name, names, length);
            name[length] = '\0';
            value = env_get(env, name);
        }
        names += length + (names[length] == ' ');
    }
    return value;
}

static bool hazard_is_present(const struct hazard *hazard, const struct env *env, bool in_step)
{
    if (strncmp(hazard->variable, "SLURM_", 6) == 0 && (!in_step || !has(env, "SLURM_JOBID")))
        return false;
    const char *value = get_one_of(env, hazard->variable);
    return value && (!hazard->values || pattern_list_matches(hazard->values, value));
}

/* In a step with a part of the node's CPUs others may be at work beside it, each alone in a step of
 * its own: a task farm. The counts are those of the job's first node and of this one; where nodes
 * differ that errs towards the smaller scope. */
static bool step_holds_node(const struct env *env)
{
    const char *job = env_get(env, "SLURM_JOB_CPUS_PER_NODE");
    const char *step = env_get(env, "SLURM_CPUS_ON_NODE");
    return !job || !step || strtoul(job, NULL, 10) == strtoul(step, NULL, 10);
}

/* srun --pty sends the output of all other tasks to /dev/null and gives them nothing to read, so
 * that shells end at once: who sits at the terminal is alone (srun(1)). Steps that are started from
 * there do not inherit the variable (spank/submit.c). */
static bool is_at_terminal(const struct verdict *verdict, const struct env *env)
{
    return verdict->in_step && has(env, "SLURM_PTY_PORT") && verdict->rank &&
           strcmp(verdict->rank, "0") == 0;
}

static bool is_lost(const struct verdict *verdict)
{
    size_t i = 0;
    while (verdict->hazards[i] && !verdict->hazards[i]->fatal)
        i++;
    return verdict->hazards[i] != NULL;
}

void nesting_judge(struct verdict *verdict, const struct env *env)
{
    *verdict = (struct verdict){.in_step = slurmstep_is_sruns(env)};
    verdict->outer = find_outer(env, verdict->in_step);
    verdict->nested = verdict->outer != OUTER_NONE;
    if (!verdict->nested)
        return;
    find_rank(verdict, env);
    verdict->alone =
        verdict->size ? strcmp(verdict->size, "1") == 0 : verdict->outer == OUTER_SINGLETON;
    verdict->alone = verdict->alone || is_at_terminal(verdict, env);
    if (verdict->in_step && !step_holds_node(env))
        verdict->alone = false;
    /* Each component is a job of its own, and a launcher's srun reaches the first one only. */
    verdict->parted = verdict->in_step && has(env, "SLURM_HET_SIZE");
    size_t found = 0;
    for (size_t i = 0; i < sizeof(hazards) / sizeof(hazards[0]); i++) {
        if (hazard_is_present(&hazards[i], env, verdict->in_step))
            verdict->hazards[found++] = &hazards[i];
    }
    bool srun = verdict->outer == OUTER_STEP || verdict->outer == OUTER_SRUN;
    if (srun && !is_lost(verdict))
        verdict->tasks = slurmstep_tasks_here(env);
}

void nesting_below_alone(struct verdict *verdict)
{
    if (!verdict->nested)
        *verdict = (struct verdict){.outer = OUTER_SINGLETON, .nested = true, .alone = true};
}

const struct hazard *hazard_at(unsigned position)
{
    return position < sizeof(hazards) / sizeof(hazards[0]) ? &hazards[position] : NULL;
}

unsigned hazards_of(const struct verdict *verdict)
{
    unsigned found = 0;
    for (size_t i = 0; verdict->hazards[i]; i++)
        found |= 1U << (verdict->hazards[i] - hazards);
    return found;
}

const struct hazard *hazard_met(unsigned found, enum flavour flavour)
{
    const struct hazard *hazard;
    for (unsigned i = 0; (hazard = hazard_at(i)); i++) {
        bool hits = flavour == FLAVOUR_UNKNOWN || hazard->flavours & 1U << flavour;
        if (found & 1U << i && hits)
            return hazard;
    }
    return NULL;
}

const char *outer_name(enum outer outer)
{
    static const char *const names[] = {
        [OUTER_NONE] = "no MPI rank",
        [OUTER_SINGLETON] = "a program that called MPI_Init without a launcher (a singleton)",
        [OUTER_OPENMPI] = "a rank started by Open MPI's mpirun",
        [OUTER_HYDRA] = "a rank started by mpiexec.hydra",
        [OUTER_SRUN] = "a rank started by srun",
        [OUTER_STEP] = "a task started by srun",
    };
    return names[outer];
}

static bool has_any(const struct env *env, const char *const names[])
{
    while (*names && !has(env, *names))
        names++;
    return *names != NULL;
}

bool nesting_is_new_rank(const struct env *below, const struct env *launcher)
{
    for (const char *const *name = mpi_identity; *name; name++) {
        const char *new_value = env_get(below, *name);
        const char *old_value = env_get(launcher, *name);
        if (new_value && (!old_value || strcmp(new_value, old_value) != 0))
            return true;
    }
    return false;
}

bool nesting_same_rank(const struct env *ancestor, const struct env *now)
{
    const char *const *names = has_any(now, mpi_identity) ? mpi_identity : step_identity;
    bool shared = false;
    for (; *names; names++) {
        const char *now_value = env_get(now, *names);
        const char *then_value = now_value ? env_get(ancestor, *names) : NULL;
        if (!then_value)
            continue;
        if (strcmp(then_value, now_value) != 0)
            return false;
        shared = true;
    }
    return shared;
}
