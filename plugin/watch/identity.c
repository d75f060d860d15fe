/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which program a process runs: no launcher, one of nestsafe's doors, or a launcher of which MPI.
 */
#include "identity.h"

#include "core/launcher.h"
#include "known.h"
#include "program.h"
#include "regular.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 17, CMDLINE_MAX = 4096, PROC_PATH = 40 };

/* A process as /proc shows it. */
struct look {
    pid_t pid;
    char exe[PROC_PATH];  /* the link to its program */
    char path[PATH_MAX];  /* what that says */
    char name[NAME_SIZE]; /* how the file was called that was executed: a link, a script … */
};

static void proc_path(char path[PROC_PATH], pid_t pid, const char *file)
{
    snprintf(path, PROC_PATH, "/proc/%ld/%s", (long)pid, file);
}

/* Returns how many bytes were read, with a NUL behind them; or -1. */
static ssize_t read_start(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);
    text[length < 0 ? 0 : length] = '\0';
    if (fd >= 0)
        close(fd);
    return length;
}

static int read_link(const char *link, char path[PATH_MAX])
{
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = '\0';
    return length < 0 ? -1 : 0;
}

static int take_look(struct look *look, pid_t pid)
{
    static const char deleted[] = " (deleted)";
    char file[PROC_PATH];
    look->pid = pid;
    proc_path(look->exe, pid, "exe");
    if (read_link(look->exe, look->path) != 0) {
        if (errno == ENOENT) /* no such process, or a zombie */
            errno = ESRCH;
        return -1;
    }
    size_t length = strlen(look->path);
    if (length >= sizeof(deleted) && strcmp(look->path + length - strlen(deleted), deleted) == 0)
        look->path[length - strlen(deleted)] = '\0';
    proc_path(file, pid, "comm");
    read_start(file, look->name, sizeof(look->name));
    look->name[strcspn(look->name, "\n")] = '\0';
    return 0;
}

/* A container may have bound the door to another path. */
static bool is_same_file(const struct program *program, const char *path)
{
    if (!program)
        return false;
    struct program_key key = program->key;
    const struct program *other = program_at(path);
    return other && other->key.inode == key.inode && other->key.device == key.device;
}

static const struct known *find_known(const struct program *program, pid_t pid)
{
    struct stat status;
    char path[PROC_PATH];
    if (!program || !known_has(&program->id))
        return NULL;
    proc_path(path, pid, "");
    return stat(path, &status) == 0 ? known_find(&program->id, status.st_uid) : NULL;
}

/* Remember a launcher that goes by its own name. A wrapper that tells nothing of itself may be an
 * interpreter's copy, so its build id says nothing. */
static void learn(const struct program *program, pid_t pid)
{
    struct stat status;
    char path[PROC_PATH];
    struct known known = {.id = program->id, .uid = KNOWN_TO_ALL, .flavour = program->flavour};
    if (program->flavour == FLAVOUR_UNKNOWN)
        return;
    proc_path(path, pid, "");
    if (!program->trusted) {
        if (stat(path, &status) != 0)
            return;
        known.uid = status.st_uid;
    }
    memcpy(known.version, program->version, sizeof(known.version));
    known_add(&known);
}

/* Fill in a launcher. What its own file does not tell, a known copy may. */
static void describe(struct identity *identity, const struct program *program,
                     const struct known *known, const char *path)
{
    identity->launcher = true;
    snprintf(identity->path, sizeof(identity->path), "%s", path);
    if (program) {
        identity->flavour = program->flavour;
        memcpy(identity->version, program->version, sizeof(identity->version));
    }
    if (known && !identity->version[0]) {
        identity->flavour = known->flavour;
        memcpy(identity->version, known->version, sizeof(identity->version));
    }
}

static struct program *study(int handle, int root, const char *path)
{
    struct program *program = handle < 0 ? NULL : program_of(handle);
    if (program && root >= 0)
        program_study(program, handle, root, path);
    return program;
}

static int open_root(pid_t pid)
{
    char path[PROC_PATH];
    proc_path(path, pid, "root");
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* The process's own executable. */
static void judge_executable(const struct look *look, const char *doors, struct identity *identity)
{
    struct program *program = program_at(look->exe);
    const struct known *known = find_known(program, look->pid);
    bool named = launcher_is_one(look->path);
    bool called = named || known || launcher_is_one(look->name);
    identity->door = strcmp(look->path, doors) == 0 || (called && is_same_file(program, doors));
    if (identity->door)
        describe(identity, NULL, NULL, look->path);
    if (!called || identity->door)
        return;
    /* A copy under another name is known at once; some launches end before it could be read. */
    if (known && !named) {
        describe(identity, NULL, known, look->path);
        return;
    }
    int root = open_root(look->pid);
    int handle = open(look->exe, O_PATH | O_CLOEXEC);
    program = study(handle, root, look->path);
    describe(identity, program, known, look->path);
    if (program && named)
        learn(program, look->pid);
    close_if_open(handle);
    close_if_open(root);
}

/* The program that a runner has been told to run. */
static void judge_word(const struct look *look, const char *word, struct identity *identity)
{
    char link[PROC_PATH];
    char path[PATH_MAX + 1 + CMDLINE_MAX] = "";
    if (word[0] != '/') {
        proc_path(link, look->pid, "cwd");
        if (read_link(link, path) != 0)
            return;
        strcat(path, "/");
    }
    strcat(path, word);
    int root = open_root(look->pid);
    int handle = root < 0 ? -1 : regular_handle(root, path, REGULAR_KNOWN);
    struct program *program = handle < 0 ? NULL : program_of(handle);
    const struct known *known = find_known(program, look->pid);
    if (launcher_is_one(word) || known) {
        if (program)
            program_study(program, handle, root, path);
        describe(identity, program, known, path);
    }
    close_if_open(handle);
    close_if_open(root);
}

int identity_of(pid_t pid, const char *doors, struct identity *identity)
{
    struct look look;
    *identity = (struct identity){0};
    if (take_look(&look, pid) != 0)
        return -1;
    enum runner runner = runner_of(launcher_basename(look.path));
    if (runner != RUNNER_NONE) {
        char file[PROC_PATH];
        char cmdline[CMDLINE_MAX];
        proc_path(file, pid, "cmdline");
        ssize_t length = read_start(file, cmdline, sizeof(cmdline));
        const char *script = launcher_is_one(look.name) ? look.name : NULL;
        const char *word = words_program(runner, cmdline, length < 0 ? 0 : (size_t)length, script);
        if (word) {
            /* A script is known by its name only: there is no build id in it to look for. */
            if (runner == RUNNER_LOADER || launcher_is_one(word))
                judge_word(&look, word, identity);
            return 0;
        }
    }
    judge_executable(&look, doors, identity);
    return 0;
}

void identity_of_file(const char *path, struct identity *identity)
{
    *identity = (struct identity){0};
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int handle = root < 0 || path[0] != '/' ? -1 : regular_handle(root, path, REGULAR_KNOWN);
    struct program *program = handle < 0 ? NULL : program_of(handle);
    const struct known *known = program ? known_find(&program->id, geteuid()) : NULL;
    if (launcher_is_one(path) || known) {
        if (program)
            program_study(program, handle, root, path);
        describe(identity, program, known, path);
    }
    close_if_open(handle);
    close_if_open(root);
}

void identity_begin(void)
{
    static const char *const directories[] = {
        "/usr/bin",
        "/usr/local/bin",
        "/usr/lib64/openmpi/bin",
        "/usr/lib64/mpich/bin",
        "/usr/lib64/mvapich2/bin",
    };
    static const char *const launchers[] = {
#define LAUNCHER(name) name,
#include "core/launchers.def"
    };
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
        for (size_t j = 0; j < sizeof(launchers) / sizeof(launchers[0]); j++) {
            char path[PATH_MAX];
            char link[PATH_MAX];
            snprintf(link, sizeof(link), "%s/%s", directories[i], launchers[j]);
            if (!realpath(link, path) || !launcher_is_one(path))
                continue;
            int handle = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
            struct program *program = study(handle, root, path);
            if (program && program->trusted)
                learn(program, getpid());
            close_if_open(handle);
        }
    }
    close_if_open(root);
}

void identity_end(void)
{
    program_forget();
    known_forget();
}
