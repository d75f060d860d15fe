/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the words before srun's command say. */
#include "srun.h"

#include <string.h>

enum takes { FLAG, VALUE };
enum meaning { NOTHING, ANSWERS, OWN, PLACES, CPUS, IMMEDIATE };

static const struct option {
    const char *name;
    char letter;
    enum takes takes;
    enum meaning meaning;
} options[] = {
#define OPTION(name_, letter_, takes_, meaning_) {name_, letter_, takes_, meaning_},
#include "srun_options.def"
#undef OPTION
};
enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

static void note(struct srun_words *words, enum meaning meaning)
{
    bool nothing;
    bool *const flags[] = {
        [NOTHING] = &nothing,      [ANSWERS] = &words->answers, [OWN] = &words->own,
        [PLACES] = &words->places, [CPUS] = &words->cpus,       [IMMEDIATE] = &words->immediate,
    };
    *flags[meaning] = true;
}

/* "--name", "--name=value", or the beginning of a name, as getopt_long(3) has it: returns whether
 * the next word is its value. Of several names that begin so, a release may have but one, so all
 * count. What no release has is an option of some plugin's, and those mostly take a value. */
static bool read_long(struct srun_words *words, const char *name, const char *next)
{
    size_t length = strcspn(name, "=");
    bool known = false, takes = true;
    for (size_t i = 0; i < OPTIONS; i++) {
        if (strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0) {
            note(words, options[i].meaning);
            return options[i].takes == VALUE && name[length] == '\0';
        }
    }
    for (size_t i = 0; i < OPTIONS; i++) {
        if (strncmp(options[i].name, name, length) != 0)
            continue;
        note(words, options[i].meaning);
        takes = takes && options[i].takes == VALUE;
        known = true;
    }
    return takes && name[length] == '\0' && (known || (next && next[0] != '-'));
}

static const struct option *find_letter(char letter)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        if (options[i].letter == letter)
            return &options[i];
    }
    return NULL;
}

/* "-n4", "-n", "-lu", "-I5": the same. */
static bool read_short(struct srun_words *words, const char *letters)
{
    for (; *letters; letters++) {
        const struct option *option = find_letter(*letters);
        if (!option)
            continue;
        note(words, option->meaning);
        if (option->takes == VALUE)
            return letters[1] == '\0';
        if (strchr("IKk", *letters)) /* the value, if any, is the rest */
            return false;
    }
    return false;
}

void srun_read(struct srun_words *words, char *const argv[])
{
    *words = (struct srun_words){0};
    if (!argv[0])
        return;
    size_t i = 1;
    for (; argv[i] && argv[i][0] == '-' && argv[i][1]; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--") == 0) {
            i++;
            break;
        }
        bool takes =
            word[1] == '-' ? read_long(words, word + 2, argv[i + 1]) : read_short(words, word + 1);
        if (takes && argv[i + 1])
            i++;
    }
    words->command = argv[i];
}
