/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A site's rule file. */
#include "fuzz.h"

#include "core/rules_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The rows as text that means the same. */
static char *format(const struct rules_file *file)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    REQUIRE(to);
    for (size_t i = 0; i < file->rules.site_count; i++) {
        const struct rule *row = &file->rules.site[i];
        fprintf(to, "%s %s%s%s %s\n", row->pattern, action_name(row->node), row->value ? "=" : "",
                row->value ? row->value : "", row->why);
    }
    REQUIRE(fclose(to) == 0);
    return text;
}

static void check_row(const struct rules_file *file, const struct rule *row)
{
    size_t length = strlen(row->pattern);
    bool family = row->pattern[length - 1] == '*';
    REQUIRE(length > 0 && fuzz_is_printable(row->pattern) && !strpbrk(row->pattern, " =;%"));
    REQUIRE(row->node == row->job && row->family == FAMILY_SITE);
    REQUIRE((row->node == ACTION_SET) == (row->value != NULL));
    REQUIRE(!row->value || !family);
    REQUIRE(row->why && *row->why);
    /* A site's row comes before the built-in ones, for what it names. */
    const struct rule *found = rules_match(&file->rules, row->pattern, length - family);
    REQUIRE(family || (found && found->family == FAMILY_SITE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct rules_file file, again;
    if (rules_file_parse(&file, text, "rules") != 0) {
        REQUIRE(errno == EINVAL && strncmp(file.error, "rules:", 6) == 0);
        REQUIRE(fuzz_is_printable(file.error));
        REQUIRE(file.rules.site_count == 0);
    } else {
        for (size_t i = 0; i < file.rules.site_count; i++)
            check_row(&file, &file.rules.site[i]);
        char *written = format(&file);
        REQUIRE(rules_file_parse(&again, written, "again") == 0);
        REQUIRE(again.rules.site_count == file.rules.site_count);
        for (size_t i = 0; i < file.rules.site_count; i++) {
            const struct rule *one = &file.rules.site[i];
            const struct rule *other = &again.rules.site[i];
            REQUIRE(strcmp(one->pattern, other->pattern) == 0 && one->node == other->node);
            REQUIRE(!one->value || strcmp(one->value, other->value) == 0);
            REQUIRE(strcmp(one->why, other->why) == 0);
        }
        rules_file_destroy(&again);
        free(written);
    }
    rules_file_destroy(&file);
    free(text);
    return 0;
}
