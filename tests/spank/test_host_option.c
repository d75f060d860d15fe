/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake SPANK host against the probe: options from the command line to node and prolog. */
#include <stdio.h>
#include <string.h>

#include "probe_play.h"

static void test_option_typed(void **state)
{
    static const struct {
        const char *arg, *callbacks;
        bool refused;
    } cases[] = {
        {"--probe", "probe=NULL/0", false},
        {"--probe=x", "probe=x/0", false},
        {"--probe=", "probe=/0", false},
        {"--probe=no", "probe=no/0", true},
        {"--probe-f", "probe-flag=NULL/0", false}, /* abbreviated, as getopt_long() has it */
        {"--no-such", "", true},
        {"--probe-flag=x", "", true},
    };

    (void)state;
    for (int c = 0; c < 2; c++)
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            struct play p;

            prepare(&p, c ? HOST_ALLOCATOR : HOST_LOCAL, "optional", "option=yes refuse=no");
            p.sc.args = L(cases[i].arg, "-N1", "true", "--probe=command");
            run(&p);
            assert_callbacks(&p.res, cases[i].callbacks);
            assert_int_equal(p.res.refused, cases[i].refused);
            if (p.res.refused) /* srun has no job yet, so no exit hook; sbatch has one always */
                assert_order(&p.res, c ? "init exit" : "init");
            end(&p);
        }
}

static void test_option_reaches_the_node(void **state)
{
    static const char env_name[] = "_SLURM_SPANK_OPTION_probe_probe";
    struct play user, node;

    (void)state;
    for (enum host_release r = 0; r < HOST_RELEASES; r += host_stride()) {
        prepare(&user, HOST_LOCAL, "optional", "option=yes");
        user.sc.release = r;
        user.sc.args = L("--probe", "true");
        run(&user);
        assert_string_equal(host_env_get(user.res.environ_after, env_name), "");
        prepare(&node, HOST_REMOTE, "optional",
                "option=yes getopt=init_post_opt:probe getopt=user_init:probe "
                "getopt=task_init:probe-flag getopt=task_post_fork:probe");
        node.sc.release = r;
        assert_int_equal(host_forward(&user.res, &node.sc), 0);
        run(&node);
        assert_callbacks(&node.res, r < HOST_24_05 ? "probe=NULL/1 probe=/1" : "probe=NULL/1");
        assert_says(&node.res, "init_post_opt getopt probe rc=9"); /* not available */
        assert_says(&node.res, r < HOST_24_05 ? "user_init getopt probe rc=-1 value="
                                              : "user_init getopt probe rc=-1 value=NULL");
        assert_says(&node.res, "task_init getopt probe-flag rc=0");
        assert_says(&node.res, "task_post_fork getopt probe rc=9");
        assert_null(host_env_get(node.res.env, env_name)); /* gone before init_post_opt */
        end(&node);
        end(&user);
    }
}

static void test_option_in_batch_and_inside(void **state)
{
    struct play user, batch, inner, script;

    (void)state;
    prepare(&user, HOST_ALLOCATOR, "optional", "option=yes control=init_post_opt:C=1");
    user.sc.args = L("--probe", "job.sh");
    run(&user);
    assert_int_equal(user.res.n_forwarded, 0);
    /* The batch step has it from the environment only. */
    prepare(&batch, HOST_REMOTE, "optional", "option=yes");
    batch.sc.step = HOST_STEP_BATCH;
    assert_int_equal(host_forward(&user.res, &batch.sc), 0);
    run(&batch);
    assert_callbacks(&batch.res, "probe=/1");
    assert_string_equal(
        host_env_get(batch.res.tasks[0].env, "SLURM_SPANK__SLURM_SPANK_OPTION_probe_probe"),
        "(null)");
    /* srun in the script: its callback hears "(null)", then the command line. */
    prepare(&inner, HOST_LOCAL, "optional", "option=yes getcontrol=init:C");
    inner.sc.env = (const char *const *)batch.res.tasks[0].env;
    inner.sc.args = L("--probe=x", "true");
    run(&inner);
    assert_callbacks(&inner.res, "probe=(null)/0 probe=x/0");
    assert_says(&inner.res, "init getcontrol C=1");
    assert_string_equal(inner.res.forwarded[0].value, "x");
    /* Prolog and epilog ask the environment. */
    prepare(&script, HOST_PROLOG, "optional", "getopt=job_prolog:probe");
    assert_int_equal(host_forward(&user.res, &script.sc), 0);
    run(&script);
    assert_says(&script.res, "getopt probe rc=-1 value=(null)");
    end(&script);
    end(&inner);
    end(&batch);
    end(&user);
}

static void test_export_none(void **state)
{
    (void)state;
    for (int r = HOST_22_05; r <= HOST_23_11; r++) {
        struct play user, node;

        prepare(&user, HOST_ALLOCATOR, "optional", "option=yes");
        user.sc.release = (enum host_release)r;
        user.sc.args = L("--probe=x", "job.sh");
        user.sc.export_none = true;
        run(&user);
        prepare(&node, HOST_REMOTE, "optional", "option=yes");
        node.sc.release = (enum host_release)r;
        node.sc.step = HOST_STEP_BATCH;
        assert_int_equal(host_forward(&user.res, &node.sc), 0);
        run(&node);
        assert_callbacks(&node.res, r == HOST_22_05 ? "" : "probe=x/1");
        assert_null(host_env_get(node.res.tasks[0].env, "HOME"));
        end(&node);
        end(&user);
    }
}

static void test_option_failures_on_the_node(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "required", "option=yes refuse=no getopt=user_init:probe");
    p.sc.options = (struct host_option[]){{"probe", "probe", "no"}, {"other", "gone", "1"}};
    p.sc.n_options = 2;
    p.sc.env = L("_SLURM_SPANK_OPTION_other_gone=1", "_SLURM_SPANK_OPTION_other_two=1", "A=1");
    run(&p);
    assert_true(p.res.tasks[0].execed);
    assert_says(&p.res, "failed to process option probe=no");
    assert_says(&p.res, "option \"gone\" not found");
    assert_says(&p.res, "user_init getopt probe rc=0");
    /* The second of two neighbours survives the cleaning. */
    assert_null(host_env_get(p.res.env, "_SLURM_SPANK_OPTION_other_gone"));
    assert_non_null(host_env_get(p.res.env, "_SLURM_SPANK_OPTION_other_two"));
    end(&p);
}

static void test_option_registration(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_LOCAL, "optional", "option=yes register=init_post_opt:late register=init:mpi");
    p.sc.args = L("--mpi=none", "--probe=x", "true");
    run(&p);
    assert_says(&p.res, "init_post_opt register rc=");
    assert_says(&p.res, "Ignoring conflicting option \"mpi\"");
    assert_callbacks(&p.res, "probe=x/0");
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_option_typed),
        cmocka_unit_test(test_option_reaches_the_node),
        cmocka_unit_test(test_option_in_batch_and_inside),
        cmocka_unit_test(test_export_none),
        cmocka_unit_test(test_option_failures_on_the_node),
        cmocka_unit_test(test_option_registration),
    };

    play_begin();
    return cmocka_run_group_tests_name("host_option", tests, NULL, NULL);
}
