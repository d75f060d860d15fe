/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inner SIZE HOSTS [CONDITION]…: a rank of a nested job, which checks that the job is what was
 * asked for: SIZE ranks on HOSTS hosts (with HOSTS 1: the host of the rank that launched it; where
 * HOSTS is no number: the host of that name), and
 *
 *   NAME=VALUE    the variable has this value
 *   NAME          the variable is not set
 *   @NAME=VALUE   the process above, which is the launcher or its daemon, was given it
 *                 (its environment or arguments, as they were when it was executed)
 *
 * Says what is wrong, and from rank 0 "inner SIZE ranks on HOSTS hosts". Exit status 9: the job is
 * another one. Where only conditions do not hold it is 0: the launch works, with wrong tuning. */
#include <mpi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOST_SIZE = 256 };

static void say(const char *line)
{
    ssize_t written = write(STDOUT_FILENO, line, strlen(line));
    if (written < 0)
        _exit(1);
}

/* A file of /proc about the process above: strings that end in zero bytes. Read once. */
struct block {
    char text[262144];
    size_t length;
};

static void read_block(struct block *block, const char *name)
{
    char path[64];
    if (block->length)
        return;
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)getppid(), name);
    FILE *file = fopen(path, "r");
    if (file) {
        block->length = fread(block->text, 1, sizeof(block->text) - 1, file);
        fclose(file);
    }
}

/* What the process above was given when it was executed: in its environment or, as PRRTE does with
 * its daemons on other nodes, on its command line ("--prtemca NAME VALUE"). */
static const char *parents(const char *name)
{
    static struct block environment, arguments;
    static char unquoted[256];
    size_t length = strlen(name);
    read_block(&environment, "environ");
    for (size_t at = 0; at < environment.length; at += strlen(environment.text + at) + 1) {
        if (strncmp(environment.text + at, name, length) == 0 &&
            environment.text[at + length] == '=')
            return environment.text + at + length + 1;
    }
    const char *parameter = strstr(name, "_MCA_");
    read_block(&arguments, "cmdline");
    for (size_t at = 0; parameter && at < arguments.length; at += strlen(arguments.text + at) + 1) {
        if (strcmp(arguments.text + at, parameter + strlen("_MCA_")) != 0)
            continue;
        const char *value = arguments.text + at + strlen(arguments.text + at) + 1;
        snprintf(unquoted, sizeof(unquoted), "%.*s", (int)strcspn(value + (*value == '"'), "\""),
                 value + (*value == '"'));
        return unquoted;
    }
    return NULL;
}

/* The guard mends a launcher's environment after its exec, where nobody else can see it. */
static int parent_is_mended_within(void)
{
    const char *mine = getenv("NESTSAFE_DEPTH");
    const char *above = parents("NESTSAFE_DEPTH");
    return mine && above && strcmp(mine, above) != 0;
}

static void check_condition(const char *condition)
{
    char name[256], line[1024];
    const char *wanted = strchr(condition, '=');
    int above = condition[0] == '@';
    size_t length = (wanted ? (size_t)(wanted - condition) : strlen(condition)) - (size_t)above;
    snprintf(name, sizeof(name), "%.*s", (int)length, condition + above);
    const char *value = above ? parents(name) : getenv(name);
    if (above && parent_is_mended_within())
        return;
    if (wanted ? value && strcmp(value, wanted + 1) == 0 : !value)
        return;
    snprintf(line, sizeof(line), "inner tuning: %s%s is %s, not %s\n",
             above ? "the launcher's " : "", name, value ? value : "unset",
             wanted ? wanted + 1 : "unset");
    say(line);
}

static int count_hosts(const char *hosts, int size)
{
    int count = 0;
    for (int i = 0; i < size; i++) {
        int first = 1;
        for (int j = 0; j < i; j++)
            first = first && strcmp(hosts + i * HOST_SIZE, hosts + j * HOST_SIZE) != 0;
        count += first;
    }
    return count;
}

int main(int argc, char *argv[])
{
    char line[1024];
    char host[HOST_SIZE] = "";
    int rank, size;
    if (argc < 3)
        return 2;
    MPI_Init(NULL, NULL);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    gethostname(host, sizeof(host) - 1);
    char *hosts = malloc((size_t)size * HOST_SIZE);
    MPI_Allgather(host, HOST_SIZE, MPI_CHAR, hosts, HOST_SIZE, MPI_CHAR, MPI_COMM_WORLD);
    int count = count_hosts(hosts, size);
    int wanted = atoi(argv[2]);
    int right = size == atoi(argv[1]) && count == (wanted ? wanted : 1);
    const char *home = wanted ? getenv("OUTER_HOST") : argv[2];
    if (count == 1 && home && strcmp(home, host) != 0)
        right = 0;
    for (int i = 3; i < argc; i++)
        check_condition(argv[i]);
    if (rank == 0) {
        snprintf(line, sizeof(line), "inner %d ranks on %d hosts%s\n", size, count,
                 right ? "" : ": wrong");
        say(line);
    }
    free(hosts);
    MPI_Finalize();
    return right ? 0 : 9;
}
