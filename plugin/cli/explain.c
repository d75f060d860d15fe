/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe explain: is this a rank, what would break a launch here, what would be done and why. */
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
         "  --json   the same for programs\n"
         "  --help   this text");
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

static void print_text(const struct preparation *preparation, const char *mode)
{
    const struct verdict *verdict = &preparation->verdict;
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
        if (preparation->scope == SCOPE_JOB)
            fputs("\nnestsafe starts it in scope job: all of the job", stdout);
        else
            printf("\nnestsafe starts it in scope node: on this node, with %u CPU%s",
                   preparation->cpus, preparation->cpus == 1 ? "" : "s");
        puts(preparation->baseline_known ? "."
                                         : "; what you had before the outer launcher is not known, "
                                           "so tuning stays as it is.");
        print_changes(&preparation->plan);
    } else {
        puts("\nnestsafe refuses it: it is nested too deep.");
    }
    char shown[32];
    printf("\nMode here: %s.\n", printable(shown, sizeof(shown), mode));
}

int cli_explain(int argc, char *argv[])
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    bool json = false;
    int option;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
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

    /* Explain the repair whatever the mode: who is not armed wants to know what it would do. */
    struct env env;
    struct preparation preparation;
    const char *mode = getenv(MODE_VARIABLE);
    enum mode parsed;
    char *argv_of_launcher[] = {(char *)"mpirun", NULL};
    if (env_init(&env, environ) != 0)
        goto failed;
    if (!mode || mode_parse(mode, &parsed) != 0 || !mode_is_armed(parsed) || parsed == MODE_DENY) {
        if (env_set(&env, MODE_VARIABLE, "auto") != 0)
            goto failed;
    }
    if (prepare(&preparation, env.vars, argv_of_launcher) != 0)
        goto failed;
    preparation_complain(&preparation);
    if (json && explain_json(&preparation, mode ? mode : "not set") != 0)
        goto failed;
    if (!json)
        print_text(&preparation, mode ? mode : "not set");
    preparation_destroy(&preparation);
    env_destroy(&env);
    return 0;
failed:
    perror("nestsafe explain: error");
    return EXIT_FAILURE;
}
