/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which program a process really runs where its executable only runs others: a script's
 * interpreter, or the loader. */
#include "words.h"

#include "core/launcher.h"

#include <string.h>

enum { WORDS_MAX = 16, SCRIPT_WORDS = 4 };

struct words {
    size_t count;
    const char *all[WORDS_MAX];
};

/* Only words that have an end. */
static void split(struct words *words, const char *cmdline, size_t length)
{
    *words = (struct words){0};
    const char *end = cmdline + length;
    for (const char *at = cmdline; at < end && words->count < WORDS_MAX;) {
        const char *next = memchr(at, '\0', (size_t)(end - at));
        if (!next)
            return;
        words->all[words->count++] = at;
        at = next + 1;
    }
}

static bool is_in(const char *word, const char *const list[])
{
    for (; *list; list++) {
        if (strcmp(word, *list) == 0)
            return true;
    }
    return false;
}

enum runner runner_of(const char *name)
{
    static const char *const interpreters[] = {
        "sh",  "bash", "dash",   "ksh",  "zsh",   "csh", "tcsh",
        "env", "perl", "python", "ruby", "tclsh", NULL,
    };
    if (strncmp(name, "ld-", 3) == 0 || strncmp(name, "ld.so", 5) == 0)
        return RUNNER_LOADER;
    for (size_t i = 0; interpreters[i]; i++) {
        size_t length = strlen(interpreters[i]);
        if (strncmp(name, interpreters[i], length) == 0 &&
            name[length + strspn(name + length, "0123456789.")] == '\0')
            return RUNNER_INTERPRETER;
    }
    return RUNNER_NONE;
}

/* ld.so(8): the options that take a value. */
static const char *loaded(const struct words *words)
{
    static const char *const with_value[] = {
        "--library-path",         "--inhibit-rpath",     "--audit", "--preload", "--argv0",
        "--glibc-hwcaps-prepend", "--glibc-hwcaps-mask", NULL,
    };
    for (size_t i = 1; i < words->count; i++) {
        if (words->all[i][0] != '-')
            return words->all[i];
        i += is_in(words->all[i], with_value);
    }
    return NULL;
}

/* The file of a script; not `sh -c COMMAND` or `python -m MODULE`, and env is just on its way to
 * another program. */
static const char *interpreted(const struct words *words)
{
    size_t at = 1;
    if (words->count < 2 || strcmp(launcher_basename(words->all[0]), "env") == 0)
        return NULL;
    if (words->all[1][0] == '-') {
        if (strpbrk(words->all[1], "cm"))
            return NULL;
        at = 2;
    }
    return at < words->count && words->all[at][0] != '-' ? words->all[at] : NULL;
}

/* The kernel has put the path of the script behind the interpreter and what its line says. */
static const char *started(const struct words *words, const char *script)
{
    for (size_t i = 1; i < words->count && i < SCRIPT_WORDS; i++) {
        if (strcmp(launcher_basename(words->all[i]), script) == 0)
            return words->all[i];
    }
    return NULL;
}

const char *words_program(enum runner runner, const char *cmdline, size_t length,
                          const char *script)
{
    struct words words;
    split(&words, cmdline, length);
    if (runner == RUNNER_LOADER)
        return loaded(&words);
    if (runner == RUNNER_INTERPRETER)
        return script ? started(&words, script) : interpreted(&words);
    return NULL;
}
