/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the collector is still where others look for it. */
#include "place.h"

#include "changes.h"

#include "launch/address.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

static const char spare[] = "." COLLECTOR_SOCKET;

void place_begin(struct place *place, int directory)
{
    struct stat status;
    *place = (struct place){.directory = directory, .changes = -1};
    unlinkat(directory, spare, 0);
    if (linkat(directory, COLLECTOR_SOCKET, directory, spare, 0) != 0 ||
        fstatat(directory, spare, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    place->device = status.st_dev;
    place->inode = status.st_ino;
    place->changes = changes_watch(directory, IN_DELETE | IN_MOVE | IN_CREATE | IN_DELETE_SELF);
}

static bool is_ours(const struct place *place)
{
    struct stat status;
    return fstatat(place->directory, COLLECTOR_SOCKET, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           status.st_dev == place->device && status.st_ino == place->inode;
}

enum place_state place_check(struct place *place)
{
    struct stat status;
    changes_any(place->changes);
    if (fstat(place->directory, &status) != 0 || status.st_nlink == 0)
        return PLACE_GONE;
    if (is_ours(place))
        return PLACE_SAME;
    unlinkat(place->directory, COLLECTOR_SOCKET, 0);
    if (linkat(place->directory, spare, place->directory, COLLECTOR_SOCKET, 0) == 0)
        return PLACE_RESTORED;
    return is_ours(place) ? PLACE_SAME : PLACE_GONE;
}

void place_end(struct place *place)
{
    if (place->changes >= 0)
        close(place->changes);
    place->changes = -1;
}
