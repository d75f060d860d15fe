#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Which launches are seen, and what is said of each.

load common

# once STATUS SEEN ACTION: just one record, and it says that; then none.
once() {
    eventually records_are 1
    check test "$(record status seen action)" = "$1 $2 $3"
    rm "$records"
}

step() { alice srun --mpi=pmix -n1 "$@"; }

@test "audit: by PATH, absolute path, posix_spawn, a static program, a copy, env -i: each once" {
    watches
    run step "$forms" execvp mpirun -np 1 true
    exits 1
    once exit:1 kernel recorded
    run step "$forms" vfork_execv /usr/bin/mpirun -np 1 true
    exits 1
    once exit:1 kernel recorded
    run step "$forms" posix_spawnp mpiexec -np 1 true
    exits 1
    once exit:1 kernel recorded
    check test "$(file -b "$PROGRAMS/start" | grep -c 'statically linked')" -eq 1
    run step "$forms" execvp "$PROGRAMS/start" /usr/bin/mpirun -np 1 true
    exits 1
    once exit:1 kernel recorded
    cp "$(realpath /usr/bin/mpirun)" "$home/my-launcher"
    run step "$forms" execvp ./my-launcher -np 1 true
    exits 1
    once exit:1 kernel recorded
    run step "$forms" execvp env -i OMPI_MCA_plm=isolated /usr/bin/mpirun -np 1 sh -c 'exit 7'
    exits 7
    once exit:7 kernel recorded
    run step "$forms" execvp mpiexec.mpich -version
    exits 0
    # A last one, so that there is something to wait for: nothing came of mpiexec.mpich -version.
    run step "$forms" execvp mpirun -np 1 true
    once exit:1 kernel recorded
}

@test "a launch that is killed is recorded with the signal" {
    script wait.sh <<'END'
#!/bin/sh
echo $PPID >pid
exec sleep 60
END
    alice srun --mpi=pmix --mpi-nested-safe -n1 "$forms" execvp mpirun -np 1 ./wait.sh &
    eventually test -s "$home/pid"
    kill -KILL "$(cat "$home/pid")"
    wait $! || true
    eventually records_are 1
    check test "$(record status action)" = "signal:9 repaired"
}

@test "a top-level mpirun is no incident, a nested one below it is" {
    watches
    run batch -n1 -- "mpirun -np 1 true && mpirun -np 1 $forms execvp mpirun -np 1 true"
    fails
    eventually records_are 1
    check test "$(record outer depth rank class status)" = "openmpi 1 0 silent-exit exit:1"
}

@test "repaired: seen by PATH, by the guard, and by the kernel, as one launch" {
    run step --mpi-nested-safe "$forms" execvp mpirun -np 1 true
    exits 0
    once exit:0 path+kernel repaired
    run step --mpi-nested-safe "$forms" execvp /usr/bin/mpirun -np 1 true
    exits 0
    once exit:0 guard+kernel repaired
    run step --mpi-nested-safe "$forms" execvp mpiexec.mpich -n 1 sh -c 'cat; exit 3'
    exits 3
    once exit:3 path+kernel repaired
}

@test "bypassed: a repairing mode, and a launch that passes nestsafe by" {
    watches
    run step --mpi-nested-safe "$forms" execvp env -i OMPI_MCA_plm=isolated /usr/bin/mpirun -np 1 true
    exits 0
    once exit:0 kernel bypassed
}

@test "denied: by mode, and by depth" {
    run step --mpi-nested-safe=deny "$forms" execvp mpirun -np 1 true
    exits 126
    eventually records_are 1
    check test "$(record flavour)" = openmpi
    once exit:126 path+kernel denied
    plugstack "log=$records max_depth=1"
    run step --mpi-nested-safe "$forms" execvp mpirun -np 1 "$forms" execvp mpirun -np 1 true
    exits 126
    eventually records_are 2
    check test "$(record action depth | sort)" = "denied 2
repaired 1"
}

@test "off: nothing at all" {
    watches
    run step --mpi-nested-safe=off "$forms" execvp mpirun -np 1 true
    exits 1
    run step "$forms" execvp mpirun -np 1 true
    once exit:1 kernel recorded
}

@test "a record says who, where, what and why, and never an argument or a value" {
    watches
    run alice_with SECRET_TOKEN=hidden OMPI_MCA_btl=self,vader -- srun --mpi-nested-safe --mpi=pmix -w n1,n2 -N2 \
        --ntasks-per-node=1 "$forms" execvp mpirun -np 1 sh -c 'exit 0' --password=hunter2
    exits 0
    eventually records_are 2
    check test "$(record v cluster uid mode scope depth outer flavour version class launcher | sort -u)" = \
        "1 nestsafe 60001 auto node 1 srun openmpi 4.1.4 silent-exit /usr/bin/mpirun"
    check test "$(record node rank | sort)" = "n1 0
n2 1"
    run grep -E 'hunter2|hidden|vader|password' "$records"
    exits 1
    run grep -h "nested launch: job=$(record job | head -n 1)\\>" "$NESTSAFE_CLUSTER_DIR"/log/slurmd.n1.log
    has "mode=auto action=repaired class=silent-exit flavour=openmpi-4.1.4 seen=path+kernel status=exit:0"
}
