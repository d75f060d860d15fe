/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collectors of a job's other nodes. */
#include "peers.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024, RETRY_SECONDS = 60 };

/* IPv6 with IPv4 in it where there is IPv6, else IPv4. */
static int listen_on(unsigned port)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int on = 1, off = 0;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_six = fd >= 0 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0;
    if (fd >= 0 && !is_six)
        close(fd);
    if (!is_six)
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    struct sockaddr *address = is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        bind(fd, address, is_six ? sizeof(six) : sizeof(four)) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

void peers_listen(struct peers *peers, unsigned port)
{
    bool again = peers->port == port && peers->retry;
    if (peers->listener >= 0)
        close(peers->listener);
    peers->port = port;
    peers->retry = 0;
    peers->listener = port ? listen_on(port) : -1;
    if (peers->listener >= 0 || !port)
        return;
    if (!again)
        nodelog_say(peers->log, "error: port=%u: %s; other nodes cannot report to this one", port,
                    strerror(errno));
    peers->retry = clock_steady() + RETRY_SECONDS * 1000000LL;
}

bool peers_ready(const struct peers *peers)
{
    return peers->listener >= 0 && peers->talking < PEERS_MAX && peers->paused <= clock_steady();
}

static void heard(void *context, const struct errand_result *result)
{
    struct peers *peers = context;
    (void)result;
    peers->talking--;
}

void peers_accept(struct peers *peers)
{
    char rundir[PATH_MAX];
    const char *const argv[] = {peers->account, "receive", rundir, NULL};
    snprintf(rundir, sizeof(rundir), "--rundir=%s", peers->rundir);
    while (peers_ready(peers)) {
        int connection = accept4(peers->listener, NULL, NULL, SOCK_CLOEXEC);
        if (connection < 0) {
            /* For want of descriptors: whoever waits keeps the listener readable. */
            if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
                peers->paused = clock_steady() + 1000000;
            return;
        }
        if (courier_send(peers->courier, argv, NULL, connection, heard, peers) == 0)
            peers->talking++;
        close(connection);
    }
}

int64_t peers_run(struct peers *peers)
{
    if (peers->retry && peers->retry <= clock_steady())
        peers_listen(peers, peers->port);
    if (peers->paused > clock_steady() && (!peers->retry || peers->paused < peers->retry))
        return peers->paused;
    return peers->retry;
}

const char *peers_take(struct delivery *delivery, const char *text, int reply)
{
    struct share share;
    struct job *job = NULL;
    bool read = share_parse(&share, text, strlen(text)) == 0;
    if (read)
        job = jobs_of(delivery->jobs, share.job, share.restart);
    if (!job || jobstate_set(&job->state, share.node, &share.totals) < 0) {
        close(reply);
        return read ? strerror(errno) : "totals that cannot be read";
    }
    /* A job that has no incident on this node is known by what its other nodes say. */
    if (!job->settings.node[0]) {
        strcpy(job->settings.node, share.to);
        job->state.field = share.field;
        job->state.uid = share.uid;
        job->state.notify = share.notify;
    }
    strcpy(job->state.writer, share.to);
    job->state.address[0] = '\0';
    delivery_wait(delivery, job, reply, true);
    return NULL;
}

void peers_close(struct peers *peers)
{
    if (peers->listener >= 0)
        close(peers->listener);
    peers->listener = -1;
}
