/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the collector is still where others look for it: its directory, and its socket in that.
 */
#ifndef NESTSAFE_COLLECT_PLACE_H
#define NESTSAFE_COLLECT_PLACE_H

#include <sys/types.h>

enum place_state {
    PLACE_SAME,
    PLACE_RESTORED, /* the socket's name was gone, or something else's, and is the socket's again */
    PLACE_GONE,     /* nothing can be done about it */
};

struct place {
    int directory; /* not ours to close */
    int changes;   /* inotify's descriptor, readable when it is time to check; or -1 */
    dev_t device;  /* of the socket */
    ino_t inode;
};

/* The socket that has its name in this directory now is the one to keep there. It gets a
 * second name, from which the first can be made again. */
void place_begin(struct place *place, int directory);

enum place_state place_check(struct place *place);

void place_end(struct place *place);

#endif
