/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the collector has to say of itself in the node's log. */
#include "troubles.h"

#include "clock.h"

#include "launch/address.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* LATE: a launcher that fails at once lives for some 10 ms. */
enum { SECOND = 1000000, PAUSE = 60 * SECOND, LATE = SECOND / 100 };

__attribute__((format(printf, 2, 3))) static void say(struct troubles *troubles, const char *format,
                                                      ...)
{
    char line[TROUBLES_LINE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    bool asks = troubles->steps && !troubles->book->log->located;
    struct step *any = asks ? steps_any(troubles->steps) : NULL;
    if (any)
        logbook_locate(troubles->book, any->file.node);
    if (any && troubles->book->asking && troubles->count < TROUBLES_HELD)
        strcpy(troubles->held[troubles->count++], line);
    else
        nodelog_say(troubles->book->log, "%s", line);
}

static bool is_due(int64_t *told)
{
    int64_t now = clock_steady();
    if (*told && now - *told < PAUSE)
        return false;
    *told = now;
    return true;
}

void troubles_refused(struct troubles *troubles, uid_t uid, const char *why)
{
    troubles->refused++;
    if (is_due(&troubles->refused_told))
        say(troubles, "error: refused from uid %u: %s (%lu in all)", (unsigned)uid, why,
            troubles->refused);
}

void troubles_missed(struct troubles *troubles, uint64_t nanoseconds)
{
    int64_t late = clock_steady() - (int64_t)(nanoseconds / 1000);
    if (late < LATE)
        return;
    troubles->missed++;
    if (late > troubles->latest)
        troubles->latest = late;
}

static void say_missed(struct troubles *troubles)
{
    say(troubles,
        "error: %lu more programs had ended before they could be looked at, up to %.2f "
        "seconds late (%lu in all); launches among them that bypass nestsafe are missing",
        troubles->missed - troubles->missed_said, (double)troubles->latest / SECOND,
        troubles->missed);
    troubles->missed_said = troubles->missed;
    troubles->latest = 0;
}

static void say_held(struct troubles *troubles)
{
    for (unsigned i = 0; i < troubles->count; i++)
        nodelog_say(troubles->book->log, "%s", troubles->held[i]);
    troubles->count = 0;
}

int64_t troubles_run(struct troubles *troubles)
{
    if (troubles->missed > troubles->missed_said && is_due(&troubles->missed_told))
        say_missed(troubles);
    if (!troubles->book->asking)
        say_held(troubles);
    return troubles->missed > troubles->missed_said ? troubles->missed_told + PAUSE : 0;
}

void troubles_close(struct troubles *troubles)
{
    troubles->steps = NULL; /* nobody is asked where the log is any more */
    if (troubles->missed > troubles->missed_said)
        say_missed(troubles);
    say_held(troubles);
}

void troubles_spool(struct troubles *troubles, const char *path, int error)
{
    if (error && error != troubles->spool_error)
        say(troubles,
            "error: spool=%s: %s; incidents are counted, but would not outlive this "
            "process",
            path, strerror(error));
    troubles->spool_error = error;
}

void troubles_moved(struct troubles *troubles, const char *spool)
{
    if (spool && strcmp(spool, troubles->no_spool) != 0)
        say(troubles, "error: spool=%s: %s; the one before is used", spool, strerror(errno));
    snprintf(troubles->no_spool, sizeof(troubles->no_spool), "%s", spool ? spool : "");
}

void troubles_dropped(struct troubles *troubles)
{
    say(troubles, "error: the kernel has dropped process events; launches that bypass "
                  "nestsafe may be missing");
}

void troubles_blind(struct troubles *troubles, const char *what)
{
    say(troubles,
        "error: the kernel's process connector %s (%s); launches are seen only where they "
        "pass through nestsafe",
        what, strerror(errno));
}

void troubles_gap(struct troubles *troubles)
{
    say(troubles, "error: the collector was killed, and is at work again; launches "
                  "that ended meanwhile and bypass nestsafe may be missing");
}

void troubles_restored(struct troubles *troubles, const char *rundir)
{
    say(troubles, "error: %s/" COLLECTOR_SOCKET " was not this collector's any more, and is again",
        rundir);
}

void troubles_gone(struct troubles *troubles, const char *rundir)
{
    say(troubles,
        "error: %s was deleted; nested launches of steps that run now are not recorded, "
        "and the next step starts another collector",
        rundir);
}
