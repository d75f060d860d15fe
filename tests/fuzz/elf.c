/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An executable of a user's. What begins with a '#' gets the beginning of an ELF file in its place,
 * whose program headers come next. */
#include "fuzz.h"

#include "watch/elf.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int file_of(const uint8_t *data, size_t size)
{
    static int fd = -1;
    ElfW(Ehdr) header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB},
                         .e_phentsize = sizeof(ElfW(Phdr)),
                         .e_phoff = sizeof(header)};
    size_t before = 0;
    if (fd < 0)
        fd = memfd_create("input", MFD_CLOEXEC);
    REQUIRE(fd >= 0 && ftruncate(fd, 0) == 0);
    if (size > 1 && data[0] == '#') {
        header.e_phnum = data[1];
        before = sizeof(header);
        data += 2;
        size -= 2;
        REQUIRE(pwrite(fd, &header, before, 0) == (ssize_t)before);
    }
    REQUIRE(pwrite(fd, data, size, (off_t)before) == (ssize_t)size);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct elf elf;
    struct build_id id;
    char text[ELF_PATH_MAX];
    if (elf_open(&elf, file_of(data, size)) != 0) {
        REQUIRE(errno == ENOEXEC);
        return 0;
    }
    REQUIRE(elf.count <= ELF_SEGMENTS_MAX);
    elf_build_id(&elf, &id);
    REQUIRE(id.length == 0 || (id.length >= BUILD_ID_MIN && id.length <= BUILD_ID_MAX));
    memset(text, 'x', sizeof(text));
    elf_runpath(&elf, text);
    REQUIRE(memchr(text, '\0', sizeof(text)));
    memset(text, 'x', sizeof(text));
    elf_needed(&elf, "lib", text);
    REQUIRE(memchr(text, '\0', sizeof(text)) && (!text[0] || strncmp(text, "lib", 3) == 0));
    return 0;
}
