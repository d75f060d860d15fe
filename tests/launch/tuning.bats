#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Whose setting is it: the user's and the program's pass, the outer launcher's do not.

load common

# An MPI program that prints the environment of a nested launch.
nested_environment() {
    cat <<END
import os, subprocess
from mpi4py import MPI
$1
subprocess.run(["mpirun", "-np", "1", "env"], check=True)
END
}

@test "what the user set passes with its value; what the outer command line set does not" {
    nested_environment "" >program.py
    OMPI_MCA_btl=self,vader,tcp OMPI_MCA_mine='a;b%c=d' run "$nestsafe" run \
        mpirun --mca coll ^hcoll --mca btl self,vader --bind-to core -np 1 $python program.py
    exits 0
    has OMPI_MCA_btl=self,vader,tcp
    has 'OMPI_MCA_mine=a;b%c=d'
    lacks OMPI_MCA_coll
    lacks OMPI_MCA_hwloc_base_binding_policy=core
}

@test "what the program set, changed or removed since it began survives" {
    nested_environment 'os.environ["OMPI_MCA_btl"] = "self"
os.environ["OMPI_MCA_new"] = "1"
del os.environ["OMPI_MCA_gone"]' >program.py
    OMPI_MCA_btl=self,vader,tcp OMPI_MCA_gone=1 run "$nestsafe" run \
        mpirun --mca btl self,vader -np 1 $python program.py
    exits 0
    has OMPI_MCA_btl=self
    lacks OMPI_MCA_btl=self,
    has OMPI_MCA_new=1
    lacks OMPI_MCA_gone
}

@test "a script's settings between mpirun and the program survive, in a singleton too" {
    nested_environment "" >program.py
    fake wrapper <<END
#!/bin/sh
export OMPI_MCA_script=1
exec $python program.py
END
    run "$nestsafe" run mpirun -np 1 fake/wrapper
    exits 0
    has OMPI_MCA_script=1
    run "$nestsafe" run fake/wrapper
    exits 0
    has OMPI_MCA_script=1
}

@test "nothing of the outer job passes" {
    nested_environment "print('OUTER', os.environ['PMIX_NAMESPACE'])" >program.py
    run "$nestsafe" run mpirun -np 1 $python program.py
    exits 0
    local outer
    outer=$(sed -n 's/^OUTER //p' <<<"$output")
    check test -n "$outer"
    check test "$(grep -c "$outer" <<<"$output")" -eq 1
    lacks OMPI_MCA_ess=pmi
}

@test "an unarmed job: the tuning is read from the outer launcher itself" {
    nested_environment "" | sed "s|\"mpirun\"|\"$nestsafe\", \"run\", \"mpirun\"|" >program.py
    OMPI_MCA_btl=self,vader,tcp run mpirun --mca btl self,vader --mca coll ^hcoll -np 1 \
        $python program.py
    exits 0
    has OMPI_MCA_btl=self,vader,tcp
    lacks OMPI_MCA_coll
    # The same below a command that is no launcher itself.
    sed -i 's|"run", "mpirun", "-np", "1", "env"|"run", "sh", "-c", "mpirun -np 1 env"|' program.py
    check grep -q '"sh", "-c"' program.py
    OMPI_MCA_btl=self,vader,tcp run mpirun --mca btl self,vader --mca coll ^hcoll -np 1 \
        $python program.py
    exits 0
    has OMPI_MCA_btl=self,vader,tcp
    lacks OMPI_MCA_coll
}

@test "a site's rules are followed; bad ones are named and left out" {
    printf '%s\n' 'OMPI_MCA_coll keep   # wanted' 'OUR_TOKEN unset secret' \
        'OUR_HINT set=nested' >site.rules
    nested_environment "" >program.py
    OUR_TOKEN=x NESTSAFE_RULES=$PWD/site.rules run "$nestsafe" run \
        mpirun --mca coll ^hcoll -np 1 $python program.py
    exits 0
    has OMPI_MCA_coll=^hcoll
    lacks OUR_TOKEN
    has OUR_HINT=nested

    echo 'OMPI_MCA_coll drop' >site.rules
    NESTSAFE_RULES=$PWD/site.rules run "$nestsafe" run mpirun -np 1 $python program.py
    exits 0
    has "$PWD/site.rules:1: action must be keep, unset, restore or set=VALUE"
}

@test "a launch whose parents have ended still knows its own settings from the launcher's" {
    fake rank <<END
#!/bin/bash
export OMPI_MCA_own=program
( ( while [ ! -e parents-gone ]; do sleep 0.1; done
    mpirun -np 1 env >nested.out 2>&1; : >done ) & )
: >parents-gone
while [ ! -e done ]; do sleep 0.1; done
END
    run timeout -k 1 60 "$nestsafe" run mpirun --mca coll ^hcoll -np 1 "$PWD/fake/rank"
    exits 0
    run cat nested.out
    has OMPI_MCA_own=program
    lacks OMPI_MCA_coll
}
