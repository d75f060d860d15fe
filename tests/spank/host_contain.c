/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contain_spank: hooks in a process that shares memory with slurmstepd, but no descriptors. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host_internal.h"

#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif
#ifndef RUNNING_ON_VALGRIND
#define RUNNING_ON_VALGRIND 0
#endif

/* There if linked with -fsanitize=address. */
extern void __asan_unpoison_memory_region(void const volatile *p, size_t n) __attribute__((weak));

#define STACK_BYTES (1024 * 1024) /* macros.h:53 at slurm-24-05-8-1, from the heap */

struct contained {
    enum host_hook hook;
    struct job *job;
    int task;
    int rc;
    pid_t tid; /* of the thread, under valgrind */
};

static bool inside; /* memory is shared: reset by the caller */

bool contained_now(void)
{
    return inside;
}

static int child(void *arg)
{
    struct contained *c = arg;

    if (host.sc->switch_user && c->hook == HOST_USER_INIT &&
        (setegid(c->job->gid) < 0 || seteuid(c->job->uid) < 0))
        _exit(255);
    c->rc = stack_call(c->hook, c->job, c->task);
    /* Slurm calls _exit() here (mgr.c:979 at slurm-24-05-8-1); returning to clone() is the same,
     * and AddressSanitizer, which does not know this stack, has no warning for it. */
    return stack_failed(c->rc);
}

/* Valgrind knows no clone(CLONE_VM) but for threads: a thread with descriptors of its own comes
 * closest. It has the process's pid, and counts as a thread of the host's. */
static void *thread(void *arg)
{
    struct contained *c = arg;

    if (unshare(CLONE_FILES | CLONE_FS) < 0)
        abort();
    c->tid = gettid();
    c->rc = stack_call(c->hook, c->job, c->task);
    return NULL;
}

/* pthread_join() returns when the thread's id is cleared, a moment before the kernel takes it from
 * the list (mm_release() comes before release_task()): the next hook's watch would count it. */
static void wait_until_gone(pid_t tid)
{
    char *task = xprintf("/proc/self/task/%d", (int)tid);

    while (access(task, F_OK) == 0)
        sched_yield();
    free(task);
}

static int run(struct contained *c)
{
    char *stack;
    pid_t pid;
    int status = 0;

    if (RUNNING_ON_VALGRIND) {
        pthread_t t;

        if (pthread_create(&t, NULL, thread, c) != 0)
            return -1;
        pthread_join(t, NULL);
        wait_until_gone(c->tid);
        return stack_failed(c->rc) ? -1 : 0;
    }
    stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED)
        return -1;
    if (__asan_unpoison_memory_region) /* what a hook that died left at this address */
        __asan_unpoison_memory_region(stack, STACK_BYTES);
    pid = clone(child, stack + STACK_BYTES, CLONE_VM | SIGCHLD, c);
    if (pid < 0) {
        munmap(stack, STACK_BYTES);
        return -1;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    munmap(stack, STACK_BYTES);
    /* Slurm asks for WEXITSTATUS() only: a hook that dies of a signal has succeeded
     * (mgr.c:1081 at slurm-24-05-8-1). */
    if (WIFSIGNALED(status))
        wire_fault("%s died of signal %d in a contained process: Slurm does not notice",
                   host_hook_name(c->hook), WTERMSIG(status));
    return WEXITSTATUS(status) ? -1 : 0;
}

int contained_call(enum host_hook hook, struct job *job, int task)
{
    struct contained c = {.hook = hook, .job = job, .task = task};
    int rc;

    if (!host.rules->contain_spank || !host.sc->contain_spank)
        return stack_failed(stack_call(hook, job, task)) ? -1 : 0;
    if (!host.has[hook])
        return 0;
    inside = true;
    rc = run(&c);
    inside = false;
    host.hook = HOST_OUTSIDE;
    host.task = -1;
    return rc;
}
