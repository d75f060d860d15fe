/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as text, where printf's ways would be most of the work. */
#ifndef NESTSAFE_CORE_DECIMAL_H
#define NESTSAFE_CORE_DECIMAL_H

/* Room for any number and its NUL. */
enum { DECIMAL_SIZE = 21 };

/* Write the number at to, of DECIMAL_SIZE bytes. Returns where its NUL is, as stpcpy(3) does. */
char *decimal(char *to, unsigned long long number);

#endif
