/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe-account notify: a message to a job's user. */
#include "account.h"
#include "core/keyvalue.h"
#include "ctld.h"
#include "slurm_compat.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 2048 };

enum outcome account_notify(int argc, char *argv[])
{
    char text[TEXT_MAX + 2];
    unsigned long long job;
    if (argc != 2 || keyvalue_number(argv[1], UINT32_MAX, &job) != 0 || job == 0)
        return OUTCOME_MISUSE;
    size_t length = fread(text, 1, sizeof(text) - 1, stdin);
    text[length] = '\0';
    if (length == 0 || length > TEXT_MAX || strlen(text) != length)
        return account_say(OUTCOME_NEVER, "the message is empty, binary, or longer than %d bytes",
                           TEXT_MAX);
    slurm_init(NULL);
    enum outcome outcome = ctld_notify((uint32_t)job, text);
    slurm_fini();
    if (outcome == OUTCOME_ENDED)
        return account_say(OUTCOME_NEVER, "job %llu has ended", job);
    return outcome;
}
