#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# No room: a full disk, a limit on files. What was finished is kept, and the next run does the rest.
CELLS=8
load common

# room BYTES [ARGUMENT...]: statbed run where database files may grow by so much together.
room() {
    SHIM_SPACE=$1 LD_PRELOAD=$STATBED_SHIM "$program" run mine.yaml "${@:2}"
}

# told_full: the last command ended for want of room, and said so in one line.
told_full() {
    has 'make room' "results/mine.db"
    [ "${#lines[@]}" = 1 ]
}

@test "a disk that is full, wherever in the run that happens" {
    failures=0
    for bytes in 0 1 4096 20000 50000 $(seq 100000 150000 1500000); do
        rm -rf results
        run room "$bytes"
        if [ "$status" = 0 ]; then
            digests | diff reference -
            continue
        fi
        [ "$status" = 1 ]
        told_full
        failures=$((failures + 1))
        if [ -e "$db" ]; then
            sqlite3 "$db" "SELECT cell_key, transcript, certificates, n_queries FROM run
                WHERE status = 'finished' ORDER BY 1" >kept 2>/dev/null || [ ! -s kept ]
            [ -z "$(comm -13 reference kept)" ]
        fi
        completes
    done
    echo "$failures of the runs met a full disk"
    [ "$failures" -ge 6 ]
}

@test "full under jobs" {
    for bytes in 50000 400000; do
        rm -rf results
        run -1 room "$bytes" -j2
        told_full
        completes
    done
}

@test "full again and again: each run gets a little further" {
    for _ in $(seq 40); do
        run room 500000
        [ "$status" != 0 ] || break
        told_full
        sound
    done
    run -0 "$program" run mine.yaml
    sound
    digests | diff reference -
}

@test "a real small disk, where one can be mounted" {
    small() { unshare -rm sh -c 'mkdir -p results && mount -t tmpfs -o size=600k none results && "$@"
        code=$?; cp results/mine.db* . ; exit $code' sh "$@"; }
    small true || skip 'no file system can be mounted here'
    run -1 small "$program" run mine.yaml
    told_full
    mkdir -p results
    mv mine.db* results/
    completes
}

@test "a limit on the size of files: no silent death, and what to raise" {
    limited() { (ulimit -S -f "$1" && "$program" run mine.yaml "${@:2}"); }
    for blocks in 1 20 100 400; do
        for jobs in 1 2; do
            rm -rf results
            run -1 limited $blocks -j$jobs
            has 'raise ulimit -f' 'results/mine.db'
            [ "${#lines[@]}" = 1 ]
            completes
        done
    done
}

@test "a quota on the folder of temporary files, or none to be had, is no obstacle" {
    TMPDIR=$PWD/there-is-none run -0 "$program" run mine.yaml
    TMPDIR=$PWD/there-is-none run -0 "$program" replay mine.yaml
    digests | diff reference -
}
