/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spank/config: the words of nestsafe's line in plugstack.conf. */
#include "support.h"

#include "core/decision.h"
#include "launch/paths.h"
#include "slurm_compat.h"
#include "spank/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void parse(struct config *config, const char *const words[])
{
    int argc = 0;
    while (words[argc])
        argc++;
    memset(config, 0xff, sizeof(*config));
    config_parse(config, argc, (char *const *)words);
}

static const enum mode modes[] = {MODE_AUTO, MODE_NODE, MODE_JOB, MODE_AUDIT, MODE_DENY, MODE_OFF};

static void nothing_said(void **state)
{
    (void)state;
    struct config config;
    parse(&config, NO_STRINGS);
    assert_true(config.valid);
    assert_int_equal(config.default_mode, MODE_AUDIT);
    assert_int_equal(config.preload, PRELOAD_ASKED);
    assert_int_equal(config.max_depth, DEPTH_MAX);
    assert_null(config.rules);
    assert_null(config.launchers);
    assert_string_equal(config.log, "slurmd");
    assert_int_equal(config.accounting, ACCOUNTING_ADMIN_COMMENT);
    assert_true(config.notify);
    assert_string_equal(config.rundir, path_rundir);
    assert_null(config_rundir(&config));
    assert_string_equal(config.spool, "/var/spool/nestsafe");
    assert_int_equal(config.port, 868);
    assert_string_equal(config.error, "");
    for (size_t i = 0; i < COUNT(modes); i++)
        assert_true(config_allows(&config, modes[i]));
    config_destroy(&config);
}

static void everything_said(void **state)
{
    (void)state;
    struct config config;
    parse(&config, LIST("default=deny", "allow=auto,node", "preload=never", "max_depth=3",
                        "rules=/etc/slurm/nestsafe.rules", "launchers=simrun,a.b-c+d_e",
                        "log=/a/b.jsonl,syslog", "notify=no", "accounting=none",
                        "rundir=/run/other", "spool=/var/other", "port=4711"));
    assert_true(config.valid);
    assert_int_equal(config.default_mode, MODE_DENY);
    assert_int_equal(config.preload, PRELOAD_NEVER);
    assert_int_equal(config.max_depth, 3);
    assert_string_equal(config.rules, "/etc/slurm/nestsafe.rules");
    assert_string_equal(config.launchers, "simrun,a.b-c+d_e");
    assert_string_equal(config.log, "/a/b.jsonl,syslog");
    assert_int_equal(config.accounting, ACCOUNTING_NONE);
    assert_false(config.notify);
    assert_string_equal(config.rundir, "/run/other");
    assert_string_equal(config_rundir(&config), "/run/other");
    assert_string_equal(config.spool, "/var/other");
    assert_int_equal(config.port, 4711);
    for (size_t i = 0; i < COUNT(modes); i++)
        assert_int_equal(config_allows(&config, modes[i]),
                         modes[i] == MODE_AUTO || modes[i] == MODE_NODE);
    config_destroy(&config);
}

static void every_value(void **state)
{
    (void)state;
    static const char *const preloads[] = {"preload=asked", "preload=always", "preload=never"};
    struct config config;
    for (size_t i = 0; i < COUNT(modes); i++) {
        char word[32] = "default=";
        strcat(word, mode_name(modes[i]));
        parse(&config, LIST(word));
        assert_true(config.valid);
        assert_int_equal(config.default_mode, modes[i]);
        config_destroy(&config);

        strcpy(word, "allow=");
        strcat(word, mode_name(modes[i]));
        parse(&config, LIST(word));
        assert_true(config.valid);
        for (size_t j = 0; j < COUNT(modes); j++)
            assert_int_equal(config_allows(&config, modes[j]), i == j);
        config_destroy(&config);
    }
    /* What is allowed, is allowed alone. */
    parse(&config, LIST("default=job,alone", "allow=job,off"));
    assert_true(config.valid);
    assert_int_equal(config.default_mode, MODE_JOB_ALONE);
    assert_true(config_allows(&config, MODE_JOB_ALONE));
    assert_false(config_allows(&config, MODE_AUTO_ALONE));
    config_destroy(&config);
    for (size_t i = 0; i < COUNT(preloads); i++) {
        parse(&config, LIST(preloads[i]));
        assert_true(config.valid);
        assert_int_equal(config.preload, (enum preload)i);
        config_destroy(&config);
    }
    parse(&config, LIST("max_depth=1"));
    assert_int_equal(config.max_depth, 1);
    config_destroy(&config);
    parse(&config, LIST("max_depth=1000"));
    assert_int_equal(config.max_depth, 1000);
    config_destroy(&config);
}

static void values_of_recording(void **state)
{
    (void)state;
    static const char *const right[] = {
        "log=slurmd",         "log=syslog",      "log=/a",    "log=/a,slurmd,/b,syslog",
        "log=/a=b",           "notify=yes",      "notify=no", "accounting=admin_comment",
        "accounting=comment", "accounting=none", "port=1",    "port=65535",
        "rundir=/a",          "spool=/a",
    };
    char longest[RUNDIR_LENGTH_MAX + 10] = "rundir=/";
    char limit[32];
    struct config config;
    for (size_t i = 0; i < COUNT(right); i++) {
        parse(&config, LIST(right[i]));
        if (!config.valid)
            fail_case("'%s' was not taken: %s", right[i], config.error);
        config_destroy(&config);
    }
    /* What this release of Slurm forgets is not taken for a place. */
    parse(&config, LIST("accounting=extra"));
    assert_int_equal(config.valid, COMPAT_STORES_EXTRA);
    config_destroy(&config);

    memset(longest + strlen(longest), 'd', RUNDIR_LENGTH_MAX - 1);
    parse(&config, LIST(longest));
    assert_true(config.valid);
    assert_int_equal(strlen(config.rundir), RUNDIR_LENGTH_MAX);
    config_destroy(&config);
    strcat(longest, "d");
    parse(&config, LIST(longest));
    assert_false(config.valid);
    snprintf(limit, sizeof(limit), "at most %d characters", (int)RUNDIR_LENGTH_MAX);
    assert_non_null(strstr(config.error, limit));
    config_destroy(&config);
}

static void the_last_word_counts(void **state)
{
    (void)state;
    struct config config;
    parse(&config, LIST("rules=/a", "rules=/b", "allow=auto", "allow=deny,off", "default=auto",
                        "default=node"));
    assert_true(config.valid);
    assert_string_equal(config.rules, "/b");
    assert_false(config_allows(&config, MODE_AUTO));
    assert_true(config_allows(&config, MODE_DENY));
    assert_true(config_allows(&config, MODE_OFF));
    assert_int_equal(config.default_mode, MODE_NODE);
    config_destroy(&config);
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        const char *named; /* the key, or the word where the key is unknown */
        const char *value;
    } cases[] = {
        {"default=", "default", "''"},
        {"default", "default", "''"},
        {"default=audits", "default", "'audits'"},
        {"default=AUDIT", "default", "'AUDIT'"},
        {"default=auto,node", "default", "'auto,node'"},
        {"default= audit", "default", "' audit'"},
        {"allow=", "allow", "''"},
        {"allow=auto,alone", "allow", "'auto,alone'"},
        {"default=deny,alone", "default", "'deny,alone'"},
        {"allow", "allow", "''"},
        {"allow=auto,", "allow", "'auto,'"},
        {"allow=,auto", "allow", "',auto'"},
        {"allow=auto,,off", "allow", "'auto,,off'"},
        {"allow=auto;off", "allow", "'auto;off'"},
        {"allow=auto,everything", "allow", "'auto,everything'"},
        {"allow=auto,averyverylongwordindeed", "allow", "'auto,averyverylongwordindeed'"},
        {"preload=", "preload", "''"},
        {"preload=yes", "preload", "'yes'"},
        {"preload=ask", "preload", "'ask'"},
        {"preload=Always", "preload", "'Always'"},
        {"max_depth=", "max_depth", "''"},
        {"max_depth=0", "max_depth", "'0'"},
        {"max_depth=1001", "max_depth", "'1001'"},
        {"max_depth=-1", "max_depth", "'-1'"},
        {"max_depth=+1", "max_depth", "'+1'"},
        {"max_depth= 1", "max_depth", "' 1'"},
        {"max_depth=8x", "max_depth", "'8x'"},
        {"max_depth=0x8", "max_depth", "'0x8'"},
        {"max_depth=99999999999999999999", "max_depth", "'99999999999999999999'"},
        {"rules=", "rules", "''"},
        {"launchers=", "launchers", "''"},
        {"launchers=simrun,,b", "launchers", "'simrun,,b'"},
        {"launchers=/opt/simrun", "launchers", "'/opt/simrun'"},
        {"rules=nestsafe.rules", "rules", "'nestsafe.rules'"},
        {"rules=./a", "rules", "'./a'"},
        {"log=", "log", "''"},
        {"log", "log", "''"},
        {"log=slurmd,", "log", "'slurmd,'"},
        {"log=file", "log", "'file'"},
        {"log=slurmd,a/b", "log", "'slurmd,a/b'"},
        {"log=/", "log", "'/'"},
        {"log=/a/", "log", "'/a/'"},
        {"accounting=", "accounting", "''"},
        {"accounting=AdminComment", "accounting", "'AdminComment'"},
        {"accounting=admin_comment,comment", "accounting", "'admin_comment,comment'"},
        {"notify=", "notify", "''"},
        {"notify=1", "notify", "'1'"},
        {"rundir=", "rundir", "''"},
        {"rundir=run", "rundir", "'run'"},
        {"spool=", "spool", "''"},
        {"spool=spool", "spool", "'spool'"},
        {"port=", "port", "''"},
        {"port=0", "port", "'0'"},
        {"port=65536", "port", "'65536'"},
        {"port=-1", "port", "'-1'"},
        {"port=868/tcp", "port", "'868/tcp'"},
        {"defaults=auto", "'defaults=auto'", "default"},
        {"defaul=auto", "'defaul=auto'", "default"},
        {"Default=auto", "'Default=auto'", "default"},
        {"max-depth=3", "'max-depth=3'", "max_depth"},
        {"=auto", "'=auto'", "default"},
        {"", "''", "default"},
        {"default =auto", "'default =auto'", "default"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct config config;
        parse(&config, LIST("max_depth=4", cases[i].word, "max_depth=5"));
        if (config.valid)
            fail_case("'%s' was taken", cases[i].word);
        if (!strstr(config.error, "plugstack.conf") || !strstr(config.error, cases[i].named) ||
            !strstr(config.error, cases[i].value))
            fail_case("'%s': the error is '%s'", cases[i].word, config.error);
        for (size_t j = 0; j < COUNT(modes); j++)
            assert_true(config_allows(&config, modes[j]));
        config_destroy(&config);
    }
}

static void long_words_do_not_overflow(void **state)
{
    (void)state;
    static const char *const keys[] = {"",       "default=", "allow=",     "preload=", "max_depth=",
                                       "rules=", "log=",     "log=/",      "rundir=/", "spool=/",
                                       "port=",  "notify=",  "accounting="};
    char *word = malloc(100001);
    assert_non_null(word);
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct config config;
        memset(word, 'x', 100000);
        word[100000] = '\0';
        memcpy(word, keys[i], strlen(keys[i]));
        parse(&config, LIST(word));
        assert_false(config.valid);
        assert_in_range(strlen(config.error), 1, sizeof(config.error) - 1);
        config_destroy(&config);
    }
    free(word);
}

static void destroy_is_safe_and_keeps_errno(void **state)
{
    (void)state;
    struct config config = {0};
    errno = ENOTTY;
    config_destroy(NULL);
    config_destroy(&config);
    assert_int_equal(errno, ENOTTY);
    parse(&config, LIST("rules=/a"));
    errno = ENOTTY;
    config_destroy(&config);
    assert_int_equal(errno, ENOTTY);
    assert_null(config.rules);
    config_destroy(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said),
        cmocka_unit_test(everything_said),
        cmocka_unit_test(every_value),
        cmocka_unit_test(values_of_recording),
        cmocka_unit_test(the_last_word_counts),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(long_words_do_not_overflow),
        cmocka_unit_test(destroy_is_safe_and_keeps_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
