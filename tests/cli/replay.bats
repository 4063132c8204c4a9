#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# replay: against a database, one run of it, or a reference; how closely; and where it cannot be.
load common

# change SQL: of results/mine.db.
change() {
    sqlite3 results/mine.db "$1"
}

# learner NAME FLAGS STATEMENT: NAME.so and its source: asks one query, does STATEMENT, predicts nothing.
learner() {
    cat >"$1.c" <<C
#include <statbed/learner.h>
static int32_t run(const struct sb_host *h, void *self)
{
    double v;
    (void)self;
    (void)sb_ask1(h, sb_mul(h, sb_y(h), sb_chi_mask(h, 1)), &v);
    $3
    return 0;
}
SB_LEARNER(SB_STAT, $2, "$1", "asks", "none", NULL, NULL, run, NULL);
C
    compile "$1"
}

# with LEARNER: mine.yaml, with a learner of ours.
with() {
    good mine
    sed -i "s,parity-correlation,./$1.so," mine.yaml
}

@test "every shipped experiment has a reference, and every reference an experiment" {
    cd "$STATBED_SOURCE"
    diff <(basename -s .yaml experiments/*.yaml) <(basename -s .json results/reference/*.json)
    for table in results/reference/*.csv; do
        name=${table##*/}
        [ -s "experiments/${name%%.*}.yaml" ]
    done
}

@test "tools/reference writes what is shipped" {
    cat >program <<SH
#!/bin/sh
verb=\$1
shift
[ "\$verb" != run ] || set -- "\$@" --isolation=$isolation
exec "$program" "\$verb" "\$@"
SH
    chmod +x program
    export STATBED=$PWD/program REFERENCE=$PWD/out
    run -0 "$STATBED_SOURCE/tools/reference" quickstart
    for file in "$STATBED_SOURCE"/results/reference/quickstart.*; do
        cmp "$file" "out/${file##*/}"
        rm "out/${file##*/}"
    done
    [ -z "$(ls out)" ]
    run -1 "$STATBED_SOURCE/tools/reference" quickstrat
    has 'there is no experiments/quickstrat.yaml'
}

@test "without a database: the reference, by every word that names one" {
    run -0 statbed replay quickstart
    has '24 runs compared with' 'reference/quickstart.json by digest: equal'
    lacks ';'
    mkdir -p results/reference
    cp "$STATBED_SOURCE/results/reference/quickstart.json" results/reference
    run -0 statbed replay quickstart --level=counts
    has 'compared with results/reference/quickstart.json by counts: equal'
    mv results/reference/quickstart.json mine.json
    run -0 statbed replay quickstart --db=mine.json
    has 'compared with mine.json by digest: equal'
    run -2 statbed replay quickstart --db=mine.json --level=answers
    has 'run 1 as recorded has no rows of its queries' '--level=digest or counts'
    run -2 statbed replay mine.json 1
    has 'mine.json is a reference, which has no experiment'
}

@test "the reference is that of the tables" {
    good mine
    statbed run mine.yaml
    statbed table digests --format=json >mine.json
    run -0 statbed replay mine.yaml --db=mine.json
    has '2 runs compared with mine.json by digest: equal'
}

@test "a reference that was changed, cut or mistaken" {
    good mine
    statbed run mine.yaml
    statbed table digests --format=json >mine.json
    sed '2s/"transcript": "./"transcript": "_/' mine.json >changed.json
    run -1 statbed replay mine.yaml --db=changed.json
    has 'repeat 1, run 1: digest of the transcript' 'recorded: _' 'is not known' '1 differs'
    sed '2s/"n_queries": [0-9]*/"n_queries": 9/' mine.json >changed.json
    run -1 statbed replay mine.yaml --db=changed.json
    has 'run 1: outcome' 'recorded: finished, 9 queries' '1 differs'
    sed 3d mine.json >changed.json
    run -2 statbed replay mine.yaml --db=changed.json
    has 'changed.json is no reference (malformed JSON)'
    echo '[{"experiment": "mine", "label": "", "repeat": 1}]' >changed.json
    run -2 statbed replay mine.yaml --db=changed.json
    has 'changed.json is no reference (NOT NULL constraint failed: run.cell_key)'
    echo '[]' >changed.json
    run -2 statbed replay mine.yaml --db=changed.json
    has 'holds no finished cell of mine' "2 of the experiment's cells without a record"
    run -2 statbed replay mine.yaml --db=none.json
    has 'none.json: cannot be read: No such file'
}

@test "levels: a changed certificate, a changed answer, a changed count" {
    good mine
    statbed run mine.yaml
    change "UPDATE query SET half_width = 0.01 WHERE id = (1 << 32 | 3)"
    run -1 statbed replay mine.yaml
    has 'run 1: the same answers under different certificates: query 3' 'half-width 0.01' \
        'by digest: 1 differs'
    run -0 statbed replay mine.yaml --level=answers
    has '2 runs compared' 'by answers: equal'
    change "UPDATE query SET answer = 0.5 WHERE id = (2 << 32 | 2)"
    run -1 statbed replay mine.yaml --level=answers
    has 'run 2: query 2' 'answered 0.5' 'by answers: 1 differs'
    run -0 statbed replay mine.yaml --level=counts
    has 'by counts: equal'
    change "UPDATE run SET n_answered = n_answered + 1 WHERE id = 2"
    run -1 statbed replay mine.yaml --level=counts
    has 'run 2: outcome' 'by counts: 1 differs'
    change "UPDATE query SET tolerance = 0.10000000000000002 WHERE id = (1 << 32 | 2)" # next to 0.1
    run -1 statbed replay mine.yaml --level=answers
    has 'run 1: query 2' 'tolerance 0.10000000000000002: ' 'tolerance 0.1: '
    run -2 statbed replay mine.yaml --level=count
    has 'did you mean counts?'
}

@test "what differs where all queries are equal: certificates, outcome, bounds" {
    good mine
    statbed run mine.yaml
    change "UPDATE run SET certificates = transcript WHERE id = 1;
        UPDATE bound SET success_ub = success_ub / 2 WHERE run = 2 AND name <> 'played'"
    run -1 statbed replay mine.yaml
    has 'run 1: the same answers under different certificates: digest' 'run 2: bound ' \
        'success at most' 'by digest: 2 differ'
    rm results/mine.db
    statbed run mine.yaml
    change "UPDATE run SET loss = 0.25 WHERE id = 1; UPDATE bound SET success_per_query = 0 WHERE run = 2"
    run -1 statbed replay mine.yaml
    has 'run 1: loss' 'recorded: 0.25' 'run 2: bound ' '+ 0 q' 'by digest: 2 differ'
    change "UPDATE run SET transcript = certificates; DELETE FROM bound"
    run -1 statbed replay mine.yaml
    has 'the digests differ, the stored queries do not: the recorded digest was changed'
}

@test "many runs that differ: ten are told of" {
    good mine
    sed -i 's/repeat: 2/repeat: 13/' mine.yaml
    statbed run mine.yaml
    change 'UPDATE run SET success = 0'
    run -1 statbed replay mine.yaml
    has 'run 10: outcome' '... and 3 more runs that differ' '13 differ'
    lacks 'run 11:'
}

@test "a learner that is not bit for bit is compared by its counts, and a digest cannot be had" {
    learner loose SB_NOT_BITWISE ''
    with loose
    statbed run mine.yaml
    run -0 statbed replay mine.yaml
    has '2 runs compared with results/mine.db by counts: equal'
    run -0 statbed replay mine.yaml --level=answers
    has 'by answers: equal'
    run -2 statbed replay mine.yaml --level=digest
    has 'run 1 has no digests as recorded' '--level=counts'
}

@test "a summary: digests decide, and the first query that differs is not known" {
    good mine
    echo 'transcript: summary' >>mine.yaml
    statbed run mine.yaml
    run -0 statbed replay mine.yaml
    has '2 runs compared' 'by digest: equal'
    run -2 statbed replay mine.yaml --level=answers
    has 'run 1 as recorded has no rows of its queries (transcript: summary'
    change "UPDATE run SET transcript = certificates WHERE id = 1"
    run -1 statbed replay mine.yaml
    has 'run 1: digest of the transcript' 'is not known' 'transcript: summary' '1 differs'
    sed -i '/summary/d' mine.yaml # what the record keeps decides, not the file
    run -1 statbed replay mine.yaml
    has 'run 1: digest of the transcript'
}

@test "cells without a record, records without a cell, runs that the fuse or a kill ended" {
    good mine
    sed -i 's/repeat: 2/repeat: 5/' mine.yaml
    statbed run mine.yaml
    change "UPDATE run SET status = 'seconds' WHERE id = 1;
        UPDATE run SET status = 'running' WHERE id = 2;
        UPDATE run SET status = 'killed' WHERE id = 3"
    sed -i 's/repeat: 5/repeat: 4/' mine.yaml
    run -0 statbed replay mine.yaml
    has '1 run compared' 'by digest: equal; 3 not compared: ended by the fuse or cut short' \
        '; 1 recorded of cells that the experiment does not have'
    sed -i 's/repeat: 4/repeat: 7/' mine.yaml
    run -0 statbed replay mine.yaml
    has '2 runs compared' "; 2 of the experiment's cells without a record"
    lacks 'does not have'
    change "UPDATE run SET status = 'interrupted'"
    run -2 statbed replay mine.yaml
    has 'holds no finished cell of mine' '5 not compared'
}

@test "one run, from the database alone" {
    good mine
    statbed run mine.yaml
    mv results/mine.db .
    rm -r mine.yaml results
    run -0 statbed replay mine.db 2
    has 'mine: 1 run compared with mine.db by digest: equal'
    sqlite3 mine.db "UPDATE query SET answer = 0.625 WHERE id = (2 << 32 | 3)"
    run -0 statbed replay mine.db 1
    run -1 statbed replay mine.db 2
    has 'repeat 2, run 2: query 3' 'answered 0.625' '1 run compared' '1 differs'
    run -0 statbed replay mine.db 2 --level=counts
    # and no other cell is run
    run -0 script -qec "'$program' replay --isolation=$isolation mine.db 1" /dev/null </dev/null
    has '1/1'
    lacks '/2,'
}

@test "one run that is not there, or was cut short, or ended by the fuse; not a number; named twice" {
    good mine
    statbed run mine.yaml
    run -2 statbed replay results/mine.db 3
    has 'results/mine.db holds no run 3; its last is 2'
    run -2 statbed replay results/mine.db 0
    has "expected the number of a run, found '0'"
    run -2 statbed replay results/mine.db one
    has "found 'one'"
    run -2 statbed replay results/mine.db 1 --db=results/mine.db
    has 'named twice'
    run -2 statbed replay results/mine.db
    has 'results/mine.db goes with the number of a run' '--db=results/mine.db'
    run -2 statbed replay results/other.db 1
    has 'results/other.db: no such database'
    change "UPDATE run SET status = 'interrupted' WHERE id = 1"
    run -2 statbed replay results/mine.db 1
    has "run 1 was cut short (status 'interrupted')"
    change "UPDATE run SET status = 'seconds' WHERE id = 1"
    run -2 statbed replay results/mine.db 1
    has 'run 1 was ended by the fuse'
}

@test "plugins: beside the recorded file; rebuilt; gone" {
    mkdir there
    cd there
    learner mine 0 ''
    with mine
    cd ..
    statbed run there/mine.yaml
    rm there/mine.yaml
    run -0 statbed replay results/mine.db 1
    has '1 run compared' 'by digest: equal'
    lacks ';'
    cd there
    learner mine 0 'if (v > 2) return 1;'
    cd ..
    run -0 statbed replay results/mine.db 1
    has 'equal; 1 by another build of the learner (learner_digest differs)'
    cd there
    learner mine 0 'return sb_ask1(h, sb_y(h), &v);'
    cd ..
    run -1 statbed replay results/mine.db 1
    has 'run 1: query 2' 'recorded: (none: the run ended)' '1 by another build of the learner'
    rm there/mine.so
    run -2 statbed replay results/mine.db 1
    has 'there/mine.yaml:7:' 'learner there/mine.so cannot be read' 'run 1 of results/mine.db cannot be done again' \
        'the folder of there/mine.yaml'
}

@test "a stale run is replayed by its number" {
    learner mine 0 ''
    with mine
    statbed run mine.yaml
    learner mine 0 'return sb_ask1(h, sb_y(h), &v);'
    statbed run mine.yaml
    run -0 statbed replay mine.yaml
    has '2 runs compared' equal
    run -1 statbed replay results/mine.db 1
    has 'run 1: query 2' 'by another build of the learner'
    run -0 statbed replay results/mine.db 3
    has equal
}

@test "a family's plugin that was rebuilt: its members are others, and that is said" {
    statbed new family hard >/dev/null
    cc -shared -fPIC -ffp-contract=off -I"$STATBED_SOURCE/include" -o hard.so hard.c -lm
    statbed run hard.yaml
    run -0 statbed replay results/hard.db 1
    echo '/* a change */ int sb_unused(void); int sb_unused(void) { return 1; }' >>hard.c
    cc -shared -fPIC -ffp-contract=off -I"$STATBED_SOURCE/include" -o hard.so hard.c -lm
    run -2 statbed replay results/hard.db 1
    has 'the cell of run 1 is not among those of its experiment any more' "the family's plugin was rebuilt"
}

@test "fresh seeds: each run under its own" {
    good mine
    sed -i 's/seed: 5/seed: fresh/; s/dimension: 4/dimension: 8/' mine.yaml
    statbed run mine.yaml
    sed -i 's/repeat: 2/repeat: 4/' mine.yaml
    statbed run mine.yaml
    [ "$(sqlite3 results/mine.db 'SELECT count(DISTINCT seed) FROM experiment')" = 2 ]
    run -0 statbed replay mine.yaml
    has '4 runs compared with results/mine.db by digest: equal'
    lacks ';'
    run -0 statbed replay results/mine.db 1
    has equal
    run -0 statbed replay results/mine.db 4
    has equal
    statbed table digests --format=json >mine.json
    run -0 statbed replay mine.yaml --db=mine.json
    has '4 runs compared with mine.json by digest: equal'
    change "UPDATE experiment SET seed = NULL WHERE id = 1"
    run -0 statbed replay mine.yaml
    has '2 runs compared' '; 2 not compared: drawn under a fresh seed that was lost'
    run -2 statbed replay results/mine.db 1
    has 'run 1 was drawn under a fresh seed that is not on record'
}

@test "stopped by a signal: 130, and nothing is compared" {
    run -130 timeout -s INT --preserve-status 1 "$program" replay policy-ladder \
        --isolation="$isolation"
    lacks 'compared with'
}

@test "--fail-fast: what was not done again is counted" {
    learner bad 0 'return 7;'
    with bad
    statbed run mine.yaml || true
    run -0 statbed replay mine.yaml
    has '2 runs compared' equal
    lacks ';'
    run -0 "$program" replay mine.yaml --isolation=none --fail-fast
    has '1 run compared' 'equal; 1 not compared: not done again (--fail-fast)'
}
