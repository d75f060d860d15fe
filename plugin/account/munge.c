/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shares as munge credentials: from root for root. */
#include "peer.h"

#include <munge.h>
#include <stdlib.h>
#include <string.h>

char *peer_encode(const struct share *share)
{
    char *line = NULL;
    munge_err_t error = EMUNGE_NO_MEMORY;
    char *text = share_format(share);
    munge_ctx_t context = munge_ctx_create();
    if (text && context) {
        error = munge_ctx_set(context, MUNGE_OPT_UID_RESTRICTION, (uid_t)0);
        if (error == EMUNGE_SUCCESS)
            error = munge_encode(&line, context, text, (int)strlen(text));
    }
    if (error != EMUNGE_SUCCESS)
        account_say(OUTCOME_LATER, "munge: %s", munge_strerror(error));
    munge_ctx_destroy(context);
    free(text);
    return line;
}

int peer_decode(struct share *share, const char *line)
{
    void *text = NULL;
    int length = 0;
    uid_t uid = (uid_t)-1;
    munge_err_t error = munge_decode(line, NULL, &text, &length, &uid, NULL);
    int rc = -1;
    if (error != EMUNGE_SUCCESS)
        account_say(OUTCOME_NEVER, "refused: munge: %s", munge_strerror(error));
    else if (uid != 0)
        account_say(OUTCOME_NEVER, "refused: sent by uid %u", (unsigned)uid);
    else if (!text || share_parse(share, text, (size_t)length) != 0)
        account_say(OUTCOME_NEVER, "refused: not a share of a job");
    else
        rc = 0;
    free(text);
    return rc;
}
