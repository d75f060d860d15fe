/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of text between two processes, neither of which waits for ever for the other. */
#include "line.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int wait_for(int fd, short events, int64_t until)
{
    for (;;) {
        int64_t left = until - clock_ms();
        struct pollfd waiting = {.fd = fd, .events = events};
        int ready = poll(&waiting, 1, left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);
        if (ready > 0)
            return 0;
        if (ready == 0) {
            errno = ETIMEDOUT;
            return -1;
        }
        if (errno != EINTR)
            return -1;
    }
}

/* Returns 0, or -1 with errno. */
static int read_more(struct lines *lines, int64_t until)
{
    if (lines->length == sizeof(lines->text)) {
        errno = EMSGSIZE;
        return -1;
    }
    if (wait_for(lines->fd, POLLIN, until) != 0)
        return -1;
    ssize_t got = read(lines->fd, lines->text + lines->length, sizeof(lines->text) - lines->length);
    if (got == 0)
        errno = EPIPE;
    if (got > 0)
        lines->length += (size_t)got;
    return got > 0 || (got < 0 && errno == EINTR) ? 0 : -1;
}

char *line_next(struct lines *lines, int64_t until)
{
    char *begin = lines->text + lines->used;
    char *end;
    while (!(end = memchr(begin, '\n', lines->length - lines->used))) {
        if (read_more(lines, until) != 0)
            return NULL;
    }
    *end = '\0';
    lines->used = (size_t)(end - lines->text) + 1;
    return begin;
}

int write_all(int fd, const char *text, size_t length, int64_t until)
{
    while (length > 0) {
        if (wait_for(fd, POLLOUT, until) != 0)
            return -1;
        ssize_t put = send(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (put < 0 && errno != EINTR && errno != EAGAIN)
            return -1;
        if (put > 0) {
            text += put;
            length -= (size_t)put;
        }
    }
    return 0;
}
