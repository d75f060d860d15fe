/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugin options: registered in init, typed by the user, carried to the node, asked for later. */
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_internal.h"

extern char **environ;

static struct opt *by_name(const char *name)
{
    for (size_t i = 0; i < host.n_opts; i++)
        if (strcmp(host.opts[i]->copy.name, name) == 0)
            return host.opts[i];
    return NULL;
}

/* Option structures are copied at once: the plugin may forget its own (plugstack.c:952). */
static struct opt *add(struct plugin *p, const struct spank_option *o, bool disabled)
{
    struct opt *n = xalloc(sizeof(*n));

    n->copy = *o;
    n->copy.name = xdup(o->name);
    n->copy.arginfo = xdup(o->arginfo);
    n->copy.usage = xdup(o->usage);
    n->plugin = p;
    n->optval = 0xfff + host.next_optval++; /* plugstack.c:229 */
    n->disabled = disabled;
    host.opts = realloc(host.opts, (host.n_opts + 1) * sizeof(*host.opts));
    if (!host.opts)
        abort();
    host.opts[host.n_opts++] = n;
    return n;
}

void opt_free(void)
{
    for (size_t i = 0; i < host.n_opts; i++) {
        struct opt *o = host.opts[i];

        free(o->copy.name);
        free(o->copy.arginfo);
        free(o->copy.usage);
        free(o->optarg);
        free(o);
    }
    free(host.opts);
    host.opts = NULL;
    host.n_opts = 0;
}

int opt_register(struct plugin *p, const struct spank_option *o)
{
    bool disabled = false;
    struct opt *other = by_name(o->name);

    if (other) { /* kept, disabled: the node may load in another order (plugstack.c:1038) */
        host_say(HOST_LOG_INFO, "spank: option \"%s\" provided by both %s and %s", o->name, p->path,
                 other->plugin->path);
        disabled = true;
    }
    if (strlen(o->name) > SPANK_OPTION_MAXLEN) {
        host_say(HOST_LOG_ERROR, "spank: option \"%s\" provided by %s too long. Ignoring.", o->name,
                 p->name);
        return ESPANK_NOSPACE;
    }
    add(p, o, disabled);
    return ESPANK_SUCCESS;
}

spank_err_t spank_option_register(spank_t sp, struct spank_option *opt)
{
    if (sp->phase != HOST_INIT) /* plugstack.c:1060 */
        return ESPANK_BAD_ARG;
    if (!opt || !opt->name || !opt->usage)
        return ESPANK_BAD_ARG;
    return opt_register(sp->plugin, opt);
}

/*
 * _do_option_cb() (plugstack.c:1139). "found" is what makes Slurm forward the option. Where Slurm
 * was built with --enable-developer, its assertion on arg (line 1145) ends srun for an option
 * without argument, until 25.11 for any, later for those with optional arguments. Not modelled.
 */
static int callback(struct opt *o, const char *arg, int remote)
{
    int rc = 0;

    if (o->copy.cb) {
        rc = o->copy.cb(o->copy.val, arg, remote);
        wire_emit((struct wire){.type = WIRE_CALLBACK,
                                .plugin = o->plugin->index,
                                .a = o->copy.val,
                                .b = remote,
                                .c = rc},
                  o->copy.name, arg);
        if (rc)
            return rc;
    }
    if (o->copy.has_arg) {
        free(o->optarg);
        o->optarg = xdup(arg);
    }
    o->found = true;
    return 0;
}

/* _opt_env_name() (plugstack.c:1395): anything but letters and digits becomes "_". */
static char *env_name(const char *prefix, const struct opt *o)
{
    size_t skip = strlen(prefix);
    char *name = xprintf("%s%s_%s", prefix, o->plugin->name, o->copy.name);

    for (char *p = name + skip; *p; p++)
        if (!isalnum((unsigned char)*p))
            *p = '_';
    return name;
}

#define PREFIX "_SLURM_SPANK_OPTION_"

static bool clashes(const char *name)
{
    for (const char *const *s = rules_slurm_options; *s; s++)
        if (strcmp(*s, name) == 0)
            return true;
    return false;
}

/* spank_option_table_create() (plugstack.c:1100), after Slurm's own options. */
static struct option *option_table(void)
{
    struct option *table;
    size_t n = 0;

    for (const char *const *s = rules_slurm_options; *s; s++)
        n++;
    table = xalloc((n + host.n_opts + 1) * sizeof(*table));
    for (size_t i = 0; i < n; i++)
        table[i] = (struct option){rules_slurm_options[i], optional_argument, NULL, 1};
    for (size_t i = 0; i < host.n_opts; i++) {
        struct opt *o = host.opts[i];

        if (o->disabled)
            continue;
        if (clashes(o->copy.name)) {
            host_say(HOST_LOG_ERROR, "Ignoring conflicting option \"%s\" in plugin \"%s\"",
                     o->copy.name, o->plugin->name);
            o->disabled = true;
            continue;
        }
        table[n++] = (struct option){o->copy.name, o->copy.has_arg, NULL, o->optval};
    }
    return table;
}

/* slurm_process_option() (slurm_opt.c:5344): what Slurm does not know itself goes to a plugin. */
int opt_parse_args(void)
{
    char **argv = env_copy(host.sc->args);
    char **all = xalloc(sizeof(char *));
    struct option *table = option_table();
    /* Slurm's short options; -W takes a value in srun only. */
    const char *letters = host.sc->context == HOST_LOCAL
                              ? "+A:B:C:D:EF:G:HI::J:K::L:M:N:OQST:VW:XZa:b:c:d:e:hi:k::lm:n:o:p:"
                                "qr:st:uvw:x:"
                              : "+A:B:C:D:EF:G:HI::J:K::L:M:N:OQST:VWXZa:b:c:d:e:hi:k::lm:n:o:p:"
                                "qr:st:uvw:x:";
    int c, rc = 0;

    list_add(&all, xdup(host.sc->context == HOST_LOCAL ? "srun" : "sbatch"));
    for (char **p = argv; *p; p++)
        list_add(&all, xdup(*p));
    optind = 0;
    opterr = 0;
    while (rc == 0 && (c = getopt_long((int)env_count(all), all, letters, table, NULL)) != -1) {
        if (c == '?') {
            host_say(HOST_LOG_ERROR, "unrecognized option or wrong argument: %s", all[optind - 1]);
            rc = -1;
        }
        for (size_t i = 0; i < host.n_opts; i++)
            if (host.opts[i]->optval == c && callback(host.opts[i], optarg, 0) != 0) {
                host_say(HOST_LOG_ERROR, "Invalid --%s argument: %s", host.opts[i]->copy.name,
                         optarg ? optarg : "(null)"); /* plugstack.c:1186 */
                rc = -1;
            }
    }
    free(table);
    host_strv_free(all);
    host_strv_free(argv);
    return rc;
}

/* spank_process_env_options() (plugstack.c:1193): before the command line, disabled ones too. */
int opt_parse_environ(void)
{
    for (size_t i = 0; i < host.n_opts; i++) {
        char *name = env_name("SLURM_SPANK_" PREFIX, host.opts[i]);
        const char *arg = env_get(environ, name);
        int rc = arg ? callback(host.opts[i], arg, 0) : 0;

        if (rc)
            host_say(HOST_LOG_ERROR, "Invalid argument (%s) for environment variable: %s", arg,
                     name);
        free(name);
        if (rc)
            return -1;
    }
    return 0;
}

/*
 * _option_setenv() (plugstack.c:1427): an option without argument is "" in the environment, but
 * "(null)" for prolog and epilog, and for every srun inside the job, which reads that variable.
 */
void opt_set_environ(void)
{
    for (size_t i = 0; i < host.n_opts; i++) {
        struct opt *o = host.opts[i];
        char *name;

        if (!o->found)
            continue;
        name = env_name(PREFIX, o);
        setenv(name, o->optarg ? o->optarg : "", 1);
        control_set(name, o->optarg ? o->optarg : "(null)", 1); /* xstring.c:138 */
        free(name);
    }
}

void opt_emit_forwarded(void)
{
    for (size_t i = 0; i < host.n_opts; i++) {
        struct opt *o = host.opts[i];
        char *name;

        if (!o->found)
            continue;
        name = xprintf("%s:%s", o->copy.name, o->plugin->name);
        wire_emit((struct wire){.type = WIRE_OPTION}, name, o->optarg);
        free(name);
    }
}

static struct opt *by_plugin(const struct host_option *w)
{
    for (size_t i = 0; i < host.n_opts; i++)
        if (strcmp(host.opts[i]->copy.name, w->name) == 0 &&
            strcmp(host.opts[i]->plugin->name, w->plugin) == 0)
            return host.opts[i];
    return NULL;
}

static bool in_message(const struct opt *o)
{
    for (size_t i = 0; i < host.sc->n_options; i++)
        if (strcmp(host.sc->options[i].name, o->copy.name) == 0 &&
            strcmp(host.sc->options[i].plugin, o->plugin->name) == 0)
            return true;
    return false;
}

/* spank_stack_post_opt() (plugstack.c:794): message, environment, then the rest is removed. */
void opt_take_remote(char **env, bool launch_message)
{
    for (size_t i = 0; launch_message && i < host.sc->n_options; i++) {
        const struct host_option *w = &host.sc->options[i];
        struct opt *o = by_plugin(w);

        if (!o)
            host_say(HOST_LOG_ERROR, "Warning: SPANK plugin \"%s\" option \"%s\" not found",
                     w->plugin, w->name);
        else if (callback(o, w->value, 1)) /* only logged */
            host_say(HOST_LOG_ERROR, "spank: failed to process option %s=%s", w->name,
                     w->value ? w->value : "(null)");
    }
    for (size_t i = 0; i < host.n_opts; i++) {
        struct opt *o = host.opts[i];
        char *name = env_name(PREFIX, o);
        char *arg;

        if (!(host.rules->callbacks_once && launch_message && in_message(o)) &&
            (arg = env_get(env, name))) {
            if (callback(o, arg, 1))
                host_say(HOST_LOG_ERROR, "spank: failed to process option %s=%s", o->copy.name,
                         arg);
            env_unset_like_slurm(env, name);
        }
        free(name);
    }
    env_clear_options(env);
}

/* plugstack.c:1568. In prolog and epilog nothing was registered: the environment is asked. */
spank_err_t spank_option_getopt(spank_t sp, struct spank_option *opt, char **argp)
{
    struct opt *o;

    if (argp)
        *argp = NULL;
    switch (sp->phase) {
    case HOST_INIT:
    case HOST_INIT_POST_OPT:
    case HOST_TASK_POST_FORK:
    case HOST_SLURMD_EXIT:
    case HOST_EXIT:
        return ESPANK_NOT_AVAIL;
    default:
        break;
    }
    if (!opt || !opt->name || (opt->has_arg && !argp))
        return ESPANK_BAD_ARG;
    o = by_name(opt->name);
    if (!o) {
        char *name, *arg;

        o = add(sp->plugin, opt, false);
        name = env_name("SPANK_" PREFIX, o);
        arg = getenv(name + strlen("SPANK_"));
        if (!arg)
            arg = getenv(name);
        if (arg) {
            o->optarg = xdup(arg);
            o->found = true;
        }
        free(name);
    }
    if (!o->found)
        return ESPANK_ERROR;
    if (opt->has_arg && argp)
        *argp = o->optarg;
    return ESPANK_SUCCESS;
}
