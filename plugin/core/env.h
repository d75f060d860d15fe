/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An environment as a value: "NAME=VALUE" strings that can be looked up, set and unset. */
#ifndef NESTSAFE_CORE_ENV_H
#define NESTSAFE_CORE_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct env_string;

/*
 * vars is NULL-terminated and may be handed to execve. Strings given to env_init are borrowed and
 * must outlive the environment; strings made by env_set belong to it.
 */
struct env {
    char **vars;
    size_t count;
    size_t capacity;
    struct env_string *strings;
    uint32_t *slots; /* 1 + the position of each name's first entry, by hash; 0: none. Or NULL. */
    size_t slots_count; /* a power of two */
    bool doubled;       /* with an index: some name has more than one entry */
};

/* Take over the pointers of vars (NULL-terminated, or NULL for none); no string is copied.
 * Returns 0, or -1 with errno ENOMEM; env may be destroyed either way. */
int env_init(struct env *env, char *const vars[]);

/* The same with a copy of from's index, if it has one; its strings are borrowed too. */
int env_copy(struct env *env, const struct env *from);

/* Have names be found by an index from here on, which pays from a dozen of look-ups on. Without the
 * memory for it all goes on without. */
void env_index(struct env *env);

/* Free what the environment owns. Safe on a zeroed struct and when init failed; keeps errno. */
void env_destroy(struct env *env);

/* The value of name (up to its end, or up to '=' when name holds one), or NULL. Of two entries of
 * the same name the first counts, as for getenv(3). Owned by env. */
const char *env_get(const struct env *env, const char *name);

/* Set name to value, replacing every entry of that name.
 * Returns 0, or -1 with errno EINVAL (empty name, or one with '=') or ENOMEM. */
int env_set(struct env *env, const char *name, const char *value);

/* The same without looking for entries of that name: for building an environment in one pass. */
int env_append(struct env *env, const char *name, const char *value);

/* What is to be done to one entry. */
struct env_edit {
    size_t position;
    const char *value; /* NULL: the entry goes */
};

/* Do this to some entries, whose positions ascend, in one pass. Entries of the same name are not
 * looked for. Returns 0, or -1 with errno ENOMEM: then some are done. */
int env_edit(struct env *env, const struct env_edit *edits, size_t count);

/* The position of the first entry of the name that the one at position has. */
size_t env_first(const struct env *env, size_t position);

/* Remove every entry of name, keeping the order of the others. Returns how many there were. */
size_t env_unset(struct env *env, const char *name);

/* Remove every entry whose name begins with prefix. Returns how many there were. */
size_t env_unset_family(struct env *env, const char *prefix);

/* Bytes that the kernel counts for this environment at execve: strings, terminators, pointers
 * (Linux fs/exec.c, bprm_stack_limits and copy_strings). */
size_t env_bytes(const struct env *env);

/* A number for the name in length (not 0) bytes, for tables of names. */
size_t env_hash(const char *name, size_t length);

/* Length of the name in an entry "NAME=VALUE"; 0 for an entry that is none (no '='). */
size_t env_name_length(const char *entry);

#endif
