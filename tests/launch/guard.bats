#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The guard alone, preloaded: launchers that are not reached through the launcher directory.

load common

# Before a command: preloaded, with the launcher directory out of PATH.
guarded=(env LD_PRELOAD="$guard" NESTSAFE_MODE=auto NESTSAFE_DEPTH=0 NESTSAFE_LAUNCH=0
    NESTSAFE_BASELINE=)

@test "an absolute path" {
    run mpirun -np 1 "$PROGRAMS/forms" vfork_execv /usr/bin/mpirun -np 1 echo nested
    unrepaired
    run "${guarded[@]}" mpirun -np 1 "$PROGRAMS/forms" vfork_execv /usr/bin/mpirun -np 1 echo nested
    exits 0
    is nested
}

@test "a link with a name of its own, and a descriptor in place of a path" {
    ln -s /usr/bin/mpirun ourrun
    run "${guarded[@]}" mpirun -np 1 "$PROGRAMS/forms" vfork_execv ./ourrun -np 1 echo nested
    is nested
    cat >byfd.py <<'END'
import os, sys
from mpi4py import MPI
fd = os.open(os.path.realpath("/usr/bin/mpirun"), os.O_RDONLY)
pid = os.fork()
if pid == 0:
    os.execve(fd, ["mpirun", "-np", "1", "echo", "nested"], dict(os.environb))
sys.exit(os.waitpid(pid, 0)[1] >> 8)
END
    run "${guarded[@]}" mpirun -np 1 $python -W ignore byfd.py
    exits 0
    is nested
}

@test "a launcher that is a script sees the repaired environment" {
    local shell
    for shell in sh bash; do
        fake mpirun <<END
#!/bin/$shell
env
END
        run "${guarded[@]}" env OMPI_COMM_WORLD_RANK=0 OMPI_MCA_ess=pmi OMPI_UNIVERSE_SIZE=1 \
            OMPI_COMM_WORLD_SIZE=1 fake/mpirun
        exits 0
        lacks OMPI_MCA_ess
        lacks OMPI_UNIVERSE_SIZE
        has NESTSAFE_DEPTH=2
    done
}

@test "launcher path and guard together count one launch" {
    fake mpirun <<'END'
#!/bin/sh
exec prterun
END
    fake prterun <<'END'
#!/bin/bash
echo $NESTSAFE_DEPTH
END
    PATH=$launchers:$PWD/fake:$PATH run "${guarded[@]}" "${as_rank[@]}" mpirun
    is 2
}

@test "it leaves every other program's environment alone" {
    run "${guarded[@]}" "${as_rank[@]}" env
    has OMPI_MCA_ess=pmi
    has NESTSAFE_DEPTH=0
}

@test "it exports nothing and needs nothing but libc" {
    local library
    # dlopen() is in libdl before glibc 2.34.
    for library in "$guard" "${guard%.so}-launch.so"; do
        run nm -D --defined-only "$library"
        is ""
        run sh -c "readelf -d '$library' | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vx libdl.so.2"
        is libc.so.6
    done
}

@test "what it loads into launchers it loads into no other program" {
    fake mpirun <<'END'
#!/bin/sh
grep -o 'nestsafe-guard-launch.so$' /proc/$$/maps | uniq
END
    run "${guarded[@]}" fake/mpirun
    is nestsafe-guard-launch.so
    cp fake/mpirun fake/other
    run "${guarded[@]}" fake/other
    is ""
    run "${guarded[@]}" NESTSAFE_LAUNCHERS=first,other fake/other
    is nestsafe-guard-launch.so
    run "${guarded[@]}" NESTSAFE_LAUNCHERS=others,the fake/other
    is ""
}

@test "setuid programs and static programs run as they do" {
    run "${guarded[@]}" su --help
    exits 0
    run "${guarded[@]}" /sbin/ldconfig --version
    exits 0
    lacks ld.so
}
