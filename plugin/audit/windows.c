/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A period cut into windows that are short enough for what is read of one to stay small. */
#include "windows.h"

void windows_begin(struct windows *windows, time_t start, time_t end)
{
    *windows = (struct windows){.next = start, .end = end, .length = WINDOW_FIRST};
}

bool windows_next(struct windows *windows, time_t *start, time_t *end)
{
    if (windows->next >= windows->end)
        return false;
    *start = windows->next;
    *end = windows->end - *start < windows->length ? windows->end : *start + windows->length;
    windows->next = *end;
    return true;
}

/* Shorter at once, longer by steps: a quiet night says nothing of the morning. */
void windows_learn(struct windows *windows, size_t records)
{
    double fitting = (double)windows->length * WINDOW_RECORDS / (double)(records ? records : 1);
    double twice = 2.0 * (double)windows->length;
    double length = fitting < twice ? fitting : twice;
    if (length > WINDOW_MAX)
        length = WINDOW_MAX;
    windows->length = length < 1 ? 1 : (time_t)length;
}
