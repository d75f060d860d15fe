/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli/spankfile and cli/child: a plugin's file, whole and broken, and commands. */
#include "support.h"

#include "cli/child.h"
#include "cli/spankfile.h"

#include "launch/readfile.h"

#include <errno.h>
#include <slurm/slurm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The plugin that this build has made. */
static char *plugin_bytes(size_t *length)
{
    char path[4096];
    const char *directory = getenv("SPANK_TEST_DIR");
    assert_non_null(directory);
    size_t top = strlen(directory) - strlen("/tests/spank/.libs");
    snprintf(path, sizeof(path), "%.*s/.libs/nestsafe.so", (int)top, directory);
    return readfile(path, 64 * 1024 * 1024, length);
}

static void what_the_plugin_says(void **state)
{
    (void)state;
    size_t length;
    struct spankfile plugin;
    char *bytes = plugin_bytes(&length);
    assert_non_null(bytes);
    assert_int_equal(spankfile_parse(&plugin, (unsigned char *)bytes, length), 0);
    assert_string_equal(plugin.name, "nestsafe");
    assert_string_equal(plugin.type, "spank");
    assert_true(plugin.has_release);
    /* Before 21.08 it is the plugin's own number. */
    assert_true(plugin.release == SLURM_VERSION_NUMBER || plugin.release == 1);
    uint64_t hash = plugin.hash;
    bytes[length - 1] ^= 1;
    assert_int_equal(spankfile_parse(&plugin, (unsigned char *)bytes, length), 0);
    assert_true(plugin.hash != hash);
    free(bytes);
}

/* Whatever is in it, nothing outside it is read: for the sanitizers and valgrind to see. */
static void a_broken_file_is_read_in_bounds(void **state)
{
    (void)state;
    size_t length;
    struct spankfile plugin;
    char *bytes = plugin_bytes(&length);
    assert_non_null(bytes);
    for (size_t cut = 0; cut < length; cut += cut < 256 ? 1 : length / 64 + 1) {
        unsigned char *part = malloc(cut ? cut : 1);
        assert_non_null(part);
        memcpy(part, bytes, cut);
        int rc = spankfile_parse(&plugin, part, cut);
        assert_true(rc == 0 || errno == ENOEXEC);
        assert_false(plugin.has_release && cut < 256);
        free(part);
    }
    for (size_t i = 0; i < 64; i++) { /* the header */
        char saved = bytes[i];
        bytes[i] = (char)~saved;
        spankfile_parse(&plugin, (unsigned char *)bytes, length);
        bytes[i] = saved;
    }
    free(bytes);
}

static void what_is_no_plugin(void **state)
{
    (void)state;
    struct spankfile plugin;
    assert_int_equal(spankfile_read(&plugin, "/nonexistent.so"), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(spankfile_read(&plugin, "/etc/passwd"), -1);
    assert_int_equal(errno, ENOEXEC);
}

static void run(struct child *child, const char *script, unsigned seconds)
{
    char *argv[] = {(char *)"sh", (char *)"-c", (char *)script, NULL};
    assert_int_equal(child_run(child, argv, seconds), 0);
}

static void commands(void **state)
{
    (void)state;
    struct child child;
    char *absent[] = {(char *)"nonexistent-command", NULL};
    run(&child, "echo out; echo; echo err >&2; echo more >&2; exit 3", 20);
    assert_string_equal(child.output, "out\n\n");
    assert_string_equal(child_complaint(&child), "err");
    assert_int_equal(child.status, 3);
    child_destroy(&child);
    run(&child, "read x; echo \"<$x>\"; kill -9 $$", 20);
    assert_string_equal(child.output, "<>\n");
    assert_string_equal(child_complaint(&child), "");
    assert_int_equal(child.status, 128 + 9);
    child_destroy(&child);
    run(&child, "head -c 300000 /dev/zero | tr '\\0' x", 20);
    assert_int_equal(strlen(child.output), 300000);
    child_destroy(&child);
    assert_int_equal(child_run(&child, absent, 20), 0);
    assert_int_equal(child.status, 127);
    child_destroy(&child);
}

static void who_takes_too_long_is_ended(void **state)
{
    (void)state;
    struct child child;
    run(&child, "echo begun; sleep 600 & wait", 1);
    assert_string_equal(child.output, "begun\n");
    assert_int_equal(child.status, 124);
    child_destroy(&child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_plugin_says),
        cmocka_unit_test(a_broken_file_is_read_in_bounds),
        cmocka_unit_test(what_is_no_plugin),
        cmocka_unit_test(commands),
        cmocka_unit_test(who_takes_too_long_is_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
