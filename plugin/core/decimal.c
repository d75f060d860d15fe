/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as text, where printf's ways would be most of the work. */
#include "decimal.h"

#include <string.h>

char *decimal(char *to, unsigned long long number)
{
    char digits[DECIMAL_SIZE];
    char *at = digits + sizeof(digits) - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return stpcpy(to, at);
}
