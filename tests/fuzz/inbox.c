/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A datagram to the collector, by a socket as it has one: with a descriptor, unless the input
 * begins with a blank. */
#include "fuzz.h"

#include "collect/inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct told {
    unsigned reports, flushes, peers, refused;
};

static void on_report(void *context, const struct report *report, pid_t pid, uid_t uid)
{
    struct told *told = context;
    told->reports++;
    REQUIRE(report->process.pid > 0 && pid == getpid() && uid == geteuid());
}

static void on_flush(void *context, const char *name, int reply)
{
    struct told *told = context;
    told->flushes++;
    REQUIRE(!strchr(name, '\n') && strlen(name) <= INBOX_MESSAGE_MAX);
    REQUIRE(close(reply) == 0);
}

static void on_peer(void *context, const char *json, int reply)
{
    struct told *told = context;
    told->peers++;
    REQUIRE(strlen(json) <= INBOX_MESSAGE_MAX && close(reply) == 0);
}

static void on_refused(void *context, uid_t uid, const char *why)
{
    struct told *told = context;
    told->refused++;
    REQUIRE(uid == geteuid() && why);
}

static const struct inbox_actions actions = {on_report, on_flush, on_peer, on_refused};
static int ends[2] = {-1, -1};
static int file = -1;

static void begin(void)
{
    REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) == 0);
    REQUIRE(inbox_adopt(ends[1]) == 0);
    file = open("/dev/null", O_RDWR | O_CLOEXEC);
    REQUIRE(file >= 0);
}

static void send_input(const uint8_t *data, size_t size, bool with)
{
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec part = {(void *)data, size};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (with) {
        header.msg_control = control.room;
        header.msg_controllen = sizeof(control.room);
        struct cmsghdr *passed = CMSG_FIRSTHDR(&header);
        passed->cmsg_level = SOL_SOCKET;
        passed->cmsg_type = SCM_RIGHTS;
        passed->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(passed), &file, sizeof(file));
    }
    REQUIRE(sendmsg(ends[0], &header, MSG_NOSIGNAL) == (ssize_t)size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct told told = {0};
    bool with = size > 0 && *data != ' ';
    if (file < 0)
        begin();
    int free_before = dup(file);
    REQUIRE(free_before >= 0 && close(free_before) == 0);
    send_input(data + (size > 0 && !with), size - (size > 0 && !with), with);
    REQUIRE(inbox_read(ends[1], 8, &actions, &told) == 1);
    REQUIRE(told.reports + told.flushes + told.peers + told.refused == 1);
    REQUIRE(with || told.flushes + told.peers == 0);
    /* Nothing that was passed stays open. */
    int free_after = dup(file);
    REQUIRE(free_after == free_before && close(free_after) == 0);
    return 0;
}
