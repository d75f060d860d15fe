/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of this node, as the plugin registered them. */
#include "steps.h"

#include "changes.h"

#include "launch/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* "PID.START", and nothing behind it. */
static bool parse_name(const char *name, struct process *stepd)
{
    int length = 0;
    return sscanf(name, "%ld.%llu%n", &stepd->pid, &stepd->start, &length) == 2 && !name[length] &&
           stepd->pid > 0;
}

/* Call visit for each registration. Returns false where the directory cannot be read. */
static bool each(struct steps *steps,
                 void (*visit)(struct steps *steps, const struct process *stepd, const char *name))
{
    int fd = openat(steps->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    struct process stepd;
    if (!directory) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    while ((entry = readdir(directory))) {
        if (parse_name(entry->d_name, &stepd))
            visit(steps, &stepd, entry->d_name);
    }
    closedir(directory);
    return true;
}

static void note_presence(struct steps *steps, const struct process *stepd, const char *name)
{
    (void)stepd;
    (void)name;
    steps->present = true;
}

static void look_for_any(struct steps *steps)
{
    steps->present = false;
    if (!each(steps, note_presence))
        steps->present = true;
}

bool steps_are_present(struct steps *steps)
{
    if (steps->changes < 0)
        return true;
    if (changes_any(steps->changes))
        look_for_any(steps);
    return steps->present;
}

int steps_open(struct steps *steps, int rundir)
{
    struct stat status;
    *steps = (struct steps){.directory = -1, .changes = -1, .present = true};
    if (mkdirat(rundir, STEPFILE_DIRECTORY, 0700) != 0 && errno != EEXIST)
        return -1;
    steps->directory =
        openat(rundir, STEPFILE_DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (steps->directory < 0 || fstat(steps->directory, &status) != 0)
        return -1;
    if (status.st_uid != geteuid() || status.st_mode & 077) {
        errno = EPERM;
        return -1;
    }
    steps->changes = changes_watch(steps->directory, IN_CREATE | IN_MOVED_TO | IN_DELETE);
    look_for_any(steps);
    return 0;
}

static struct step *find(struct steps *steps, const struct process *stepd)
{
    struct step *step = steps->list;
    while (step && (step->stepd.pid != stepd->pid || step->stepd.start != stepd->start))
        step = step->next;
    return step;
}

static ssize_t read_file(struct steps *steps, const char *name, char text[STEPFILE_MAX])
{
    struct stat status;
    int fd = openat(steps->directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -1;
    ssize_t length = -1;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        length = read(fd, text, STEPFILE_MAX);
    close(fd);
    return length;
}

static struct step *load(struct steps *steps, const struct process *stepd)
{
    char name[64];
    char text[STEPFILE_MAX];
    stepfile_name(name, stepd);
    ssize_t length = read_file(steps, name, text);
    struct step *step = length < 0 ? NULL : calloc(1, sizeof(*step));
    if (!step)
        return NULL;
    if (stepfile_parse(&step->file, text, (size_t)length) != 0) {
        free(step);
        return NULL;
    }
    step->stepd = *stepd;
    step->next = steps->list;
    steps->list = step;
    return step;
}

struct step *steps_of(struct steps *steps, const struct process *stepd)
{
    struct step *step = find(steps, stepd);
    return step ? step : load(steps, stepd);
}

struct step *steps_by_name(struct steps *steps, const char *name)
{
    struct process stepd;
    return parse_name(name, &stepd) ? steps_of(steps, &stepd) : NULL;
}

static void learn(struct steps *steps, const struct process *stepd, const char *name)
{
    (void)name;
    steps_of(steps, stepd);
}

struct step *steps_any(struct steps *steps)
{
    each(steps, learn);
    return steps->list;
}

struct step *steps_named(struct steps *steps, uint32_t job, uint32_t step, uint32_t uid)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        for (struct step *one = steps->list; one; one = one->next) {
            if (one->file.job == job && one->file.step == step && one->file.uid == uid)
                return one;
        }
        if (attempt == 0)
            each(steps, learn);
    }
    return NULL;
}

void steps_mark(struct steps *steps, struct step *step)
{
    char name[64 + sizeof(STEPFILE_DIRTY)];
    if (step->dirty)
        return;
    stepfile_name(name, &step->stepd);
    strcat(name, STEPFILE_DIRTY);
    int fd = openat(steps->directory, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    close(fd);
    step->dirty = true;
}

static bool is_over(const struct process *stepd)
{
    struct process_facts facts;
    if (process_read((pid_t)stepd->pid, &facts) != 0)
        return errno == ESRCH; /* for want of a descriptor or memory nobody ends */
    return facts.process.start != stepd->start;
}

static void remove_over(struct steps *steps, const struct process *stepd, const char *name)
{
    char dirty[64 + sizeof(STEPFILE_DIRTY)];
    if (!is_over(stepd))
        return;
    unlinkat(steps->directory, name, 0);
    snprintf(dirty, sizeof(dirty), "%.63s" STEPFILE_DIRTY, name);
    unlinkat(steps->directory, dirty, 0);
}

void steps_forget(struct steps *steps)
{
    each(steps, remove_over);
    for (struct step **link = &steps->list; *link;) {
        struct step *step = *link;
        if (is_over(&step->stepd)) {
            *link = step->next;
            free(step);
        } else {
            link = &step->next;
        }
    }
}

void steps_close(struct steps *steps)
{
    while (steps->list) {
        struct step *next = steps->list->next;
        free(steps->list);
        steps->list = next;
    }
    if (steps->directory >= 0)
        close(steps->directory);
    if (steps->changes >= 0)
        close(steps->changes);
    *steps = (struct steps){.directory = -1, .changes = -1};
}
