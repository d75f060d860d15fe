/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command, and what it printed. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TOO_LATE = 124, NOT_FOUND = 127, OUTPUT_MAX = 64 * 1024 * 1024 };

struct stream {
    int fd;
    char *text;
    size_t length;
};

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_pair(int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

static void become(char *const argv[], int output, int errors)
{
    int null = open("/dev/null", O_RDONLY);
    setpgid(0, 0);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(errors, STDERR_FILENO) < 0)
        _exit(NOT_FOUND);
    execvp(argv[0], argv);
    _exit(NOT_FOUND);
}

/* Returns false at the stream's end, or when there is no place for more. */
static bool read_more(struct stream *stream)
{
    enum { PIECE = 4096 };
    char *text =
        stream->length < OUTPUT_MAX ? realloc(stream->text, stream->length + PIECE + 1) : NULL;
    if (!text)
        return false;
    stream->text = text;
    ssize_t got = read(stream->fd, text + stream->length, PIECE);
    if (got > 0)
        stream->length += (size_t)got;
    text[stream->length] = '\0';
    return got > 0 || (got < 0 && errno == EINTR);
}

/* Until both streams have ended. Returns false when the time is over before. */
static bool collect(struct stream streams[2], long deadline)
{
    struct pollfd ready[2] = {{.fd = streams[0].fd, .events = POLLIN},
                              {.fd = streams[1].fd, .events = POLLIN}};
    while (ready[0].fd >= 0 || ready[1].fd >= 0) {
        long left = deadline - milliseconds();
        int count = left > 0 ? poll(ready, 2, (int)left) : 0;
        if (count == 0)
            return false;
        for (int i = 0; count > 0 && i < 2; i++) {
            if (ready[i].fd >= 0 && ready[i].revents && !read_more(&streams[i]))
                ready[i].fd = -1;
        }
    }
    return true;
}

static int wait_for(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return NOT_FOUND;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int child_run(struct child *child, char *const argv[], unsigned seconds)
{
    int output[2], errors[2];
    *child = (struct child){.status = NOT_FOUND};
    if (pipe2(output, O_CLOEXEC) != 0)
        return -1;
    if (pipe2(errors, O_CLOEXEC) != 0) {
        close_pair(output);
        return -1;
    }
    long deadline = milliseconds() + seconds * 1000L;
    pid_t pid = fork();
    if (pid == 0)
        become(argv, output[1], errors[1]);
    close(output[1]);
    close(errors[1]);
    struct stream streams[2] = {{.fd = output[0]}, {.fd = errors[0]}};
    bool in_time = pid > 0 && collect(streams, deadline);
    if (pid > 0 && !in_time)
        kill(-pid, SIGKILL);
    if (pid > 0)
        child->status = wait_for(pid);
    if (pid > 0 && !in_time)
        child->status = TOO_LATE;
    child->output = streams[0].text ? streams[0].text : strdup("");
    child->errors = streams[1].text ? streams[1].text : strdup("");
    close(output[0]);
    close(errors[0]);
    return pid > 0 && child->output && child->errors ? 0 : -1;
}

void child_destroy(struct child *child)
{
    free(child->output);
    free(child->errors);
    *child = (struct child){0};
}

const char *child_complaint(struct child *child)
{
    char *line = child->errors + strspn(child->errors, " \t\n");
    line[strcspn(line, "\n")] = '\0';
    return line;
}
