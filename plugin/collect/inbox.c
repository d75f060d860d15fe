/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collector's socket. */
#include "inbox.h"

#include "launch/address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A message as it came in. */
struct message {
    char text[INBOX_MESSAGE_MAX + 1];
    size_t length;
    pid_t pid;
    uid_t uid;
    int passed; /* a descriptor that came with it, or -1 */
    bool whole;
};

int inbox_adopt(int fd)
{
    int on = 1;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return -1;
    return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
}

int inbox_open(const char *rundir)
{
    struct sockaddr_un address;
    if (collector_address(&address, rundir) != 0)
        return -1;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    unlink(address.sun_path);
    /* What is sent before the kernel is asked for credentials would have none. */
    if (inbox_adopt(fd) == 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
        chmod(address.sun_path, 0666) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

/* Of several descriptors one is kept, the others are closed: nobody fills our table. */
static void take_descriptors(struct message *message, const struct cmsghdr *part)
{
    size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
        if (message->passed < 0)
            message->passed = fd;
        else
            close(fd);
    }
}

enum {
    CREDENTIALS_ROOM = CMSG_SPACE(sizeof(struct ucred)),
    WHOLE_ROOM = CREDENTIALS_ROOM + CMSG_SPACE(8 * sizeof(int)),
};

/* Returns 1, or 0 when nothing is there. */
static int receive(int fd, struct message *message, int flags, size_t room)
{
    union {
        char room[WHOLE_ROOM];
        struct cmsghdr align;
    } control;
    struct iovec data = {message->text, INBOX_MESSAGE_MAX};
    struct msghdr header = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = room};
    ssize_t length;
    do
        length = recvmsg(fd, &header, flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (length < 0 && errno == EINTR);
    if (length < 0)
        return 0;
    message->length = (size_t)length;
    message->text[length] = '\0';
    message->pid = 0;
    message->uid = (uid_t)-1;
    message->passed = -1;
    message->whole = !(header.msg_flags & MSG_TRUNC);
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
        struct ucred sender;
        if (part->cmsg_level != SOL_SOCKET)
            continue;
        if (part->cmsg_type == SCM_RIGHTS) {
            take_descriptors(message, part);
        } else if (part->cmsg_type == SCM_CREDENTIALS) {
            memcpy(&sender, CMSG_DATA(part), sizeof(sender));
            message->pid = sender.pid;
            message->uid = sender.uid;
        }
    }
    return 1;
}

/* Descriptors are taken from root only. To close a user's file may take as long as he likes, where
 * it is in a file system that he has mounted himself. */
static int receive_next(int fd, struct message *message, uid_t self)
{
    if (!receive(fd, message, MSG_PEEK, CREDENTIALS_ROOM))
        return 0;
    return receive(fd, message, 0, message->uid == self ? WHOLE_ROOM : CREDENTIALS_ROOM);
}

static bool begins(const struct message *message, const char *beginning)
{
    size_t length = strlen(beginning);
    return message->length >= length && memcmp(message->text, beginning, length) == 0;
}

/* Returns NULL, or why the message is refused. What was passed with it is then still here. */
static const char *act(struct message *message, uid_t self, const struct inbox_actions *actions,
                       void *context)
{
    struct report report;
    if (!message->whole)
        return "a message that is too long";
    if (memchr(message->text, '\0', message->length))
        return "a message with a NUL in it";
    bool flush = begins(message, INBOX_FLUSH);
    if (flush || begins(message, INBOX_PEER)) {
        if (message->uid != self)
            return "a message that is root's to send";
        if (message->passed < 0)
            return "a message without a way to answer";
        int reply = message->passed;
        message->passed = -1;
        /* Whoever does not read must not hold us up. */
        fcntl(reply, F_SETFL, O_NONBLOCK);
        char *text = message->text + strlen(flush ? INBOX_FLUSH : INBOX_PEER);
        if (flush) {
            text[strcspn(text, "\n")] = '\0';
            actions->flush(context, text, reply);
        } else {
            actions->peer(context, text, reply);
        }
        return NULL;
    }
    if (report_parse(&report, message->text, message->length) != 0)
        return "a message that is no report";
    actions->report(context, &report, message->pid, message->uid);
    return NULL;
}

int inbox_read(int fd, int count, const struct inbox_actions *actions, void *context)
{
    static struct message message;
    const uid_t self = geteuid();
    int read = 0;
    while (read < count && receive_next(fd, &message, self)) {
        read++;
        const char *why = act(&message, self, actions, context);
        if (why)
            actions->refused(context, message.uid, why);
        if (message.passed >= 0)
            close(message.passed);
    }
    return read;
}
