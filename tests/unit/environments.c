/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Environments of real ranks: what MPI left in them, with neutral hosts, addresses and numbers. */
#include "environments.h"

#include <stddef.h>

/* What is the same in a rank of Open MPI 4.1 before and after MPI_Init. */
/* clang-format off */
#define OPENMPI_RANK                                                                               \
    "HFI_NO_BACKTRACE=1",                                                                          \
    "IPATH_NO_BACKTRACE=1",                                                                        \
    "OMPI_APP_CTX_NUM_PROCS=2",                                                                    \
    "OMPI_COMM_WORLD_LOCAL_RANK=1",                                                                \
    "OMPI_COMM_WORLD_LOCAL_SIZE=2",                                                                \
    "OMPI_COMM_WORLD_NODE_RANK=1",                                                                 \
    "OMPI_COMM_WORLD_RANK=1",                                                                      \
    "OMPI_COMM_WORLD_SIZE=2",                                                                      \
    "OMPI_FILE_LOCATION=/tmp/ompi.node1.1000/pid.4242/0/0",                                        \
    "OMPI_FIRST_RANKS=0",                                                                          \
    "OMPI_MCA_ess_base_jobid=1869676545",                                                          \
    "OMPI_MCA_ess_base_vpid=1",                                                                    \
    "OMPI_MCA_initial_wdir=/tmp",                                                                  \
    "OMPI_MCA_mpi_oversubscribe=0",                                                                \
    "OMPI_MCA_orte_app_num=0",                                                                     \
    "OMPI_MCA_orte_ess_node_rank=1",                                                               \
    "OMPI_MCA_orte_ess_num_procs=2",                                                               \
    "OMPI_MCA_orte_hnp_uri=1869676544.0;tcp://192.0.2.2:58649;tcp6://[2001:db8::2]:42063",         \
    "OMPI_MCA_orte_jobfam_session_dir=/tmp/ompi.node1.1000/pid.4242",                              \
    "OMPI_MCA_orte_launch=1",                                                                      \
    "OMPI_MCA_orte_local_daemon_uri=1869676544.0;tcp://192.0.2.2:58649",                           \
    "OMPI_MCA_orte_num_nodes=1",                                                                   \
    "OMPI_MCA_orte_precondition_transports=2e2040655729fbb2-2c4b9949b3026c1b",                     \
    "OMPI_MCA_orte_tmpdir_base=/tmp",                                                              \
    "OMPI_MCA_orte_top_session_dir=/tmp/ompi.node1.1000",                                          \
    "OMPI_MCA_pmix=^s1,s2,cray,isolated",                                                          \
    "OMPI_MCA_rmaps_base_oversubscribe=1",                                                         \
    "OMPI_MCA_shmem_RUNTIME_QUERY_hint=mmap",                                                      \
    "OMPI_NUM_APP_CTX=1",                                                                          \
    "OMPI_UNIVERSE_SIZE=2",                                                                        \
    PMIX_SERVER,                                                                                   \
    "PMIX_ID=1869676545.1",                                                                        \
    "PMIX_NAMESPACE=1869676545",                                                                   \
    "PMIX_RANK=1"

#define PMIX_SERVER                                                                                \
    "PMIX_BFROP_BUFFER_TYPE=PMIX_BFROP_BUFFER_NON_DESC",                                           \
    "PMIX_DSTORE_21_BASE_PATH=/tmp/ompi.node1.1000/pid.4242/pmix_dstor_ds21_4242",                 \
    "PMIX_DSTORE_ESH_BASE_PATH=/tmp/ompi.node1.1000/pid.4242/pmix_dstor_ds12_4242",                \
    "PMIX_GDS_MODULE=ds21,ds12,hash",                                                              \
    "PMIX_HOSTNAME=node1",                                                                         \
    "PMIX_MCA_mca_base_component_show_load_errors=1",                                              \
    "PMIX_SECURITY_MODE=native",                                                                   \
    "PMIX_SERVER_TMPDIR=/tmp/ompi.node1.1000/pid.4242",                                            \
    "PMIX_SERVER_URI21=1869676544.0;tcp4://127.0.0.1:50973",                                       \
    "PMIX_SERVER_URI2=1869676544.0;tcp4://127.0.0.1:50973",                                        \
    "PMIX_SERVER_URI3=1869676544.0;tcp4://127.0.0.1:50973",                                        \
    "PMIX_SERVER_URI41=1869676544.0;tcp4://127.0.0.1:50973",                                       \
    "PMIX_SERVER_URI4=1869676544.0;tcp4://127.0.0.1:50973",                                        \
    "PMIX_SYSTEM_TMPDIR=/tmp",                                                                     \
    "PMIX_VERSION=4.2.2rc2"
/* clang-format on */

const char *const openmpi_rank_began[] = {
    OPENMPI_RANK,
    "OMPI_ARGV=-c true",
    "OMPI_COMMAND=sh",
    "OMPI_MCA_ess=^singleton",
    "OMPI_MCA_orte_bound_at_launch=1",
    NULL,
};

const char *const openmpi_rank[] = {
    OPENMPI_RANK,
    "OMPI_ARGV=-c from mpi4py import MPI",
    "OMPI_COMMAND=python3",
    "OMPI_MCA_btl=self,vader",
    "OMPI_MCA_ess=pmi",
    "OMPI_MCA_hwloc_base_binding_policy=none",
    "PMIX_MCA_psec=native",
    "PSM2_DEVICES=self,shm",
    NULL,
};

const char *const openmpi_singleton[] = {
    "HFI_NO_BACKTRACE=1",
    "IPATH_NO_BACKTRACE=1",
    "OMPI_APP_CTX_NUM_PROCS=1",
    "OMPI_MCA_ess=singleton",
    "OMPI_MCA_orte_ess_num_procs=1",
    "OMPI_MCA_orte_launch=1",
    "OMPI_MCA_orte_precondition_transports=0bff4439de15989a-09820e9b05fd98c3",
    "OMPI_MCA_pmix=^s1,s2,cray,isolated",
    "ORTE_SCHIZO_DETECTION=ORTE",
    PMIX_SERVER,
    "PMIX_MCA_psec=native",
    "PMIX_NAMESPACE=1807876097",
    "PMIX_RANK=0",
    NULL,
};

const char *const openmpi5_rank[] = {
    "OMPI_APP_CTX_NUM_PROCS=2",
    "OMPI_COMM_WORLD_LOCAL_RANK=1",
    "OMPI_COMM_WORLD_RANK=1",
    "OMPI_COMM_WORLD_SIZE=2",
    "OMPI_LIBDIR_LOC=/usr/lib/openmpi/lib",
    "OMPI_MCA_PREFIXES=errmgr,ess,filem",
    "OMPI_MCA_cpu_type=x86_64",
    "OMPI_MCA_mca_base_component_path=/usr/lib/openmpi/lib/openmpi3",
    "OMPI_MCA_num_procs=2",
    "OMPI_TOOL_NAME=mpirun",
    "OMPI_UNIVERSE_SIZE=2",
    "OMPI_VERSION=5.0.7",
    "OMPI_WORLD_LOCAL_SIZE=2",
    "OMPI_WORLD_SIZE=2",
    "OPAL_USER_PARAMS_GIVEN=1",
    "PMIX_NAMESPACE=prterun-node1-4242@1",
    "PMIX_PARAM_FILE_PASSED=1",
    "PMIX_RANK=1",
    "PMIX_SERVER_URI41=prterun-node1-4242@0.0;tcp4://127.0.0.1:45611",
    "PMIX_VERSION=5.0.7",
    "PRTE_LAUNCHED=1",
    "PRTE_SHARED_FS=1",
    NULL,
};

const char *const hydra_rank[] = {
    "GFORTRAN_UNBUFFERED_PRECONNECTED=y",
    "HYDI_CONTROL_FD=7",
    "MPIR_CVAR_CH3_INTERFACE_HOSTNAME=node1",
    "MPI_LOCALNRANKS=2",
    "MPI_LOCALRANKID=1",
    "PMI_FD=8",
    "PMI_RANK=1",
    "PMI_SIZE=2",
    NULL,
};

/* clang-format off */
#define SLURM_JOB                                                                                  \
    "SLURM_CLUSTER_NAME=cluster",                                                                  \
    "SLURM_CONF=/etc/slurm/slurm.conf",                                                            \
    "SLURM_JOBID=77",                                                                              \
    "SLURM_JOB_CPUS_PER_NODE=4(x2)",                                                               \
    "SLURM_JOB_ID=77",                                                                             \
    "SLURM_JOB_NODELIST=node[1-2]",                                                                \
    "SLURM_JOB_NUM_NODES=2",                                                                       \
    "SLURM_JOB_PARTITION=debug",                                                                   \
    "SLURM_SUBMIT_DIR=/home/user"

#define SLURM_STEP                                                                                 \
    SLURM_JOB,                                                                                     \
    "SLURM_CPUS_PER_TASK=2",                                                                       \
    "SLURM_CPU_BIND=quiet,mask_cpu:0x3",                                                           \
    "SLURM_CPU_BIND_LIST=0x3",                                                                     \
    "SLURM_CPU_BIND_TYPE=mask_cpu:",                                                               \
    "SLURM_DISTRIBUTION=cyclic",                                                                   \
    "SLURM_GTIDS=1",                                                                               \
    "SLURM_LAUNCH_NODE_IPADDR=192.0.2.1",                                                          \
    "SLURM_LOCALID=0",                                                                             \
    "SLURM_MEM_PER_NODE=2048",                                                                     \
    "SLURM_NNODES=2",                                                                              \
    "SLURM_NODEID=1",                                                                              \
    "SLURM_NODELIST=node[1-2]",                                                                    \
    "SLURM_NPROCS=2",                                                                              \
    "SLURM_NTASKS=2",                                                                              \
    "SLURM_PROCID=1",                                                                              \
    "SLURM_SRUN_COMM_HOST=192.0.2.1",                                                              \
    "SLURM_SRUN_COMM_PORT=41807",                                                                  \
    "SLURM_STEPID=0",                                                                              \
    "SLURM_STEP_ID=0",                                                                             \
    "SLURM_STEP_LAUNCHER_PORT=41807",                                                              \
    "SLURM_STEP_NODELIST=node[1-2]",                                                               \
    "SLURM_STEP_NUM_NODES=2",                                                                      \
    "SLURM_STEP_NUM_TASKS=2",                                                                      \
    "SLURM_STEP_TASKS_PER_NODE=1(x2)",                                                             \
    "SLURM_TASKS_PER_NODE=1(x2)",                                                                  \
    "SLURM_TASK_PID=4243"

#define SLURM_PMIX                                                                                 \
    SLURM_STEP,                                                                                    \
    "PMIX_BFROP_BUFFER_TYPE=PMIX_BFROP_BUFFER_NON_DESC",                                           \
    "PMIX_GDS_MODULE=hash",                                                                        \
    "PMIX_HOSTNAME=node2",                                                                         \
    "PMIX_NAMESPACE=slurm.pmix.77.0",                                                              \
    "PMIX_RANK=1",                                                                                 \
    "PMIX_SECURITY_MODE=munge,native",                                                             \
    "PMIX_SERVER_TMPDIR=/var/spool/slurmd/pmix.77.0",                                              \
    "PMIX_SERVER_URI4=pmix-server.4242;tcp4://127.0.0.1:45353",                                    \
    "PMIX_SYSTEM_TMPDIR=/tmp",                                                                     \
    "PMIX_VERSION=4.2.2rc2",                                                                       \
    "SLURM_PMIXP_ABORT_AGENT_PORT=38283",                                                          \
    "SLURM_PMIX_MAPPING_SERV=(vector,(0,2,1))"

#define SLURM_SPECIAL                                                                              \
    SLURM_JOB,                                                                                     \
    "SLURM_GTIDS=0",                                                                               \
    "SLURM_LOCALID=0",                                                                             \
    "SLURM_NNODES=2",                                                                              \
    "SLURM_NODEID=0",                                                                              \
    "SLURM_NODELIST=node[1-2]",                                                                    \
    "SLURM_NPROCS=4",                                                                              \
    "SLURM_NTASKS=4",                                                                              \
    "SLURM_PROCID=0",                                                                              \
    "SLURM_TASKS_PER_NODE=2(x2)",                                                                  \
    "SLURM_TASK_PID=4241"
/* clang-format on */

const char *const srun_task[] = {SLURM_STEP, NULL};

const char *const srun_pmix_rank[] = {SLURM_PMIX, NULL};

const char *const srun_pmi2_rank[] = {
    SLURM_STEP,   "PMI_FD=12",  "PMI_JOBID=77.0",
    "PMI_RANK=1", "PMI_SIZE=2", "SLURM_PMI2_PROC_MAPPING=(vector,(0,2,1))",
    NULL,
};

const char *const srun_pmix_rank_after_init[] = {
    SLURM_PMIX,
    "OMPI_APP_CTX_NUM_PROCS=2",
    "OMPI_MCA_ess=pmi",
    "OMPI_MCA_hwloc_base_binding_policy=none",
    "OMPI_MCA_orte_ess_num_procs=2",
    "OMPI_MCA_orte_externally_bound=1",
    "OMPI_MCA_orte_precondition_transports=000000000000004d-0000000000000000",
    "ORTE_SCHIZO_DETECTION=SLURM",
    "PMIX_MCA_psec=munge,native",
    NULL,
};

const char *const batch_script[] = {SLURM_SPECIAL, NULL};

const char *const interactive_step[] = {
    SLURM_SPECIAL,
    "SLURM_STEPID=4294967290",
    "SLURM_STEP_ID=4294967290",
    "SLURM_STEP_NODELIST=node1",
    "SLURM_STEP_NUM_NODES=1",
    "SLURM_STEP_NUM_TASKS=1",
    "SLURM_STEP_TASKS_PER_NODE=1",
    NULL,
};
