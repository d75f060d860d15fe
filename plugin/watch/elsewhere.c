/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A socket from another network namespace, without going there. */
#include "elsewhere.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

union control {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
};

/* The message is an errno, with a descriptor where that is 0. */
static void hand_over(int channel, int fd, int error)
{
    union control control = {.space = {0}};
    struct iovec vector = {&error, sizeof(error)};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (error == 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(fd));
        memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    }
    sendmsg(channel, &message, MSG_NOSIGNAL);
}

static int take_over(int channel)
{
    int error = 0;
    int fd = -1;
    union control control = {.space = {0}};
    struct iovec vector = {&error, sizeof(error)};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control)};
    ssize_t got;
    do
        got = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    else
        errno = error ? error : EIO; /* 0: the child was killed */
    return fd;
}

static void go_there(const char *path, int (*make_socket)(void), int channel)
{
    int fd = -1;
    int there = open(path, O_RDONLY | O_CLOEXEC);
    if (there >= 0 && setns(there, CLONE_NEWNET) == 0)
        fd = make_socket();
    hand_over(channel, fd, fd < 0 ? errno : 0);
}

int elsewhere_open(const char *path, int (*make_socket)(void))
{
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0)
        return -1;
    int fd = -1;
    pid_t child = fork();
    if (child == 0) {
        go_there(path, make_socket, channel[1]);
        _exit(0);
    }
    int saved = errno;
    close(channel[1]);
    if (child > 0) {
        fd = take_over(channel[0]);
        saved = errno;
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    close(channel[0]);
    errno = saved;
    return fd;
}
