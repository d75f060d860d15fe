/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Did the job ask for protection, and has it got it? srun leaves the word of who asked in the
 * step's environment on every node; what the node's own plugin adds is NESTSAFE_MODE. */
#include "asked.h"

#include "core/mode.h"
#include "core/printable.h"
#include "launch/process.h"
#include "spank/request.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENVIRONMENT_MAX = 4 * 1024 * 1024, ANCESTORS_MAX = 64 };

static const char *said_in(const struct env *env)
{
    const char *said = env_get(env, MODE_VARIABLE);
    return said && *said ? said : env_get(env, INHERITED_OPTION);
}

/* Whether the first process of the step that can be looked at began with that word. Nothing is to
 * be seen of a task that another user's process has become; then it is believed to have. */
static bool began_with_it(const char *job)
{
    bool found = true;
    struct process_facts facts;
    pid_t pid = getpid();
    for (int i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
        struct env env;
        char *text;
        if (process_environment(pid, ENVIRONMENT_MAX, &env, &text) != 0)
            break;
        const char *its = env_get(&env, "SLURM_JOB_ID");
        bool same = its && strcmp(its, job) == 0;
        if (same)
            found = said_in(&env);
        env_destroy(&env);
        free(text);
        if (!same || process_read(pid, &facts) != 0)
            break;
        pid = facts.parent;
    }
    return found;
}

enum asked asked_here(char *word, size_t size)
{
    const char *job = getenv("SLURM_JOB_ID");
    const char *armed = getenv(ARMED_MODE_VARIABLE);
    const char *said = getenv(MODE_VARIABLE);
    enum mode mode;
    if (!said || !*said)
        said = getenv(INHERITED_OPTION);
    if (said && strcmp(said, "(null)") == 0)
        said = mode_name(MODE_AUTO);
    printable(word, size, said ? said : "");
    if (!job || !said || mode_parse(said, &mode) != 0 || !mode_is_armed(mode))
        return ASKED_NOTHING;
    if (armed && *armed)
        return ASKED_GOT;
    return began_with_it(job) ? ASKED_IN_VAIN : ASKED_LATER;
}
