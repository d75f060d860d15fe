/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugstack.conf as Slurm reads it. */
#include "plugstack.h"

#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Slurm's buffer for a line: the rest of a longer one is the next line (_spank_stack_load). Slurm
 * itself follows includes without an end. */
enum { LINE_SIZE = 4096, INCLUDES_MAX = 16 };

static const char separators[] = " \t\n";

static enum plugstack_kind kind_of(const char *word)
{
    static const char *const names[] = {[PLUGSTACK_OPTIONAL] = "optional",
                                        [PLUGSTACK_REQUIRED] = "required",
                                        [PLUGSTACK_INCLUDE] = "include"};
    for (unsigned i = PLUGSTACK_OPTIONAL; i <= PLUGSTACK_INCLUDE; i++) {
        if (strcmp(word, names[i]) == 0)
            return (enum plugstack_kind)i;
    }
    return PLUGSTACK_INVALID;
}

int plugstack_parse(struct plugstack_line *line, const char *text)
{
    char *rest;
    *line = (struct plugstack_line){.text = strndup(text, strcspn(text, "#")),
                                    .argv = calloc(strlen(text) / 2 + 1, sizeof(char *))};
    if (!line->text || !line->argv) {
        free(line->text);
        free(line->argv);
        errno = ENOMEM;
        return -1;
    }
    char *word = strtok_r(line->text, separators, &rest);
    if (!word)
        return 0;
    line->kind = kind_of(word);
    line->path = strtok_r(NULL, separators, &rest);
    if (!line->path)
        line->kind = PLUGSTACK_INVALID;
    while (line->path && (word = strtok_r(NULL, separators, &rest)))
        line->argv[line->argc++] = word;
    return 0;
}

static void line_destroy(struct plugstack_line *line)
{
    free(line->text);
    free(line->argv);
    free(line->file);
}

static int append(struct plugstack *stack, const struct plugstack_line *line)
{
    struct plugstack_line *lines =
        realloc(stack->lines, (stack->count + 1) * sizeof(*stack->lines));
    if (!lines)
        return -1;
    stack->lines = lines;
    lines[stack->count++] = *line;
    return 0;
}

static int read_file(struct plugstack *stack, const char *file, unsigned depth);

static int include(struct plugstack *stack, const char *file, const char *pattern, unsigned depth)
{
    glob_t found;
    char *path = NULL;
    const char *slash = strrchr(file, '/');
    int written = *pattern == '/' || !slash
                      ? asprintf(&path, "%s", pattern)
                      : asprintf(&path, "%.*s/%s", (int)(slash - file), file, pattern);
    if (written < 0)
        return -1;
    int rc = glob(path, 0, NULL, &found);
    free(path);
    if (rc != 0) {
        errno = ENOMEM;
        return rc == GLOB_NOSPACE ? -1 : 0;
    }
    for (size_t i = 0; i < found.gl_pathc && rc == 0; i++)
        rc = depth < INCLUDES_MAX ? read_file(stack, found.gl_pathv[i], depth + 1) : 0;
    globfree(&found);
    return rc;
}

static int take(struct plugstack *stack, const char *file, unsigned number, const char *text,
                unsigned depth)
{
    struct plugstack_line line;
    int rc = plugstack_parse(&line, text);
    if (rc != 0)
        return rc;
    line.number = number;
    bool kept = line.kind != PLUGSTACK_NOTHING && line.kind != PLUGSTACK_INCLUDE;
    if (kept) {
        line.file = strdup(file);
        rc = line.file ? append(stack, &line) : -1;
    } else if (line.kind == PLUGSTACK_INCLUDE) {
        rc = include(stack, file, line.path, depth);
    }
    if (!kept || rc != 0)
        line_destroy(&line);
    return rc;
}

static int read_file(struct plugstack *stack, const char *file, unsigned depth)
{
    char text[LINE_SIZE];
    int rc = 0;
    FILE *stream = fopen(file, "re");
    if (!stream && errno != ENOENT && !stack->unreadable)
        stack->unreadable = strdup(file);
    if (!stream)
        return 0;
    for (unsigned number = 1; rc == 0 && fgets(text, sizeof(text), stream); number++)
        rc = take(stack, file, number, text, depth);
    fclose(stream);
    return rc;
}

int plugstack_read(struct plugstack *stack, const char *file)
{
    *stack = (struct plugstack){0};
    return read_file(stack, file, 0);
}

void plugstack_destroy(struct plugstack *stack)
{
    for (size_t i = 0; i < stack->count; i++)
        line_destroy(&stack->lines[i]);
    free(stack->lines);
    free(stack->unreadable);
    *stack = (struct plugstack){0};
}
