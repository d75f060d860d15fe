/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/known: build ids, and for whom they count. */
#include "support.h"

#include "watch/known.h"

#include <stdio.h>
#include <string.h>

static struct known make(unsigned number, uid_t uid)
{
    struct known known = {.uid = uid, .flavour = FLAVOUR_HYDRA, .id = {.length = 20}};
    memcpy(known.id.bytes, &number, sizeof(number));
    snprintf(known.version, sizeof(known.version), "%u.0", number);
    return known;
}

static int set_up(void **state)
{
    (void)state;
    known_forget();
    return 0;
}

static void for_all(void **state)
{
    (void)state;
    struct known known = make(1, KNOWN_TO_ALL);
    assert_false(known_has(&known.id));
    known_add(&known);
    assert_true(known_has(&known.id));
    const struct known *found = known_find(&known.id, 60001);
    assert_non_null(found);
    assert_string_equal(found->version, "1.0");
    known_forget();
    assert_null(known_find(&known.id, 60001));
}

static void for_one_user(void **state)
{
    (void)state;
    struct known known = make(1, 60001);
    known_add(&known);
    assert_true(known_has(&known.id));
    assert_non_null(known_find(&known.id, 60001));
    assert_null(known_find(&known.id, 60002));
    assert_null(known_find(&known.id, 0));
}

static void ids_that_differ(void **state)
{
    (void)state;
    struct known known = make(1, KNOWN_TO_ALL);
    known_add(&known);
    struct build_id id = known.id;
    id.bytes[19] = 1;
    assert_null(known_find(&id, 0));
    id = known.id;
    id.length = 16;
    assert_null(known_find(&id, 0));
}

static void none_is_not_an_id(void **state)
{
    (void)state;
    struct known known = {.uid = KNOWN_TO_ALL, .flavour = FLAVOUR_HYDRA};
    known_add(&known);
    assert_false(known_has(&known.id));
    assert_null(known_find(&known.id, 0));
}

static void users_push_out_their_own_only(void **state)
{
    (void)state;
    struct known system = make(1, KNOWN_TO_ALL);
    known_add(&system);
    for (unsigned i = 2; i < 1000; i++) {
        struct known known = make(i, 60001);
        known_add(&known);
    }
    struct known first = make(2, 60001);
    struct known last = make(999, 60001);
    assert_non_null(known_find(&system.id, 60002));
    assert_null(known_find(&first.id, 60001));
    assert_non_null(known_find(&last.id, 60001));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(for_all, set_up),
        cmocka_unit_test_setup(for_one_user, set_up),
        cmocka_unit_test_setup(ids_that_differ, set_up),
        cmocka_unit_test_setup(none_is_not_an_id, set_up),
        cmocka_unit_test_setup(users_push_out_their_own_only, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
