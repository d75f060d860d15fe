/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errands: short-lived child processes that do what may take long. */
#include "courier.h"

#include "priority.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int text_file(const char *text)
{
    if (!text)
        return open("/dev/null", O_RDWR | O_CLOEXEC);
    int fd = memfd_create("errand", MFD_CLOEXEC);
    size_t length = strlen(text);
    if (fd >= 0 && (write(fd, text, length) != (ssize_t)length || lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* In the child: only what is async-signal-safe. */
static void become(const char *const argv[], const int fds[3])
{
    sigset_t none;
    priority_drop();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 0; i < 3; i++) {
        if (dup2(fds[i], i) < 0)
            _exit(127);
    }
    execve(argv[0], (char **)argv, environ);
    _exit(127);
}

static struct errand *free_errand(struct courier *courier)
{
    for (int i = 0; i < ERRANDS_MAX; i++) {
        if (courier->errands[i].pid == 0)
            return &courier->errands[i];
    }
    errno = EAGAIN;
    return NULL;
}

static void close_all(const int fds[], int count)
{
    int saved = errno;
    for (int i = 0; i < count; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    errno = saved;
}

int courier_send(struct courier *courier, const char *const argv[], const char *input,
                 int connection, errand_done *done, void *context)
{
    struct errand *errand = free_errand(courier);
    if (!errand)
        return -1;
    int own[3] = {connection < 0 ? text_file(input) : -1, text_file(""), text_file("")};
    bool ready = (connection >= 0 || own[0] >= 0) && own[1] >= 0 && own[2] >= 0;
    int fds[3] = {connection < 0 ? own[0] : connection, connection < 0 ? own[1] : connection,
                  own[2]};
    pid_t pid = ready ? fork() : -1;
    if (pid == 0)
        become(argv, fds);
    if (pid < 0) {
        close_all(own, 3);
        return -1;
    }
    close_all(own, 1);
    *errand = (struct errand){pid, own[1], own[2], done, context};
    return 0;
}

static void read_text(int fd, off_t from, char *text, size_t size)
{
    ssize_t length = pread(fd, text, size - 1, from);
    text[length > 0 ? length : 0] = '\0';
}

/* The last line, or the end of it. */
static void last_line(int fd, char *text, size_t size)
{
    off_t end = lseek(fd, 0, SEEK_END);
    read_text(fd, end < (off_t)size ? 0 : end - (off_t)size + 1, text, size);
    size_t length = strlen(text);
    while (length && text[length - 1] == '\n')
        text[--length] = '\0';
    const char *line = strrchr(text, '\n');
    if (line)
        memmove(text, line + 1, strlen(line + 1) + 1);
}

static void finish(struct errand *errand, int status)
{
    struct errand_result result;
    struct errand ended = *errand;
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
    read_text(ended.output, 0, result.output, sizeof(result.output));
    last_line(ended.complaint, result.complaint, sizeof(result.complaint));
    close(ended.output);
    close(ended.complaint);
    *errand = (struct errand){0};
    ended.done(ended.context, &result);
}

void courier_reap(struct courier *courier)
{
    int status;
    for (int i = 0; i < ERRANDS_MAX; i++) {
        struct errand *errand = &courier->errands[i];
        if (errand->pid && waitpid(errand->pid, &status, WNOHANG) == errand->pid)
            finish(errand, status);
    }
}

void courier_leave(struct courier *courier)
{
    for (int i = 0; i < ERRANDS_MAX; i++) {
        if (courier->errands[i].pid)
            close_all((int[]){courier->errands[i].output, courier->errands[i].complaint}, 2);
    }
    *courier = (struct courier){0};
}
