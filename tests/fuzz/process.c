/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of /proc/PID: stat, and where a line end stands for a NUL, environ and cmdline. */
#include "fuzz.h"

#include "core/env.h"
#include "core/nesting.h"
#include "launch/procfile.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_stat(const char *text)
{
    struct procfile_stat stat, again;
    char written[256];
    if (procfile_stat(&stat, text) != 0) {
        REQUIRE(errno == EIO);
        return;
    }
    REQUIRE(stat.parent >= 0);
    /* What a process calls itself says nothing. */
    snprintf(written, sizeof(written),
             "1 (a) Z 7 9) %c %ld 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 %llu 21\n",
             stat.state ? stat.state : 'R', stat.parent, stat.start);
    if (stat.state == ' ' || stat.state == ')')
        return;
    REQUIRE(procfile_stat(&again, written) == 0);
    REQUIRE(again.parent == stat.parent && again.start == stat.start);
}

static void check_strings(char *text, size_t length)
{
    struct env env;
    char **strings = procfile_strings(text, length);
    size_t count = 0;
    size_t bytes = 0;
    REQUIRE(strings);
    for (; strings[count]; count++) {
        REQUIRE(strings[count] == text + bytes);
        bytes += strlen(strings[count]) + 1;
        REQUIRE(bytes <= length);
    }
    REQUIRE(!memchr(text + bytes, '\0', length - bytes));
    REQUIRE(env_init(&env, strings) == 0 && env.count == count);
    free(strings);
    env_destroy(&env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    check_stat(text);
    for (size_t i = 0; i < size; i++)
        text[i] = text[i] == '\n' ? '\0' : text[i];
    check_strings(text, size);
    free(text);
    return 0;
}
