/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/elf: this program itself, and files that lie about what is in them. */
#include "stopped.h"
#include "support.h"

#include "watch/elf.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MUTATIONS = 3000, MUTATED = 1024, CUT = 8192 };

static const char own[] = "/proc/self/exe";

/* A file in memory. */
static int make_file(const void *bytes, size_t length)
{
    int fd = memfd_create("elf", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    return fd;
}

static int take_build_id(struct dl_phdr_info *info, size_t size, void *id)
{
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        const char *at = (const char *)(info->dlpi_addr + segment->p_vaddr);
        const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
        if (segment->p_type != PT_NOTE || note->n_type != NT_GNU_BUILD_ID)
            continue;
        struct build_id *found = id;
        found->length = note->n_descsz;
        memcpy(found->bytes, at + sizeof(*note) + note->n_namesz, note->n_descsz);
        break;
    }
    return 1; /* the program comes first */
}

static void our_own(void **state)
{
    (void)state;
    size_t length;
    struct elf elf;
    struct build_id id;
    struct build_id loaded = {0};
    char text[ELF_PATH_MAX];
    char *bytes = file_bytes(own, &length);
    int fd = make_file(bytes, length);
    free(bytes);
    assert_int_equal(elf_open(&elf, fd), 0);
    elf_build_id(&elf, &id);
    dl_iterate_phdr(take_build_id, &loaded);
    assert_int_equal(id.length, loaded.length);
    assert_memory_equal(id.bytes, loaded.bytes, sizeof(id.bytes));
    elf_needed(&elf, "libc.so", text);
    assert_int_equal(strncmp(text, "libc.so.", 8), 0);
    elf_needed(&elf, "libnone", text);
    assert_string_equal(text, "");
    close(fd);
}

static void where_libraries_are(void **state)
{
    (void)state;
    struct elf elf;
    char text[ELF_PATH_MAX];
    FILE *orterun = fopen("/usr/bin/orterun", "r");
    if (!orterun)
        leave_out("no orterun of Debian's");
    assert_int_equal(elf_open(&elf, fileno(orterun)), 0);
    elf_needed(&elf, "libopen-rte.so", text);
    assert_int_equal(strncmp(text, "libopen-rte.so.", 15), 0);
    elf_runpath(&elf, text);
    assert_non_null(strstr(text, "/openmpi/lib"));
    fclose(orterun);
}

static void what_is_none(void **state)
{
    (void)state;
    static const char *const files[] = {"", "\177EL", "#!/bin/sh\n",
                                        "\177ELFxxxxxxxxxxxxxxxxxxxxxxx"};
    struct elf elf;
    for (size_t i = 0; i < COUNT(files); i++) {
        int fd = make_file(files[i], strlen(files[i]));
        errno = 0;
        assert_int_equal(elf_open(&elf, fd), -1);
        assert_int_equal(errno, ENOEXEC);
        close(fd);
    }
    assert_int_equal(elf_open(&elf, -1), -1);
    assert_int_equal(errno, EBADF);
}

/* Whatever is in it, this ends, stays in its memory, and gives strings. */
static void read_all(const void *bytes, size_t length)
{
    struct elf elf;
    struct build_id id;
    char text[ELF_PATH_MAX];
    int fd = make_file(bytes, length);
    if (elf_open(&elf, fd) == 0) {
        elf_build_id(&elf, &id);
        assert_true(id.length == 0 || (id.length >= BUILD_ID_MIN && id.length <= BUILD_ID_MAX));
        elf_runpath(&elf, text);
        assert_true(strnlen(text, sizeof(text)) < sizeof(text));
        elf_needed(&elf, "lib", text);
        assert_true(strnlen(text, sizeof(text)) < sizeof(text));
    }
    close(fd);
}

/* A build id is whole or none. */
static void cut_off_anywhere(void **state)
{
    (void)state;
    size_t length;
    struct elf elf;
    struct build_id whole;
    char *bytes = file_bytes(own, &length);
    int fd = make_file(bytes, length);
    assert_int_equal(elf_open(&elf, fd), 0);
    elf_build_id(&elf, &whole);
    close(fd);
    for (size_t i = 0; i < length && i < CUT; i += i < 1024 ? 1 : 61) {
        struct build_id id;
        read_all(bytes, i);
        fd = make_file(bytes, i);
        if (elf_open(&elf, fd) == 0) {
            elf_build_id(&elf, &id);
            assert_true(id.length == 0 || memcmp(&id, &whole, sizeof(id)) == 0);
        }
        close(fd);
    }
    free(bytes);
}

/* Where the dynamic section is, which with the headers decides where everything else is. */
static size_t dynamic_offset(const char *bytes, size_t length)
{
    struct elf elf;
    size_t offset = 0;
    int fd = make_file(bytes, length);
    assert_int_equal(elf_open(&elf, fd), 0);
    for (size_t i = 0; i < elf.count; i++) {
        if (elf.segments[i].p_type == PT_DYNAMIC)
            offset = elf.segments[i].p_offset;
    }
    close(fd);
    assert_in_range(offset, 1, length - MUTATED);
    return offset;
}

/* One write in four is of a large number. */
static void mutate(char *bytes, size_t dynamic)
{
    long count = 1 + random() % 8;
    for (long i = 0; i < count; i++) {
        uint64_t large = UINT64_MAX >> random() % 64;
        char *at = bytes + (random() % 2 ? dynamic : 0) + random() % MUTATED;
        if (random() % 4 == 0)
            memcpy(at, &large, sizeof(large));
        else
            *at = (char)random();
    }
}

static void lies(void **state)
{
    (void)state;
    size_t length;
    char *bytes = file_bytes(own, &length);
    char *mutant = malloc(length);
    assert_non_null(mutant);
    size_t dynamic = dynamic_offset(bytes, length);
    srandom(3);
    for (int i = 0; i < MUTATIONS; i++) {
        memcpy(mutant, bytes, length);
        mutate(mutant, dynamic);
        read_all(mutant, length);
    }
    free(mutant);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_own),      cmocka_unit_test(where_libraries_are),
        cmocka_unit_test(what_is_none), cmocka_unit_test(cut_off_anywhere),
        cmocka_unit_test(lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
