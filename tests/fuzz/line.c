/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that another host sends to nestsafe-account, from a file that is like a closed socket. */
#include "fuzz.h"

#include "account/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A file with this content, its position at the beginning. */
static int file_of(const uint8_t *data, size_t size)
{
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("input", MFD_CLOEXEC);
    REQUIRE(fd >= 0 && ftruncate(fd, 0) == 0);
    REQUIRE(pwrite(fd, data, size, 0) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lines *lines = malloc(sizeof(*lines));
    size_t at = 0;
    REQUIRE(lines);
    lines->fd = file_of(data, size);
    lines->length = lines->used = 0;
    for (const char *line; (line = line_next(lines, INT64_MAX));) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        REQUIRE(end && memcmp(line, data + at, (size_t)(end - data) - at) == 0);
        at = (size_t)(end - data) + 1;
        REQUIRE(lines->used == at && lines->used <= LINE_SIZE);
    }
    REQUIRE(errno == (size >= LINE_SIZE ? EMSGSIZE : EPIPE) || errno == EPIPE);
    REQUIRE(errno == EMSGSIZE || !size || !memchr(data + at, '\n', size - at));
    free(lines);
    return 0;
}
