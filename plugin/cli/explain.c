/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe explain: is this a rank, what would break a launch here, what would be done and why. */
#include "asked.h"
#include "cli.h"

#include "core/printable.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static void help(void)
{
    puts("Usage: nestsafe explain [--json]\n\n"
         "Tell whether this is part of an MPI job, what would break a launcher started here, and\n"
         "what nestsafe does about it, variable by variable.\n\n"
         "  --json       the same for programs\n"
         "  -h, --help   this text");
}

static void print_value(const char *value)
{
    /* The environment is the user's; a terminal is not to obey it all the same. */
    char shown[64];
    printf("'%s'", printable(shown, sizeof(shown), value));
}

static void print_change(const struct change *change)
{
    printf("  %.*s", (int)change->name_length, change->name);
    fputs(change->after ? " = " : " (none)", stdout);
    if (change->after)
        print_value(change->after);
    if (change->before) {
        fputs(", was ", stdout);
        print_value(change->before);
    }
    printf(": %s\n", change_why(change));
}

static bool is_of(const struct change *change, enum change_kind kind, const char *why)
{
    return change->kind == kind && strcmp(change_why(change), why) == 0;
}

/* What has the same reason, behind it in a paragraph. */
static void print_reason(const struct plan *plan, enum change_kind kind, const char *why)
{
    enum { WIDTH = 100 };
    size_t column = (size_t)printf("  %s:", why);
    for (size_t i = 0; i < plan->count; i++) {
        const struct change *change = &plan->changes[i];
        if (!is_of(change, kind, why))
            continue;
        if (column + 1 + change->name_length > WIDTH)
            column = (size_t)printf("\n     ") - 1;
        column += (size_t)printf(" %.*s", (int)change->name_length, change->name);
    }
    putchar('\n');
}

static void print_by_reason(const struct plan *plan, enum change_kind kind)
{
    for (size_t i = 0; i < plan->count; i++) {
        const char *why = change_why(&plan->changes[i]);
        size_t first = 0;
        while (!is_of(&plan->changes[first], kind, why) && first < i)
            first++;
        if (first == i && plan->changes[i].kind == kind)
            print_reason(plan, kind, why);
    }
}

static void print_changes(const struct plan *plan)
{
    static const char *const titles[CHANGE_KINDS] = {
        [CHANGE_UNSET] = "Removed, as it belongs to the outer job",
        [CHANGE_RESTORED] = "Back to what you had before the outer launcher",
        [CHANGE_KEPT] = "Kept",
        [CHANGE_SET] = "Set",
    };
    for (enum change_kind kind = 0; kind < CHANGE_KINDS; kind++) {
        if (!plan->counts[kind])
            continue;
        printf("\n%s (%u):\n", titles[kind], plan->counts[kind]);
        if (kind == CHANGE_UNSET || kind == CHANGE_KEPT)
            print_by_reason(plan, kind);
        for (size_t i = 0; i < plan->count; i++) {
            if (plan->changes[i].kind == kind && kind != CHANGE_UNSET && kind != CHANGE_KEPT)
                print_change(&plan->changes[i]);
        }
    }
}

/* How things are here, besides what a repair would do. */
struct situation {
    const char *mode; /* what the user or the step says, or "not set" */
    bool repairs;     /* launchers are repaired here without being asked again */
};

/* Who is not armed wants to know what arming would do: explain that where nothing repairs. */
static int assume_repair(struct env *env, struct situation *situation)
{
    enum mode mode;
    const char *asked = getenv(MODE_VARIABLE);
    const char *armed = getenv(ARMED_MODE_VARIABLE);
    situation->mode = asked && *asked ? asked : armed ? armed : "not set";
    bool known = mode_parse(situation->mode, &mode) == 0;
    bool would = known && mode_is_armed(mode) && mode != MODE_DENY;
    situation->repairs = armed && would;
    return would ? 0 : env_set(env, MODE_VARIABLE, mode_name(MODE_AUTO));
}

static void print_asked_in_vain(void)
{
    char word[24];
    if (asked_here(word, sizeof(word)) == ASKED_IN_VAIN)
        printf("This job asked for protection (%s), and it is not active on this node: 'nestsafe "
               "doctor' tells why.\n\n",
               word);
}

static void print_text(const struct preparation *preparation, const struct situation *situation)
{
    const struct verdict *verdict = &preparation->verdict;
    print_asked_in_vain();
    if (!verdict->nested) {
        puts("This is not part of an MPI job: a launcher started here is an ordinary launch.");
        return;
    }
    printf("This is part of an MPI job: %s", outer_name(verdict->outer));
    char rank[12], size[12];
    if (verdict->rank && verdict->size)
        printf(", number %s of %s", printable(rank, sizeof(rank), verdict->rank),
               printable(size, sizeof(size), verdict->size));
    printf(". Launchers above: %u.\nA launcher started here is a nested launch.\n",
           preparation->decision == DECISION_REPAIR ? preparation->trail.depth - 1
                                                    : preparation->trail.depth);
    if (verdict->hazards[0])
        puts("\nWithout nestsafe it may fail in these ways:");
    for (size_t i = 0; verdict->hazards[i]; i++)
        printf("  %s: %s (%s)\n", verdict->hazards[i]->name, verdict->hazards[i]->text,
               verdict->hazards[i]->variable);
    if (preparation->decision == DECISION_REPAIR) {
        fputs(situation->repairs ? "\nnestsafe starts it"
                                 : "\nNothing repairs it here. Asked to (srun --mpi-nested-safe, "
                                   "or 'nestsafe run'), nestsafe would start it",
              stdout);
        if (preparation->scope == SCOPE_JOB)
            fputs(" in scope job: all of the job", stdout);
        else
            printf(" in scope node: on this node, with %u CPU%s", preparation->cpus,
                   preparation->cpus == 1 ? "" : "s");
        puts(preparation->baseline_known ? "."
                                         : "; what you had before the outer launcher is not known, "
                                           "so tuning stays as it is.");
        print_changes(&preparation->plan);
    } else {
        puts("\nnestsafe refuses it: it is nested too deep.");
    }
    puts("\nAn MPI program that is to be started here without a launcher: nestsafe run --alone -- "
         "PROGRAM.");
    char shown[32];
    printf("\nMode here: %s.\n", printable(shown, sizeof(shown), situation->mode));
}

int cli_explain(int argc, char *argv[])
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    bool json = false;
    int option;
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (option == 'h') {
            help();
            return 0;
        }
        if (option != 'j')
            return cli_usage_error("explain", "no option '%s'", argv[optind - 1]);
        json = true;
    }
    if (optind < argc)
        return cli_usage_error("explain", "unexpected argument '%s'", argv[optind]);

    struct env env;
    struct preparation preparation = {0};
    struct situation situation;
    char *argv_of_launcher[] = {(char *)"mpirun", NULL};
    int rc = env_init(&env, environ);
    if (rc == 0)
        rc = assume_repair(&env, &situation);
    if (rc == 0)
        rc = prepare(&preparation, env.vars, argv_of_launcher);
    if (rc == 0) {
        preparation_complain(&preparation);
        rc = json ? explain_json(&preparation, situation.mode) : 0;
    }
    if (rc == 0 && !json)
        print_text(&preparation, &situation);
    if (rc != 0)
        perror("nestsafe explain: error");
    preparation_destroy(&preparation);
    env_destroy(&env);
    return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
