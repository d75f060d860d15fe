/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's process connector: which programs begin and end on this node, whoever starts them.
 */
#include "watch.h"

#include "elsewhere.h"
#include "watch_message.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    BUFFER = 4 * 1024 * 1024, /* some thousands of events, while the collector is busy */
    MESSAGE_MAX = 256,        /* an event is of 76 bytes */
    BATCH = 64,
    ANSWER_MILLISECONDS = 200,
};

struct batch {
    struct mmsghdr headers[BATCH];
    struct iovec vectors[BATCH];
    struct sockaddr_nl senders[BATCH];
    char messages[BATCH][MESSAGE_MAX];
};

/* Of at most BATCH. Returns how many messages there are; 0: none; or -1 with errno. */
static int receive(int fd, struct batch *batch, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        batch->vectors[i] = (struct iovec){batch->messages[i], MESSAGE_MAX};
        batch->headers[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &batch->senders[i],
                                                         .msg_namelen = sizeof(batch->senders[i]),
                                                         .msg_iov = &batch->vectors[i],
                                                         .msg_iovlen = 1}};
    }
    int got;
    do
        got = recvmmsg(fd, batch->headers, count, MSG_DONTWAIT, NULL);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN)
        return 0;
    return got;
}

/* Another process may send to our netlink address, too; the kernel's is 0. */
static bool is_from_kernel(const struct batch *batch, int i)
{
    return batch->headers[i].msg_hdr.msg_namelen == sizeof(struct sockaddr_nl) &&
           batch->senders[i].nl_family == AF_NETLINK && batch->senders[i].nl_pid == 0;
}

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Where the connector does not serve us because of our namespaces, it keeps silent, so only its
 * answer shows that a subscription has been made. It is there when send(2) returns; waiting is for
 * kernels that may do it otherwise. Events for others may come meanwhile. */
static int await_answer(int fd, uint32_t mark)
{
    struct batch batch;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    long end = milliseconds() + ANSWER_MILLISECONDS;
    for (long left = ANSWER_MILLISECONDS; left > 0; left = end - milliseconds()) {
        int got = receive(fd, &batch, BATCH);
        if (got < 0 && errno != ENOBUFS)
            return -1;
        for (int i = 0; i < got; i++) {
            int error;
            if (!is_from_kernel(&batch, i) ||
                !watch_message_answer(batch.messages[i], batch.headers[i].msg_len, mark, &error))
                continue;
            errno = abs(error);
            return error ? -1 : 0;
        }
        if (got == 0)
            poll(&ready, 1, (int)left);
    }
    errno = EPERM;
    return -1;
}

static int subscribe(int fd)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
    struct timespec now;
    int size = BUFFER;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint32_t mark = (uint32_t)now.tv_nsec ^ (uint32_t)getpid();
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0 ||
        watch_message_filter(fd) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        watch_message_send(fd, PROC_CN_MCAST_LISTEN, mark) != 0)
        return -1;
    return await_answer(fd, mark);
}

static int open_here(void)
{
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
    if (fd < 0 || subscribe(fd) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int watch_open(void)
{
    const char *const elsewhere[] = {getenv(WATCH_NAMESPACE_VARIABLE), "/proc/1/ns/net"};
    int fd = open_here();
    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        if (fd >= 0 || errno != ECONNREFUSED)
            break;
        if (elsewhere[i] && elsewhere[i][0] == '/')
            fd = elsewhere_open(elsewhere[i], open_here);
    }
    return fd;
}

void watch_close(int fd)
{
    watch_message_send(fd, PROC_CN_MCAST_IGNORE, 0);
    close(fd);
}

int watch_read(int fd, struct watch_event *events, int count, bool *more)
{
    struct batch batch;
    int filled = 0;
    if (count > BATCH)
        count = BATCH;
    *more = true;
    while (filled == 0 && *more) {
        int got = receive(fd, &batch, (unsigned)count);
        *more = got == count;
        if (got < 0 && errno == ENOBUFS) {
            events[0] = (struct watch_event){.kind = WATCH_LOST};
            *more = true;
            return 1;
        }
        if (got <= 0)
            return got;
        for (int i = 0; i < got; i++) {
            if (is_from_kernel(&batch, i) &&
                watch_message_event(batch.messages[i], batch.headers[i].msg_len, &events[filled]))
                filled++;
        }
    }
    return filled;
}
