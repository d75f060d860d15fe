/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The library that a launcher will be linked with, found without running it. */
#include "libraries.h"

#include "elf.h"
#include "regular.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const system_directories[] = {
    "usr/lib64",
    "usr/lib/x86_64-linux-gnu",
    "usr/lib/aarch64-linux-gnu",
    "usr/lib/powerpc64le-linux-gnu",
    "usr/lib",
    "usr/local/lib64",
    "usr/local/lib",
};

/* In lib and lib64 of the installation whose bin the program is in. */
static int find_beside(int root, const char *path, const char *name)
{
    static const char *const names[] = {"lib", "lib64"};
    char text[PATH_MAX];
    int fd = -1;
    snprintf(text, sizeof(text), "%s", path);
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(text, '/');
        if (!slash)
            return -1;
        *slash = '\0';
    }
    int top = regular_directory(root, text[0] ? text : "/", REGULAR_INSIDE);
    for (size_t i = 0; top >= 0 && fd < 0 && i < sizeof(names) / sizeof(names[0]); i++) {
        char file[ELF_PATH_MAX + 8];
        snprintf(file, sizeof(file), "%s/%s", names[i], name);
        fd = regular_handle(top, file, REGULAR_BELOW);
    }
    if (top >= 0)
        close(top);
    return fd;
}

/* In one element of a run path: length bytes, which may begin with the word for the directory of
 * the program. */
static int find_in_element(int root, const char *path, const char *element, size_t length,
                           const char *name)
{
    static const char *const origins[] = {"$ORIGIN", "${ORIGIN}"};
    char file[PATH_MAX];
    int origin = 0;
    for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
        size_t word = strlen(origins[i]);
        if (length >= word && strncmp(element, origins[i], word) == 0) {
            element += word;
            length -= word;
            origin = (int)(strrchr(path, '/') - path);
        }
    }
    int written =
        snprintf(file, sizeof(file), "%.*s%.*s/%s", origin, path, (int)length, element, name);
    if (file[0] != '/' || written < 0 || (size_t)written >= sizeof(file))
        return -1;
    return regular_handle(root, file, REGULAR_INSIDE);
}

static int find_in_run_path(const struct elf *elf, int root, const char *path, const char *name)
{
    char run_path[ELF_PATH_MAX];
    int fd = -1;
    elf_runpath(elf, run_path);
    for (const char *at = run_path; *at && fd < 0;) {
        size_t length = strcspn(at, ":");
        fd = find_in_element(root, path, at, length, name);
        at += length + (at[length] == ':');
    }
    return fd;
}

static int find_in_system(int root, const char *name)
{
    int fd = -1;
    size_t count = sizeof(system_directories) / sizeof(system_directories[0]);
    for (size_t i = 0; i < count && fd < 0; i++) {
        char file[ELF_PATH_MAX + 64];
        snprintf(file, sizeof(file), "%s/%s", system_directories[i], name);
        fd = regular_handle(root, file, REGULAR_INSIDE);
    }
    return fd;
}

int libraries_find(int fd, int root, const char *path, const char *prefix, bool trusted)
{
    struct elf elf;
    char name[ELF_PATH_MAX];
    if (path[0] != '/' || elf_open(&elf, fd) != 0)
        return -1;
    elf_needed(&elf, prefix, name);
    if (!name[0] || strchr(name, '/'))
        return -1;
    int found = trusted ? find_in_run_path(&elf, root, path, name) : -1;
    if (found < 0)
        found = find_beside(root, path, name);
    return found < 0 ? find_in_system(root, name) : found;
}
