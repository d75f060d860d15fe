/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MODE as users say it: the option's argument and its twin, each a line. */
#include "fuzz.h"

#include "spank/request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_lines lines;
    fuzz_lines(&lines, data, size);
    const char *option = lines.list[0];
    const char *twin = option ? lines.list[1] : NULL;
    struct config config = {.valid = true, .default_mode = MODE_AUDIT, .allowed = ~0U};
    struct request request = {0};
    struct resolved resolved;
    char error[192] = "";
    enum mode mode = MODE_OFF;

    if (size)
        config.allowed = data[size - 1] == ' ' ? 1U << MODE_AUTO | 1U << MODE_DENY : ~0U;
    if (mode_parse(option, &mode) == 0)
        REQUIRE(!option || !*option || strcmp(mode_name(mode), option) == 0);
    else
        REQUIRE(mode == MODE_OFF);
    if (request_take(&request, &config, option) != 0) {
        REQUIRE(!request.given && request.error[0] && fuzz_is_printable(request.error));
    } else {
        REQUIRE(request.given && config_allows(&config, request.option));
    }
    int rc = request_resolve(&request, &config, twin, &resolved, error, sizeof(error));
    REQUIRE(rc == 0 ? !error[0] : error[0] && fuzz_is_printable(error));
    REQUIRE(rc == 0 || (resolved.mode == config.default_mode && !resolved.asked));
    REQUIRE(!resolved.asked || config_allows(&config, resolved.mode));
    /* What the twin is set to is understood as the same again. */
    if (request_sets_twin(&request, &config, twin, resolved.mode)) {
        struct request none = {0};
        struct resolved again;
        REQUIRE(request_resolve(&none, &config, mode_name(resolved.mode), &again, error,
                                sizeof(error)) == 0);
        REQUIRE(again.mode == resolved.mode);
    }
    fuzz_lines_free(&lines);
    return 0;
}
