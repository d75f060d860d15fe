/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real launcher: what PATH would have given without nestsafe's launcher directory. */
#include "search.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct walk {
    struct stat self;
    bool self_known;
    int error; /* what to report when nothing is found */
};

enum candidate { NOT_THERE, OURS, FOUND };

static enum candidate examine(struct walk *walk, const char *file)
{
    struct stat status;
    if (stat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return NOT_THERE;
    if (walk->self_known && status.st_dev == walk->self.st_dev &&
        status.st_ino == walk->self.st_ino)
        return OURS;
    if (access(file, X_OK) == 0)
        return FOUND;
    walk->error = EACCES;
    return NOT_THERE;
}

/* The first hit in path; with *ours set on entry only what comes after ourselves counts. On return
 * *ours says whether we were met. */
static char *walk_path(struct walk *walk, const char *name, const char *path, bool *ours)
{
    bool wait_for_ours = *ours;
    size_t size = strlen(name) + strlen(path) + 3;
    char *file = malloc(size);
    *ours = false;
    for (bool more = file != NULL; more;) {
        size_t length = (size_t)(strchrnul(path, ':') - path);
        /* An empty element is the current directory (execvp(3)). */
        stpcpy(stpcpy(mempcpy(file, path, length), length ? "/" : "./"), name);
        enum candidate candidate = examine(walk, file);
        *ours = *ours || candidate == OURS;
        if (candidate == FOUND && (*ours || !wait_for_ours))
            return file;
        more = path[length] != '\0';
        path += length + 1;
    }
    if (file)
        errno = walk->error;
    free(file);
    return NULL;
}

char *search_launcher(const char *name, const char *path)
{
    struct walk walk = {.error = ENOENT};
    walk.self_known = stat("/proc/self/exe", &walk.self) == 0;
    char standard[256] = "/bin:/usr/bin";
    if (!path) {
        confstr(_CS_PATH, standard, sizeof(standard));
        path = standard;
    }
    bool ours = true;
    char *file = walk_path(&walk, name, path, &ours);
    if (!file && !ours) {
        walk.error = ENOENT;
        file = walk_path(&walk, name, path, &ours);
    }
    return file;
}
