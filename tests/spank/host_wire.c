/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records from the host process and its tasks to the test: one datagram each, never mixed up. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host_internal.h"
#include "host_result.h"

#define CHANNEL_FD 200     /* out of the way: the plugin gets the numbers it would get in Slurm */
#define TEXT_MAX (1 << 17) /* longer texts are cut; an environment entry is shorter in Slurm */

static int channel = -1;

int wire_open(int fd[2])
{
    int size = 4 << 20;
    int high;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
        return -1;
    /* Room for the longest record. As root even beyond the system's limit. */
    for (int i = 0; i < 2; i++)
        if (setsockopt(fd[i], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
            setsockopt(fd[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    high = fcntl(fd[1], F_DUPFD_CLOEXEC, CHANNEL_FD);
    if (high >= 0) {
        close(fd[1]);
        fd[1] = high;
    }
    return 0;
}

void wire_use(int fd)
{
    channel = fd;
}

int wire_fd(void)
{
    return channel;
}

void wire_emit(struct wire w, const char *s, const char *t)
{
    size_t ls = s ? strlen(s) : 0;
    size_t lt = t ? strlen(t) : 0;
    char *buf, *p;

    if (ls > TEXT_MAX)
        ls = TEXT_MAX;
    if (lt > TEXT_MAX)
        lt = TEXT_MAX;
    w.has_s = s != NULL;
    w.has_t = t != NULL;
    p = buf = xalloc(sizeof(w) + ls + lt + 2);
    memcpy(p, &w, sizeof(w));
    p += sizeof(w);
    memcpy(p, s ? s : "", ls);
    p += ls + 1;
    memcpy(p, t ? t : "", lt);
    p += lt + 1;
    while (send(channel, buf, (size_t)(p - buf), MSG_NOSIGNAL) < 0)
        if (errno != EINTR) /* nobody can be told but the terminal */
            break;
    free(buf);
}

void wire_list(enum wire_list list, int task, char *const *strings)
{
    for (; strings && *strings; strings++)
        wire_emit((struct wire){.type = WIRE_STRING, .task = task, .a = list}, *strings, NULL);
}

void wire_fault(const char *fmt, ...)
{
    char *text;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0)
        abort();
    va_end(ap);
    wire_emit((struct wire){.type = WIRE_STRING, .task = -1, .a = LIST_FAULT}, text, NULL);
    free(text);
}

int wire_receive(int fd, struct host_result *res)
{
    static char buf[sizeof(struct wire) + 2 * TEXT_MAX + 2];
    struct wire w;
    const char *s, *t;
    ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    if (n == 0)
        return -1;
    if ((size_t)n < sizeof(w) + 2 || buf[n - 1] != '\0') {
        errno = EPROTO;
        return -1;
    }
    memcpy(&w, buf, sizeof(w));
    s = buf + sizeof(w);
    t = s + strlen(s) + 1;
    if (t >= buf + n) {
        errno = EPROTO;
        return -1;
    }
    result_add(res, &w, w.has_s ? s : NULL, w.has_t ? t : NULL);
    return 1;
}
