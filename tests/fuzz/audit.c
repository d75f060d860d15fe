/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of nestsafe audit, each word a line; and names from accounting, made fit to be
 * shown: the whole input. */
#include "fuzz.h"

#include "audit/options.h"
#include "audit/text.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>

/* libc's asks files and servers. */
struct passwd *getpwnam(const char *name)
{
    static struct passwd user = {.pw_uid = 60001};
    return strcmp(name, "user") == 0 ? &user : NULL;
}

static void check_options(char *words[], int count)
{
    struct options options;
    const time_t now = 1769400000;
    int rc = options_parse(&options, count, words, 60001, now);
    if (rc != 0)
        REQUIRE(options.error[0] && fuzz_is_printable(options.error));
    if (rc == 0 && !options.help) {
        REQUIRE(!options.error[0] && options.start < options.end);
        REQUIRE(options.by < BYS && options.format < FORMATS && options.field < FIELDS);
        /* Nobody sees other users' jobs who has not asked for them. */
        REQUIRE(options.all_users == !options.users.count);
        for (size_t i = 0; i < options.users.count; i++)
            REQUIRE(strspn(options.users.list[i], "0123456789") == strlen(options.users.list[i]));
        for (size_t i = 0; i < options.accounts.count; i++)
            REQUIRE(!strpbrk(options.accounts.list[i], "'\"`\\;"));
        for (size_t i = 0; i < options.job_count; i++)
            REQUIRE(options.jobs[i].job > 0 &&
                    (options.jobs[i].task < 0 || options.jobs[i].component < 0));
    }
    options_destroy(&options);
}

static void check_text(const char *text)
{
    char clean[64], again[64];
    text_clean(clean, sizeof(clean), text);
    REQUIRE(strlen(clean) < sizeof(clean) && fuzz_is_printable(clean));
    REQUIRE(text_width(clean) <= strlen(clean));
    REQUIRE(strcmp(text_clean(again, sizeof(again), clean), clean) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_lines lines;
    char *words[FUZZ_LINES + 2] = {(char *)"nestsafe audit"};
    char *text = fuzz_text(data, size);
    check_text(text);
    free(text);
    fuzz_lines(&lines, data, size);
    memcpy(words + 1, lines.list, (lines.count + 1) * sizeof(*words));
    check_options(words, (int)lines.count + 1);
    fuzz_lines_free(&lines);
    return 0;
}
