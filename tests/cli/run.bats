#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# run, replay, show RUN, table: from an experiment to its results.
load common

@test "quickstart: runs, is found again, replays" {
    run -0 statbed run quickstart
    has '24 cells: 24 done (24 succeeded), 0 skipped' 'results/quickstart.db' 'next: statbed table'
    lacks --db
    run -0 statbed run quickstart
    has '0 done' '24 skipped'
    run -0 statbed table
    has parity-bent parity-correlation bound
    run -0 statbed replay quickstart
    has '24 runs compared' equal
}

@test "a run that was cut short is done again, and only that" {
    good mine
    statbed run mine.yaml
    sqlite3 results/mine.db "UPDATE run SET status = 'running' WHERE id = 1"
    run -0 statbed run mine.yaml
    has '1 done' '1 skipped'
    run -0 statbed run mine.yaml
    has '0 done' '2 skipped'
}

@test "without a terminal there is no progress line" {
    good mine
    run -0 --separate-stderr statbed run mine.yaml
    [ -z "$stderr" ]
}

@test "on a terminal there is one, and it is gone at the end" {
    command -v script >/dev/null || skip 'no script'
    good mine
    run -0 script -qec "'$program' run --isolation=$isolation mine.yaml" /dev/null </dev/null
    has '2/2' $'\r\e[Kmine: 2 cells'
    rm -r results
    run -0 script -qec "'$program' run --isolation=$isolation --quiet mine.yaml" /dev/null </dev/null
    lacks '2/2'
}

@test "--db: the database, and the next command with it" {
    good mine
    run -0 statbed run mine.yaml --db other.db
    has 'in other.db' 'next: statbed table --db other.db'
    [ ! -e results ]
    run -0 statbed table --db other.db
    has parity-correlation
    run -0 statbed replay mine.yaml --db=other.db
    has equal
}

@test "every isolation mode gives the same transcript" {
    good mine
    "$program" run mine.yaml --isolation=none
    for mode in none process seccomp; do
        [ $mode = none ] || [ "$isolation" != none ] || continue
        run -0 "$program" replay mine.yaml --isolation=$mode
        has '2 runs compared' equal
    done
}

@test "a learner that misses its goal is a result, not a failure" {
    good mine
    sed -i 's/queries: 1000/queries: 1/; s/dimension: 4/dimension: 12/' mine.yaml
    run -0 statbed run mine.yaml
    has '2 done (0 succeeded)'
}

@test "a learner that crashes: 1, and where to look" {
    good mine
    cat >crash.c <<'C'
#include <statbed/learner.h>
#include <stdio.h>
static int32_t run(const struct sb_host *h, void *self)
{
    (void)h, (void)self;
    fprintf(stderr, "about to \033[31mfail\n");
    return 7;
}
SB_LEARNER(SB_STAT, 0, "crash", "fails", "none", NULL, NULL, run, NULL);
C
    compile crash
    sed -i 's,parity-correlation,./crash.so,' mine.yaml
    run -1 statbed run mine.yaml
    has '2 cells did not end as they should; see statbed show 2'
    run -0 statbed show 2
    has 'status           failed'
    if [ "$isolation" = none ]; then
        has 'is not kept with --isolation=none'
    else # what it prints cannot command the terminal
        has 'printed by the learner' '| about to \x1b[31mfail'
    fi
    lacks $'\e'
}

@test "show RUN: record, output, bounds, first queries" {
    good mine
    statbed run mine.yaml
    run -0 statbed show 1
    has 'run 1 of results/mine.db' 'status           finished' 'hidden' 'chi(' 'transcript' \
        'printed' 'bounds' 'first queries' 'answered'
    run -2 statbed show 99
    has 'results/mine.db holds no run 99; its last is 2'
}

@test "replay: nothing recorded" {
    good mine
    run -2 statbed replay mine.yaml
    has 'no results/mine.db' 'no reference' 'run an experiment first'
    good other
    sed -i 's/seed: 5/seed: 6/' other.yaml
    statbed run other.yaml --db=other.db
    run -2 statbed replay mine.yaml --db=other.db
    has 'holds no finished cell of mine'
    [ ! -e results ]
}

@test "replay: a record that was changed differs, and the first query is shown" {
    good mine
    statbed run mine.yaml
    sqlite3 results/mine.db "UPDATE query SET answer = 0.625 WHERE id = (1 << 32 | 2);
        UPDATE run SET transcript = '00' || substr(transcript, 3) WHERE id = 1"
    run -1 statbed replay mine.yaml
    has 'run 1: query 2' 'answered 0.625' 'replayed:' ': 1 differs'
    lacks 'run 2'
}

@test "table: every view in every format" {
    good mine
    statbed run mine.yaml
    for view in run_summary queries_vs_bound scaling; do
        for format in text csv json markdown latex; do
            run -0 statbed table $view --format=$format
            has parity-correlation
        done
    done
    run -0 statbed table transcript --format=csv
    has 'y*chi(' answered
    statbed table --format=json | python3 -m json.tool >/dev/null
    run -0 statbed table --format=latex
    has '\toprule' '\bottomrule'
}

@test "a rebuilt learner: the table shows its runs alone" {
    statbed new learner mine
    compile mine
    statbed run mine.yaml
    sed -i 's/v = 0;/v = 1;/' mine.c
    compile mine
    sed -i 's/repeat: 3/repeat: 1/' mine.yaml
    run -0 statbed run mine.yaml
    has '2 done'
    [ "$(statbed table queries_vs_bound --format=csv | wc -l)" = 3 ]
    [ "$(sqlite3 results/mine.db 'SELECT sum(stale), count(*) FROM run')" = '6|8' ]
}

@test "a limit on files below the board's size: 1, and what to raise" {
    limited() { (ulimit -f 20000 && "$program" run quickstart --isolation=process); }
    run -1 limited
    has 'raise ulimit -f'
}
