#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What must come through a repaired launch unchanged, on a real node. (tests/launch has the details.)

load common

step=(srun --mpi-nested-safe --mpi="$pmi" -n1)

@test "exit status, arguments, standard input" {
    run alice "${step[@]}" "$forms" execvp mpirun -np 1 sh -c 'exit 37'
    exits 37
    script show <<'END'
#!/bin/sh
printf '<%s>' "$@"
END
    run alice "${step[@]}" "$forms" execvp mpirun -np 1 ./show 'two words' '' "it's" '*'
    is "<two words><><it's><*>"
    run alice "${step[@]}" "$forms" execvp mpirun -np 1 cat <<<"through two launchers"
    is "through two launchers"
}

@test "SIGTERM to the step reaches the nested program" {
    # It has neither child nor output: a shell's word about a child that was signalled too can meet a closed pipe.
    script wait.py <<'END'
#!/usr/bin/python3
import pathlib, signal, sys, time
def caught(*_):
    pathlib.Path("caught").touch()
    sys.exit()
signal.signal(signal.SIGTERM, caught)
pathlib.Path("ready").touch()
while True:
    time.sleep(1)
END
    script ranks.py <<END
#!/usr/bin/python3
import signal, subprocess
from mpi4py import MPI
# Slurm signals every process of a step. An mpirun that is told twice, by its rank too, leaves at once.
signal.signal(signal.SIGTERM, lambda *_: None)
subprocess.run(["mpirun", "-np", "1", "$home/wait.py"])
END
    id=$(alice sbatch --parsable -o job.out --wrap "srun --mpi-nested-safe --mpi=$pmi -n1 ./ranks.py")
    eventually test -e "$home/ready"
    alice scancel --signal=TERM "$id"
    job_ended "$id"
    cat "$home/job.out"
    if mpirun_ends_softly; then
        eventually test -e "$home/caught"
    fi
    # Open MPI 4.1.0's mpirun does not wait for its program.
    eventually over "$home/wait.py"
}

@test "an environment as large as plain mpirun takes it" {
    script large.py <<'END'
#!/usr/bin/python3
import os, subprocess, sys
from mpi4py import MPI
env = dict(os.environ)
for i in range(300):
    env[sys.argv[1] + str(i)] = "v" * 3000
sys.exit(subprocess.run(["mpirun", "-np", "1", "sh", "-c", "env | grep -cE '^" + sys.argv[1] + "[0-9]+=v{3000}$'"],
                        env=env).returncode)
END
    local prefix
    for prefix in LARGE_ OMPI_MCA_large_; do
        run alice "${step[@]}" ./large.py $prefix
        exits 0
        is 300
    done
}

@test "an unset PATH" {
    script nopath.py <<'END'
#!/usr/bin/python3
import os, subprocess, sys
from mpi4py import MPI
env = dict(os.environ)
del env["PATH"]
sys.exit(subprocess.run(["mpirun", "-np", "1", "/bin/echo", "nested"], env=env).returncode)
END
    run alice srun --mpi-nested-safe=audit --mpi=$pmi -n1 ./nopath.py
    unrepaired
    local mode
    for mode in auto node job; do
        run alice srun --mpi-nested-safe=$mode --mpi=$pmi -n1 ./nopath.py
        exits 0
        is nested
    done
}

@test "the user's own LD_PRELOAD" {
    echo 'int nestsafe_test_library;' >"$home/library.c"
    cc -shared -fPIC -o "$home/library.so" "$home/library.c"
    run alice_with LD_PRELOAD="$home/library.so" -- srun --mpi-nested-safe --mpi=$pmi -n1 \
        "$forms" execvp mpirun -np 1 sh -c 'echo $LD_PRELOAD; grep -c library.so /proc/self/maps'
    exits 0
    check test "${lines[0]}" = "$home/library.so:$guard"
    check test "${lines[1]}" -gt 0
}

@test "a program that starts itself ends with the depth message and leaves no process" {
    script self.sh <<'END'
#!/bin/sh
mpirun -np 1 "$0"
END
    run alice srun --mpi-nested-safe --mpi=$pmi -n1 "$home/self.sh"
    fails
    has "max_depth: this launch is nested 9 deep, more than the 8 allowed here"
    eventually over "$home/self.sh"
    plugstack max_depth=2
    run alice srun --mpi-nested-safe --mpi=$pmi -n1 ./self.sh
    has "nested 3 deep, more than the 2 allowed here"
}

@test "the batch script's tuning, made after the step began, is the user's own" {
    script tuned.py <<'END'
#!/usr/bin/python3
import os, subprocess
from mpi4py import MPI
os.environ["OMPI_MCA_own"] = "program"
subprocess.run(["mpirun", "-np", "1", "sh", "-c", "env | grep -E '^OMPI_MCA_(btl|coll|own)=' | sort"])
END
    run batch -n1 --mpi-nested-safe -- 'export OMPI_MCA_btl=self,vader,tcp
mpirun --mca coll ^hcoll --mca btl self,vader -np 1 ./tuned.py; ./tuned.py; srun ./tuned.py'
    exits 0
    is "OMPI_MCA_btl=self,vader,tcp
OMPI_MCA_own=program
OMPI_MCA_btl=self,vader,tcp
OMPI_MCA_own=program
OMPI_MCA_btl=self,vader,tcp
OMPI_MCA_own=program"
}
