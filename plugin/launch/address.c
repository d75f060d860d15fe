/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the node's collector listens. */
#include "address.h"

#include <errno.h>
#include <stdio.h>

int collector_address(struct sockaddr_un *address, const char *rundir)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length =
        snprintf(address->sun_path, sizeof(address->sun_path), "%s/" COLLECTOR_SOCKET, rundir);
    if (length >= 0 && (size_t)length < sizeof(address->sun_path))
        return 0;
    errno = ENAMETOOLONG;
    return -1;
}
