/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The section in a field of a job's record that is other people's too. Lines: the field as it is
 * (a '\r' in it is a line end), the host list, and then a row of totals each: a name and a count.
 */
#include "fuzz.h"

#include "core/section.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char hosts_of[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789-_.,[]";

static void read_totals(struct totals *totals, char **rows)
{
    *totals = (struct totals){.first = 1769400000, .last = 1769400000};
    for (; *rows; rows++) {
        char *name = *rows;
        char *number = strchr(name, ' ');
        uint64_t count = number ? strtoull(number, NULL, 10) : 1;
        struct totals more = {.first = 1700000000 + (int64_t)(count % 100000),
                              .last = 1700000000 + (int64_t)(count % 1000000),
                              .launches = count,
                              .failed = count / 2,
                              .preventable = count / 3};
        if (number)
            *number = '\0';
        if (count > INT64_MAX)
            continue;
        struct tally *tally = *name == '+'   ? &more.flavours
                              : *name == '-' ? &more.modes
                                             : &more.classes;
        tally_add(tally, name + (*name == '+' || *name == '-'), count);
        totals_add(totals, &more);
    }
}

/* Counts are exact, whatever was folded to make the rest fit. */
static void check_read(const char *text, const struct totals *totals)
{
    struct section section;
    REQUIRE(section_read(&section, text) == 1);
    REQUIRE(section.totals.launches == totals->launches);
    REQUIRE(section.totals.failed == totals->failed);
    REQUIRE(section.totals.preventable == totals->preventable);
    REQUIRE(section.totals.first == totals->first && section.totals.last == totals->last);
}

/* The field with the section: everything else is there as it was, byte for byte. */
static void check_put(const char *field, const char *section, const struct totals *totals)
{
    size_t begin = 0, length = 0, put_begin, put_length;
    bool there = *field && section_find(field, &begin, &length);
    char *after = section_put(field, section);
    REQUIRE(after && section_find(after, &put_begin, &put_length));
    REQUIRE(put_length == strlen(section));
    REQUIRE(strncmp(after + put_begin, section, put_length) == 0);
    if (there) {
        REQUIRE(put_begin == begin && strncmp(after, field, begin) == 0);
        REQUIRE(strcmp(after + put_begin + put_length, field + begin + length) == 0);
    } else {
        REQUIRE(strncmp(after, field, strlen(field)) == 0 && after[put_begin + put_length] == '\0');
        REQUIRE(put_begin == strlen(field) + (*field != '\0'));
    }
    check_read(after, totals);
    /* Once more makes no difference. */
    char *again = section_put(after, section);
    REQUIRE(again && strcmp(again, after) == 0);
    REQUIRE(section_room(after, strlen(after)) == put_length);
    free(again);
    free(after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_lines lines;
    struct totals totals;
    struct section found;
    char no_hosts[] = "";
    fuzz_lines(&lines, data, size);
    const char *field = lines.count > 0 ? lines.list[0] : "";
    char *hosts = lines.count > 1 ? lines.list[1] : no_hosts;
    /* As libslurm writes them, of names that jobstate.c lets pass. */
    for (char *host = hosts; *host; host++)
        *host = strchr(hosts_of, *host) ? *host : '_';
    read_totals(&totals, lines.count > 1 ? lines.list + 2 : lines.list + lines.count);

    int rc = section_read(&found, field);
    REQUIRE(rc >= 0 || errno == EINVAL);
    size_t limit = strlen(field) + 200 + size % 400;
    size_t room = section_room(field, limit);
    char *section = section_make(&totals, hosts, lines.count, room);
    if (section) {
        REQUIRE(strlen(section) <= room && strlen(section) <= SECTION_MAX);
        REQUIRE(fuzz_is_printable(section) && !strpbrk(section, "|;"));
        check_put(field, section, &totals);
        free(section);
    } else {
        REQUIRE(errno == EMSGSIZE);
    }
    fuzz_lines_free(&lines);
    return 0;
}
