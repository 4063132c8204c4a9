#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Other programs at the same database: writers, readers, a second runner, locks of the dead.
load common

# hold SECONDS: another program has the database locked for so long. The run was stopped by `start`, as
# it may be in a transaction of its own: then it goes on, a few milliseconds at a time, until it is in
# none.
hold() {
    python3 - "$db" "$1" "$pid" 3>&- <<'PY' &
import os, signal, sqlite3, sys, time
pid = int(sys.argv[3])
c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)
while True:
    try:
        c.execute("BEGIN EXCLUSIVE")
        break
    except sqlite3.OperationalError:
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.002)
        os.kill(pid, signal.SIGSTOP)
open("held", "w").close()
time.sleep(float(sys.argv[2]))
PY
    holder=$!
    for _ in $(seq 1000); do
        [ ! -e held ] || break
        sleep 0.01
    done
    rm held
    [ "$(finished)" -lt "$cells" ]
}

@test "locked for a second: the run waits and goes on" {
    start
    hold 1
    ends 0 "$cells done"
    digests | diff reference -
}

@test "locked for longer than we wait: told; the next run does the rest" {
    start
    hold 7
    ends 1 "results/mine.db is locked by another program" "run again" "finished cells are kept"
    kill "$holder"
    wait "$holder" || true
    completes
}

@test "a reader that keeps its view for the whole run: the log grows, and nothing else" {
    start
    python3 - "$db" 3>&- <<'PY' &
import os, sqlite3, sys, time
c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
c.execute("BEGIN")
n = c.execute("SELECT count(*) FROM query").fetchone()
open("held", "w").close()
while not os.path.exists("over"):
    time.sleep(0.01)
assert c.execute("SELECT count(*) FROM query").fetchone() == n
PY
    reader=$!
    while [ ! -e held ]; do sleep 0.01; done
    ends 0 "$cells done"
    [ "$(stat -c %s "$db-wal")" -gt 1000000 ]
    touch over
    wait "$reader"
    digests | diff reference -
    sound
    run -0 "$program" run mine.yaml
    [ "$(ls results)" = mine.db ]
}

# both NAME NAME: two runners started at once, on two names of one database. One at least does its work;
# who does not was refused, and names the other.
both() {
    local pids=() codes=(0 0) i

    for i in 0 1; do
        "$program" run mine.yaml --db="${@:i+1:1}" >"out$i" 2>&1 3>&- &
        pids[i]=$!
    done
    for i in 0 1; do
        wait "${pids[i]}" || codes[i]=$?
    done
    [ $((codes[0] * codes[1])) = 0 ]
    for i in 0 1; do
        [ "${codes[i]}" != 0 ] || continue
        output=$(<"out$i")
        has "is being written by process ${pids[1 - i]} " 'wait for it to end'
        [ "${codes[i]}" = 2 ]
        [ "$(wc -l <"out$i")" = 1 ]
        refused=$((refused + 1))
    done
    sound
    digests | diff reference -
}

# Fewer cells: what a runner does is not the point.
few() {
    mkdir results
    sed -i 's/repeat: .*/repeat: 4/' mine.yaml
    "$program" run mine.yaml --db=results/few.db
    digests results/few.db >reference
    refused=0
}

@test "two runners started at once, twenty times: one runs, the other says who does" {
    few
    for _ in $(seq 20); do
        rm -f results/mine.db
        both results/mine.db "$PWD/results/mine.db"
    done
    [ "$refused" -ge 3 ] # of twenty; else there was no race
}

@test "two runners by two names: a link to the file, a link to its folder" {
    few
    ln -s results other
    for _ in 1 2 3; do
        rm -f results/mine.db
        both results/mine.db other/mine.db
    done
    : >results/mine.db
    ln -s results/mine.db link.db
    both link.db results/mine.db
    [ "$(ls results)" = $'few.db\nmine.db' ]
}

@test "a link to nothing, and a file with two names: refused, nothing is made" {
    mkdir results
    ln -s results/none.db link.db
    run -2 "$program" run mine.yaml --db=link.db
    has 'link.db is a symbolic link to a file that is not there'
    [ -z "$(ls results)" ]
    : >results/mine.db
    ln results/mine.db results/again.db
    run -2 "$program" run mine.yaml
    has 'results/mine.db has other names (hard links)'
    rm results/again.db
    completes
}

@test "the lock of a process that was killed is no obstacle" {
    start
    kill -KILL "$pid"
    wait "$pid" || true
    [ -e "$db.lock" ]
    completes
    [ ! -e "$db.lock" ]
}

@test "a lock that cannot be written, of nobody: removed; of another's that lives: told" {
    plain_folder
    cp "$BATS_FILE_TMPDIR/mine.yaml" "$BATS_FILE_TMPDIR/reference" .
    mkdir results
    echo 1 >"$db.lock"
    plain chmod 444 "$db.lock"
    plain true # the folder is theirs
    [ "$(id -u)" != 0 ] || chown 0:0 "$db.lock"
    run -0 plain "$program" run mine.yaml
    has "$cells done"
    digests | diff reference -
    echo 1 >"$db.lock"
    [ "$(id -u)" != 0 ] || chown 0:0 "$db.lock"
    chmod 444 "$db.lock"
    chmod 755 results
    flock "$db.lock" sleep 20 3>&- &
    holder=$!
    sleep 0.2
    if [ "$(id -u)" = 0 ]; then
        run -2 setpriv --reuid=65534 --regid=65534 --clear-groups "$program" run mine.yaml
    else
        run -2 "$program" run mine.yaml
    fi
    kill "$holder"
    has "another user's process"
}
