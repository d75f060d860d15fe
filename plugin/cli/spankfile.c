/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a SPANK plugin says of itself. Everything in the file is checked against its length. */
#include "spankfile.h"

#include "launch/readfile.h"

#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 256 * 1024 * 1024 };

/* So that one expression serves both classes of ELF. */
typedef ElfW(Ehdr) header_t;
typedef ElfW(Shdr) section_t;
typedef ElfW(Sym) symbol_t;

struct image {
    const unsigned char *bytes;
    size_t length;
    header_t header;
};

static bool copy(const struct image *image, uint64_t offset, void *to, size_t size)
{
    if (offset > image->length || size > image->length - offset)
        return false;
    memcpy(to, image->bytes + offset, size);
    return true;
}

static bool section(const struct image *image, uint64_t index, section_t *out)
{
    return index < image->header.e_shnum &&
           copy(image, image->header.e_shoff + index * sizeof(*out), out, sizeof(*out));
}

/* Where the bytes of a variable are in the file; 0 where they are not. */
static uint64_t place(const struct image *image, const symbol_t *symbol)
{
    section_t home;
    if (!section(image, symbol->st_shndx, &home) || home.sh_type == SHT_NOBITS ||
        symbol->st_value < home.sh_addr || symbol->st_value - home.sh_addr >= home.sh_size)
        return 0;
    return home.sh_offset + (symbol->st_value - home.sh_addr);
}

static void take_text(const struct image *image, uint64_t offset, char *out, size_t size)
{
    size_t i = 0;
    while (offset && i + 1 < size && offset + i < image->length && image->bytes[offset + i]) {
        out[i] = (char)image->bytes[offset + i];
        i++;
    }
    out[i] = '\0';
}

static void take(struct spankfile *plugin, const struct image *image, const symbol_t *symbol,
                 const char *name)
{
    uint64_t offset = place(image, symbol);
    if (strcmp(name, "plugin_name") == 0)
        take_text(image, offset, plugin->name, sizeof(plugin->name));
    else if (strcmp(name, "plugin_type") == 0)
        take_text(image, offset, plugin->type, sizeof(plugin->type));
    else if (strcmp(name, "plugin_version") == 0)
        plugin->has_release =
            offset && copy(image, offset, &plugin->release, sizeof(plugin->release));
}

static void take_symbols(struct spankfile *plugin, const struct image *image,
                         const section_t *symbols)
{
    section_t names;
    if (!section(image, symbols->sh_link, &names))
        return;
    for (uint64_t i = 0; i < symbols->sh_size / sizeof(symbol_t); i++) {
        symbol_t symbol;
        char name[16];
        if (!copy(image, symbols->sh_offset + i * sizeof(symbol), &symbol, sizeof(symbol)))
            return;
        take_text(image, names.sh_offset + symbol.st_name, name, sizeof(name));
        take(plugin, image, &symbol, name);
    }
}

uint64_t spankfile_hash(const unsigned char *bytes, size_t length)
{
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * 1099511628211U;
    return hash;
}

int spankfile_parse(struct spankfile *plugin, const unsigned char *bytes, size_t length)
{
    struct image image = {.bytes = bytes, .length = length};
    const unsigned char class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    *plugin = (struct spankfile){.hash = spankfile_hash(bytes, length)};
    if (!copy(&image, 0, &image.header, sizeof(image.header)) ||
        memcmp(image.header.e_ident, ELFMAG, SELFMAG) != 0 ||
        image.header.e_ident[EI_CLASS] != class || image.header.e_type != ET_DYN ||
        image.header.e_shentsize != sizeof(section_t)) {
        errno = ENOEXEC;
        return -1;
    }
    for (uint64_t i = 0; i < image.header.e_shnum; i++) {
        section_t one;
        if (section(&image, i, &one) && one.sh_type == SHT_DYNSYM)
            take_symbols(plugin, &image, &one);
    }
    return 0;
}

int spankfile_read(struct spankfile *plugin, const char *path)
{
    size_t length;
    char *bytes = readfile(path, FILE_MAX, &length);
    *plugin = (struct spankfile){0};
    if (!bytes)
        return -1;
    int rc = spankfile_parse(plugin, (const unsigned char *)bytes, length);
    int saved = errno;
    free(bytes);
    errno = saved;
    return rc;
}
