/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collector's loop: it waits for the kernel, for launches, for slurmstepd, for peers and for
 * its own children, and for nothing else. */
#include "collector.h"

#include "clock.h"
#include "courier.h"
#include "delivery.h"
#include "inbox.h"
#include "intake.h"
#include "peers.h"
#include "place.h"
#include "priority.h"
#include "tenure.h"
#include "troubles.h"
#include "watch/identity.h"
#include "watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECOND 1000000LL

enum {
    MESSAGES = 256, /* of the socket and of the kernel, before others have their turn */
    TURNS = 16,     /* of messages before events: nobody who goes on sending keeps us from them */
    EVENTS = 64,
    /* The socket holds 10 messages where nobody has set net.unix.max_dgram_qlen: events looked at
     * before it is read again, for reading costs a system call. */
    QUEUE = 8,
    FLUSHES_MAX = 64,
    SWEEP_SECONDS = 5, /* for launches whose end nobody tells */
    HOUSEKEEPING_SECONDS = 300,
};

/* slurmstepd waits until what it has let happen is recorded. */
struct flush {
    char name[64];
    int reply;
};

struct collector {
    const struct collector_options *options;
    int rundir, watch, signals;
    bool over;
    struct place place;
    struct steps steps;
    struct jobs jobs;
    struct launches launches;
    struct nodelog log;
    struct courier courier;
    struct logbook book;
    struct delivery delivery;
    struct intake intake;
    struct peers peers;
    struct flush flushes[FLUSHES_MAX];
    unsigned flush_count;
    struct troubles troubles;
    int64_t swept, kept;
    bool lost;    /* the kernel has dropped events */
    bool drained; /* all that it had was read */
};

static const char account_path[] = NESTSAFE_LIBEXEC "/nestsafe-account";
static const char doors_path[] = NESTSAFE_LIBEXEC "/nestsafe-launch";

static void on_refused(void *context, uid_t uid, const char *why)
{
    struct collector *collector = context;
    troubles_refused(&collector->troubles, uid, why);
}

static void on_report(void *context, const struct report *report, pid_t pid, uid_t uid)
{
    struct collector *collector = context;
    const char *why = intake_report(&collector->intake, report, pid, uid);
    if (why)
        on_refused(collector, uid, why);
}

static void on_flush(void *context, const char *name, int reply)
{
    struct collector *collector = context;
    struct flush *flush = &collector->flushes[collector->flush_count];
    if (collector->flush_count == FLUSHES_MAX || strlen(name) >= sizeof(flush->name)) {
        close(reply);
        return;
    }
    strcpy(flush->name, name);
    flush->reply = reply;
    collector->flush_count++;
}

static void on_peer(void *context, const char *json, int reply)
{
    struct collector *collector = context;
    const char *why = peers_take(&collector->delivery, json, reply);
    if (why)
        on_refused(collector, 0, why);
}

static const struct inbox_actions actions = {on_report, on_flush, on_peer, on_refused};

static int read_inbox(struct collector *collector)
{
    return inbox_read(collector->options->socket, MESSAGES, &actions, collector);
}

static void watch_broken(struct collector *collector, const char *what)
{
    troubles_blind(&collector->troubles, what);
    collector->intake.watching = false;
}

/* Returns false if it came too late. */
static bool act_on(struct collector *collector, const struct watch_event *event)
{
    switch (event->kind) {
    case WATCH_EXEC:
        return intake_exec(&collector->intake, event->pid);
    case WATCH_EXIT:
        intake_exit(&collector->intake, event->pid, event->status);
        break;
    case WATCH_LOST:
        if (!collector->lost)
            troubles_dropped(&collector->troubles);
        collector->lost = true;
        break;
    }
    return true;
}

/* A launch reports itself before it ends: what is in the socket once the kernel's events have been
 * read is to be known before its end is. */
static void read_watch(struct collector *collector)
{
    struct watch_event events[EVENTS];
    bool more;
    int count = watch_read(collector->watch, events, EVENTS, &more);
    collector->drained = !more;
    if (count < 0) {
        watch_broken(collector, "has failed");
        close(collector->watch);
        collector->watch = -1;
        return;
    }
    for (int turn = 0; turn < TURNS && count > 0; turn++) {
        if (read_inbox(collector) < MESSAGES)
            break;
    }
    /* Where no step is, most of what a node does is none of ours. */
    bool any = count > 0 && steps_are_present(&collector->steps);
    for (int i = 0; i < count; i++) {
        if ((any || events[i].kind != WATCH_EXEC) && !act_on(collector, &events[i]))
            troubles_missed(&collector->troubles, events[i].nanoseconds);
        if (i % QUEUE == QUEUE - 1)
            read_inbox(collector);
    }
}

/* Steps whose launches' ends have just been read. */
static void answer_flushes(struct collector *collector)
{
    for (unsigned i = 0; i < collector->flush_count; i++) {
        struct flush *flush = &collector->flushes[i];
        struct step *step = steps_by_name(&collector->steps, flush->name);
        struct job *job =
            step ? jobs_of(&collector->jobs, step->file.job, step->file.restart) : NULL;
        if (job)
            delivery_wait(&collector->delivery, job, flush->reply, false);
        else
            close(flush->reply);
    }
    collector->flush_count = 0;
}

static void read_signals(struct collector *collector)
{
    struct signalfd_siginfo info;
    while (read(collector->signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo != SIGCHLD && info.ssi_signo != SIGHUP)
            collector->over = true;
    }
    courier_reap(&collector->courier);
}

/* What the site has changed in plugstack.conf since we were started comes with the next step. */
static void follow_settings(struct collector *collector)
{
    struct stepfile *latest = &collector->intake.latest;
    if (!latest->spool[0])
        return;
    if (latest->port != collector->peers.port)
        peers_listen(&collector->peers, latest->port);
    bool moved = jobs_move(&collector->jobs, latest->spool) == 0;
    if (!moved && collector->jobs.spool < 0 && !collector->jobs.error)
        collector->jobs.error = errno;
    troubles_moved(&collector->troubles, moved ? NULL : latest->spool);
    latest->spool[0] = '\0';
}

/* Nobody but root can do such a thing, and a program of root's that tidies up may. */
static void check_place(struct collector *collector)
{
    enum place_state state = place_check(&collector->place);
    if (state == PLACE_RESTORED)
        troubles_restored(&collector->troubles, collector->options->rundir);
    if (state == PLACE_GONE)
        troubles_gone(&collector->troubles, collector->options->rundir);
    collector->over = collector->over || state == PLACE_GONE;
}

static void housekeep(struct collector *collector, int64_t now)
{
    bool blind = !collector->intake.watching || collector->lost;
    int64_t pause = blind ? SWEEP_SECONDS : HOUSEKEEPING_SECONDS;
    bool due =
        (collector->launches.count || collector->lost) && now - collector->swept >= pause * SECOND;
    /* Ends that are still to be read tell more than that a process is gone. */
    if (due && (collector->drained || collector->watch < 0)) {
        intake_sweep(&collector->intake);
        if (collector->lost)
            intake_rescan(&collector->intake);
        collector->swept = now;
        collector->lost = false;
    }
    if (now - collector->kept >= HOUSEKEEPING_SECONDS * SECOND) {
        steps_forget(&collector->steps);
        jobs_expire(&collector->jobs);
        collector->kept = now;
    }
}

static void sooner(int64_t *next, int64_t candidate)
{
    if (candidate && (!*next || candidate < *next))
        *next = candidate;
}

/* Do what is due; returns for how many milliseconds there is nothing to do, -1 for ever. */
static int run(struct collector *collector)
{
    int64_t now = clock_steady();
    int64_t next = 0;
    follow_settings(collector);
    intake_settle(&collector->intake);
    troubles_spool(&collector->troubles, collector->jobs.path, collector->jobs.error);
    sooner(&next, troubles_run(&collector->troubles));
    housekeep(collector, now);
    sooner(&next, delivery_run(&collector->delivery));
    sooner(&next, logbook_run(&collector->book));
    sooner(&next, peers_run(&collector->peers));
    if (nodelog_fold(&collector->log))
        sooner(&next, now + SECOND);
    jobs_pause(&collector->jobs);
    bool blind = !collector->intake.watching || collector->lost;
    if ((collector->launches.count || collector->lost) && blind)
        sooner(&next, collector->swept + SWEEP_SECONDS * SECOND);
    if (collector->jobs.list || collector->steps.list)
        sooner(&next, collector->kept + HOUSEKEEPING_SECONDS * SECOND);
    if (!next)
        return -1;
    now = clock_steady();
    return next <= now ? 0 : (int)((next - now) / 1000 + 1);
}

static void loop(struct collector *collector)
{
    while (!collector->over) {
        int timeout = run(collector);
        struct pollfd fds[] = {
            {.fd = collector->options->socket, .events = POLLIN},
            {.fd = collector->watch, .events = POLLIN},
            {.fd = collector->signals, .events = POLLIN},
            {.fd = peers_ready(&collector->peers) ? collector->peers.listener : -1,
             .events = POLLIN},
            {.fd = collector->place.changes, .events = POLLIN},
        };
        if (poll(fds, sizeof(fds) / sizeof(fds[0]), timeout) < 0)
            continue;
        if (fds[0].revents)
            read_inbox(collector);
        for (int turn = 0; turn < TURNS && collector->watch >= 0; turn++) {
            read_watch(collector);
            if (collector->drained)
                break;
        }
        answer_flushes(collector);
        if (fds[2].revents)
            read_signals(collector);
        if (fds[3].revents)
            peers_accept(&collector->peers);
        if (fds[4].revents)
            check_place(collector);
    }
}

static int block_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_SETMASK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void restored(void *context, struct launch *launch)
{
    struct collector *collector = context;
    launches_add(&collector->launches, launch);
}

/* Connect the parts, none of which can fail for want of anything but memory. */
static void assemble(struct collector *collector, const struct collector_options *options)
{
    *collector = (struct collector){.options = options, .watch = -1};
    collector->troubles = (struct troubles){.book = &collector->book, .steps = &collector->steps};
    collector->book = (struct logbook){
        .log = &collector->log, .courier = &collector->courier, .account = account_path};
    collector->delivery = (struct delivery){.jobs = &collector->jobs,
                                            .courier = &collector->courier,
                                            .log = &collector->log,
                                            .account = account_path,
                                            .rundir = options->rundir};
    collector->intake = (struct intake){.steps = &collector->steps,
                                        .jobs = &collector->jobs,
                                        .launches = &collector->launches,
                                        .book = &collector->book,
                                        .doors = doors_path};
    collector->peers = (struct peers){.listener = -1,
                                      .courier = &collector->courier,
                                      .log = &collector->log,
                                      .account = account_path,
                                      .rundir = options->rundir};
}

/* Whoever could write there could put another socket or other steps in the place of ours. */
static int open_rundir(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0)
        return -1;
    if (status.st_uid == geteuid() && !(status.st_mode & 022))
        return fd;
    close(fd);
    errno = EPERM;
    return -1;
}

/* Each step that waits has a pipe of its own. */
static void raise_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

static int begin(struct collector *collector)
{
    const struct collector_options *options = collector->options;
    collector->rundir = open_rundir(options->rundir);
    if (collector->rundir < 0 || steps_open(&collector->steps, collector->rundir) != 0) {
        nodelog_say(&collector->log, "error: rundir=%s: %s", options->rundir, strerror(errno));
        return -1;
    }
    bool gap = tenure_begin(collector->rundir);
    place_begin(&collector->place, collector->rundir);
    priority_raise();
    raise_limit();
    srandom((unsigned)(getpid() ^ clock_wall()));
    collector->signals = block_signals();
    identity_begin();
    collector->watch = watch_open();
    collector->intake.watching = collector->watch >= 0;
    if (collector->watch < 0)
        watch_broken(collector, "is not to be had");
    if (jobs_open(&collector->jobs, options->spool) != 0)
        collector->jobs.error = errno;
    jobs_restore(&collector->jobs, restored, collector);
    intake_sweep(&collector->intake);
    intake_rescan(&collector->intake);
    delivery_resume(&collector->jobs);
    collector->kept = clock_steady();
    peers_listen(&collector->peers, (unsigned)options->port);
    if (gap && steps_are_present(&collector->steps))
        troubles_gap(&collector->troubles);
    return 0;
}

int collector_run(const struct collector_options *options)
{
    static struct collector collector;
    assemble(&collector, options);
    if (begin(&collector) != 0)
        return EXIT_FAILURE;
    loop(&collector);
    intake_settle(&collector.intake);
    logbook_close(&collector.book);
    troubles_close(&collector.troubles);
    peers_close(&collector.peers);
    jobs_close(&collector.jobs);
    steps_close(&collector.steps);
    identity_end();
    courier_leave(&collector.courier);
    if (collector.watch >= 0)
        close(collector.watch);
    close(collector.signals);
    place_end(&collector.place);
    tenure_end(collector.rundir);
    close(collector.rundir);
    return EXIT_SUCCESS;
}
