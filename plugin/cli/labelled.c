/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output of several tasks, taken apart again. */
#include "labelled.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than Slurm has tasks in a step; a number beyond is no label. */
enum { TASKS_MAX = 512 * 1024 };

/* The line's task and where its text begins; NULL where it has no label. Small numbers are padded
 * with blanks on the left (slurm srun io, label width). */
static const char *label_of(const char *line, size_t length, size_t *task)
{
    char *end;
    unsigned long number = strtoul(line, &end, 10);
    if (end == line || end >= line + length || *end != ':' || number >= TASKS_MAX)
        return NULL;
    *task = number;
    return end[1] == ' ' ? end + 2 : end + 1;
}

static int append(struct labelled *labelled, size_t task, const char *text, size_t length)
{
    while (labelled->count <= task) {
        char **texts = realloc(labelled->texts, (labelled->count + 1) * sizeof(*texts));
        if (!texts)
            return -1;
        labelled->texts = texts;
        texts[labelled->count] = strdup("");
        if (!texts[labelled->count])
            return -1;
        labelled->count++;
    }
    size_t before = strlen(labelled->texts[task]);
    char *longer = realloc(labelled->texts[task], before + length + 2);
    if (!longer)
        return -1;
    memcpy(longer + before, text, length);
    longer[before + length] = '\n';
    longer[before + length + 1] = '\0';
    labelled->texts[task] = longer;
    return 0;
}

int labelled_split(struct labelled *labelled, const char *output)
{
    *labelled = (struct labelled){0};
    for (const char *line = output; *line;) {
        size_t task;
        size_t length = strcspn(line, "\n");
        const char *text = label_of(line, length, &task);
        if (text && append(labelled, task, text, length - (size_t)(text - line)) != 0) {
            errno = ENOMEM;
            return -1;
        }
        line += length + (line[length] == '\n');
    }
    return 0;
}

void labelled_destroy(struct labelled *labelled)
{
    for (size_t i = 0; i < labelled->count; i++)
        free(labelled->texts[i]);
    free(labelled->texts);
    *labelled = (struct labelled){0};
}
