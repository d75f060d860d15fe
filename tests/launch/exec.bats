#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# nestsafe-launch becomes the real launcher: same process, arguments, input, signals and status.

load common

@test "arguments arrive as they were given, also empty ones and ones with blanks" {
    fake mpirun <<'END'
#!/bin/sh
printf '<%s>' "$@"
END
    PATH=$launchers:$PWD/fake:$PATH run mpirun -np 1 '' 'a b' "it's" '*' $'two\nlines'
    exits 0
    is "<-np><1><><a b><it's><*><two
lines>"
}

@test "the process stays the same, standard input too, and its status is the launcher's" {
    fake mpirun <<'END'
#!/bin/sh
echo "$$ $(cat)"
exit 42
END
    PATH=$launchers:$PWD/fake:$PATH run sh -c 'echo input >in; exec <in; echo $$; exec mpirun'
    exits 42
    check test "${lines[1]}" = "${lines[0]} input"
}

@test "open descriptors pass" {
    fake mpirun <<'END'
#!/bin/sh
echo through >&7
END
    PATH=$launchers:$PWD/fake:$PATH "${as_rank[@]}" mpirun 7>seven
    check test "$(cat seven)" = through
}

@test "a signal goes to the launcher itself, and its death by one shows" {
    fake mpirun <<'END'
#!/bin/sh
trap 'echo caught; exit 3' TERM
: >ready
while :; do sleep 0.1; done
END
    PATH=$launchers:$PWD/fake:$PATH "${as_rank[@]}" mpirun >out &
    local pid=$!
    while [ ! -e ready ]; do kill -0 $pid; done
    kill -TERM $pid
    local rc=0
    wait $pid || rc=$?
    check test "$rc $(cat out)" = "3 caught"

    fake mpirun <<'END'
#!/bin/sh
kill -KILL $$
END
    PATH=$launchers:$PWD/fake:$PATH run "${as_rank[@]}" mpirun
    exits 137
}

@test "ignored and blocked signals stay so" {
    fake mpirun <<'END'
#!/bin/sh
grep -E '^Sig(Ign|Blk):' /proc/self/status
END
    fake look <<'END'
#!/bin/sh
trap '' USR1 PIPE
exec "$@"
END
    PATH=$launchers:$PWD/fake:$PATH run fake/look mpirun
    local with=$output
    run fake/look fake/mpirun
    is "$with"
}

@test "who asked for the path of mpirun is not taken for an installation of its own" {
    # Open MPI takes the directory of an absolute argv[0] for its prefix (mpirun(1), --prefix).
    run env PATH="$launchers:$PATH" "$launchers/mpirun" -np 1 sh -c 'echo works'
    exits 0
    is works
    fake mpirun <<'END'
#!/bin/sh
echo "$0"
END
    PATH=$launchers:$PWD/fake:$PATH run "$launchers/mpirun"
    is "$PWD/fake/mpirun"
}

@test "MPICH's mpiexec finds its proxies through the launcher path" {
    # shellcheck disable=SC2016 # it is for sh
    PATH=$launchers:$PATH run timeout -k 1 60 mpiexec.mpich -n 2 sh -c '[ "$PMI_RANK" != 0 ] || cat; echo rank'
    exits 0
    is "rank
rank"
}

@test "a launcher that is a script without #! runs as sh would run it" {
    fake mpirun <<'END'
echo "sh $1"
END
    PATH=$launchers:$PWD/fake:$PATH run mpirun one
    is "sh one"
}

@test "what is not found, or not executable, is reported as by a shell" {
    PATH=$launchers run -127 "$launchers/mpirun" -np 1 true
    exits 127
    is "mpirun: command not found"
    mkdir fake
    : >fake/mpirun
    PATH=$launchers:$PWD/fake run "$launchers/mpirun"
    exits 126
    is "mpirun: Permission denied"
}

@test "it never finds itself: by another link, a copy of the directory, or twice in PATH" {
    fake mpirun <<'END'
#!/bin/sh
echo real
END
    mkdir links
    ln -s "$launchers/mpirun" links/mpirun
    PATH=$launchers:$PWD/links:$launchers:$PWD/fake:$PATH run mpirun
    is real
    cp -a "$PREFIX/libexec/nestsafe" copy
    PATH=$launchers:$PWD/copy/bin:$PWD/fake:$PATH run "${as_rank[@]}" mpirun
    is real
}

@test "an unset PATH is searched where execvp searches" {
    # Open MPI wants an ssh in PATH, or to be told that there is none to be had.
    run env -u PATH OMPI_MCA_plm=isolated "$launchers/mpirun" -np 1 /bin/echo works
    exits 0
    is works
    run "${as_rank[@]}" env -u PATH "$launchers/mpirun" -np 1 /bin/echo works
    exits 0
    is works
}

@test "under a name that is no launcher's it says what it is" {
    run "$PREFIX/libexec/nestsafe/nestsafe-launch"
    exits 2
    has "launcher directory"
}
