/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node keeps of a job, and what another node sends of it: JSON with totals. */
#include "fuzz.h"

#include "core/jobstate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void check_tally(const struct tally *tally)
{
    size_t rows = tally_rows(tally);
    REQUIRE(rows <= TALLY_KINDS);
    for (size_t row = 0; row < rows; row++) {
        REQUIRE(memchr(tally->names[row], '\0', TALLY_NAME) &&
                fuzz_is_printable(tally->names[row]));
        REQUIRE(tally->counts[row] > 0 && tally->counts[row] <= INT64_MAX);
        for (size_t other = 0; other < row; other++)
            REQUIRE(strcmp(tally->names[row], tally->names[other]) != 0);
    }
}

static void check_totals(const struct totals *totals)
{
    REQUIRE(totals->launches <= INT64_MAX && totals->failed <= INT64_MAX);
    REQUIRE(totals->first >= 0 && totals->last >= 0);
    check_tally(&totals->flavours);
    check_tally(&totals->classes);
    check_tally(&totals->modes);
}

static void check_state(struct jobstate *state)
{
    struct jobstate again;
    struct totals sum;
    char *text = jobstate_format(state);
    REQUIRE(text && jobstate_parse(&again, text, strlen(text)) == 0);
    REQUIRE(again.job == state->job && again.restart == state->restart && again.uid == state->uid);
    REQUIRE(again.serial == state->serial && again.delivered == state->delivered);
    REQUIRE(again.notify == state->notify && again.told == state->told);
    REQUIRE(strcmp(again.writer, state->writer) == 0 && strcmp(again.address, state->address) == 0);
    REQUIRE(again.count == state->count && again.field == state->field);
    for (size_t i = 0; i < state->count; i++) {
        const struct totals *totals = &state->nodes[i].totals;
        check_totals(totals);
        REQUIRE(totals_equal(jobstate_totals(&again, state->nodes[i].name), totals));
        REQUIRE(strcmp(again.nodes[i].name, state->nodes[i].name) == 0);
        /* What comes twice counts once. */
        REQUIRE(jobstate_set(&again, state->nodes[i].name, totals) == 0);
    }
    jobstate_sum(state, &sum);
    check_totals(&sum);
    if (state->serial < INT64_MAX) {
        REQUIRE(jobstate_set(state, "another.node", &sum) >= 0);
        REQUIRE(jobstate_set(state, "another.node", &sum) == 0);
    }
    REQUIRE(jobstate_set(state, "../file", &sum) == -1 && errno == EINVAL);
    jobstate_destroy(&again);
    free(text);
}

static void check_share(const struct share *share)
{
    struct share again;
    char *text = share_format(share);
    REQUIRE(text && share_parse(&again, text, strlen(text)) == 0);
    REQUIRE(fuzz_is_printable(text));
    REQUIRE(again.job == share->job && again.restart == share->restart && again.uid == share->uid);
    REQUIRE(again.field == share->field && again.notify == share->notify);
    REQUIRE(strcmp(again.node, share->node) == 0 && strcmp(again.to, share->to) == 0);
    check_totals(&share->totals);
    REQUIRE(totals_equal(&again.totals, &share->totals));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jobstate state;
    struct share share;
    if (jobstate_parse(&state, (const char *)data, size) == 0) {
        check_state(&state);
        jobstate_destroy(&state);
    } else {
        REQUIRE(errno == EINVAL && !state.nodes);
    }
    if (share_parse(&share, (const char *)data, size) == 0)
        check_share(&share);
    else
        REQUIRE(errno == EINVAL);
    return 0;
}
