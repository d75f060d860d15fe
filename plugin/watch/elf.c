/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The little that is to be known of an ELF file: its build id, and where its libraries are. */
#include "elf.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { NOTES_MAX = 4096, DYNAMIC_MAX = 128 };

/* The dynamic entries, and the part of the file that their strings are in. */
struct dynamic {
    size_t count;
    ElfW(Dyn) entries[DYNAMIC_MAX];
    off_t strings;
};

/* Returns how many bytes were read, which may be fewer at the end of the file; or -1 with errno. */
static ssize_t read_at(int fd, void *buffer, size_t size, uint64_t offset)
{
    ssize_t got;
    if (offset > INT64_MAX - size) {
        errno = ENOEXEC;
        return -1;
    }
    do
        got = pread(fd, buffer, size, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got;
}

static bool is_native(const ElfW(Ehdr) * header)
{
    static const unsigned char class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    static const unsigned char order =
        __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
    return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == class &&
           header->e_ident[EI_DATA] == order && header->e_phentsize == sizeof(ElfW(Phdr));
}

int elf_open(struct elf *elf, int fd)
{
    ElfW(Ehdr) header;
    *elf = (struct elf){.fd = fd};
    ssize_t got = read_at(fd, &header, sizeof(header), 0);
    if (got < 0)
        return -1;
    if ((size_t)got < sizeof(header) || !is_native(&header)) {
        errno = ENOEXEC;
        return -1;
    }
    size_t count = header.e_phnum < ELF_SEGMENTS_MAX ? header.e_phnum : ELF_SEGMENTS_MAX;
    got = read_at(fd, elf->segments, count * sizeof(elf->segments[0]), header.e_phoff);
    if (got < 0)
        return -1;
    elf->count = (size_t)got / sizeof(elf->segments[0]);
    return 0;
}

/* A note is a header, a name and a description, and the latter two begin at multiples of align. */
static bool find_build_id(const unsigned char *notes, size_t size, size_t align,
                          struct build_id *id)
{
    while (size >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        memcpy(&note, notes, sizeof(note));
        const unsigned char *name = notes + sizeof(note);
        size_t text = (sizeof(note) + (size_t)note.n_namesz + align - 1) & ~(align - 1);
        size_t next = (text + note.n_descsz + align - 1) & ~(align - 1);
        if (text + note.n_descsz > size)
            return false;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(name, "GNU", 4) == 0 &&
            note.n_descsz >= BUILD_ID_MIN && note.n_descsz <= BUILD_ID_MAX) {
            id->length = note.n_descsz;
            memcpy(id->bytes, notes + text, note.n_descsz);
            return true;
        }
        if (next > size)
            return false;
        notes += next;
        size -= next;
    }
    return false;
}

void elf_build_id(const struct elf *elf, struct build_id *id)
{
    *id = (struct build_id){0};
    for (size_t i = 0; i < elf->count; i++) {
        const ElfW(Phdr) *segment = &elf->segments[i];
        unsigned char notes[NOTES_MAX];
        if (segment->p_type != PT_NOTE)
            continue;
        size_t size = segment->p_filesz < sizeof(notes) ? segment->p_filesz : sizeof(notes);
        ssize_t got = read_at(elf->fd, notes, size, segment->p_offset);
        if (got > 0 && find_build_id(notes, (size_t)got, segment->p_align == 8 ? 8 : 4, id))
            return;
    }
}

/* Where in the file the bytes are that get loaded to an address. Returns -1 for nowhere. */
static off_t offset_of(const struct elf *elf, uint64_t address)
{
    for (size_t i = 0; i < elf->count; i++) {
        const ElfW(Phdr) *segment = &elf->segments[i];
        if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
            address - segment->p_vaddr < segment->p_filesz &&
            segment->p_offset <= INT64_MAX - (address - segment->p_vaddr))
            return (off_t)(segment->p_offset + (address - segment->p_vaddr));
    }
    return -1;
}

static void read_dynamic(const struct elf *elf, struct dynamic *dynamic)
{
    *dynamic = (struct dynamic){.strings = -1};
    for (size_t i = 0; i < elf->count; i++) {
        const ElfW(Phdr) *segment = &elf->segments[i];
        if (segment->p_type != PT_DYNAMIC)
            continue;
        size_t size = sizeof(dynamic->entries);
        if (segment->p_filesz < size)
            size = segment->p_filesz;
        ssize_t got = read_at(elf->fd, dynamic->entries, size, segment->p_offset);
        dynamic->count = got < 0 ? 0 : (size_t)got / sizeof(dynamic->entries[0]);
        break;
    }
    for (size_t i = 0; i < dynamic->count; i++) {
        if (dynamic->entries[i].d_tag == DT_STRTAB)
            dynamic->strings = offset_of(elf, dynamic->entries[i].d_un.d_ptr);
    }
}

/* The string at value, "" where there is none or it is too long. */
static void read_string(const struct elf *elf, const struct dynamic *dynamic, uint64_t value,
                        char text[ELF_PATH_MAX])
{
    text[0] = '\0';
    if (dynamic->strings < 0 || value > UINT32_MAX)
        return;
    ssize_t got = read_at(elf->fd, text, ELF_PATH_MAX, (uint64_t)dynamic->strings + value);
    if (got <= 0 || !memchr(text, '\0', (size_t)got))
        text[0] = '\0';
}

void elf_runpath(const struct elf *elf, char path[ELF_PATH_MAX])
{
    struct dynamic dynamic;
    path[0] = '\0';
    read_dynamic(elf, &dynamic);
    for (size_t i = 0; i < dynamic.count; i++) {
        const ElfW(Dyn) *entry = &dynamic.entries[i];
        if (entry->d_tag == DT_RUNPATH || (entry->d_tag == DT_RPATH && !path[0]))
            read_string(elf, &dynamic, entry->d_un.d_val, path);
    }
}

void elf_needed(const struct elf *elf, const char *prefix, char name[ELF_PATH_MAX])
{
    struct dynamic dynamic;
    read_dynamic(elf, &dynamic);
    for (size_t i = 0; i < dynamic.count; i++) {
        if (dynamic.entries[i].d_tag != DT_NEEDED)
            continue;
        read_string(elf, &dynamic, dynamic.entries[i].d_un.d_val, name);
        if (strncmp(name, prefix, strlen(prefix)) == 0)
            return;
    }
    name[0] = '\0';
}
