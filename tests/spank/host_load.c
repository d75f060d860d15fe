/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin loader: plugstack lines, dlopen, required symbols, the version rule. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host_internal.h"

#include "slurm_compat.h"

/* In the order of enum host_hook. */
static const char *const symbols[HOST_HOOKS] = {
    "slurm_spank_init",          "slurm_spank_job_prolog",
    "slurm_spank_init_post_opt", "slurm_spank_local_user_init",
    "slurm_spank_user_init",     "slurm_spank_task_init_privileged",
    "slurm_spank_task_init",     "slurm_spank_task_post_fork",
    "slurm_spank_task_exit",     "slurm_spank_job_epilog",
    "slurm_spank_slurmd_exit",   "slurm_spank_exit",
};

int spank_symbol_supported(const char *symbol)
{
    if (!symbol)
        return -1;
    for (int i = 0; i < HOST_HOOKS; i++)
        if (strcmp(symbols[i], symbol) == 0)
            return 1;
    return host.rules->failure_mode && strcmp(symbol, "slurm_spank_init_failure_mode") == 0;
}

/* _verify_syms() (plugin.c:101). NULL, or why not. Releases before 21.08 let SPANK plugins of any
 * version pass (plugin.c:192 at slurm-20-11-4-1), and what is built for those has none to compare.
 */
static const char *verify(void *handle)
{
    const char *type;
    const unsigned int *version;

    if (!dlsym(handle, "plugin_name") || !(type = dlsym(handle, "plugin_type")))
        return "Plugin name/type/version symbol missing";
    version = dlsym(handle, "plugin_version");
    if (!host.rules->checks_version || !COMPAT_SPANK_SAYS_RELEASE)
        return NULL;
    if (!version)
        return "Plugin name/type/version symbol missing";
    /* SPANK plugins have to match major and minor only (plugin.c:135). */
    if ((*version ^ host.sc->slurm_version) & (strcmp(type, "spank") == 0 ? 0xffff00 : 0xffffff)) {
        host_say(HOST_LOG_INFO, "Incompatible Slurm plugin version (%u.%02u.%u)",
                 (*version >> 16) & 0xff, (*version >> 8) & 0xff, *version & 0xff);
        return "Incompatible plugin version";
    }
    return NULL;
}

/* plugin_load_from_file() (plugin.c:170): lazy binding, and a plain init() is called. */
static void *load(const char *path, const char **why, bool required)
{
    void *handle = dlopen(path, RTLD_LAZY);
    int (*init)(void);

    if (!handle) {
        host_say(required || !host.rules->quiet_optional ? HOST_LOG_ERROR : HOST_LOG_VERBOSE,
                 "dlopen(%s): %s", path, dlerror());
        *why = "Dlopen of plugin file failed";
        return NULL;
    }
    *why = verify(handle);
    if (*why) {
        dlclose(handle);
        return NULL;
    }
    *(void **)&init = dlsym(handle, "init");
    if (init && init() != 0) {
        *why = "Plugin init() callback failed";
        dlclose(handle);
        return NULL;
    }
    return handle;
}

/* _spank_plugin_find() (plugstack.c:403) opens and closes the file once just to look at it, so
 * constructors and destructors run before the plugin is loaded. */
static char *find(const char *file)
{
    char *path;
    void *handle;

    if (!host.sc->plugin_dir)
        return NULL;
    path = xprintf("%s/%s", host.sc->plugin_dir, file);
    handle = dlopen(path, RTLD_LAZY);
    if (handle) {
        const char *why = verify(handle);

        dlclose(handle);
        if (!why)
            return path;
    }
    free(path);
    return NULL;
}

/* spank_stack_plugin_valid_for_context() (plugstack.c:444). */
static bool useful_here(const struct plugin *p)
{
    switch (host.sc->context) {
    case HOST_PROLOG:
    case HOST_EPILOG:
        return p->fn[HOST_JOB_PROLOG] || p->fn[HOST_JOB_EPILOG];
    case HOST_SLURMD:
        return p->fn[HOST_SLURMD_EXIT] || (host.rules->slurmd_needs_init && p->fn[HOST_INIT]);
    default:
        return true;
    }
}

static void plugin_free(struct plugin *p)
{
    void (*fini)(void);

    if (p->handle && !host.sc->keep_loaded) {
        *(void **)&fini = dlsym(p->handle, "fini");
        if (fini) /* plugin.c:314 */
            fini();
        dlclose(p->handle);
    }
    host_strv_free(p->av);
    free(p->path);
    free(p);
}

static void emit(const struct plugin *p)
{
    int hooks = 0;
    int plain = 0;

    for (int i = 0; i < HOST_HOOKS; i++)
        hooks |= p->fn[i] ? 1 << i : 0;
    if (p->handle)
        plain = (dlsym(p->handle, "init") ? 1 : 0) | (dlsym(p->handle, "fini") ? 2 : 0);
    wire_emit((struct wire){.type = WIRE_PLUGIN,
                            .plugin = p->index,
                            .a = p->required,
                            .b = p->name != NULL,
                            .c = hooks,
                            .d = plain},
              p->path, p->name);
}

/* _spank_plugin_create() (plugstack.c:341). False: not loaded. */
static bool open_plugin(struct plugin *p)
{
    const char *why;
    int found = 0;

    p->handle = load(p->path, &why, p->required);
    if (!p->handle) {
        host_say(p->required || !host.rules->quiet_optional ? HOST_LOG_ERROR : HOST_LOG_VERBOSE,
                 "spank: %s: %s", p->path, why);
        return false;
    }
    for (int i = 0; i < HOST_HOOKS; i++) {
        *(void **)&p->fn[i] = dlsym(p->handle, symbols[i]);
        found += p->fn[i] != NULL;
    }
    if (found == 0) {
        host_say(HOST_LOG_ERROR, "spank: \"%s\" exports 0 symbols", p->path);
        return false;
    }
    p->name = dlsym(p->handle, "plugin_name");
    if (host.rules->failure_mode)
        p->failure_mode = dlsym(p->handle, "slurm_spank_init_failure_mode");
    if (host.sc->context != HOST_ALLOCATOR) /* plugstack.c:374 */
        p->table = dlsym(p->handle, "spank_options");
    return true;
}

static int add(struct plugin *p, int line)
{
    static int index;

    p->index = index++;
    if (!open_plugin(p)) {
        bool required = p->required;

        emit(p);
        host_say(required ? HOST_LOG_ERROR : HOST_LOG_VERBOSE, "spank: line %d: %s not loaded",
                 line, p->path);
        free(p->path);
        host_strv_free(p->av);
        free(p); /* Slurm does not unload what exports nothing, either */
        return required ? -1 : 0;
    }
    /* "Cowardly refusing to load a second time" never happens: the check compares pointers to
     * strings that were allocated for each line (plugstack.c:258). */
    emit(p);
    if (!useful_here(p)) {
        plugin_free(p);
        return 0;
    }
    host.plugins = realloc(host.plugins, (host.n_plugins + 1) * sizeof(*host.plugins));
    if (!host.plugins)
        abort();
    host.plugins[host.n_plugins++] = p;
    for (int i = 0; i < HOST_HOOKS; i++)
        host.has[i] |= p->fn[i] != NULL;
    for (struct spank_option *o = p->table; o && o->name; o++)
        opt_register(p, o);
    return 0;
}

/* _spank_stack_process_line() and _plugin_stack_parse_line() (plugstack.c:483, 299). Slurm reads
 * lines into 4096 bytes and takes the rest for another line: not modelled. */
static int process_line(const char *text, int line)
{
    static const char blanks[] = " \t\n";
    char *copy = xdup(text);
    char *save = NULL;
    char *kind, *path, *word;
    struct plugin *p;
    int rc = 0;

    copy[strcspn(copy, "#")] = '\0'; /* anywhere: no argument holds a "#" */
    kind = strtok_r(copy, blanks, &save);
    if (!kind)
        goto out;
    path = strtok_r(NULL, blanks, &save);
    if ((strcmp(kind, "required") != 0 && strcmp(kind, "optional") != 0) || !path) {
        host_say(HOST_LOG_ERROR, "spank: plugstack.conf:%d: Invalid line. Ignoring.", line);
        goto out;
    }
    p = xalloc(sizeof(*p));
    p->required = strcmp(kind, "required") == 0;
    p->path = path[0] == '/' ? NULL : find(path);
    if (!p->path)
        p->path = xdup(path);
    while ((word = strtok_r(NULL, blanks, &save))) {
        list_add(&p->av, xdup(word));
        p->ac++;
    }
    rc = add(p, line);
out:
    free(copy);
    return rc;
}

int stack_load(void)
{
    int line = 0;

    host.hook = HOST_OUTSIDE;
    host.task = -1;
    for (const char *const *l = host.sc->plugstack; l && *l; l++)
        if (process_line(*l, ++line) < 0)
            return -1;
    return 0;
}

void stack_unload(void)
{
    for (size_t i = 0; i < host.n_plugins; i++)
        plugin_free(host.plugins[i]);
    free(host.plugins);
    host.plugins = NULL;
    host.n_plugins = 0;
    opt_free();
}
