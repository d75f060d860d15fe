#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# nestsafe audit --format openmetrics, and contrib/monitoring, as a real Prometheus sees them.

# shellcheck source=tests/lib/assert.bash
source "$BATS_TEST_DIRNAME/../lib/assert.bash"

: "${PREFIX:?}" "${SOURCE:?}" "${START:?}" "${END:?}"
cluster=$SOURCE/contrib/cluster/cluster
nestsafe=$PREFIX/bin/nestsafe
monitoring=$SOURCE/contrib/monitoring

setup() { cd "$BATS_TEST_TMPDIR" || return; }

teardown() {
    local file
    for file in "$BATS_TEST_TMPDIR"/*.pid; do
        [ ! -e "$file" ] || kill "$(cat "$file")" || true
    done
}

iso() { date -d "@$1" +%FT%T; }

# audit FORMAT [OPTION]…: as root, of the week that has records.
audit() {
    timeout 120 "$cluster" run -- "$nestsafe" audit -S "$(iso "$START")" -E "$(iso "$END")" --format "$@"
}

# Prometheus with what is in the file metrics; $port is its own.
prometheus_up() {
    /usr/bin/python3 "$SOURCE/tests/audit/serve.py" metrics served 3>&- &
    echo $! >serve.pid
    eventually test -e served
    # No scrape may take longer than this either.
    cat >prometheus.yml <<END
global: {scrape_interval: 3s}
rule_files: ["$monitoring/nestsafe-alerts.yml"]
scrape_configs:
  - {job_name: nestsafe, static_configs: [{targets: ["127.0.0.1:$(cat served)"]}]}
END
    # It takes no port 0: one that was free a moment ago.
    port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address="127.0.0.1:$port" \
        >prometheus.log 2>&1 3>&- &
    echo $! >prometheus.pid
}

ask() { /usr/bin/python3 "$SOURCE/tests/audit/query.py" "$port" "$@"; }
answers() { [ "$(ask "$1" 2>/dev/null)" = "$2" ]; }

@test "Prometheus reads the metrics, and finds in them what the JSON report has" {
    audit openmetrics --by partition >metrics
    audit json --by partition >report.json
    run promtool check metrics <metrics
    exits 0
    is ""
    prometheus_up
    # Told that it is OpenMetrics, it is strict.
    eventually answers 'up{job="nestsafe"}' "1 1" || { cat prometheus.log && return 1; }
    /usr/bin/python3 -c '
import json
report = json.load(open("report.json"))
totals, groups = report["totals"], len(report["groups"])
print(groups, totals["jobs"], groups * 4, totals["launches"], groups, totals["unrepaired"], groups,
      totals["preventable"], 1, totals["jobs_seen"], len(totals["classes"]), totals["launches"])' >expected
    ask 'nestsafe_jobs' 'nestsafe_launches' 'nestsafe_launches{outcome="unrepaired"}' nestsafe_preventable_launches \
        nestsafe_jobs_seen 'sum by (class) (nestsafe_class_launches)' | tr '\n' ' ' | sed 's/ $/\n/' >found
    run diff expected found
    exits 0
    check test "$(cut -d ' ' -f 2 <found)" -gt 0
    run ask nestsafe_period_end_timestamp_seconds
    is "1 $(printf %g "$END" 2>/dev/null)"
}

@test "every expression of the dashboard has an answer" {
    local expressions expression
    audit openmetrics --by partition >metrics
    prometheus_up
    eventually answers 'up{job="nestsafe"}' "1 1" || { cat prometheus.log && return 1; }
    mapfile -t expressions < <(/usr/bin/python3 "$SOURCE/tests/audit/query.py" --dashboard "$monitoring/nestsafe-dashboard.json")
    check test ${#expressions[@]} -gt 10
    for expression in "${expressions[@]}"; do
        run ask "$expression"
        check test "${output%% *}" -gt 0
    done
}

@test "a malformed file would be noticed" {
    audit openmetrics >metrics
    sed -i '/^# EOF/d' metrics
    prometheus_up
    eventually answers 'up{job="nestsafe"}' "1 0"
}

@test "the metrics are valid by every key, and where there is nothing" {
    local by
    for by in user account partition launcher class mode; do
        audit openmetrics --by $by >metrics
        run promtool check metrics <metrics
        exits 0
        is ""
        # Each family in one piece, and each series once.
        run sh -c "sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' metrics | sort | uniq -d; sed '/^#/d; s/ [0-9]*\$//' metrics | sort | uniq -d"
        is ""
        check test "$(tail -n 1 metrics)" = "# EOF"
    done
    audit openmetrics --accounts none-of-this-name >metrics
    run promtool check metrics <metrics
    exits 0
    run grep -c '^nestsafe_jobs_seen 0$' metrics
    is 1
}

@test "the alerts are valid, and each fires for what it is made for" {
    run promtool check rules "$monitoring/nestsafe-alerts.yml"
    exits 0
    run promtool test rules "$SOURCE/tests/audit/alerts.yml"
    echo "$output"
    exits 0
}

@test "nestsafe-metrics writes a whole file, and leaves the one before where it cannot" {
    "$cluster" run --env "PATH=$PREFIX/bin:/usr/bin:/bin" -- "$monitoring/nestsafe-metrics" "$NESTSAFE_CLUSTER_DIR/log/x.prom"
    run tail -n 1 "$NESTSAFE_CLUSTER_DIR/log/x.prom"
    is "# EOF"
    run "$cluster" run --env "PATH=$PREFIX/bin:/usr/bin:/bin" -- "$monitoring/nestsafe-metrics" "$NESTSAFE_CLUSTER_DIR/log/x.prom" --by=nothing
    fails
    run tail -n 1 "$NESTSAFE_CLUSTER_DIR/log/x.prom"
    is "# EOF"
    run sh -c "ls $NESTSAFE_CLUSTER_DIR/log/x.prom*"
    is "$NESTSAFE_CLUSTER_DIR/log/x.prom"
}
