# SPDX-License-Identifier: GPL-2.0-or-later
"""Where things are, and an environment that does not depend on who asks."""
import functools
import os
import subprocess
import sys

if missing := {"PREFIX", "PROGRAMS", "SOURCE"} - set(os.environ):
    sys.exit(f"bench: to be set in the environment, as tests/run does: {', '.join(sorted(missing))}")
PREFIX = os.environ["PREFIX"]
PROGRAMS = os.environ["PROGRAMS"]
SOURCE = os.environ["SOURCE"]
LAUNCHERS = f"{PREFIX}/libexec/nestsafe/bin"
GUARD = f"{PREFIX}/lib/nestsafe/nestsafe-guard.so"
NESTSAFE = f"{PREFIX}/bin/nestsafe"

# A login shell's variables, and what Open MPI needs to run as root with any number of CPUs.
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), "USER": "user", "LOGNAME": "user",
    "SHELL": "/bin/bash", "LANG": "C.UTF-8", "TERM": "xterm", "PWD": "/",
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_ALLOW_RUN_AS_ROOT": "1", "PRTE_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}

# Before a command: in a rank of mpirun that has called MPI_Init; the same where nestsafe is at work.
IN_RANK = ["mpirun", "-np", "1", f"{PROGRAMS}/forms", "execvp"]
IN_ARMED_RANK = [NESTSAFE, "run", *IN_RANK]
LAUNCH = ["mpirun", "-np", "1", "true"]

# What a careful user would unset by name.
FAMILIES = ("OMPI_", "PMIX_", "PMI_", "ORTE_", "PRTE_", "OPAL_", "PSM2_", "HFI_", "IPATH_")


@functools.lru_cache(None)
def environment_of_rank():
    """What a rank of Open MPI's has in its environment."""
    run = subprocess.run([*IN_RANK, "env", "-0"], env=ENVIRONMENT, text=True, check=True, stdout=subprocess.PIPE)
    return dict(entry.split("=", 1) for entry in run.stdout.split("\0") if entry)


def variables_of_rank():
    """Those of MPI's that a rank has and its user has not set."""
    return sorted(name for name in environment_of_rank() if name.startswith(FAMILIES) and name not in ENVIRONMENT)


def compiled(directory, name, source, *options):
    """A program or library from C source text; its path."""
    path = f"{directory}/{name}"
    subprocess.run(["cc", "-O2", "-x", "c", "-", "-o", path, *options], input=source, text=True, check=True)
    return path
