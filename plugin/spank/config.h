/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The site's settings: the arguments of nestsafe.so's line in plugstack.conf. */
#ifndef NESTSAFE_SPANK_CONFIG_H
#define NESTSAFE_SPANK_CONFIG_H

#include "core/mode.h"
#include "core/stepfile.h"
#include "launch/address.h"

#include <stdbool.h>

/* Where the node's collectors of a job meet; below 1024, so that no user can be there first. */
enum { PORT_DEFAULT = 868 };

enum preload { PRELOAD_ASKED, PRELOAD_ALWAYS, PRELOAD_NEVER };

struct config {
    bool valid; /* else nestsafe is inactive, and error says why */
    enum mode default_mode;
    unsigned allowed; /* 1 << MODE for each MODE that users may ask for */
    enum preload
        preload; /* the guard: where the job asked for nestsafe; in all armed tasks; never */
    unsigned max_depth;
    char *rules;     /* absolute path of the site's rules, or NULL */
    char *launchers; /* names of launchers that the site added, separated by commas, or NULL */

    /* Of recording; the step's registration hands on all but the first. */
    char rundir[RUNDIR_LENGTH_MAX + 1];
    char log[sizeof(((struct stepfile *)0)->log)]; /* where incidents go, as it was written */
    enum accounting accounting;
    bool notify;
    char spool[sizeof(((struct stepfile *)0)->spool)];
    unsigned port;

    char error[256]; /* names the key, the file and the value */
};

/* Parse KEY=VALUE words. config->valid tells whether all were right; what was not is in error.
 * Destroy it either way. */
void config_parse(struct config *config, int argc, char *const argv[]);

/* NULL-safe, also on a zeroed struct; keeps errno. */
void config_destroy(struct config *config);

bool config_allows(const struct config *config, enum mode mode);

/* The collector's directory as an armed environment names it: NULL where it is the default. */
const char *config_rundir(const struct config *config);

#endif
