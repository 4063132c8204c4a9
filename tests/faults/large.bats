#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A database beyond 4 GiB, by queries of more than a megabyte of text each. Ten minutes and 5 GB of disk:
# meson test --suite study study-large
load ../cli/common

@test "beyond 4 GiB: memory and log stay small, all is counted, found sound and kept" {
    cat >large.yaml <<YAML
name: large
claim: "a database may be larger than memory"
seed: 11
repeat: 1
family:  { type: parity, dimension: 40 }
oracle:  { type: stat, tolerance: 0.1, policy: reference }
learner: { type: $STATBED_TEST_PLUGINS/plugin_bulky.so }
budget:  { queries: 10, seconds: 3000 }
goal:    { type: predict, loss: zero-one, max: 0.1 }
grid:
  budget.queries: [3000, 10]
YAML
    db=results/large.db
    "$program" run large.yaml >out 2>&1 3>&- &
    pid=$!
    log=0
    memory=0
    while kill -0 $pid 2>/dev/null; do
        size=$(stat -c %s $db-wal 2>/dev/null || echo 0)
        [ "$size" -le "$log" ] || log=$size
        peak=$(awk '/VmHWM/ { print $2 }' /proc/$pid/status 2>/dev/null)
        [ "${peak:-0}" -le "$memory" ] || memory=$peak
        sleep 0.2
    done
    wait $pid
    echo "# database $(stat -c %s $db) bytes, log at most $log bytes, memory at most $memory KiB" >&3
    [ "$(stat -c %s $db)" -gt $((4 << 30)) ]
    [ "$log" -lt $((128 << 20)) ]
    [ "$memory" -lt $((512 << 10)) ]
    [ "$(sqlite3 $db 'SELECT count(*), sum(n_queries) FROM run')" = '2|3012' ]
    # the last call of each is beyond its budget
    [ "$(sqlite3 $db "SELECT count(*) FROM query WHERE status = 'tolerance'")" = 3010 ]
    [ "$(sqlite3 $db 'SELECT count(*) FROM expression WHERE length(text) > 1000000')" = 3001 ]
    [ "$(sqlite3 $db 'PRAGMA integrity_check')" = ok ]
    sqlite3 $db "UPDATE run SET status = 'running' WHERE id = 2"
    run -0 "$program" run large.yaml
    has '1 done' '1 skipped'
    [ "$(sqlite3 $db 'SELECT count(*) FROM run WHERE stale = 0')" = 2 ]
}
