/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe-account receive: one connection from another node's collector, on standard input. What
 * comes from the network is read here, by a process that holds nothing, and not by the collector.
 */
#include "account.h"
#include "line.h"
#include "peer.h"

#include "collect/inbox.h"
#include "launch/address.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MS = 5000, ANSWER_MS = 5000 };

/* Returns a socket connected to the collector's, or -1, and says why. */
static int reach_collector(const char *rundir)
{
    struct sockaddr_un place;
    if (collector_address(&place, rundir) != 0) {
        account_say(OUTCOME_NEVER, "%s: a path too long for a socket", rundir);
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&place, sizeof(place)) == 0)
        return fd;
    account_say(OUTCOME_LATER, "%s: %s", place.sun_path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Send a datagram and a descriptor with it. Returns 0, or -1 with errno. */
static int send_with(int to, char *text, int fd)
{
    union {
        char buffer[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = {0};
    struct iovec part = {.iov_base = text, .iov_len = strlen(text)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.buffer,
                             .msg_controllen = sizeof(control.buffer)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    int64_t until = clock_ms() + ANSWER_MS;
    while (sendmsg(to, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        if (errno != EAGAIN && errno != EINTR)
            return -1;
        if (wait_for(to, POLLOUT, until) != 0)
            return -1;
    }
    return 0;
}

/* Returns the end of a pipe from which the collector's answer comes, or -1, and says why. */
static int hand_over(const char *rundir, const struct share *share)
{
    char *text = share_format(share);
    char *datagram = NULL;
    int ends[2] = {-1, -1};
    int to = reach_collector(rundir);
    if (to >= 0 && (!text || asprintf(&datagram, INBOX_PEER "%s", text) < 0)) {
        datagram = NULL;
        account_say(OUTCOME_LATER, "out of memory");
    }
    if (datagram && (pipe2(ends, O_CLOEXEC) != 0 || send_with(to, datagram, ends[1]) != 0)) {
        account_say(OUTCOME_LATER, "handing over to the collector: %s", strerror(errno));
        if (ends[0] >= 0)
            close(ends[0]);
        ends[0] = -1;
    }
    if (ends[1] >= 0)
        close(ends[1]);
    if (to >= 0)
        close(to);
    free(datagram);
    free(text);
    return ends[0];
}

/* Wait for an answer of the collector's. Returns 0; or -1 where there will be none in time, or
 * nobody any more to hand it to: others wait for their turn. */
static int wait_for_answer(int from, int64_t until)
{
    struct pollfd ends[] = {{.fd = from, .events = POLLIN},
                            {.fd = STDOUT_FILENO, .events = POLLRDHUP}};
    int64_t left = until - clock_ms();
    int ready = left > 0 ? poll(ends, 2, (int)left) : 0;
    return ready > 0 && ends[0].revents ? 0 : -1;
}

/* Pass the collector's answers on, as lines. */
static enum outcome answer(int from, int64_t until)
{
    enum outcome outcome = OUTCOME_LATER;
    char c;
    while (wait_for_answer(from, until) == 0 && read(from, &c, 1) == 1) {
        const char *line = c == 'k' ? PEER_KEPT "\n" : c == 'r' ? PEER_RECORDED "\n" : "";
        if (write_all(STDOUT_FILENO, line, strlen(line), until) != 0)
            break;
        if (c == 'k')
            outcome = OUTCOME_DONE;
    }
    if (outcome != OUTCOME_DONE)
        account_say(outcome, "the collector did not take it");
    return outcome;
}

enum outcome account_receive(int argc, char *argv[])
{
    static const char option[] = "--rundir=/";
    struct lines lines = {.fd = STDIN_FILENO};
    struct share share;
    if (argc != 2 || strncmp(argv[1], option, strlen(option)) != 0)
        return OUTCOME_MISUSE;
    const char *line = line_next(&lines, clock_ms() + LINE_MS);
    if (!line)
        return account_say(OUTCOME_NEVER, "refused: no line: %s", strerror(errno));
    if (peer_decode(&share, line) != 0)
        return OUTCOME_NEVER;
    int from = hand_over(strchr(argv[1], '/'), &share);
    if (from < 0)
        return OUTCOME_LATER;
    enum outcome outcome = answer(from, clock_ms() + ANSWER_MS);
    close(from);
    return outcome;
}
