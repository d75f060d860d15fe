/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of KEY=VALUE, and the registration of a step that is written in them. */
#include "fuzz.h"

#include "core/keyvalue.h"
#include "core/stepfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* All that is read, written again, is the text up to where it is none any more. */
static void check_lines(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    char *written = malloc(size + 1);
    struct keyvalue to = {.text = written, .size = size + 1};
    char *at = text;
    char *key, *value;
    size_t left = size;
    int more;
    REQUIRE(written);
    written[0] = '\0';
    while ((more = keyvalue_next(&at, &left, &key, &value)) > 0) {
        REQUIRE(!strpbrk(key, "=\n") && !strchr(value, '\n'));
        size_t before = to.length;
        keyvalue_add(&to, key, value);
        REQUIRE(!to.overflow && to.length == before + strlen(key) + strlen(value) + 2);
        unsigned long long number = 7;
        char short_copy[8] = "old";
        if (keyvalue_number(value, 1000, &number) != 0)
            REQUIRE(number == 7 && errno == EINVAL);
        REQUIRE(number <= 1000);
        REQUIRE(keyvalue_copy(short_copy, sizeof(short_copy), value) == 0
                    ? strcmp(short_copy, value) == 0
                    : strcmp(short_copy, "old") == 0);
    }
    REQUIRE(more == 0 ? left == 0 && to.length == size : errno == EINVAL);
    /* Where there is no room, a line is left out as a whole. */
    struct keyvalue narrow = {.text = written, .size = size / 2 + 1};
    keyvalue_add(&narrow, "key", "value");
    REQUIRE(narrow.overflow ? narrow.length == 0 && !written[0] : narrow.length == 10);
    free(written);
    free(text);
}

static void check_step(const struct stepfile *step)
{
    char text[STEPFILE_MAX];
    struct stepfile again;
    REQUIRE(step->port <= 65535 && step->accounting <= ACCOUNTING_NONE);
    REQUIRE(memchr(step->node, '\0', sizeof(step->node)));
    size_t length = stepfile_format(text, step);
    if (length == 0) {
        REQUIRE(!fuzz_is_printable(step->node) || !fuzz_is_printable(step->log) ||
                !fuzz_is_printable(step->spool));
        return;
    }
    REQUIRE(stepfile_parse(&again, text, length) == 0);
    REQUIRE(again.job == step->job && again.step == step->step && again.uid == step->uid);
    REQUIRE(again.restart == step->restart && again.nodes == step->nodes);
    REQUIRE(again.mode == step->mode && again.asked == step->asked);
    REQUIRE(again.notify == step->notify && again.accounting == step->accounting);
    REQUIRE(again.port == step->port && strcmp(again.node, step->node) == 0);
    REQUIRE(strcmp(again.log, step->log) == 0 && strcmp(again.spool, step->spool) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stepfile step;
    check_lines(data, size);
    if (stepfile_parse(&step, (const char *)data, size) == 0)
        check_step(&step);
    else
        REQUIRE(errno == EINVAL);
    return 0;
}
