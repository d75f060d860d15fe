/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The little that is to be known of an ELF file: its build id, and where its libraries are. */
#ifndef NESTSAFE_WATCH_ELF_H
#define NESTSAFE_WATCH_ELF_H

#include <link.h>
#include <stddef.h>

enum { BUILD_ID_MIN = 8, BUILD_ID_MAX = 32, ELF_SEGMENTS_MAX = 32, ELF_PATH_MAX = 512 };

struct build_id {
    size_t length; /* 0: none */
    unsigned char bytes[BUILD_ID_MAX];
};

struct elf {
    int fd; /* borrowed */
    size_t count;
    ElfW(Phdr) segments[ELF_SEGMENTS_MAX];
};

/* Read the program headers of a file of this machine's own kind; only that. It may be anybody's:
 * nothing in it is believed, and only a few KiB are read of it. Nothing has to be freed.
 * Returns 0, or -1 with errno ENOEXEC or from pread(2). */
int elf_open(struct elf *elf, int fd);

/* The linker's name for what was linked (ld --build-id): copies share it. */
void elf_build_id(const struct elf *elf, struct build_id *id);

/* Where the loader is told to look for libraries (DT_RUNPATH or DT_RPATH), "" for nowhere. */
void elf_runpath(const struct elf *elf, char path[ELF_PATH_MAX]);

/* The name of the first library it needs (DT_NEEDED) that begins with prefix, or "". */
void elf_needed(const struct elf *elf, const char *prefix, char name[ELF_PATH_MAX]);

#endif
