/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The built-in rule table. Sources: file:line at a tag, or how it was observed. */
#include "rules.h"

#define ROW(action, family_, pattern_, why_, source_)                                              \
    {                                                                                              \
        .pattern = pattern_, .node = action, .job = action, .family = family_, .why = why_,        \
        .source = source_                                                                          \
    }
#define UNSET(family, pattern, why, source) ROW(ACTION_UNSET, family, pattern, why, source)
#define KEEP(family, pattern, why, source) ROW(ACTION_KEEP, family, pattern, why, source)
#define RESTORE(family, pattern, why, source) ROW(ACTION_RESTORE, family, pattern, why, source)
/* The library itself writes one of these values during MPI_Init or PMIx_Init. */
#define RESTORE_WRITTEN(family_, pattern_, written_, why_, source_)                                \
    {                                                                                              \
        .pattern = pattern_, .node = ACTION_RESTORE, .job = ACTION_RESTORE, .family = family_,     \
        .written = written_, .why = why_, .source = source_                                        \
    }
/* Given to a nested launcher that is confined to its rank's node; the user's own elsewhere. */
#define NODE_GETS(action, family_, pattern_, value_, written_, why_, source_)                      \
    {                                                                                              \
        .pattern = pattern_, .node = action, .job = ACTION_RESTORE, .family = family_,             \
        .value = value_, .written = written_, .why = why_, .source = source_                       \
    }
#define PRRTE_UNBOUND(pattern_, ...)                                                               \
    {                                                                                              \
        .pattern = pattern_, .node = ACTION_DEFAULT, .job = ACTION_RESTORE,                        \
        .family = FAMILY_OPENMPI, .value = "%unbound", .synonyms = {__VA_ARGS__},                  \
        .why = "mpirun binds from CPU 0 on; unbound, processes stay on their rank's CPUs",         \
        .source = "prrte v3.0.8 and v4.1.0 hwloc.c; seen"                                          \
    }
/* Part of the allocation or of the outer step's request: hidden in scope node; in scope job the
 * outer *step's* value goes, while outside a step it already is the job's own. */
#define STEP_ONLY(pattern_, why_, source_)                                                         \
    {                                                                                              \
        .pattern = pattern_, .node = ACTION_UNSET, .job = ACTION_UNSET, .family = FAMILY_SLURM,    \
        .needs = NEED_STEP, .why = why_, .source = source_                                         \
    }
#define HIDE(pattern_, why_, source_)                                                              \
    {                                                                                              \
        .pattern = pattern_, .node = ACTION_UNSET, .job = ACTION_KEEP, .family = FAMILY_SLURM,     \
        .why = why_, .source = source_                                                             \
    }
#define JOB_GETS(pattern_, value_, needs_, why_, source_)                                          \
    {                                                                                              \
        .pattern = pattern_, .node = ACTION_UNSET, .job = ACTION_SET, .family = FAMILY_SLURM,      \
        .value = value_, .needs = needs_, .why = why_, .source = source_                           \
    }

#define IDENTITY "says which rank of the outer job this is"
#define RENDEZVOUS "leads to the outer job's servers"
#define STATE "state of the outer launcher"
#define REQUEST "what the outer step asked of srun; the nested srun would ask for it again"
#define STEP "describes the outer step, not the job"
#define TUNING "the user's tuning, less what the outer command line set"
#define CHOICE "the user's own choice"
#define BOOKKEEPING "what programs read; no launcher decides by it"

/* A table: one row a variable, and rows of one shape. */
/* clang-format off */
const struct rule builtin_rules[] = {
    /* Identity and rendezvous: each of the first three ends Open MPI 4's mpirun by itself. */
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_ess", "left by MPI_Init; mpirun then exits 1 without a word",
          "ompi v4.1.6 schizo_ompi.c:991, schizo_orte.c:55-83; python/cpython#132377"),
    UNSET(FAMILY_OPENMPI, "OMPI_UNIVERSE_SIZE", "mpirun calls it recursion and refuses",
          "ompi v4.1.6 schizo_ompi.c:936"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_ess_base_jobid", "the nested job would take the outer's name",
          "ompi v4.1.6 schizo_ompi.c:1228, ess_hnp_module.c:266"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_ess_base_vpid", IDENTITY, "ompi v4.1.6 schizo_ompi.c:1236"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_ess_*", IDENTITY,
          "ompi v4.1.6 schizo_ompi.c:1003,1289, ess_singleton_module.c:241"),
    UNSET(FAMILY_OPENMPI, "OMPI_COMM_WORLD_*", IDENTITY, "ompi v4.1.6 schizo_ompi.c:1013-1274"),
    UNSET(FAMILY_OPENMPI, "OMPI_WORLD_*", IDENTITY, "ompi v5.0.7 pmdl_ompi.c"),
    UNSET(FAMILY_OPENMPI, "OMPI_APP_CTX_NUM_PROCS", IDENTITY, "ompi v4.1.6 schizo_ompi.c:1057"),
    UNSET(FAMILY_OPENMPI, "OMPI_NUM_APP_CTX", IDENTITY, "ompi v4.1.6 schizo_ompi.c:1055"),
    UNSET(FAMILY_OPENMPI, "OMPI_FIRST_RANKS", IDENTITY, "ompi v4.1.6 schizo_ompi.c:1056"),
    UNSET(FAMILY_OPENMPI, "OMPI_FILE_LOCATION", IDENTITY, "ompi v4.1.6 schizo_ompi.c:1336"),
    UNSET(FAMILY_OPENMPI, "OMPI_COMMAND", IDENTITY, "ompi v4.1.6 ompi_mpi_init.c:500"),
    UNSET(FAMILY_OPENMPI, "OMPI_ARGV", IDENTITY, "ompi v4.1.6 ompi_mpi_init.c:506"),
    UNSET(FAMILY_OPENMPI, "OMPI_PARENT_PORT", RENDEZVOUS, "ompi v4.1.6 ompi/dpm/dpm.c:759"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_hnp_uri", RENDEZVOUS, "ompi v4.1.6 schizo_ompi.c:912"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_local_daemon_uri", RENDEZVOUS,
          "ompi v4.1.6 schizo_ompi.c:906"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_parent_uri", RENDEZVOUS, "ompi v4.1.6 orted_main.c"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_pubsub_orte_server", RENDEZVOUS,
          "ompi v4.1.6 ess_singleton_module.c:162"),

    /* The outer job's files: a nested mpirun that finds these deletes them when it ends. */
    {.pattern = "OMPI_MCA_orte_top_session_dir", .node = ACTION_SET, .job = ACTION_SET,
     .family = FAMILY_OPENMPI, .value = "%session",
     .why = "the outer job's, which mpirun would delete; and mpiruns that share one and end at the "
            "same time delete it under each other",
     .source = "ompi v4.1.6 schizo_ompi.c:1029, v4.1.4 session_dir.c:567; seen"},
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_jobfam_session_dir",
          "the outer job's session directory: mpirun would delete it",
          "ompi v4.1.6 schizo_ompi.c:1030; seen"),

    /* Launcher state without value to anyone else. */
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_app_num", STATE, "ompi v4.1.6 schizo_ompi.c:924"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_num_nodes", STATE, "ompi v4.1.6 schizo_ompi.c:941"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_num_restarts", STATE, "ompi v4.1.6 schizo_ompi.c:1299"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_do_not_barrier", STATE, "ompi v4.1.6 schizo_ompi.c:1308"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_cpu_type", STATE, "ompi v4.1.6 schizo_ompi.c:955"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_cpu_model", STATE, "ompi v4.1.6 schizo_ompi.c:965"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_bound_at_launch", STATE, "ompi v4.1.6 schizo_ompi.c:985"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_externally_bound", STATE,
          "ompi v4.1.6 schizo_slurm.c:118"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_base_applied_binding", STATE,
          "ompi v4.1.6 odls_base_default_fns.c"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_launch", STATE,
          "ompi v4.1.6 odls_base_default_fns.c:1314, ess_singleton_module.c:169"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_orte_precondition_transports", STATE,
          "ompi v4.1.6 plm_base_launch_support.c:343, ess_pmi_module.c:276"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_initial_wdir", STATE, "ompi v4.1.6 schizo_ompi.c:1348"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_mpi_oversubscribe", STATE, "ompi v4.1.6 schizo_ompi.c:917"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_num_procs", STATE, "ompi v5.0.7 schizo_ompi.c:1844"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_cpu_type", STATE, "ompi v5.0.7 schizo_ompi.c"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_num_restarts", STATE, "ompi v5.0.7 schizo_ompi.c"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_shmem_RUNTIME_QUERY_hint", STATE,
          "ompi v4.1.6 schizo_ompi.c:976"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_state_novm_select", STATE,
          "ompi v4.1.6 ess_singleton_module.c:560"),
    UNSET(FAMILY_OPENMPI, "OMPI_MCA_PREFIXES", STATE, "ompi v5.0.7 tools/mpirun/main.c"),
    UNSET(FAMILY_OPENMPI, "OMPI_LIBDIR_LOC", STATE, "ompi v5.0.7 tools/mpirun/main.c"),
    UNSET(FAMILY_OPENMPI, "OMPI_TOOL_NAME", STATE, "ompi v5.0.7 tools/mpirun/main.c"),
    UNSET(FAMILY_OPENMPI, "OMPI_VERSION", STATE, "ompi v5.0.7 tools/mpirun/main.c"),
    UNSET(FAMILY_OPENMPI, "OPAL_USER_PARAMS_GIVEN", STATE, "ompi v5.0.7 pmdl_ompi.c"),
    UNSET(FAMILY_OPENMPI, "ORTE_SCHIZO_DETECTION", STATE, "ompi v4.1.6 schizo_orte.c:68"),
    UNSET(FAMILY_OPENMPI, "PRTE_LAUNCHED", STATE, "prrte schizo_base_stubs.c:477"),
    UNSET(FAMILY_OPENMPI, "PRTE_SHARED_FS", STATE, "prrte schizo_base_stubs.c"),
    UNSET(FAMILY_OPENMPI, "PRTE_MCA_PREFIXES", STATE, "prrte prte.c"),
    UNSET(FAMILY_OPENMPI, "PRTE_MCA_schizo_proxy", STATE, "ompi v5.0.7 tools/mpirun/main.c"),
    UNSET(FAMILY_OPENMPI, "PRTE_MCA_ess*", IDENTITY, "prrte prte.c, prted.c"),
    UNSET(FAMILY_OPENMPI, "PRTE_MCA_prte_hnp_uri", RENDEZVOUS, "prrte prted.c"),
    UNSET(FAMILY_OPENMPI, "PRTE_MCA_prte_parent_uri", RENDEZVOUS, "prrte prted.c"),

    /* Where the nested processes may go. */
    {.pattern = "OMPI_MCA_plm", .node = ACTION_SET, .job = ACTION_DEFAULT, .needs = NEED_ALLOCATION,
     .family = FAMILY_OPENMPI, .value = "isolated", .job_value = "slurm", .tuning = true,
     .why = "mpirun gives up where its first choice, ssh, is not in PATH",
     .source = "ompi v4.1.4 plm_isolated_component.c, plm_rsh_component.c:335; seen"},
    NODE_GETS(ACTION_SET, FAMILY_OPENMPI, "OMPI_MCA_orte_default_hostfile", "none", NULL,
              "no other host is in reach", "ompi v4.1.4 orte_mca_params.c:386"),
    NODE_GETS(ACTION_SET, FAMILY_OPENMPI, "OMPI_MCA_orte_set_default_slots", "%cpus", NULL,
              "as many slots as this rank has CPUs", "ompi v4.1.4 plm_base_launch_support.c:123"),
    NODE_GETS(ACTION_SET, FAMILY_OPENMPI, "PRTE_MCA_plm", "ssh", NULL,
              "starts processes on this node without ssh or srun; for other hosts there is the next "
              "row", "prrte v3.0.8 plm_ssh_component.c; seen"),
    NODE_GETS(ACTION_SET, FAMILY_OPENMPI, "PRTE_MCA_plm_ssh_agent", "%unreachable", NULL,
              "no other host is in reach, and without ssh or rsh in PATH there were no launcher at "
              "all", "prrte v3.0.8 plm_ssh_component.c; seen"),
    NODE_GETS(ACTION_SET, FAMILY_OPENMPI, "PRTE_MCA_ras", "^slurm", NULL,
              "PRRTE 5 looks for SLURM_JOB_ID, which stays, and then misses the allocation",
              "prrte 52d5e4bb1f common_slurm.c:132, ras_slurm_module.c:192; seen"),
    NODE_GETS(ACTION_SET, FAMILY_OPENMPI, "PRTE_MCA_prte_default_hostfile", "none", NULL,
              "no other host is in reach", "prrte v3.0.8 runtime/prte_mca_params.c"),
    NODE_GETS(ACTION_SET, FAMILY_OPENMPI, "PRTE_MCA_prte_set_default_slots", "%cpus", NULL,
              "as many slots as this rank has CPUs", "prrte v3.0.8 plm_base_launch_support.c:113"),
    NODE_GETS(ACTION_DEFAULT, FAMILY_OPENMPI, "OMPI_MCA_hwloc_base_binding_policy", "none", "none",
              "mpirun binds from CPU 0 on; unbound, processes stay on their rank's CPUs",
              "ompi v4.1.6 schizo_slurm.c:110; seen"),
    /* PRRTE's names for it: releases from 4 on warn of the older, but not where the newer is there
     * too. */
    PRRTE_UNBOUND("PRTE_MCA_bindto", "PRTE_MCA_bind_to", "PRTE_MCA_hwloc_default_binding_policy"),
    PRRTE_UNBOUND("PRTE_MCA_hwloc_default_binding_policy", "PRTE_MCA_bind_to", "PRTE_MCA_bindto"),

    /* Written by MPI_Init itself, or by the user. */
    RESTORE_WRITTEN(FAMILY_OPENMPI, "OMPI_MCA_pmix", "^s1,s2,cray* isolated",
                    "names the outer rank's PMIx component",
                    "ompi v4.1.6 schizo_ompi.c:995, ess_singleton_module.c:163-176"),
    RESTORE_WRITTEN(FAMILY_OPENMPI, "PSM2_DEVICES", "self,shm",
                    "would keep a nested job of several nodes to shared memory",
                    "seen in ranks of 4.1.4"),
    RESTORE(FAMILY_OPENMPI, "OMPI_MCA_mca_base_component_path", TUNING,
            "ompi v5.0.7: breaks other releases' mpirun"),
    RESTORE(FAMILY_OPENMPI, "OMPI_MCA_orte_tmpdir_base", TUNING, "ompi v4.1.6 schizo_ompi.c:1028"),
    RESTORE(FAMILY_OPENMPI, "OMPI_MCA_*", TUNING, "orterun --mca, --bind-to, --map-by"),
    RESTORE(FAMILY_OPENMPI, "OMPI_*", TUNING, "ompi v4.1.6 schizo_ompi.c:693-710"),
    RESTORE(FAMILY_OPENMPI, "ORTE_*", TUNING, "ORTE_HNP_DVM_URI: schizo_ompi.c:555"),
    RESTORE(FAMILY_OPENMPI, "PRTE_*", TUNING, "prrte prte.c:298-310 drops them for ranks"),
    RESTORE(FAMILY_OPENMPI, "PRTEPROXY_USE_DVM", TUNING, "prrte prte.c:507"),
    KEEP(FAMILY_OPENMPI, "OMPI_ALLOW_RUN_AS_ROOT*", CHOICE, "orterun(1)"),
    KEEP(FAMILY_OPENMPI, "PRTE_ALLOW_RUN_AS_ROOT*", CHOICE, "prterun(1)"),
    KEEP(FAMILY_OPENMPI, "OPAL_*", "where Open MPI is installed", "mpirun(1), OPAL_PREFIX"),

    UNSET(FAMILY_PMIX, "PMIX_NAMESPACE", IDENTITY, "openpmix v4.2.2 pmix_server.c:2119-2173"),
    UNSET(FAMILY_PMIX, "PMIX_RANK", IDENTITY, "openpmix v4.2.2 pmix_server.c:2119-2173"),
    UNSET(FAMILY_PMIX, "PMIX_ID", IDENTITY, "ompi v4.1.6 schizo_ompi.c:1289"),
    UNSET(FAMILY_PMIX, "PMIX_SERVER_*", RENDEZVOUS,
          "openpmix v4.2.2 pmix_server.c:2119-2173, ptl_base_fns.c:223"),
    UNSET(FAMILY_PMIX, "PMIX_SYSTEM_TMPDIR", RENDEZVOUS, "openpmix v4.2.2 ptl_base_fns.c:224"),
    UNSET(FAMILY_PMIX, "PMIX_DSTORE_*", RENDEZVOUS, "openpmix v4.2.2 gds/ds12, gds/ds21"),
    UNSET(FAMILY_PMIX, "PMIX_HOSTNAME", IDENTITY, "openpmix v4.2.2 pmix_server.c:2119-2173"),
    UNSET(FAMILY_PMIX, "PMIX_VERSION", STATE, "openpmix v4.2.2 pmix_server.c:2119-2173"),
    UNSET(FAMILY_PMIX, "PMIX_GDS_MODULE", STATE, "openpmix v4.2.2 pmix_server.c:2119-2173"),
    UNSET(FAMILY_PMIX, "PMIX_SECURITY_MODE",
          "may name a module that the nested launcher does not have",
          "openpmix v4.2.2 pmix_server.c:2119-2173; open-mpi/ompi#9582"),
    UNSET(FAMILY_PMIX, "PMIX_BFROP_BUFFER_TYPE", STATE, "openpmix v4.2.2 pmix_server.c:2119-2173"),
    UNSET(FAMILY_PMIX, "PMIX_KEEPALIVE_PIPE", RENDEZVOUS, "openpmix tool support; seen"),
    UNSET(FAMILY_PMIX, "PMIX_LAUNCHER_*", RENDEZVOUS,
          "a stale PMIX_LAUNCHER_RNDZ_URI ends mpirun 4 and 5; seen"),
    UNSET(FAMILY_PMIX, "PMIX_PARAM_FILE_PASSED", STATE, "ompi v5.0.7 pmdl_ompi.c"),
    RESTORE_WRITTEN(FAMILY_PMIX, "PMIX_MCA_psec", "*",
                    "PMIx_Init copies the outer server's security module here",
                    "openpmix v4.2.2 pmix_init.c:482"),
    RESTORE_WRITTEN(FAMILY_PMIX, "PMIX_MCA_gds", "hash", TUNING,
                    "written by MPI_Comm_spawn of a 5.0 singleton; seen"),
    RESTORE_WRITTEN(FAMILY_PMIX, "PMIX_MCA_mca_base_component_show_load_errors", "1",
                    "Open MPI hands its own default to PMIx here", "seen in ranks of 4.1.4"),
    RESTORE(FAMILY_PMIX, "PMIX_*", TUNING, "openpmix"),

    UNSET(FAMILY_MPICH, "PMI_FD", RENDEZVOUS, "mpich v4.2.1 pmip_cb.c:786-979"),
    UNSET(FAMILY_MPICH, "PMI_PORT", RENDEZVOUS, "mpich v4.2.1 pmip_cb.c:786-979"),
    UNSET(FAMILY_MPICH, "PMI_ID", IDENTITY, "mpich v4.2.1 pmip_cb.c:786-979"),
    UNSET(FAMILY_MPICH, "PMI_RANK", IDENTITY, "mpich v4.2.1 pmip_cb.c; slurm mpi_pmi2.c:111"),
    UNSET(FAMILY_MPICH, "PMI_SIZE", IDENTITY, "mpich v4.2.1 pmip_cb.c; slurm mpi_pmi2.c:112"),
    UNSET(FAMILY_MPICH, "PMI_LOCAL_*", IDENTITY, "Cray PALS"),
    UNSET(FAMILY_MPICH, "PMI_SPAWNED", IDENTITY, "mpich v4.2.1; slurm mpi_pmi2.c:119"),
    UNSET(FAMILY_MPICH, "PMI_APPNUM", IDENTITY, "mpich v4.2.1"),
    UNSET(FAMILY_MPICH, "PMI_KVSNAME", IDENTITY, "mpich v4.2.1"),
    UNSET(FAMILY_MPICH, "PMI_JOBID", IDENTITY, "slurm mpi_pmi2.c:115"),
    UNSET(FAMILY_MPICH, "PMI_PROCESS_MAPPING", IDENTITY, "mpich v4.2.1"),
    UNSET(FAMILY_MPICH, "PMI_UNIVERSE_SIZE", IDENTITY, "mpich v4.2.1"),
    UNSET(FAMILY_MPICH, "PMI_CONTROL_*", RENDEZVOUS, "slurm mpi/cray_shasta"),
    UNSET(FAMILY_MPICH, "PMI_SHARED_SECRET", RENDEZVOUS, "slurm mpi/cray_shasta"),
    UNSET(FAMILY_MPICH, "HYDI_CONTROL_FD", RENDEZVOUS, "mpich v4.2.1 pmip_cb.c"),
    UNSET(FAMILY_MPICH, "HYDRA_CONTROL_FD", RENDEZVOUS, "mpich v4.2.1 hydra"),
    UNSET(FAMILY_MPICH, "HYDRA_PROXY_ID", IDENTITY, "mpich v4.2.1 hydra"),
    UNSET(FAMILY_MPICH, "HYDRA_PROXY_PORT", RENDEZVOUS, "mpich v4.2.1 hydra"),
    UNSET(FAMILY_MPICH, "HYDRA_USER_PROVIDED_BINDING", STATE, "mpich v4.2.1 topo.c:58"),
    UNSET(FAMILY_MPICH, "MPI_LOCALNRANKS", IDENTITY, "mpich v4.2.1 pmip_cb.c"),
    UNSET(FAMILY_MPICH, "MPI_LOCALRANKID", IDENTITY, "mpich v4.2.1 pmip_cb.c"),
    UNSET(FAMILY_MPICH, "MPIR_CVAR_CH3_INTERFACE_HOSTNAME", "the outer rank's host",
          "mpich v4.2.1 pmip_cb.c"),
    NODE_GETS(ACTION_SET, FAMILY_MPICH, "HYDRA_LAUNCHER", "ssh", NULL,
              "starts processes on this node without ssh or srun; for other hosts there is the next "
              "row (fork would ignore their names, and start all here)",
              "mpich v4.2.1 bsci_env.c, external_common_launch.c; seen"),
    NODE_GETS(ACTION_SET, FAMILY_MPICH, "HYDRA_LAUNCHER_EXEC", "%unreachable", NULL,
              "no other host is in reach", "mpich v4.2.1 external_ssh_launch; seen"),
    {.pattern = "HYDRA_LAUNCHER_EXTRA_ARGS", .node = ACTION_UNSET, .job = ACTION_RESTORE,
     .family = FAMILY_MPICH, .why = "an option for srun (Slurm sets it from 23.11 on)",
     .source = "slurm 24-11-6 env.c:2508-2595"},
    {.pattern = "HYDRA_BOOTSTRAP", .node = ACTION_UNSET, .job = ACTION_RESTORE,
     .family = FAMILY_MPICH, .why = "would bring srun back (Slurm sets it from 23.11 on)",
     .source = "slurm 24-11-6 env.c:2508-2595"},
    {.pattern = "HYDRA_RMK", .node = ACTION_UNSET, .job = ACTION_RESTORE, .family = FAMILY_MPICH,
     .why = "would look for the allocation, which is hidden", .source = "mpiexec.hydra(1)"},
    {.pattern = "HYDRA_HOST_FILE", .node = ACTION_UNSET, .job = ACTION_RESTORE,
     .family = FAMILY_MPICH, .why = "no other host is in reach", .source = "mpiexec.hydra(1)"},
    RESTORE(FAMILY_MPICH, "HYDRA_*", TUNING, "mpiexec.hydra(1)"),
    RESTORE(FAMILY_MPICH, "MPIR_*", TUNING, "mpich README.envvar"),
    RESTORE(FAMILY_MPICH, "MPICH_*", TUNING, "mpich README.envvar"),
    RESTORE(FAMILY_MPICH, "MPIEXEC_*", TUNING, "mpiexec.hydra(1); orted_submit.c:966"),
    RESTORE(FAMILY_MPICH, "PMI_NO_*", TUNING, "ompi v4.1.6 plm_slurm_module.c:286"),

    UNSET(FAMILY_OTHER_MPI, "MV2_COMM_WORLD_*", IDENTITY, "mvapich2 user guide"),
    UNSET(FAMILY_OTHER_MPI, "MVP_COMM_WORLD_*", IDENTITY, "mvapich user guide"),
    UNSET(FAMILY_OTHER_MPI, "MPISPAWN_*", RENDEZVOUS, "mvapich2 mpispawn"),
    UNSET(FAMILY_OTHER_MPI, "MPIRUN_RSH_LAUNCH", STATE, "mvapich2 mpirun_rsh"),
    UNSET(FAMILY_OTHER_MPI, "MPIRUN_RANK", IDENTITY, "mvapich2 mpirun_rsh"),
    UNSET(FAMILY_OTHER_MPI, "MPIRUN_NPROCS", IDENTITY, "mvapich2 mpirun_rsh"),
    UNSET(FAMILY_OTHER_MPI, "MPIRUN_ID", IDENTITY, "mvapich2 mpirun_rsh"),
    UNSET(FAMILY_OTHER_MPI, "MPIRUN_HOST", RENDEZVOUS, "mvapich2 mpirun_rsh"),
    UNSET(FAMILY_OTHER_MPI, "MPIRUN_PORT", RENDEZVOUS, "mvapich2 mpirun_rsh"),
    UNSET(FAMILY_OTHER_MPI, "MPIRUN_MPD", STATE, "mvapich2 mpirun_rsh"),
    UNSET(FAMILY_OTHER_MPI, "MPIRUN_COMM_MULTIPLE", STATE, "mvapich2 mpirun_rsh"),
    UNSET(FAMILY_OTHER_MPI, "USE_LINEAR_SSH", STATE, "mvapich2 mpirun_rsh"),
    UNSET(FAMILY_OTHER_MPI, "PALS_*", IDENTITY, "slurm mpi/cray_shasta; Cray PALS"),
    UNSET(FAMILY_OTHER_MPI, "ALPS_APP_*", IDENTITY, "Cray ALPS"),
    RESTORE(FAMILY_OTHER_MPI, "MV2_*", TUNING, "mvapich2 user guide"),
    RESTORE(FAMILY_OTHER_MPI, "MVP_*", TUNING, "mvapich user guide"),
    UNSET(FAMILY_OTHER_MPI, "I_MPI_PMI_LIBRARY", "meant for srun, not for mpiexec.hydra",
          "flux-core broker/runat.c does the same; not run here"),
    NODE_GETS(ACTION_SET, FAMILY_OTHER_MPI, "I_MPI_HYDRA_BOOTSTRAP", "fork", NULL,
              "starts processes on this node without ssh or srun",
              "Intel MPI reference; not run here"),
    RESTORE(FAMILY_OTHER_MPI, "I_MPI_*", TUNING, "Intel MPI reference; not run here"),

    /* Slurm: what names the job stays, so that programs and srun know where they are. */
    KEEP(FAMILY_SLURM, "SLURM_CONF", "configless clusters need it", "srun(1)"),
    KEEP(FAMILY_SLURM, "SLURM_CONF_SERVER", "configless clusters need it", "slurmd(8)"),
    KEEP(FAMILY_SLURM, "SLURM_CLUSTER*", BOOKKEEPING, "srun(1)"),
    KEEP(FAMILY_SLURM, "SLURM_JOB_ID", "without it srun would submit a new job; launchers look "
         "for SLURM_JOBID", "ompi v4.1.4 ras_slurm_component.c:137; seen"),
    KEEP(FAMILY_SLURM, "SLURM_JOB_*", BOOKKEEPING, "srun(1)"),
    KEEP(FAMILY_SLURM, "SLURM_ARRAY_*", BOOKKEEPING, "sbatch(1)"),
    KEEP(FAMILY_SLURM, "SLURM_RESTART_COUNT", BOOKKEEPING, "sbatch(1)"),
    KEEP(FAMILY_SLURM, "SLURM_SUBMIT_*", BOOKKEEPING, "srun(1)"),
    KEEP(FAMILY_SLURM, "SLURM_SCRIPT_*", BOOKKEEPING, "srun(1)"),
    KEEP(FAMILY_SLURM, "SLURM_DEBUG*", CHOICE, "srun(1)"),
    KEEP(FAMILY_SLURM, "SLURM_PMI_KVS_NO_DUP_KEYS", CHOICE, "slurm src/api/pmi.c"),
    KEEP(FAMILY_SLURM, "SLURM_PMIX_*", CHOICE, "slurm mpi/pmix"),
    UNSET(FAMILY_SLURM, "SLURM_PMIX_MAPPING_SERV", RENDEZVOUS, "slurm mpi/pmix"),
    UNSET(FAMILY_SLURM, "SLURM_PMIXP_*", RENDEZVOUS, "slurm mpi/pmix"),
    UNSET(FAMILY_SLURM, "SLURM_PMI2_*", RENDEZVOUS, "slurm mpi/pmi2"),

    /* Slurm: the allocation. A launcher that sees a half of it fails or waits for ever. */
    HIDE("SLURM_JOBID", "launchers then use this node only, without srun",
         "ompi v4.1.4 ras_slurm_component.c:137, plm_slurm_component.c:124"),
    JOB_GETS("SLURM_JOB_NODELIST", "%nodelist", NEED_STEP, "launchers then use this node only",
         "mpich v4.2.1 slurm_query_node_list.c"),
    JOB_GETS("SLURM_JOB_NUM_NODES", "%nodes", NEED_STEP, "launchers then use this node only",
             "mpich v4.2.1 hydra rmk"),
    HIDE("SLURM_JOB_CPUS_PER_NODE", "the job's CPUs, not this rank's",
         "ompi v4.1.4 ras_slurm_module.c:294"),
    HIDE("SLURM_HET_*", "part of the allocation", "srun(1)"),
    HIDE("SLURM_PACK_*", "part of the allocation", "srun(1), before 20.11"),
    HIDE("SLURM_NODE_ALIASES", "part of the allocation", "srun(1)"),
    JOB_GETS("SLURM_NODELIST", "%nodelist", NEED_STEP,
             "the job's nodes, where the step had its own", "ompi v4.1.4 ras_slurm_module.c:263"),
    JOB_GETS("SLURM_NNODES", "%nodes", NEED_STEP,
             "the job's nodes, where the step had its own", "mpich v4.2.1 hydra rmk"),
    JOB_GETS("SLURM_TASKS_PER_NODE", "$SLURM_JOB_CPUS_PER_NODE", NEED_STEP,
             "as many slots as the job has CPUs, not as the outer step had tasks",
             "ompi v4.1.4 ras_slurm_module.c:284-311; seen"),
    {.pattern = "SLURM_OVERLAP", .node = ACTION_RESTORE, .job = ACTION_SET, .family = FAMILY_SLURM,
     .value = "1", .needs = NEED_ALLOCATION, .tuning = true,
     .why = "the launcher's srun shares the CPUs that the outer step holds, instead of waiting for "
            "them; in a job that is submitted from there it is the user's own again",
     .source = "slurm 22-05-8 srun/launch.c:533; seen"},

    /* Slurm: the outer step and what it asked for. */
    STEP_ONLY("SLURM_STEP_*", STEP, "slurm 22-05-8 env.c"),
    STEP_ONLY("SLURM_STEPID", STEP, "slurm 22-05-8 env.c"),
    STEP_ONLY("SLURM_STEPMGR", STEP, "slurm 24-11-6 env.c"),
    STEP_ONLY("SLURM_PROCID", IDENTITY, "slurm 22-05-8 env.c"),
    STEP_ONLY("SLURM_LOCALID", IDENTITY, "slurm 22-05-8 env.c"),
    STEP_ONLY("SLURM_NODEID", IDENTITY, "mpich v4.2.1 slurm_query_proxy_id.c:17"),
    STEP_ONLY("SLURM_GTIDS", IDENTITY, "slurm 22-05-8 env.c"),
    STEP_ONLY("SLURM_TASK_PID", IDENTITY, "slurm 22-05-8 env.c"),
    STEP_ONLY("SLURM_SRUN_COMM_*", RENDEZVOUS, "slurm 22-05-8 env.c"),
    STEP_ONLY("SLURM_LAUNCH_NODE_IPADDR", RENDEZVOUS, "slurm 22-05-8 env.c"),
    STEP_ONLY("SLURM_CPU_BIND*", "the outer task's mask does not fit a nested launcher's daemons",
              "ompi v4.1.6 plm_slurm_module.c:434"),
    STEP_ONLY("SLURM_MEM_BIND*", REQUEST, "srun(1)"),
    STEP_ONLY("SLURM_DISTRIBUTION", REQUEST, "srun(1)"),
    STEP_ONLY("SLURM_CPUS_PER_*", REQUEST, "ompi v4.1.4 ras_slurm_module.c:327"),
    STEP_ONLY("SLURM_NTASKS*", REQUEST, "srun(1)"),
    STEP_ONLY("SLURM_NPROCS", REQUEST, "srun(1)"),
    STEP_ONLY("SLURM_MEM_PER_*", REQUEST, "srun(1)"),
    STEP_ONLY("SLURM_GPU*", REQUEST, "srun(1)"),
    STEP_ONLY("SLURM_GRES*", REQUEST, "srun(1)"),
    STEP_ONLY("SLURM_TRES_*", REQUEST, "srun(1)"),
    STEP_ONLY("SLURM_THREADS_PER_CORE", REQUEST, "srun(1)"),
    STEP_ONLY("SLURM_HINT", REQUEST, "srun(1)"),
    STEP_ONLY("SLURM_OVERCOMMIT", REQUEST, "srun(1)"),
    STEP_ONLY("SLURM_EXCLUSIVE", REQUEST, "srun(1)"),
    STEP_ONLY("SLURM_EXACT", REQUEST, "srun(1)"),
    STEP_ONLY("SLURM_WHOLE", REQUEST, "srun(1)"),
    STEP_ONLY("SRUN_CPUS_PER_TASK", REQUEST, "srun(1)"),
};
/* clang-format on */

const size_t builtin_rules_count = sizeof(builtin_rules) / sizeof(builtin_rules[0]);

_Static_assert(sizeof(builtin_rules) / sizeof(builtin_rules[0]) <= BUILTIN_RULES_MAX,
               "rules.c has no place for so many");
