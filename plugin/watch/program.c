/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a program's file, looked into once: by device, inode, size and time of change.
 */
#include "program.h"

#include "libraries.h"
#include "recognize.h"
#include "regular.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PROGRAMS_MAX = 1024,
    SLOTS = 2 * PROGRAMS_MAX, /* a power of 2 */
    FILE_MAX = 16 * 1024 * 1024,
};

static struct program slots[SLOTS]; /* free: inode 0 */
static size_t count;

/* No file server is asked: the file is being executed, so what the kernel has is recent. */
static int read_status(int directory, const char *path, struct statx *status)
{
    return statx(directory, path, AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, status);
}

static struct program_key key_of(const struct statx *status)
{
    return (struct program_key){
        .device = (uint64_t)status->stx_dev_major << 32 | status->stx_dev_minor,
        .inode = status->stx_ino,
        .size = status->stx_size,
        .seconds = status->stx_ctime.tv_sec,
        .nanoseconds = status->stx_ctime.tv_nsec,
    };
}

static bool is_same(const struct program_key *a, const struct program_key *b)
{
    return a->inode == b->inode && a->device == b->device && a->size == b->size &&
           a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

/* The slot of a key, or the free one where it belongs. */
static struct program *slot_of(const struct program_key *key)
{
    uint64_t hash = (key->inode ^ key->device << 20) * UINT64_C(0x9E3779B97F4A7C15);
    size_t i = (size_t)(hash >> 32) % SLOTS;
    while (slots[i].key.inode && !is_same(&slots[i].key, key))
        i = (i + 1) % SLOTS;
    return &slots[i];
}

static struct program *find(const struct statx *status)
{
    struct program_key key = key_of(status);
    struct program *program = slot_of(&key);
    return program->key.inode ? program : NULL;
}

struct program *program_of(int handle)
{
    struct statx status;
    struct elf elf;
    if (read_status(handle, "", &status) != 0)
        return NULL;
    struct program *program = find(&status);
    if (program)
        return program;
    if (!S_ISREG(status.stx_mode)) {
        errno = ENOTSUP;
        return NULL;
    }
    if (count == PROGRAMS_MAX)
        program_forget();
    struct program fresh = {.key = key_of(&status)};
    program = slot_of(&fresh.key);
    fresh.root_only = status.stx_uid == 0 && !(status.stx_mode & (S_IWGRP | S_IWOTH));
    int fd = regular_open(handle);
    if (fd >= 0 && elf_open(&elf, fd) == 0)
        elf_build_id(&elf, &fresh.id);
    if (fd >= 0)
        close(fd);
    *program = fresh;
    count++;
    return program;
}

struct program *program_at(const char *path)
{
    struct statx status;
    if (read_status(AT_FDCWD, path, &status) != 0)
        return NULL;
    struct program *program = find(&status);
    if (program)
        return program;
    int handle = open(path, O_PATH | O_CLOEXEC);
    if (handle < 0)
        return NULL;
    program = program_of(handle);
    int saved = errno;
    close(handle);
    errno = saved;
    return program;
}

/* An image that a user mounts may have files of root's too, but not in the node's own tree. */
static bool is_ours(const struct program *program, const char *name)
{
    struct statx status;
    int root = program->root_only ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    int handle = root < 0 ? -1 : regular_handle(root, name, REGULAR_KNOWN);
    bool same = false;
    if (handle >= 0 && read_status(handle, "", &status) == 0) {
        struct program_key key = key_of(&status);
        same = is_same(&key, &program->key);
    }
    if (handle >= 0)
        close(handle);
    if (root >= 0)
        close(root);
    return same;
}

static void read_library(struct program *program, int handle, int root, const char *name,
                         const char *library)
{
    size_t length;
    int fd = regular_open(handle);
    int found = fd < 0 ? -1 : libraries_find(fd, root, name, library, program->trusted);
    char *bytes = found < 0 ? NULL : regular_bytes(found, FILE_MAX, &length);
    if (bytes)
        recognize_library(bytes, length, program->version);
    free(bytes);
    if (found >= 0)
        close(found);
    if (fd >= 0)
        close(fd);
}

void program_study(struct program *program, int handle, int root, const char *name)
{
    size_t length;
    const char *library = NULL;
    if (program->studied)
        return;
    program->studied = true;
    program->trusted = is_ours(program, name);
    char *bytes = regular_bytes(handle, FILE_MAX, &length);
    if (bytes)
        program->flavour = recognize_launcher(bytes, length, program->version, &library);
    free(bytes);
    if (library)
        read_library(program, handle, root, name, library);
}

void program_forget(void)
{
    memset(slots, 0, sizeof(slots));
    count = 0;
}
