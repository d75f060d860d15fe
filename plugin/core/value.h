/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the values of rules stand for: "%cpus", "$NAME" … (rules.h, struct rule). */
#ifndef NESTSAFE_CORE_VALUE_H
#define NESTSAFE_CORE_VALUE_H

#include "plan.h"

#include <limits.h>

enum { VALUE_TEXT = PATH_MAX };

/* All borrowed. */
struct value_sources {
    const struct plan_facts *facts;
    const struct env *env;      /* as far as it is repaired */
    const struct env *original; /* as it was before */
};

/* The value itself where it stands for nothing else; NULL where what it refers to is not there. In
 * text, in value or in one of the sources. */
const char *value_of(const char *value, const struct value_sources *sources,
                     char text[static VALUE_TEXT]);

#endif
