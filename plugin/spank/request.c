/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user asked for: --mpi-nested-safe, its twin MPI_NESTED_SAFE, or nothing. */
#include "request.h"

#include "core/printable.h"

#include <stdio.h>
#include <string.h>

static void list_allowed(const struct config *config, char *list, size_t size)
{
    size_t at = 0;
    list[0] = '\0';
    for (int mode = MODE_AUTO; mode <= MODE_OFF && at < size; mode++) {
        if (config_allows(config, (enum mode)mode))
            at += (size_t)snprintf(list + at, size - at, "%s%s", at ? ", " : "",
                                   mode_name((enum mode)mode));
    }
}

/* "; auto and node also with ',alone'": of the modes that repair, those that are allowed. */
static void hint_alone(const struct config *config, char *hint, size_t size)
{
    const char *names[MODE_AUDIT];
    size_t count = 0;
    size_t at = 0;
    hint[0] = '\0';
    for (int mode = MODE_AUTO; mode < MODE_AUDIT; mode++) {
        if (config_allows(config, (enum mode)mode))
            names[count++] = mode_name((enum mode)mode);
    }
    for (size_t i = 0; i < count && at < size; i++)
        at += (size_t)snprintf(hint + at, size - at, "%s%s",
                               i == 0          ? "; "
                               : i < count - 1 ? ", "
                                               : " and ",
                               names[i]);
    if (count && at < size)
        snprintf(hint + at, size - at, " also with '" MODE_ALONE "'");
}

static int check(const struct config *config, const char *key, const char *text, enum mode *mode,
                 char *error, size_t size)
{
    char allowed[64];
    if (text && strcmp(text, "(null)") == 0)
        text = NULL;
    list_allowed(config, allowed, sizeof(allowed));
    if (mode_parse(text, mode) != 0) {
        char shown[64], hint[64];
        hint_alone(config, hint, sizeof(hint));
        snprintf(error, size, "%s: invalid mode '%s'; valid are %s%s", key,
                 printable(shown, sizeof(shown), text), allowed, hint);
        return -1;
    }
    if (!config_allows(config, *mode)) {
        snprintf(error, size, "%s: mode '%s' is not allowed on this cluster; allowed are %s", key,
                 mode_name(*mode), allowed);
        return -1;
    }
    return 0;
}

int request_take(struct request *request, const struct config *config, const char *argument)
{
    enum mode mode;
    request->error[0] = '\0';
    if (check(config, "--mpi-nested-safe", argument, &mode, request->error,
              sizeof(request->error)) != 0)
        return -1;
    request->given = true;
    request->option = mode;
    return 0;
}

int request_resolve(const struct request *request, const struct config *config, const char *twin,
                    struct resolved *resolved, char *error, size_t size)
{
    *resolved = (struct resolved){.mode = config->default_mode};
    if (request->given) {
        *resolved = (struct resolved){.mode = request->option, .asked = true};
        return 0;
    }
    if (!twin || !*twin)
        return 0;
    enum mode mode;
    if (check(config, MODE_VARIABLE, twin, &mode, error, size) != 0)
        return -1;
    *resolved = (struct resolved){.mode = mode, .asked = true};
    return 0;
}

bool request_sets_twin(const struct request *request, const struct config *config, const char *twin,
                       enum mode mode)
{
    if (!request->given)
        return false;
    if (twin && *twin)
        return strcmp(twin, mode_name(mode)) != 0;
    return mode_is_armed(mode) || mode != config->default_mode;
}
