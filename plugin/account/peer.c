/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sending a share of the totals to the job's first node. */
#include "peer.h"

#include "line.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Milliseconds: the other side may have a hundred nodes to listen to, and then the scheduler. */
enum { CONNECT_MS = 5000, KEPT_MS = 10000, RECORDED_MS = 2000 };

/* Returns a connected socket that does not block, or -1 with errno. */
static int connect_to(const struct addrinfo *place)
{
    int error = 0;
    socklen_t size = sizeof(error);
    int fd = socket(place->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, place->ai_addr, place->ai_addrlen) == 0)
        return fd;
    if (errno == EINPROGRESS && wait_for(fd, POLLOUT, clock_ms() + CONNECT_MS) == 0 &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0) {
        if (error == 0)
            return fd;
        errno = error;
    }
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Returns a connected socket, or -1, and says why. */
static int reach(const char *address, unsigned port)
{
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *places = NULL;
    char service[16];
    int fd = -1;
    snprintf(service, sizeof(service), "%u", port);
    int error = getaddrinfo(address, service, &wanted, &places);
    if (error != 0) {
        account_say(OUTCOME_LATER, "address %s: %s", address, gai_strerror(error));
        return -1;
    }
    for (struct addrinfo *place = places; place && fd < 0; place = place->ai_next)
        fd = connect_to(place);
    if (fd < 0)
        account_say(OUTCOME_LATER, "connecting to %s port %u: %s", address, port, strerror(errno));
    freeaddrinfo(places);
    return fd;
}

static enum outcome talk(int fd, const char *address, const char *line, bool *recorded)
{
    struct lines answers = {.fd = fd};
    int64_t until = clock_ms() + KEPT_MS;
    if (write_all(fd, line, strlen(line), until) != 0 || write_all(fd, "\n", 1, until) != 0)
        return account_say(OUTCOME_LATER, "writing to %s: %s", address, strerror(errno));
    const char *answer = line_next(&answers, until);
    if (!answer)
        return account_say(OUTCOME_LATER, "%s did not take it: %s", address,
                           errno == EPIPE ? "it hung up" : strerror(errno));
    *recorded = strcmp(answer, PEER_RECORDED) == 0; /* where its spool cannot be written */
    if (*recorded)
        return OUTCOME_DONE;
    if (strcmp(answer, PEER_KEPT) != 0)
        return account_say(OUTCOME_LATER, "%s does not speak as nestsafe does", address);
    answer = line_next(&answers, clock_ms() + RECORDED_MS);
    *recorded = answer && strcmp(answer, PEER_RECORDED) == 0;
    return OUTCOME_DONE;
}

enum outcome peer_send(const char *address, unsigned port, const struct share *share,
                       bool *recorded)
{
    *recorded = false;
    char *line = peer_encode(share);
    if (!line)
        return OUTCOME_LATER;
    enum outcome outcome = OUTCOME_LATER;
    int fd = reach(address, port);
    if (fd >= 0) {
        outcome = talk(fd, address, line, recorded);
        close(fd);
    }
    free(line);
    return outcome;
}
