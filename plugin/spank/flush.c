/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting, for a short time, until the collector has brought a step's incidents to their places. */
#include "collector.h"

#include "launch/address.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* Wait until fd is ready. Returns 0, or -1 with errno. */
static int await(int fd, short events, long long until)
{
    struct pollfd ready = {.fd = fd, .events = events};
    for (long long left = until - now(); left > 0; left = until - now()) {
        int count = poll(&ready, 1, (int)left);
        if (count > 0)
            return 0;
        if (count < 0 && errno != EINTR)
            return -1;
    }
    errno = ETIMEDOUT;
    return -1;
}

/* Send the text and a descriptor, as soon as the collector has room for it. */
static int send_with(int fd, const char *text, int passed, long long until)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec part = {.iov_base = (char *)text, .iov_len = strlen(text)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &passed, sizeof(int));
    while (sendmsg(fd, &message, MSG_NOSIGNAL) < 0) {
        if (errno != EAGAIN && errno != EINTR)
            return -1;
        if (errno == EAGAIN && await(fd, POLLOUT, until) != 0)
            return -1;
    }
    return 0;
}

/* The other end of the pipe closes when the collector has done with it, or ends. */
static int ask(int fd, const char *step, long long until)
{
    char text[96];
    int ends[2];
    snprintf(text, sizeof(text), "flush=%s\n", step);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    int rc = send_with(fd, text, ends[1], until);
    close(ends[1]);
    if (rc == 0)
        rc = await(ends[0], POLLIN, until);
    close(ends[0]);
    return rc;
}

int collector_flush(const char *rundir, const char *step, int *milliseconds)
{
    struct sockaddr_un address;
    long long until = now() + *milliseconds;
    if (collector_address(&address, rundir) != 0)
        return -1;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    int rc = connect(fd, (struct sockaddr *)&address, sizeof(address));
    if (rc == 0)
        rc = ask(fd, step, until);
    int error = errno;
    close(fd);
    long long left = until - now();
    *milliseconds = left > 0 ? (int)left : 0;
    errno = error;
    return rc;
}
