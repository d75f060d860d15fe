/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin on the fake SPANK host: what it makes of a job's environment, before any task starts.
 */
#include "plugin.h"

#include <stdio.h>
#include <string.h>

/* What one command of the user's finds after sbatch or srun inside a rank of Open MPI's. */
#define OPENMPI_RANK                                                                               \
    "PATH=/usr/bin:/bin", "OMPI_COMM_WORLD_RANK=0", "OMPI_COMM_WORLD_SIZE=2",                      \
        "OMPI_MCA_ess_base_jobid=3400728577", "OMPI_MCA_ess_base_vpid=0",                          \
        "OMPI_MCA_orte_hnp_uri=3400728576.0;tcp://10.0.0.1:4711",                                  \
        "OMPI_MCA_orte_jobfam_session_dir=/tmp/ompi.n1/pid.1", "OMPI_UNIVERSE_SIZE=2",             \
        "OMPI_MCA_ess=^singleton", "PMIX_NAMESPACE=3400728577", "PMIX_RANK=0",                     \
        "PMIX_SERVER_URI2=x;tcp4://127.0.0.1:4712", "PMIX_SECURITY_MODE=munge,native",             \
        "OMPI_MCA_btl=self,vader", "SLURM_JOB_PARTITION=debug", "MY_OWN=1"

/* All of it that was the launcher's, not the user's. */
static const char *const launchers_own[] = {
    "OMPI_COMM_WORLD_RANK",    "OMPI_COMM_WORLD_SIZE",
    "OMPI_MCA_ess_base_jobid", "OMPI_MCA_ess_base_vpid",
    "OMPI_MCA_orte_hnp_uri",   "OMPI_MCA_orte_jobfam_session_dir",
    "OMPI_UNIVERSE_SIZE",      "OMPI_MCA_ess",
    "PMIX_NAMESPACE",          "PMIX_RANK",
    "PMIX_SERVER_URI2",        "PMIX_SECURITY_MODE"};

static void test_step_keeps_its_own_pmi(void **state)
{
    static const char *const variables[] = {"PMI_FD=9",
                                            "PMI_RANK=%t",
                                            "PMI_SIZE=2",
                                            "PMIX_NAMESPACE=slurm.pmix.1001.0",
                                            "PMIX_RANK=%t",
                                            "PMIX_SERVER_URI3=pmix-server.1;tcp4://127.0.0.1:1",
                                            "PMIX_MCA_psec=munge",
                                            "PMIX_SYSTEM_TMPDIR=/tmp",
                                            "OMPI_MCA_orte_precondition_transports=1",
                                            NULL};

    (void)state;
    for (int depth = 0; depth < 2; depth++) {
        struct play p, without;

        plugin_prepare(&p, HOST_REMOTE, "");
        plugin_give(&p, "auto");
        p.sc.env =
            depth ? L(OPENMPI_RANK) : L("PATH=/bin", "OMPI_MCA_btl=tcp", "PMIX_MCA_gds=hash");
        p.sc.mpi_prefork = L("SLURM_PMIX_MAPPING_SERV=(vector,(0,1,1))");
        p.sc.mpi_task = variables;
        p.sc.node_tasks = p.sc.total_tasks = 2;
        plugin_run(&p);
        for (int t = 0; t < 2; t++) {
            char *const *env = TASK_ENV(&p, t);

            assert_variable(env, "PMI_FD", "9");
            assert_variable(env, "PMI_RANK", t ? "1" : "0");
            assert_variable(env, "PMIX_NAMESPACE", "slurm.pmix.1001.0");
            assert_variable(env, "PMIX_RANK", t ? "1" : "0");
            assert_variable(env, "PMIX_MCA_psec", "munge");
            assert_variable(env, "SLURM_PMIX_MAPPING_SERV", "(vector,(0,1,1))");
            assert_variable(env, "OMPI_MCA_orte_precondition_transports", "1");
            /* The baseline is older than these. */
            assert_variable(env, "NESTSAFE_BASELINE",
                            depth ? "OMPI_MCA_btl=self,vader;"
                                  : "OMPI_MCA_btl=tcp;PMIX_MCA_gds=hash;");
        }
        if (!depth) {
            plugin_prepare(&without, HOST_REMOTE, "");
            without.sc = p.sc;
            without.sc.plugstack = NULL;
            plugin_run(&without);
            assert_only_armed(&p, &without);
            end(&without);
        }
        end(&p);
    }
}

static void test_state_of_the_submitting_rank_is_removed(void **state)
{
    (void)state;
    for (int i = 0; i < 4 * HOST_RELEASES; i += host_stride()) {
        bool carried = i % 2, batch = i / 2 % 2;
        struct play p;

        plugin_prepare(&p, HOST_REMOTE, "");
        p.sc.release = (enum host_release)(i / 4);
        p.sc.step = batch ? HOST_STEP_BATCH : HOST_STEP_SRUN;
        p.sc.contain_spank = true;
        p.sc.env = L(OPENMPI_RANK, TWIN "=auto", carried ? "NESTSAFE_DEPTH=2" : "B=1",
                     carried ? "NESTSAFE_LAUNCH=4711:815:0:node" : "C=1",
                     carried ? "NESTSAFE_BASELINE=OMPI_MCA_btl=tcp;HYDRA_RMK=slurm%3Bx;" : "D=1");
        plugin_run(&p);
        assert_silent(&p.res);
        assert_armed(&p, "auto");
        for (size_t v = 0; v < COUNT(launchers_own); v++)
            assert_variable(TASK_ENV(&p, 0), launchers_own[v], NULL);
        /* The user's tuning is that of before the launcher, where that is known. */
        assert_variable(TASK_ENV(&p, 0), "OMPI_MCA_btl", carried ? "tcp" : "self,vader");
        assert_variable(TASK_ENV(&p, 0), "HYDRA_RMK", carried ? "slurm;x" : NULL);
        if (carried) {
            const char *baseline = host_env_get(TASK_ENV(&p, 0), "NESTSAFE_BASELINE");

            assert_non_null(strstr(baseline, "OMPI_MCA_btl=tcp;"));
            assert_non_null(strstr(baseline, "HYDRA_RMK=slurm%3Bx;"));
        }
        assert_variable(TASK_ENV(&p, 0), "MY_OWN", "1");
        assert_variable(TASK_ENV(&p, 0), "SLURM_JOB_PARTITION", "debug");
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_DEPTH", batch ? "0" : carried ? "3" : "1");
        /* What confined the srun holds for its step, not for another job. */
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_LAUNCH",
                        batch     ? "0:1001.4294967291"
                        : carried ? "0:1001.0:node"
                                  : "0:1001.0");
        end(&p);
    }
}

static void test_state_of_other_launchers(void **state)
{
    static const char *const ranks[][6] = {
        {"PMI_RANK=1", "PMI_SIZE=2", "PMI_FD=7", "HYDI_CONTROL_FD=8", "MPI_LOCALRANKID=1"},
        {"PMIX_NAMESPACE=slurm.pmix.7.0", "PMIX_RANK=1", "PMIX_SERVER_TMPDIR=/x",
         "PMIX_HOSTNAME=n1"},
        {"OMPI_MCA_ess=singleton", "OMPI_MCA_orte_launch=1", "PMIX_SERVER_URI2=x"},
        {"MPIRUN_RANK=1", "MPISPAWN_ID=2", "MV2_COMM_WORLD_RANK=1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(ranks); i++) {
        struct play p;

        plugin_prepare(&p, HOST_REMOTE, "");
        plugin_give(&p, "node");
        p.sc.env = L("PATH=/bin", "SLURM_STEP_ID=3", "SLURM_PROCID=1", ranks[i][0], ranks[i][1],
                     ranks[i][2], ranks[i][3], ranks[i][4], ranks[i][5]);
        plugin_run(&p);
        for (size_t v = 0; ranks[i][v]; v++) {
            char name[64];

            snprintf(name, sizeof(name), "%.*s", (int)strcspn(ranks[i][v], "="), ranks[i][v]);
            assert_variable(TASK_ENV(&p, 0), name, NULL);
        }
        assert_armed(&p, "node");
        end(&p);
    }
}

/* These are also names of settings; without a rank around them they are the user's. */
static void test_user_variables_are_kept(void **state)
{
    struct play p, without;

    (void)state;
    plugin_prepare(&p, HOST_REMOTE, "");
    plugin_give(&p, "auto");
    p.sc.env =
        L("PATH=/bin", "OMPI_UNIVERSE_SIZE=7", "PMIX_SECURITY_MODE=native", "OMPI_MCA_btl=tcp",
          "OMPI_MCA_pml=ob1", "SLURM_CPU_BIND=none", "I_MPI_PMI_LIBRARY=/x/libpmi2.so");
    plugin_run(&p);
    assert_silent(&p.res);
    plugin_prepare(&without, HOST_REMOTE, "");
    plugin_forget(&without);
    without.sc.env = p.sc.env;
    plugin_run(&without);
    assert_only_armed(&p, &without);
    assert_variable(TASK_ENV(&p, 0), "OMPI_UNIVERSE_SIZE", "7");
    end(&without);
    end(&p);
}

/* The environment of a job with this twin, with and without the plugin, to the last byte. */
static void test_audit_and_off_change_nothing(void **state)
{
    static const struct {
        const char *site, *twin, *option;
    } cases[] = {
        {"", NULL, NULL},
        {"", NULL, "audit"},
        {"", TWIN "=audit", NULL},
        {"", TWIN "=off", NULL},
        {"default=off", NULL, NULL},
        {"default=off", NULL, "off"},
        {"preload=always", TWIN "=off", "off"},
        {"default=auto", TWIN "=audit", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases) * HOST_RELEASES; i += host_stride()) {
        size_t c = i / HOST_RELEASES;
        struct play p, without;

        plugin_prepare(&p, HOST_REMOTE, cases[c].site);
        p.sc.release = (enum host_release)(i % HOST_RELEASES);
        p.sc.step = i % 3 == 2 && !cases[c].option ? HOST_STEP_BATCH : HOST_STEP_SRUN;
        p.sc.env = L(OPENMPI_RANK, "A=1", "nonsense", "D=1", "D=2", "E=", cases[c].twin);
        p.sc.mpi_task = L("PMI_RANK=%t", "PMI_FD=9");
        p.sc.node_tasks = p.sc.total_tasks = 2;
        plugin_prepare(&without, HOST_REMOTE, "");
        without.sc = p.sc;
        without.sc.plugstack = NULL;
        if (cases[c].option)
            plugin_give(&p, cases[c].option);
        plugin_run(&p);
        assert_silent(&p.res);
        plugin_run(&without);
        assert_same_entries(p.res.env_user, without.res.env_user);
        for (size_t t = 0; t < p.res.n_tasks; t++) {
            assert_same_entries(TASK_ENV(&p, t), TASK_ENV(&without, t));
            assert_null(host_env_diff(TASK_ENV(&p, t), TASK_ENV(&without, t), NULL));
        }
        end(&p);
        end(&without);
    }
}

/* A step that asks for nothing inside an armed job: PATH still leads to nestsafe-launch. */
static void test_unarmed_step_in_an_armed_job(void **state)
{
    static const char *const modes[] = {"audit", "off"};
    struct play batch;

    (void)state;
    plugin_prepare(&batch, HOST_REMOTE, "");
    batch.sc.step = HOST_STEP_BATCH;
    batch.sc.env = L("PATH=/bin", TWIN "=auto");
    plugin_run(&batch);
    for (size_t i = 0; i < COUNT(modes); i++) {
        struct play p;

        plugin_prepare(&p, HOST_REMOTE, "");
        plugin_give(&p, modes[i]);
        p.sc.env = (const char *const *)TASK_ENV(&batch, 0);
        plugin_run(&p);
        assert_silent(&p.res);
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_MODE", modes[i]);
        assert_variable(TASK_ENV(&p, 0), TWIN, modes[i]);
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_DEPTH", "0");
        end(&p);
    }
    end(&batch);
}

static void test_daemons_of_launchers(void **state)
{
    static const char *const daemons[] = {"orted", "prted", "/opt/mpich/bin/hydra_pmi_proxy",
                                          "/usr/bin/hydra_bstrap_proxy"};

    (void)state;
    for (size_t i = 0; i <= COUNT(daemons); i++) {
        struct play p, without;
        bool daemon = i < COUNT(daemons);

        plugin_prepare(&p, HOST_REMOTE, "default=node preload=always");
        plugin_give(&p, "deny");
        p.sc.env = L(OPENMPI_RANK, TWIN "=job");
        p.sc.argv = L(daemon ? daemons[i] : "orted2", "-mca", "ess", "slurm");
        plugin_run(&p);
        assert_silent(&p.res);
        plugin_prepare(&without, HOST_REMOTE, "");
        without.sc = p.sc;
        without.sc.plugstack = NULL;
        without.sc.n_options = 0;
        plugin_run(&without);
        if (daemon)
            assert_same_entries(TASK_ENV(&p, 0), TASK_ENV(&without, 0));
        else
            assert_armed(&p, "deny");
        end(&without);
        end(&p);
    }
}

static void test_depth(void **state)
{
    static const struct {
        enum host_step step;
        const char *before, *after;
    } cases[] = {
        {HOST_STEP_BATCH, "A=1", "0"},
        {HOST_STEP_INTERACTIVE, "A=1", "0"},
        {HOST_STEP_SRUN, "A=1", "1"},
        {HOST_STEP_SRUN, "NESTSAFE_DEPTH=0", "1"},
        {HOST_STEP_SRUN, "NESTSAFE_DEPTH=2", "3"},
        /* A job of its own, whoever submitted it. */
        {HOST_STEP_BATCH, "NESTSAFE_DEPTH=5", "0"},
        {HOST_STEP_INTERACTIVE, "NESTSAFE_DEPTH=5", "0"},
        {HOST_STEP_SRUN, "NESTSAFE_DEPTH=-1", "1"},
        {HOST_STEP_SRUN, "NESTSAFE_DEPTH=99999999999999999999", "1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct play p;

        plugin_prepare(&p, HOST_REMOTE, "");
        p.sc.step = cases[i].step;
        p.sc.env = L("PATH=/bin", TWIN "=node", cases[i].before);
        plugin_run(&p);
        assert_armed(&p, "node");
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_DEPTH", cases[i].after);
        end(&p);
    }
}

static void test_extern_step(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_REMOTE, "default=deny preload=always");
    p.sc.step = HOST_STEP_EXTERN;
    plugin_run(&p);
    assert_silent(&p.res);
    for (char **entry = p.res.env; *entry; entry++)
        assert_null(strstr(*entry, "NESTSAFE"));
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_step_keeps_its_own_pmi),
        cmocka_unit_test(test_state_of_the_submitting_rank_is_removed),
        cmocka_unit_test(test_state_of_other_launchers),
        cmocka_unit_test(test_user_variables_are_kept),
        cmocka_unit_test(test_audit_and_off_change_nothing),
        cmocka_unit_test(test_unarmed_step_in_an_armed_job),
        cmocka_unit_test(test_daemons_of_launchers),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_extern_step),
    };

    play_begin();
    return cmocka_run_group_tests_name("plugin_step", tests, installation_make,
                                       installation_remove);
}
