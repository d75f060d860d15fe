#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Large environments, deep and endless nesting, refusals, and what passes untouched.

load common

@test "300 variables of 3 KB pass, whether tuning or not" {
    cat >large.py <<'END'
import os, subprocess, sys
prefix = sys.argv[1]
for i in range(300):
    os.environ[f"{prefix}{i}"] = "v" * 3000
sys.exit(subprocess.run(sys.argv[2:]).returncode)
END
    for prefix in LARGE_ OMPI_MCA_large_; do
        run $python large.py $prefix mpirun -np 1 sh -c 'env | grep -cE "=v{100}"'
        local plain=$output
        check test "$plain" -ge 300
        # Nested, and below a tracked launch.
        run $python large.py $prefix "$nestsafe" run mpirun -np 1 sh -c \
            'mpirun -np 1 sh -c "env | grep -v ^NESTSAFE | grep -cE =v{100}"'
        exits 0
        is 300
    done
}

@test "an environment that is full already is not made too large" {
    fake mpirun <<'END'
#!/bin/sh
echo "started with $(env | grep -c '^OMPI_MCA_full')"
END
    cat >full.py <<'END'
import os, resource, sys
# As much as execve takes for this stack, less a little for arguments.
limit = resource.getrlimit(resource.RLIMIT_STACK)[0] // 4
used = sum(len(k) + len(v) + 10 for k, v in os.environb.items())
i = 0
while used < limit - 40000:
    os.environ[f"OMPI_MCA_full_{i}"] = "v" * 10000
    used += 10000 + 30
    i += 1
print(i, flush=True)
os.execvp("mpirun", ["mpirun"])
END
    ulimit -s 8192
    PATH=$launchers:$PWD/fake:$PATH run $python full.py
    exits 0
    check test "${lines[1]}" = "started with ${lines[0]}"
}

@test "a program that starts itself ends with the depth message and leaves no process" {
    fake self <<'END'
#!/bin/sh
exec mpirun -np 1 "$0" "$1"
END
    run timeout -k 1 100 "$nestsafe" run mpirun -np 1 "$PWD/fake/self" "mark-$$"
    fails
    has "nestsafe: error: mpirun refused: max_depth: this launch is nested 9 deep, more than the 8 allowed"
    eventually over "mark-$$"
}

@test "a launcher script that runs itself, by exec or fork, ends with the depth message" {
    local how
    for how in exec ""; do
        fake mpirun <<END
#!/bin/sh
$how mpirun "\$@"
END
        PATH=$launchers:$PWD/fake:$PATH run timeout -k 1 60 mpirun "mark-$$"
        check test "$status" -eq 126
        has "nestsafe: error: mpirun refused: max_depth"
        eventually over "mark-$$"
    done
}

@test "NESTSAFE_MAX_DEPTH lowers the depth" {
    NESTSAFE_MAX_DEPTH=1 run "$nestsafe" run mpirun -np 1 sh -c 'mpirun -np 1 mpirun -np 1 echo deep'
    fails
    has "nested 2 deep, more than the 1 allowed"
    lacks_line deep
}

@test "deny refuses with status 126 and the ways out, by name and by absolute path" {
    local launcher
    for launcher in mpirun /usr/bin/mpirun; do
        run "$nestsafe" run --mode=deny mpirun -np 1 sh -c "$launcher -np 1 echo ran; echo status \$?"
        has "status 126"
        lacks_line ran
        has "nestsafe: error: mpirun refused"
        has "rank 0 of 1"
        has "--mpi-nested-safe"
        has "start the command without mpirun"
        has "MPI_Comm_spawn"
        has "Open MPI 5.0.7 or later"
        lacks MPI_Finalize
    done
    run "$nestsafe" run --mode=deny $python "$SOURCE/contrib/demo/nested.py"
    singleton_denied "nested launch of rank 0 works"
}

@test "deny lets launches through that are not nested, and calls that launch nothing" {
    run "$nestsafe" run --mode=deny mpirun -np 1 echo ran
    is ran
    run "$nestsafe" run --mode=deny mpirun -np 1 mpirun --version
    exits 0
    has "mpirun (Open MPI)"
}

@test "--version, --help and -pmi_args pass with the environment untouched" {
    fake mpiexec <<'END'
#!/bin/sh
env -u _
END
    local argument
    for argument in --version --help -pmi_args; do
        PATH=$launchers:$PWD/fake:$PATH run "${as_rank[@]}" sh -c "env -u _ >before; exec mpiexec $argument"
        diff <(sort before) <(sort <<<"$output" | grep -v '^PWD=\|^SHLVL=\|^OLDPWD=') >differences || true
        check test -z "$(grep '^[<>]' differences | grep -v 'PWD=\|SHLVL=')"
    done
    # As the program's own argument it is none of ours.
    PATH=$launchers:$PWD/fake:$PATH run "${as_rank[@]}" mpiexec prog --version
    lacks OMPI_COMM_WORLD_RANK
}

@test "the user's own LD_PRELOAD stays, before the guard" {
    echo 'int nestsafe_test_library;' >library.c
    cc -shared -fPIC -o library.so library.c
    LD_PRELOAD=$PWD/library.so run "$nestsafe" run mpirun -np 1 sh -c \
        'mpirun -np 1 sh -c "echo \$LD_PRELOAD; grep -c library.so /proc/self/maps"'
    exits 0
    check test "${lines[0]}" = "$PWD/library.so:$guard"
    check test "${lines[1]}" -gt 0
}

@test "audit and off leave everything alone" {
    local mode
    for mode in audit off; do
        fake mpirun <<'END'
#!/bin/sh
env -u _
END
        PATH=$launchers:$PWD/fake:$PATH MPI_NESTED_SAFE=$mode run "${as_rank[@]}" mpirun
        has OMPI_MCA_ess=pmi
        lacks NESTSAFE_
    done
}

@test "a wrong MPI_NESTED_SAFE is named, and the launch goes on" {
    MPI_NESTED_SAFE=yes run "$nestsafe" run sh -c 'MPI_NESTED_SAFE=yes mpirun -np 1 echo ran'
    exits 0
    has "MPI_NESTED_SAFE: invalid mode 'yes'; valid are auto, node, job, audit, deny, off"
    has ran
}

@test "a launcher that may not reach a host has time to pass on why, and is ended" {
    cat >hydra.py <<'END'
import signal, subprocess, sys, time
with open("/proc/self/comm", "w") as name:
    name.write("mpiexec.hydra")
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
began = time.monotonic()
refusing = subprocess.Popen([sys.argv[1], "n2", "hydra_pmi_proxy"], stderr=subprocess.PIPE, text=True)
if sys.argv[2] == "reads":
    print(refusing.stderr.read(), end="")
print("status", refusing.wait())
print("ended" if signal.SIGTERM in signal.sigpending() else "left alone")
print("waited" if time.monotonic() - began >= 1 else "at once")
END
    run $python hydra.py "$PREFIX/libexec/nestsafe/nestsafe-unreachable" reads
    has "nestsafe: error: this nested launch may use its rank's node only"
    has_line "status 1"
    has_line ended
    run $python hydra.py "$PREFIX/libexec/nestsafe/nestsafe-unreachable" "does not"
    is "status 1
ended
waited"
}
