/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of text between two processes, neither of which waits for ever for the other. */
#ifndef NESTSAFE_ACCOUNT_LINE_H
#define NESTSAFE_ACCOUNT_LINE_H

#include <stddef.h>
#include <stdint.h>

enum { LINE_SIZE = 8192 };

/* What was read of a descriptor; begin with all zero but fd. */
struct lines {
    int fd;
    size_t length; /* read so far */
    size_t used;   /* handed out, with the lines' ends */
    char text[LINE_SIZE];
};

/* Milliseconds on the clock that only goes forward. */
int64_t clock_ms(void);

/* The next line without its end, borrowed until the next call; all lines together may take
 * LINE_SIZE. NULL with errno: ETIMEDOUT (it was not there at the time `until`), EPIPE (the other
 * side closed), EMSGSIZE, or what read(2) says. */
char *line_next(struct lines *lines, int64_t until);

/* Wait until the descriptor is ready for these events of poll(2). Returns 0, or -1 with errno
 * (ETIMEDOUT). */
int wait_for(int fd, short events, int64_t until);

/* Write all of it. Returns 0, or -1 with errno. The descriptor does not block, or is a socket. */
int write_all(int fd, const char *text, size_t length, int64_t until);

#endif
