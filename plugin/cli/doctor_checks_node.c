/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe doctor: what jobs need on a node, and the node's collector. */
#include "child.h"
#include "doctor.h"
#include "slurmtext.h"

#include "core/launcher.h"
#include "launch/address.h"
#include "launch/paths.h"
#include "spank/collector.h"
#include "spank/rundir.h"
#include "watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { CONNECT_MILLISECONDS = 3000, SECONDS = 20 };

static void check_guard(struct doctor *doctor)
{
    if (doctor->config.preload == PRELOAD_NEVER)
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "preload=never");
    else if (access(path_guard, R_OK) != 0)
        doctor_say(
            doctor, LEVEL_ERROR,
            "install nestsafe on this host, where all users can read it; until then launchers "
            "that are called by a path are not repaired",
            "the guard %s cannot be read: %s", path_guard, strerror(errno));
    else if (!path_usable_guard())
        doctor_say(doctor, LEVEL_ERROR, "install nestsafe in a directory without such characters",
                   "the loader would split the guard's name: %s", path_guard);
    else
        doctor_say(doctor, LEVEL_OK, NULL, "the guard can be read");
}

/* All of core/launchers.def, with a comma after each. */
static const char launcher_names[] =
#define LAUNCHER(name) name ","
#include "core/launchers.def"
#undef LAUNCHER
    "";

/* ", "-separated, those of names (separated by commas) that cannot be run in directory. */
static void list_missing(char *missing, size_t size, const char *directory, const char *names)
{
    size_t at = 0;
    missing[0] = '\0';
    while (*names && at < size) {
        char path[2 * PATH_MAX];
        int length = (int)strcspn(names, ",");
        snprintf(path, sizeof(path), "%s/%.*s", directory, length, names);
        if (access(path, X_OK) != 0)
            at +=
                (size_t)snprintf(missing + at, size - at, "%s%.*s", at ? ", " : "", length, names);
        names += length + (names[length] == ',');
    }
}

static void check_launchers(struct doctor *doctor)
{
    char missing[FINDING_TEXT / 2], added[FINDING_TEXT / 2] = "", directory[PATH_MAX];
    const char *site = doctor->config.launchers;
    list_missing(missing, sizeof(missing), path_launchers, launcher_names);
    snprintf(directory, sizeof(directory), "%s/" ADDED_LAUNCHERS, doctor->config.rundir);
    if (*doctor->node && site)
        list_missing(added, sizeof(added), directory, site);
    if (*missing)
        doctor_say(doctor, LEVEL_ERROR,
                   "install nestsafe on this host, where all users can read and execute it",
                   "the launcher directory %s lacks what can be run: %s", path_launchers, missing);
    if (*added)
        doctor_say(doctor, doctor->in_step ? LEVEL_ERROR : LEVEL_WARNING,
                   "the next step on this node makes the links; if not, slurmd's log says why",
                   "launchers=: not in %s: %s", directory, added);
    if (!*missing && !*added)
        doctor_say(doctor, LEVEL_OK, NULL, "the launcher directory is complete");
}

/* Returns whether this is a node with settings, of whose directories root may ask; says so if not.
 */
static bool is_node(struct doctor *doctor, bool only_root)
{
    if (!*doctor->node)
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "this host is no node");
    else if (!doctor->line || !doctor->config.valid)
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "nestsafe has no settings here");
    else if (only_root && !doctor->root)
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "only root can tell");
    else
        return true;
    return false;
}

/* Who may remove or replace what is root's there is root alone (in /tmp, for instance). */
static bool is_sticky(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && status.st_uid == 0 && status.st_mode & S_ISVTX;
}

/* Whether root can trust the directory, or where it is not there, the one in which it is made when
 * it is needed; else error says why not. deep: more than the last part of the path may be missing.
 */
static bool is_trusted(const char *path, bool deep, char error[RUNDIR_ERROR_MAX])
{
    char upto[PATH_MAX];
    bool cut = false;
    snprintf(upto, sizeof(upto), "%s", path);
    for (char *slash; access(upto, F_OK) != 0 && (deep || !cut) && (slash = strrchr(upto, '/'));) {
        *slash = '\0';
        cut = true;
    }
    if (cut && is_sticky(upto))
        *strrchr(upto, '/') = '\0';
    int fd = rundir_open(upto, false, error);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void check_directory(struct doctor *doctor, const char *key, const char *path, bool deep)
{
    char error[RUNDIR_ERROR_MAX];
    if (!is_node(doctor, true))
        return;
    if (is_trusted(path, deep, error))
        doctor_say(doctor, LEVEL_OK, NULL, "%s=%s is root's alone", key, path);
    else
        doctor_say(doctor, LEVEL_ERROR,
                   "give it, and those above it, to root, for nobody else to write in; until then "
                   "nested launches are not recorded",
                   "%s=%s is not to be trusted: %s", key, path, error);
}

static void check_rundir(struct doctor *doctor)
{
    check_directory(doctor, "rundir", doctor->config.rundir, false);
}

static void check_spool(struct doctor *doctor)
{
    check_directory(doctor, "spool", doctor->config.spool, true);
}

/* As the kernel lists it (proc(5), /proc/locks): "… FLOCK … MAJOR:MINOR:INODE …". */
static bool is_locked(const char *rundir)
{
    char path[PATH_MAX + 16], line[256], wanted[64];
    struct stat status;
    bool found = false;
    snprintf(path, sizeof(path), "%s/" COLLECTOR_LOCK, rundir);
    FILE *locks = stat(path, &status) == 0 ? fopen("/proc/locks", "re") : NULL;
    if (!locks)
        return false;
    snprintf(wanted, sizeof(wanted), " %02x:%02x:%lu ", major(status.st_dev), minor(status.st_dev),
             (unsigned long)status.st_ino);
    while (!found && fgets(line, sizeof(line), locks))
        found = strstr(line, " FLOCK ") && strstr(line, wanted);
    fclose(locks);
    return found;
}

/* Returns 0, or errno. */
static int try_collector(const char *rundir)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int error = fd < 0 || collector_address(&address, rundir) != 0 ||
                        connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0
                    ? errno
                    : 0;
    if (fd >= 0)
        close(fd);
    return error;
}

static void check_collector(struct doctor *doctor)
{
    char error[RUNDIR_ERROR_MAX];
    const char *rundir = doctor->config.rundir;
    if (!is_node(doctor, false))
        return;
    int failure = try_collector(rundir);
    bool locked = failure && is_locked(rundir);
    bool wanted = doctor->in_step && doctor->config.default_mode != MODE_OFF;
    if (!failure)
        doctor_say(doctor, LEVEL_OK, NULL, "the collector listens in %s", rundir);
    else if (failure == EACCES || failure == EPERM)
        doctor_say(doctor, LEVEL_ERROR, "let everybody enter the directory (chmod 755)",
                   "users cannot reach the collector in %s: %s", rundir, strerror(failure));
    else if (access(path_collector, X_OK) != 0)
        doctor_say(doctor, LEVEL_ERROR,
                   "install nestsafe on this node; until then nested launches are not recorded",
                   "the collector does not run, and cannot be started: %s: %s", path_collector,
                   strerror(errno));
    else if (locked)
        doctor_say(doctor, LEVEL_ERROR,
                   "end it (pkill -x nestsafe-collec): the next step starts another",
                   "the collector of %s holds its lock, but does not listen", rundir);
    else if (doctor->root && !is_trusted(rundir, false, error))
        doctor_say(doctor, LEVEL_ERROR, "see rundir",
                   "the collector does not run, and cannot be started: %s", error);
    else
        doctor_say(doctor, wanted ? LEVEL_ERROR : LEVEL_WARNING,
                   wanted
                       ? "slurmd's log on this node says why ('nested launches are not recorded')"
                       : "the next step on this node starts it, or 'systemctl restart slurmd'",
                   "the collector does not run in %s: %s", rundir, strerror(failure));
}

static void check_connector(struct doctor *doctor)
{
    if (!is_node(doctor, true))
        return;
    int fd = watch_open();
    if (fd >= 0) {
        watch_close(fd);
        doctor_say(doctor, LEVEL_OK, NULL, "the kernel tells of processes");
        return;
    }
    doctor_say(
        doctor, LEVEL_ERROR,
        "a kernel with CONFIG_PROC_EVENTS, and slurmd in the machine's initial network and "
        "PID namespaces, are needed; until then launches that bypass nestsafe are not recorded",
        "the kernel's process connector is not to be had: %s", strerror(errno));
}

/* Returns 0, or errno. */
static int connect_to(const struct addrinfo *address)
{
    int error = 0;
    socklen_t size = sizeof(error);
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0)
        error = errno;
    if (error == EINPROGRESS && poll(&ready, 1, CONNECT_MILLISECONDS) != 1)
        error = ETIMEDOUT;
    else if (error == EINPROGRESS && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    close(fd);
    return error;
}

/* Returns NULL where the port answers, else why not. */
static const char *try_port(const char *host, unsigned port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    char service[16];
    int error = 0;
    snprintf(service, sizeof(service), "%u", port);
    int rc = getaddrinfo(host, service, &hints, &list);
    if (rc != 0)
        return gai_strerror(rc);
    for (const struct addrinfo *one = list; one; one = one->ai_next) {
        error = connect_to(one);
        if (error == 0)
            break;
    }
    freeaddrinfo(list);
    return error ? strerror(error) : NULL;
}

static void check_port(struct doctor *doctor)
{
    unsigned port = doctor->config.port;
    if (!is_node(doctor, false))
        return;
    if (try_collector(doctor->config.rundir) != 0) {
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "the collector does not run");
        return;
    }
    const char *why = try_port("localhost", port);
    if (why)
        doctor_say(
            doctor, LEVEL_ERROR,
            "see whether another program has the port (ss -ltnp), or choose another by port=",
            "nobody listens on port %u: %s: other nodes cannot report here", port, why);
    else
        doctor_say(doctor, LEVEL_OK, NULL, "the collector listens on port %u", port);
}

/* Slurm's way to a node: its NodeAddr. */
static void address_of(const char *node, char *address, size_t size)
{
    struct child child;
    char *argv[] = {(char *)"scontrol", (char *)"show", (char *)"node", (char *)node, NULL};
    const char *found = NULL;
    snprintf(address, size, "%s", node);
    if (child_run(&child, argv, SECONDS) == 0 && child.status == 0)
        found = strstr(child.output, "NodeAddr=");
    if (found)
        snprintf(address, size, "%.*s", (int)strcspn(found + 9, " \n"), found + 9);
    child_destroy(&child);
}

/* The nodes of a job report to its first one. */
static void check_peers(struct doctor *doctor)
{
    struct child child;
    const char *list = getenv("SLURM_JOB_NODELIST");
    const char *count = getenv("SLURM_JOB_NUM_NODES");
    char *argv[] = {(char *)"scontrol", (char *)"show", (char *)"hostnames", (char *)list, NULL};
    char first[256] = "", address[256];
    if (!is_node(doctor, false))
        return;
    if (!doctor->in_step || !list || !count || strcmp(count, "1") == 0) {
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "not in a job of several nodes (see --all)");
        return;
    }
    if (child_run(&child, argv, SECONDS) == 0 && child.status == 0)
        snprintf(first, sizeof(first), "%.*s", (int)strcspn(child.output, "\n"), child.output);
    child_destroy(&child);
    address_of(first, address, sizeof(address));
    const char *why = *first ? try_port(address, doctor->config.port) : "its name is not known";
    if (why)
        doctor_say(doctor, LEVEL_ERROR,
                   "open the port between the nodes (TCP), and see the port check of that node",
                   "the job's first node, %s, cannot be reached on port %u: %s", first,
                   doctor->config.port, why);
    else
        doctor_say(doctor, LEVEL_OK, NULL, "the job's first node can be reached on port %u",
                   doctor->config.port);
}

const struct check checks_node[] = {
    {"guard", check_guard}, {"launchers", check_launchers}, {"rundir", check_rundir},
    {"spool", check_spool}, {"collector", check_collector}, {"connector", check_connector},
    {"port", check_port},   {"peers", check_peers},         {NULL, NULL},
};
