/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe rules: print the rule table. */
#include "cli.h"

#include "core/arm.h"
#include "launch/readfile.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static void help(void)
{
    puts("Usage: nestsafe rules [--rules=FILE]\n\n"
         "Print what happens to each variable when a launcher is started in a rank: within the\n"
         "rank's node, and where it gets all of the job. Variables without a row pass.\n\n"
         "  keep      passes as it is\n"
         "  unset     removed: it belongs to the outer job\n"
         "  restore   the user's own value, from before the outer launcher; what the program\n"
         "            itself set since then stays\n"
         "  set       gets the value shown\n"
         "  default   gets the value shown unless the user chose one (built-in rows only)\n\n"
         "Values of built-in rows: %cpus, %mask and %unbound go by the CPUs of the rank, %nodes "
         "and\n"
         "%nodelist are the job's; %session is a directory of this launch, %unreachable a program "
         "in\n"
         "place of ssh, $NAME the value of another variable.\n\n"
         "In FILE a site has rows of its own, which come before these; '#' begins a comment:\n\n"
         "  VARIABLE ACTION why        ACTION is keep, unset, restore or set=VALUE\n"
         "  OUR_TOKEN unset it is for one job only\n\n"
         "  --rules=FILE   a site's rows too (default: what $" RULES_VARIABLE " names, if set)\n"
         "  -h, --help     this text");
}

static void print_action(enum action action, const char *value)
{
    char text[64];
    bool gives = action == ACTION_SET || action == ACTION_DEFAULT;
    snprintf(text, sizeof(text), "%s%s%s", action_name(action), gives ? " " : "",
             gives ? value : "");
    printf(" %-14s", text);
}

static void print_rows(const struct ruleset *rules)
{
    const struct rule *rule;
    int family = -1;
    for (size_t i = 0; (rule = rules_at(rules, i)); i++) {
        if ((int)rule->family != family)
            printf("%s# %s\n# %-36s %-14s %-14s why (source)\n", i ? "\n" : "",
                   family_name(rule->family), "variable", "node", "job");
        family = (int)rule->family;
        printf("%-38s", rule->pattern);
        print_action(rule->node, rule_value(rule, SCOPE_NODE));
        print_action(rule->job, rule_value(rule, SCOPE_JOB));
        printf(" %s (%s)\n", rule->why, rule->source);
    }
}

int cli_rules(int argc, char *argv[])
{
    static const struct option options[] = {{"rules", required_argument, NULL, 'r'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *path = getenv(RULES_VARIABLE);
    int option;
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (option == 'h') {
            help();
            return 0;
        }
        if (option == ':')
            return cli_usage_error("rules", "%s needs a FILE", argv[optind - 1]);
        if (option != 'r')
            return cli_usage_error("rules", "no option '%s'", argv[optind - 1]);
        path = optarg;
    }
    if (optind < argc)
        return cli_usage_error("rules", "unexpected argument '%s'", argv[optind]);

    struct rules_file site = {0};
    if (path && *path && readfile_rules(&site, path) != 0) {
        fprintf(stderr, "nestsafe rules: error: %s\n", site.error);
        rules_file_destroy(&site);
        return EXIT_FAILURE;
    }
    print_rows(&site.rules);
    rules_file_destroy(&site);
    return 0;
}
