/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Build ids of launchers, by which copies of them are known under any name. */
#include "known.h"

#include <string.h>

enum { SHELF = 64 };

/* Two shelves: users' launchers do not push out the system's. */
static struct {
    size_t count;
    size_t next;
    struct known all[SHELF];
} shelves[2];

static bool is_same(const struct build_id *a, const struct build_id *b)
{
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* uid KNOWN_TO_ALL asks for anybody's. */
static const struct known *find(const struct build_id *id, uid_t uid)
{
    for (size_t i = 0; id->length && i < 2; i++) {
        for (size_t j = 0; j < shelves[i].count; j++) {
            const struct known *known = &shelves[i].all[j];
            bool counts = uid == KNOWN_TO_ALL || known->uid == KNOWN_TO_ALL || known->uid == uid;
            if (counts && is_same(&known->id, id))
                return known;
        }
    }
    return NULL;
}

void known_add(const struct known *known)
{
    if (!known->id.length || find(&known->id, known->uid))
        return;
    size_t shelf = known->uid == KNOWN_TO_ALL ? 0 : 1;
    shelves[shelf].all[shelves[shelf].next] = *known;
    shelves[shelf].next = (shelves[shelf].next + 1) % SHELF;
    if (shelves[shelf].count < SHELF)
        shelves[shelf].count++;
}

bool known_has(const struct build_id *id)
{
    return find(id, KNOWN_TO_ALL) != NULL;
}

const struct known *known_find(const struct build_id *id, uid_t uid)
{
    return find(id, uid);
}

void known_forget(void)
{
    memset(shelves, 0, sizeof(shelves));
}
