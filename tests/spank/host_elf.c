/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dynamic symbols of a shared object, read from its file. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host_internal.h"

struct image {
    const char *base;
    size_t size;
};

static const void *at(const struct image *im, uint64_t offset, uint64_t n)
{
    return offset <= im->size && n <= im->size - offset ? im->base + offset : NULL;
}

static int collect(const struct image *im, const Elf64_Shdr *syms, const Elf64_Shdr *strs,
                   bool defined, char ***names)
{
    const Elf64_Sym *sym = at(im, syms->sh_offset, syms->sh_size);
    const char *text = at(im, strs->sh_offset, strs->sh_size);
    int n = 0;

    if (!sym || !text || strs->sh_size == 0 || text[strs->sh_size - 1] != '\0')
        return -1;
    for (size_t i = 1; i < syms->sh_size / sizeof(*sym); i++) {
        unsigned bind = ELF64_ST_BIND(sym[i].st_info);
        unsigned visible = ELF64_ST_VISIBILITY(sym[i].st_other);

        if ((sym[i].st_shndx != SHN_UNDEF) != defined || sym[i].st_name >= strs->sh_size)
            continue;
        if ((bind != STB_GLOBAL && bind != STB_WEAK) ||
            (visible != STV_DEFAULT && visible != STV_PROTECTED))
            continue;
        if (text[sym[i].st_name]) {
            list_add(names, xdup(text + sym[i].st_name));
            n++;
        }
    }
    return n;
}

static int read_symbols(const struct image *im, bool defined, char ***names)
{
    const Elf64_Ehdr *eh = at(im, 0, sizeof(*eh));
    const Elf64_Shdr *sh;

    if (!eh || memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0 || eh->e_ident[EI_CLASS] != ELFCLASS64 ||
        eh->e_ident[EI_DATA] !=
            (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB))
        return -1;
    sh = at(im, eh->e_shoff, (uint64_t)eh->e_shnum * sizeof(*sh));
    for (int i = 0; sh && i < eh->e_shnum; i++)
        if (sh[i].sh_type == SHT_DYNSYM && sh[i].sh_link < eh->e_shnum)
            return collect(im, &sh[i], &sh[sh[i].sh_link], defined, names);
    return -1;
}

int host_symbols(const char *path, bool defined, char ***names)
{
    struct image im;
    struct stat st;
    int n, saved;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    *names = NULL;
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) < 0 || st.st_size == 0) {
        close(fd);
        errno = ENOEXEC;
        return -1;
    }
    im.size = (size_t)st.st_size;
    im.base = mmap(NULL, im.size, PROT_READ, MAP_PRIVATE, fd, 0);
    saved = errno;
    close(fd);
    if (im.base == MAP_FAILED) {
        errno = saved;
        return -1;
    }
    *names = xalloc(sizeof(char *));
    n = read_symbols(&im, defined, names);
    munmap((void *)im.base, im.size);
    if (n < 0) {
        host_strv_free(*names);
        *names = NULL;
        errno = ENOEXEC;
    }
    return n;
}

/* What a plugin must or may export, and what tool chains add. */
static bool proper(const char *name)
{
    static const char *const exact[] = {"plugin_name",
                                        "plugin_type",
                                        "plugin_version",
                                        "spank_plugin_version",
                                        "spank_options",
                                        "_init",
                                        "_fini",
                                        "_edata",
                                        "_end",
                                        "__bss_start",
                                        NULL};

    for (const char *const *e = exact; *e; e++)
        if (strcmp(*e, name) == 0)
            return true;
    return strncmp(name, "slurm_spank_", 12) == 0 || strncmp(name, "__odr_asan", 10) == 0 ||
           strncmp(name, "__gcov", 6) == 0;
}

int host_stray_exports(const char *path, char ***names)
{
    char **all;
    int n = 0;

    *names = NULL;
    if (host_symbols(path, true, &all) < 0)
        return -1;
    *names = xalloc(sizeof(char *));
    for (char **p = all; *p; p++)
        if (!proper(*p)) {
            list_add(names, xdup(*p));
            n++;
        }
    host_strv_free(all);
    return n;
}
