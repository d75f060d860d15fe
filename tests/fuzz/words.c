/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments of a script's interpreter or of the loader, as /proc shows them; a line end is one
 * of theirs. The first line is the name of the executable, the second the kernel's of the script.
 */
#include "fuzz.h"

#include "watch/words.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum runner runners[] = {RUNNER_NONE, RUNNER_LOADER, RUNNER_INTERPRETER};
    char *text = fuzz_text(data, size);
    char *words = strchr(text, '\n');
    char *script = words ? words + 1 : NULL;
    if (words)
        *words = '\0';
    words = script ? strchr(script, '\n') : NULL;
    size_t length = words ? size - (size_t)(words + 1 - text) : 0;
    if (words)
        *words++ = '\0';
    /* No byte more than there is. */
    char *cmdline = malloc(length ? length : 1);
    REQUIRE(cmdline);
    for (size_t i = 0; i < length; i++)
        cmdline[i] = words[i] == '\n' ? '\0' : words[i];

    enum runner runner = runner_of(text);
    REQUIRE(runner <= RUNNER_INTERPRETER);
    for (size_t i = 0; i < sizeof(runners) / sizeof(runners[0]); i++) {
        const char *program = words_program(runners[i], cmdline, length, i % 2 ? NULL : script);
        REQUIRE(!program || (program > cmdline && program < cmdline + length));
        REQUIRE(!program || memchr(program, '\0', (size_t)(cmdline + length - program)));
        REQUIRE(runners[i] != RUNNER_NONE || !program);
        program = words_program(runners[i], cmdline, length, NULL);
        REQUIRE(!program || *program != '-');
    }
    free(cmdline);
    free(text);
    return 0;
}
