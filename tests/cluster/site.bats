#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What a site adds of its own: names of launchers, rows of the rule table, how deep launches may nest.

load common

setup() {
    plugstack
    find "$home" -mindepth 1 -delete
    mkdir "$home/bin"
    # It takes the repair of its own name: what it becomes is not found in PATH.
    script bin/simrun <<'END'
#!/bin/sh
exec /usr/bin/mpirun "$@"
END
    path=$home/bin:/usr/bin:/bin
}

# step COMMAND…: a rank that starts it.
step() { alice_with "PATH=$path" -- srun --mpi-nested-safe "${rank[@]}" execvp "$@"; }

@test "a launcher of the site's own, found in PATH" {
    local depth=(simrun -np 1 printenv NESTSAFE_DEPTH)
    plugstack preload=never
    run step "${depth[@]}"
    unrepaired
    lacks_line 2
    plugstack preload=never launchers=jobstart,simrun
    run step "${depth[@]}"
    exits 0
    is 2
    # Who has the PATH but no list, as a job that is older than the list, is served all the same.
    run step env -u NESTSAFE_LAUNCHERS "${depth[@]}"
    exits 0
    is 2
    # It is started as itself, and no other name has come into PATH.
    run step simrun -np 1 sh -c 'command -v simrun; command -v jobstart'
    is "/run/nestsafe/launchers/simrun
/run/nestsafe/launchers/jobstart"
    plugstack preload=never launchers=simrun
    run step simrun -np 1 sh -c 'command -v simrun; command -v jobstart || echo none'
    is "/run/nestsafe/launchers/simrun
none"
}

@test "a launcher of the site's own, called by its path" {
    cp "$(realpath /usr/bin/mpirun)" "$home/bin/simrun"
    # Open MPI 5's becomes prterun, which is known.
    cp /usr/bin/printenv "$home/bin/varrun"
    run step "$home/bin/simrun" -np 1 echo nested
    unrepaired
    unrepaired_line nested
    run step "$home/bin/varrun" NESTSAFE_DEPTH
    is 1
    plugstack launchers=simrun,varrun
    run step "$home/bin/simrun" -np 1 echo nested
    exits 0
    is nested
    run step "$home/bin/varrun" NESTSAFE_DEPTH
    is 2
}

@test "the links are root's, and nestsafe run has them too" {
    plugstack launchers=simrun
    run step simrun -np 1 sh -c 'ls -ld /run/nestsafe/launchers; ls -A /run/nestsafe/launchers'
    exits 0
    check grep -qE '^drwxr-xr-x.* root root ' <<<"$output"
    has_line simrun
    check test "$(wc -l <<<"$output")" -eq 2
    run step "$PREFIX/bin/nestsafe" run -- simrun -np 1 printenv NESTSAFE_LAUNCHERS
    is simrun
}

# Without what launchers say of the status of printenv, which misses a variable.
printed() { sed '/^---/,$d; /^srun: error: /d' <<<"$output"; }

@test "rows of the site's own, and its depth" {
    cat >"$home/site.rules" <<'END'
# of this site
SITE_TOKEN unset it is for one job only
SITE_LEVEL set=nested told by the site
OMPI_MCA_btl_* keep set by our modules
END
    chmod 644 "$home/site.rules"
    local settings=(SITE_TOKEN=secret SITE_LEVEL=outer "PATH=$path")
    local show='printenv SITE_TOKEN SITE_LEVEL OMPI_MCA_btl_tcp_links'
    script nest.sh <<END
#!/bin/sh
OMPI_MCA_btl_tcp_links=2 exec ${rank[2]} execvp mpirun -np 1 $show
END
    run alice_with "${settings[@]}" -- srun --mpi-nested-safe "${rank[@]:0:2}" ./nest.sh
    check test "$(printed)" = "secret
outer
2"
    plugstack rules="$home/site.rules" max_depth=1
    run alice_with "${settings[@]}" -- srun --mpi-nested-safe "${rank[@]:0:2}" ./nest.sh
    check test "$(printed)" = "nested
2"
    run step mpirun -np 1 mpirun -np 1 true
    fails
    has "max_depth: this launch is nested 2 deep, more than the 1 allowed here"
}
