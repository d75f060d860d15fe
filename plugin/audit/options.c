/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nestsafe audit is asked for on its command line; the names are sacct's. */
#include "options.h"

#include "core/printable.h"

#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* sacct's own, which libslurm exports under this name without declaring it. It says by itself what
 * it did not understand, and where. */
extern time_t slurm_parse_time(const char *text, int past);

static const char *const bys[BYS] = {
    [BY_USER] = "user",         [BY_ACCOUNT] = "account", [BY_PARTITION] = "partition",
    [BY_LAUNCHER] = "launcher", [BY_CLASS] = "class",     [BY_MODE] = "mode",
};

static const char *const formats[FORMATS] = {
    [FORMAT_TABLE] = "table",
    [FORMAT_CSV] = "csv",
    [FORMAT_JSON] = "json",
    [FORMAT_HTML] = "html",
    [FORMAT_OPENMETRICS] = "openmetrics",
};

static const char *const fields[FIELDS] = {
    [FIELD_ANY] = "any",
    [FIELD_ADMIN_COMMENT] = "admin_comment",
    [FIELD_COMMENT] = "comment",
    [FIELD_EXTRA] = "extra",
};

const char *by_name(enum audit_by by)
{
    return bys[by];
}

static int fail(struct options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int fail(struct options *options, const char *format, ...)
{
    char text[sizeof(options->error)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    printable(options->error, sizeof(options->error), text);
    return -1;
}

/* The position of a word in a list of names, or -1 with the error that lists them. */
static int choose(struct options *options, const char *name, const char *word,
                  const char *const names[], int count)
{
    char valid[128] = "";
    for (int i = 0; i < count; i++) {
        if (strcmp(word, names[i]) == 0)
            return i;
        size_t used = strlen(valid);
        snprintf(valid + used, sizeof(valid) - used, "%s%s", i ? ", " : "", names[i]);
    }
    return fail(options, "--%s: invalid value '%.64s'; valid are %s", name, word, valid);
}

static int add_string(struct strings *strings, const char *text)
{
    char **list = realloc(strings->list, (strings->count + 1) * sizeof(*list));
    if (!list)
        return -1;
    strings->list = list;
    list[strings->count] = strdup(text);
    return list[strings->count++] ? 0 : -1;
}

/* slurmdbd puts names into its SQL as they are; none of Slurm's has such characters. */
static int add_name(struct options *options, const char *option, struct strings *strings,
                    const char *name)
{
    if (name[strcspn(name, "'\"`\\;")] != '\0')
        return fail(options, "--%s: invalid name '%.64s'", option, name);
    return add_string(strings, name);
}

static int add_user(struct options *options, const char *option, struct strings *strings,
                    const char *name)
{
    char number[12];
    char *end;
    errno = 0;
    unsigned long uid = strtoul(name, &end, 10);
    if (*end || *name < '0' || *name > '9' || errno || uid > UINT32_MAX) {
        const struct passwd *user = getpwnam(name);
        if (!user)
            return fail(options, "--%s: no user '%.64s'", option, name);
        uid = user->pw_uid;
    }
    snprintf(number, sizeof(number), "%lu", uid);
    return add_string(strings, number);
}

/* Digits at text as a number of at most UINT32_MAX - 2 (the last two mean something else in
 * Slurm); *text moves behind them. */
static int64_t take_number(const char **text)
{
    int64_t number = 0;
    const char *at = *text;
    while (*at >= '0' && *at <= '9' && number < UINT32_MAX)
        number = number * 10 + (*at++ - '0');
    if (at == *text || number > UINT32_MAX - 2)
        return -1;
    *text = at;
    return number;
}

static int add_job(struct options *options, const char *option, struct strings *unused,
                   const char *name)
{
    (void)unused;
    struct job_number number = {.task = -1, .component = -1};
    const char *at = name;
    int64_t job = take_number(&at);
    char mark = job > 0 ? *at : '?';
    if (mark == '_' || mark == '+') {
        at++;
        *(mark == '_' ? &number.task : &number.component) = take_number(&at);
    }
    bool part = number.task >= 0 || number.component >= 0;
    if (*at || (mark && !part))
        return fail(options, "--%s: invalid job '%.64s'; valid are JOB, JOB_TASK and JOB+COMPONENT",
                    option, name);
    struct job_number *jobs = realloc(options->jobs, (options->job_count + 1) * sizeof(*jobs));
    if (!jobs)
        return -1;
    number.job = (uint32_t)job;
    options->jobs = jobs;
    jobs[options->job_count++] = number;
    return 0;
}

static int set_time(struct options *options, const char *option, const char *text, time_t *time)
{
    errno = 0;
    *time = *text ? slurm_parse_time(text, 1) : 0;
    if (*time > 0)
        return 0;
    return fail(options,
                "--%s: invalid time '%.64s'; valid are YYYY-MM-DD[THH:MM[:SS]], MM/DD[/YY], HH:MM, "
                "today, now-7days, …",
                option, text);
}

static const struct list_option {
    char letter;
    size_t offset; /* of the list in struct options */
    int (*add)(struct options *options, const char *option, struct strings *strings,
               const char *name);
} list_options[] = {
    {'u', offsetof(struct options, users), add_user},
    {'A', offsetof(struct options, accounts), add_name},
    {'r', offsetof(struct options, partitions), add_name},
    {'M', offsetof(struct options, clusters), add_name},
    {'j', offsetof(struct options, jobs), add_job},
};

/* Each word of a list that is separated by commas; at least one. */
static int add_list(struct options *options, int letter, const char *name, const char *text)
{
    const struct list_option *option = list_options;
    while (option->letter != letter)
        option++;
    char *copy = strdup(text);
    char *rest = copy;
    const char *word;
    int rc = copy ? 0 : -1;
    bool any = false;
    while (rc == 0 && (word = strsep(&rest, ","))) {
        if (!*word)
            continue;
        any = true;
        rc = option->add(options, name, (struct strings *)((char *)options + option->offset), word);
    }
    free(copy);
    if (rc == 0 && !any)
        return fail(options, "--%s: nothing named in '%.64s'", name, text);
    return rc;
}

static int take(struct options *options, int letter, const char *name, const char *value)
{
    int chosen = 0;
    switch (letter) {
    case 'S':
        return set_time(options, name, value, &options->start);
    case 'E':
        return set_time(options, name, value, &options->end);
    case 'a':
        options->all_users = true;
        return 0;
    case 'b':
        chosen = choose(options, name, value, bys, BYS);
        options->by = (enum audit_by)chosen;
        break;
    case 'f':
        chosen = choose(options, name, value, formats, FORMATS);
        options->format = (enum audit_format)chosen;
        break;
    case 'F':
        chosen = choose(options, name, value, fields, FIELDS);
        options->field = (enum audit_field)chosen;
        break;
    case 'M':
        if (strcmp(value, "all") == 0) {
            options->all_clusters = true;
            return 0;
        }
        return add_list(options, letter, name, value);
    default:
        return add_list(options, letter, name, value);
    }
    return chosen < 0 ? -1 : 0;
}

/* What was not said is as with sacct: one's own jobs since midnight, root's are everybody's; who
 * names jobs means them whenever they ended and whosever they are. */
static int complete(struct options *options, unsigned uid, time_t now)
{
    char number[12];
    if (!options->end)
        options->end = now + 1;
    if (!options->start && !options->job_count) {
        struct tm tm;
        localtime_r(&now, &tm);
        tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
        tm.tm_isdst = -1;
        options->start = mktime(&tm);
    }
    if (options->start >= options->end)
        return fail(options, "--starttime: the period has to begin before it ends (--endtime)");
    if (options->all_users && options->users.count)
        return fail(options, "--allusers and --user exclude each other");
    if (options->users.count)
        return 0;
    options->all_users |= uid == 0 || options->job_count;
    snprintf(number, sizeof(number), "%u", uid);
    return options->all_users ? 0 : add_string(&options->users, number);
}

static int parse(struct options *options, int argc, char *argv[])
{
    static const struct option known[] = {{"starttime", required_argument, NULL, 'S'},
                                          {"endtime", required_argument, NULL, 'E'},
                                          {"user", required_argument, NULL, 'u'},
                                          {"uid", required_argument, NULL, 'u'},
                                          {"accounts", required_argument, NULL, 'A'},
                                          {"partition", required_argument, NULL, 'r'},
                                          {"jobs", required_argument, NULL, 'j'},
                                          {"clusters", required_argument, NULL, 'M'},
                                          {"allusers", no_argument, NULL, 'a'},
                                          {"by", required_argument, NULL, 'b'},
                                          {"format", required_argument, NULL, 'f'},
                                          {"field", required_argument, NULL, 'F'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;
    optind = 0;
    while ((letter = getopt_long(argc, argv, ":S:E:u:A:r:j:M:ah", known, NULL)) != -1) {
        if (letter == 'h') {
            options->help = true;
            return 0;
        }
        if (letter == ':')
            return fail(options, "%.64s needs a value", argv[optind - 1]);
        if (letter == '?' && optopt && strncmp(argv[optind - 1], "--", 2) != 0)
            return fail(options, "no option '-%c'", optopt);
        if (letter == '?')
            return fail(options, "no option '%.64s'", argv[optind - 1]);
        const struct option *option = known;
        while (option->val != letter)
            option++;
        if (take(options, letter, option->name, optarg) != 0)
            return -1;
    }
    if (optind < argc)
        return fail(options, "unexpected argument '%.64s'", argv[optind]);
    return 0;
}

int options_parse(struct options *options, int argc, char *argv[], unsigned uid, time_t now)
{
    *options = (struct options){.by = BY_USER};
    int rc = parse(options, argc, argv);
    if (rc == 0 && !options->help)
        rc = complete(options, uid, now);
    if (rc != 0 && !*options->error)
        return fail(options, "%s", strerror(ENOMEM));
    return rc;
}

static void strings_destroy(struct strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        free(strings->list[i]);
    free(strings->list);
}

void options_destroy(struct options *options)
{
    strings_destroy(&options->users);
    strings_destroy(&options->accounts);
    strings_destroy(&options->partitions);
    strings_destroy(&options->clusters);
    free(options->jobs);
}
