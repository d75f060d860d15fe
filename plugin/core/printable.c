/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of unknown origin made fit for a message of one line. */
#include "printable.h"

#include <string.h>

char *printable(char *out, size_t size, const char *text)
{
    size_t i = 0;
    for (; i < size - 1 && text[i]; i++) {
        unsigned char c = (unsigned char)text[i];
        out[i] = c < ' ' || c == 0x7f ? '?' : text[i];
    }
    out[i] = '\0';
    if (text[i])
        memcpy(out + size - 4, "...", 4);
    return out;
}
