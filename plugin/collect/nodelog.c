/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The node's log: incidents and the collector's own messages. */
#include "nodelog.h"

#include "clock.h"
#include "spoolfile.h"

#include "core/printable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { LINE_SIZE = 1024 };

/* Lines at once, and a second: logs that people read get fewer than a file for programs. */
static const struct limit {
    double burst;
    double rate;
} log_limit = {50, 5}, file_limit = {2000, 100};

void nodelog_locate(struct nodelog *log, const char *slurmd_log, const char *node)
{
    char host[256] = "";
    size_t at = 0;
    gethostname(host, sizeof(host) - 1);
    host[strcspn(host, ".")] = '\0';
    for (const char *c = slurmd_log ? slurmd_log : ""; *c && at < sizeof(log->slurmd_log) - 1;
         c++) {
        const char *part = c[0] == '%' && c[1] == 'h'   ? host
                           : c[0] == '%' && c[1] == 'n' ? node
                                                        : NULL;
        if (part)
            at += (size_t)snprintf(log->slurmd_log + at, sizeof(log->slurmd_log) - at, "%s", part);
        else
            log->slurmd_log[at++] = *c;
        c += part != NULL;
        if (at >= sizeof(log->slurmd_log))
            at = sizeof(log->slurmd_log) - 1;
    }
    log->slurmd_log[at] = '\0';
    log->located = true;
}

/* A file is opened for each line, so that whoever rotates it need not tell us. ours: not
 * slurmd's. Of our own file a line that does not fit on the disk is taken back, since half a line
 * would spoil the next one. Returns 0 or an errno. */
static int append(const char *path, const char *text, size_t length, bool ours)
{
    struct stat status;
    int fd =
        ours ? spoolfile_log(path)
             : open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
    if (fd < 0)
        return errno;
    int error = fstat(fd, &status) != 0 ? errno : 0;
    ssize_t written = error ? -1 : write(fd, text, length);
    if (!error && written < 0)
        error = errno;
    else if (!error && (size_t)written != length)
        error = ENOSPC;
    if (error && written > 0 && ours && S_ISREG(status.st_mode) &&
        ftruncate(fd, status.st_size) != 0)
        error = errno;
    if (close(fd) != 0 && !error)
        error = errno;
    return error;
}

/* In Slurm's own style. */
static int append_slurmd(const struct nodelog *log, const char *line)
{
    char text[LINE_SIZE + 64];
    char date[32] = "";
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    if (localtime_r(&now.tv_sec, &tm))
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
    int length = snprintf(text, sizeof(text), "[%s.%03ld] nestsafe: %s\n", date,
                          now.tv_nsec / 1000000, line);
    if (length >= (int)sizeof(text))
        length = (int)sizeof(text) - 1;
    text[length - 1] = '\n';
    return append(log->slurmd_log, text, (size_t)length, false);
}

static void write_syslog(const char *line)
{
    static bool open;
    if (!open)
        openlog("nestsafe", LOG_PID, LOG_DAEMON);
    open = true;
    syslog(LOG_NOTICE, "%s", line);
}

static void write_log(struct nodelog *log, const char *line)
{
    if (!log->slurmd_log[0] || append_slurmd(log, line) != 0)
        write_syslog(line);
}

void nodelog_say(struct nodelog *log, const char *format, ...)
{
    char raw[LINE_SIZE], line[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(raw, sizeof(raw), format, arguments);
    va_end(arguments);
    write_log(log, printable(line, sizeof(line), raw));
}

static const struct limit *limit_of(const struct sink *sink)
{
    return sink->name[0] == '/' ? &file_limit : &log_limit;
}

static bool has_credit(struct sink *sink)
{
    const struct limit *limit = limit_of(sink);
    int64_t now = clock_steady();
    sink->credit += (double)(now - sink->filled) / 1e6 * limit->rate;
    sink->filled = now;
    if (sink->credit > limit->burst)
        sink->credit = limit->burst;
    return sink->credit >= 1;
}

/* The sink of a name (length bytes); one more than there is room for takes the last one's place. */
static struct sink *find(struct nodelog *log, const char *name, size_t length)
{
    int i = 0;
    while (i < SINKS_MAX - 1 && log->sinks[i].name[0] &&
           (strncmp(log->sinks[i].name, name, length) != 0 || log->sinks[i].name[length]))
        i++;
    struct sink *sink = &log->sinks[i];
    if (strncmp(sink->name, name, length) != 0 || sink->name[length]) {
        *sink = (struct sink){.filled = clock_steady()};
        memcpy(sink->name, name, length);
        sink->credit = limit_of(sink)->burst;
    }
    return sink;
}

static void write_sink(struct nodelog *log, struct sink *sink, const char *line, const char *json)
{
    char text[8192];
    sink->credit -= 1;
    if (strcmp(sink->name, "slurmd") == 0) {
        write_log(log, line);
        return;
    }
    if (strcmp(sink->name, "syslog") == 0) {
        write_syslog(line);
        return;
    }
    int length = snprintf(text, sizeof(text), "%s\n", json);
    int error =
        length < (int)sizeof(text) ? append(sink->name, text, (size_t)length, true) : EMSGSIZE;
    if (error && error != sink->error)
        nodelog_say(log, "error: log=%s: %s; incidents are counted, but not written there",
                    sink->name, strerror(error));
    sink->error = error;
}

/* The next one of targets, which it is moved on from; NULL at their end. */
static struct sink *next_sink(struct nodelog *log, const char **targets)
{
    while (**targets) {
        const char *name = *targets;
        size_t length = strcspn(name, ",");
        *targets += length + (name[length] != '\0');
        if (length > 0 && length < SINK_NAME)
            return find(log, name, length);
    }
    return NULL;
}

static bool takes(struct sink *sink)
{
    return !sink->folded && has_credit(sink);
}

bool nodelog_takes(struct nodelog *log, const char *targets)
{
    const char *rest = targets;
    struct sink *sink;
    while ((sink = next_sink(log, &rest))) {
        if (takes(sink))
            return true;
    }
    while ((sink = next_sink(log, &targets)))
        sink->folded++;
    return false;
}

void nodelog_incident(struct nodelog *log, const char *targets, const char *line, const char *json)
{
    struct sink *sink;
    while ((sink = next_sink(log, &targets))) {
        if (takes(sink))
            write_sink(log, sink, line, json);
        else
            sink->folded++;
    }
}

bool nodelog_fold(struct nodelog *log)
{
    bool more = false;
    for (int i = 0; i < SINKS_MAX; i++) {
        struct sink *sink = &log->sinks[i];
        char line[128], json[128];
        if (!sink->folded)
            continue;
        if (!has_credit(sink)) {
            more = true;
            continue;
        }
        snprintf(line, sizeof(line),
                 "%llu more nested launches were counted, and are not shown one by one",
                 (unsigned long long)sink->folded);
        snprintf(json, sizeof(json), "{\"v\":1,\"folded\":%llu}", (unsigned long long)sink->folded);
        sink->folded = 0;
        write_sink(log, sink, line, json);
    }
    return more;
}
