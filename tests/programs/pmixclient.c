/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pmixclient [COMMAND]: a PMIx client without MPI. Prints its namespace and job size, runs the
 * shell command, and shows that its server still answers. */
#include <pmix.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool job_size(const pmix_proc_t *self, unsigned *size)
{
    pmix_proc_t job = *self;
    pmix_value_t *value = NULL;
    job.rank = PMIX_RANK_WILDCARD;
    if (PMIx_Get(&job, PMIX_JOB_SIZE, NULL, 0, &value) != PMIX_SUCCESS)
        return false;
    *size = value->data.uint32;
    PMIX_VALUE_RELEASE(value);
    return true;
}

/* Fence goes through the server, which a value in shared memory would not. */
static bool server_answers(void)
{
    return PMIx_Fence(NULL, 0, NULL, 0) == PMIX_SUCCESS;
}

int main(int argc, char *argv[])
{
    pmix_proc_t self;
    unsigned size = 0;
    if (PMIx_Init(&self, NULL, 0) != PMIX_SUCCESS || !job_size(&self, &size)) {
        fprintf(stderr, "pmixclient: no PMIx server\n");
        return 1;
    }
    printf("namespace %s rank %u size %u\n", self.nspace, self.rank, size);
    fflush(stdout);
    int rc = argc > 1 ? system(argv[1]) : 0;
    if (rc != 0)
        printf("command failed\n");
    printf("server of %s rank %u %s\n", self.nspace, self.rank,
           server_answers() ? "answers" : "is gone");
    PMIx_Finalize(NULL, 0);
    return rc != 0;
}
