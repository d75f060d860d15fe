/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is seen of launches becomes incidents. */
#include "intake.h"

#include "clock.h"
#include "judge.h"
#include "watch/identity.h"

#include "core/printable.h"
#include "launch/process.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *doors_path; /* for is_launcher, which judge() calls */

static bool is_launcher(pid_t pid)
{
    struct identity identity;
    return identity_of(pid, doors_path, &identity) == 0 && identity.launcher;
}

static void finish(struct intake *intake, struct launch *launch, bool known, int status)
{
    struct job *job = launch->job;
    struct incident *incident = &launch->incident;
    incident->ended = clock_wall();
    incident->status_known = known;
    incident->status = status;
    bool urgent = incident_preventable(incident) && !job->told && job->state.notify;
    logbook_write(intake->book, incident, job->settings.log);
    launches_remove(intake->launches, launch);
    job_end(intake->jobs, job, launch);
    delivery_wanted(job, urgent);
}

/* With what the launch itself has said, where the kernel did not. */
static void finish_unseen(struct intake *intake, struct launch *launch)
{
    bool said = launch->said_status >= 0;
    finish(intake, launch, said, said ? launch->said_status : 0);
}

static struct launch *begin(struct intake *intake, struct step *step, struct incident *incident)
{
    struct job *job = jobs_of_step(intake->jobs, &step->file);
    incident->began = clock_wall();
    incident->job = step->file.job;
    incident->step = step->file.step;
    incident->restart = step->file.restart;
    snprintf(incident->node, sizeof(incident->node), "%s", step->file.node);
    intake->latest = step->file;
    intake->unsettled = true;
    struct launch *launch = job ? job_begin(job, incident) : NULL;
    if (!launch)
        return NULL;
    launches_add(intake->launches, launch);
    steps_mark(intake->steps, step);
    delivery_wanted(job, false);
    return launch;
}

/* More is known of a launch than when it began. */
static void learn(struct intake *intake, struct launch *launch)
{
    launch->recorded = false;
    launch->job->changed = true;
    intake->unsettled = true;
}

/* The launch by a process; one of the same number that has ended unseen is finished first. */
static struct launch *find(struct intake *intake, const struct process *process)
{
    struct launch *launch = launches_find(intake->launches, (pid_t)process->pid);
    if (launch && launch->incident.process.start != process->start) {
        finish_unseen(intake, launch);
        launch = NULL;
    }
    return launch;
}

/* What is known of the program; of a door only what it is called. */
static void describe(struct incident *incident, const struct identity *identity)
{
    bool better = incident->flavour == FLAVOUR_UNKNOWN;
    if (better)
        incident->flavour = identity->flavour;
    if (better || !incident->version[0])
        printable(incident->version, sizeof(incident->version), identity->version);
    if (!incident->launcher[0] || (better && !identity->door))
        printable(incident->launcher, sizeof(incident->launcher), identity->path);
}

/* nestsafe-launch has said nothing, or nobody could hear it: the socket holds but a few messages
 * (net.unix.max_dgram_qlen). What it made of the environment is there all the same. */
static void credit_door(struct incident *incident)
{
    incident->deed = DEED_REPAIRED;
    incident->seen |= SEEN_PATH;
}

static bool is_incident(const struct judgement *judgement)
{
    if (!judgement->step || !judgement->nested || judgement->part || judgement->answers ||
        judgement->mode == MODE_OFF)
        return false;
    /* A task of srun's that is no MPI rank is nobody to deny a launcher to (core/decision.c). */
    return judgement->mode != MODE_DENY || judgement->outer != OUTER_STEP;
}

bool intake_exec(struct intake *intake, pid_t pid)
{
    struct identity identity;
    struct process_facts facts;
    struct judgement judgement;
    if (identity_of(pid, intake->doors, &identity) != 0)
        return errno != ESRCH;
    if (!identity.launcher)
        return true;
    if (process_read(pid, &facts) != 0)
        return false;
    struct launch *launch = find(intake, &facts.process);
    if (launch) {
        /* It became the next program of the same launch: a door the launcher, mpirun prterun. */
        if (!identity.door)
            describe(&launch->incident, &identity);
        if (!identity.door && launch->incident.deed == DEED_BYPASSED &&
            judge_is_repaired(&facts, identity.flavour == FLAVOUR_SLURM))
            credit_door(&launch->incident);
        launch->incident.seen |= SEEN_KERNEL;
        learn(intake, launch);
        return true;
    }
    doors_path = intake->doors;
    if (judge(&judgement, pid, intake->steps, is_launcher) != 0)
        return errno != ESRCH;
    if (!is_incident(&judgement))
        return true;
    struct incident incident = {
        .process = judgement.process,
        .uid = judgement.uid,
        .rank = judgement.rank,
        .depth = judgement.depth,
        .outer = judgement.outer,
        .mode = judgement.mode,
        .deed = judgement.mode == MODE_AUDIT ? DEED_RECORDED : DEED_BYPASSED,
        .seen = SEEN_KERNEL,
        .hazards = judgement.hazards,
    };
    describe(&incident, &identity);
    begin(intake, judgement.step, &incident);
    return true;
}

void intake_exit(struct intake *intake, pid_t pid, int status)
{
    struct launch *launch = launches_find(intake->launches, pid);
    if (!launch)
        return;
    /* One that was refused has ended before its beginning can be looked at. */
    launch->incident.seen |= SEEN_KERNEL;
    finish(intake, launch, true, status);
}

/* facts: of the sender, or NULL where it is gone. */
static struct step *step_of_sender(struct intake *intake, const struct report *report,
                                   const struct process_facts *facts, uid_t uid)
{
    struct step *step = facts ? judge_step(facts, intake->steps) : NULL;
    if (!step && report->kind == REPORT_BEGIN)
        step = steps_named(intake->steps, report->job, (uint32_t)report->step, uid);
    return step;
}

static void take(struct incident *incident, const struct report *report)
{
    struct identity identity;
    incident->seen |= report->door == DOOR_PATH ? SEEN_PATH : SEEN_GUARD;
    incident->deed = report->decision == DECISION_REPAIR ? DEED_REPAIRED : DEED_DENIED;
    incident->mode = report->mode;
    incident->scope = report->scope;
    incident->outer = report->outer;
    incident->depth = report->depth;
    incident->rank = report->rank;
    incident->hazards = report->hazards;
    memcpy(incident->counts, report->counts, sizeof(incident->counts));
    if (!report->launcher[0])
        return;
    identity_of_file(report->launcher, &identity);
    incident->flavour = FLAVOUR_UNKNOWN;
    incident->version[0] = '\0';
    describe(incident, &identity);
    printable(incident->launcher, sizeof(incident->launcher), report->launcher);
}

const char *intake_report(struct intake *intake, const struct report *report, pid_t pid, uid_t uid)
{
    struct process_facts facts;
    struct process process = {pid, report->process.start};
    struct launch *launch = launches_find(intake->launches, pid);
    struct step *step = NULL;
    /* Who says that he began when a launch of that number began is taken for it: /proc, which costs
     * more than all else here, would tell more only of another process of the same user's. */
    if (!launch || launch->incident.process.start != process.start) {
        bool here = process_read(pid, &facts) == 0;
        if (here)
            process = facts.process;
        launch = find(intake, &process);
        step = launch ? NULL : step_of_sender(intake, report, here ? &facts : NULL, uid);
    }
    if (!launch && !step)
        return "a report from outside of any step of that user";
    if ((launch ? launch->incident.uid : step->file.uid) != uid)
        return "a report about another user's step";
    if (report->kind == REPORT_END) {
        if (launch)
            launch->said_status = report->status;
        if (launch && !intake->watching)
            finish_unseen(intake, launch);
        return NULL;
    }
    struct incident incident = {.process = process, .uid = uid};
    struct incident *to = launch ? &launch->incident : &incident;
    take(to, report);
    if (launch)
        learn(intake, launch);
    else
        begin(intake, step, &incident);
    return NULL;
}

void intake_settle(struct intake *intake)
{
    for (struct job *job = intake->jobs->list; job && intake->unsettled; job = job->next) {
        if (job->launches)
            job_record(intake->jobs, job);
    }
    intake->unsettled = false;
}

static void look(void *context, struct launch *launch)
{
    struct intake *intake = context;
    struct process_facts facts;
    bool read = process_read((pid_t)launch->incident.process.pid, &facts) == 0;
    bool gone = read ? facts.ended || facts.process.start != launch->incident.process.start
                     : errno == ESRCH;
    if (gone)
        finish_unseen(intake, launch);
}

void intake_sweep(struct intake *intake)
{
    launches_each(intake->launches, look, intake);
}

void intake_rescan(struct intake *intake)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    while (proc && (entry = readdir(proc))) {
        char *end;
        long pid = strtol(entry->d_name, &end, 10);
        if (pid > 0 && !*end)
            intake_exec(intake, (pid_t)pid);
    }
    if (proc)
        closedir(proc);
}
