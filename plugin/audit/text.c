/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and numbers as people read them. */
#include "text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* How many bytes the UTF-8 character at text has, and which it is; 0 where there is none. */
static size_t decode(const unsigned char *text, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = *text < 0x80 ? 1 : *text < 0xc0 ? 0 : *text < 0xe0 ? 2 : *text < 0xf0 ? 3 : 4;
    if (length == 0 || *text > 0xf4)
        return 0;
    *character = length == 1 ? *text : *text & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        *character = *character << 6 | (text[i] & 0x3fU);
    }
    bool surrogate = *character >= 0xd800 && *character < 0xe000;
    return *character < least[length] || surrogate || *character > 0x10ffff ? 0 : length;
}

/* Control characters, and those that turn the direction of the text around them. */
static bool is_harmless(uint32_t character)
{
    return character >= ' ' && (character < 0x7f || character >= 0xa0) &&
           (character < 0x2028 || character > 0x202e) &&
           (character < 0x2066 || character > 0x2069) && character != 0x200e &&
           character != 0x200f && character != 0x061c;
}

char *text_clean(char *out, size_t size, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t used = 0;
    size_t fitting = 0; /* where "..." still has room */
    while (*at) {
        uint32_t character;
        size_t length = decode(at, &character);
        bool whole = length && is_harmless(character);
        size_t copied = whole ? length : 1;
        if (used + copied >= size) {
            memcpy(out + fitting, "...", 4);
            return out;
        }
        memcpy(out + used, whole ? (const char *)at : "?", copied);
        used += copied;
        at += length ? length : 1;
        if (used + 4 <= size)
            fitting = used;
    }
    out[used] = '\0';
    return out;
}

size_t text_width(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += (*text & 0xc0) != 0x80;
    return width;
}

void text_html(FILE *to, const char *text)
{
    static const char *const entities[128] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
    };
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 128 && entities[c])
            fputs(entities[c], to);
        else
            putc(c, to);
    }
}

const char *text_count(char out[TEXT_NUMBER], uint64_t count)
{
    char digits[TEXT_NUMBER];
    size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);
    char *end = out;
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            *end++ = ',';
        *end++ = digits[i];
    }
    *end = '\0';
    return out;
}

const char *text_hours(char out[TEXT_NUMBER], uint64_t seconds)
{
    uint64_t tenths = seconds / 360 + (seconds % 360 >= 180);
    text_count(out, tenths / 10);
    size_t used = strlen(out);
    snprintf(out + used, TEXT_NUMBER - used, ".%u", (unsigned)(tenths % 10));
    return out;
}
