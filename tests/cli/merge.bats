#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Shards of a real experiment into one database; what contradicts another; what is refused.
load common

# shards N: whole.db, and N shards of the same experiment.
shards() {
    good mine
    sed -i '/^repeat: 2/d' mine.yaml
    cat >>mine.yaml <<YAML
repeat: 2
grid:
  family.dimension: [4, 5, 6]
  learner: [ { type: parity-correlation }, { type: parity-bent } ]
YAML
    statbed run mine.yaml --db whole.db
    for shard in $(seq "$1"); do
        run -0 statbed run mine.yaml --shard "$shard/$1"
        has 'next: the other shards, then statbed merge'
    done
    shards=(results/mine.shard-?-of-"$1".db)
}

# tables DATABASE: what users read.
tables() {
    for view in run_summary queries_vs_bound scaling success_frontier separation; do
        statbed table $view --db "$1" --format=csv
    done
    sqlite3 "$1" "SELECT run, seq, oracle, expression, tol, status, answer, truth, half_width, method,
        samples, cost, clipped, from_null, eliminated FROM transcript ORDER BY run, seq;
        SELECT id, cell, cell_key, transcript, certificates, hidden, hypothesis FROM run;
        SELECT run, name, log2_queries, success_ub FROM bound ORDER BY 1, 2;"
}

@test "merged shards read as the whole does, run for run" {
    shards 5
    run -0 statbed merge all.db results/mine.shard-{3,1,5,2,4}-of-5.db
    [ "$output" = 'all.db: 12 runs copied, 0 skipped (there already); next: statbed table --db all.db' ]
    diff <(tables whole.db) <(tables all.db)
    run -0 statbed run mine.yaml --db all.db
    has '12 cells: 0 done (0 succeeded), 12 skipped'
    run -0 statbed replay mine.yaml --db all.db
    has '12 runs compared' equal
    [ "$(sqlite3 all.db 'PRAGMA integrity_check; PRAGMA foreign_key_check')" = ok ]
    [ ! -e all.db.lock ]
}

@test "merging again adds what is new, and changes nothing where nothing is" {
    shards 3
    run -0 statbed merge results/mine.db "${shards[0]}"
    has '4 runs copied, 0 skipped (there already)'
    statbed run mine.yaml --db results/mine.db # what is missing can be run, too
    cksum results/mine.db >before
    run -0 statbed merge results/mine.db "${shards[@]}"
    [ "$output" = 'results/mine.db: 0 runs copied, 12 skipped (there already); next: statbed table' ]
    cksum results/mine.db | diff before -
    diff <(sqlite3 whole.db 'SELECT cell_key, transcript FROM run ORDER BY 1') \
        <(sqlite3 results/mine.db 'SELECT cell_key, transcript FROM run ORDER BY 1')
}

@test "what was cut short or is stale is left out, and said" {
    shards 3
    sqlite3 "${shards[0]}" "UPDATE run SET status = 'running' WHERE id = 1;
        UPDATE run SET status = 'interrupted' WHERE id = 2; UPDATE run SET stale = 1 WHERE id = 3"
    run -0 statbed merge all.db "${shards[@]}"
    has '9 runs copied' '3 left out (2 cut short or under way, 1 stale)'
    statbed run mine.yaml --shard 1/3
    run -0 statbed merge all.db "${shards[@]}"
    has '3 runs copied, 9 skipped (there already), 1 left out (1 stale)'
}

@test "contradictions: 1, the cell is named, and no file is made" {
    shards 3
    sqlite3 whole.db "UPDATE run SET transcript = 'abc' WHERE cell = 2"
    run -1 statbed merge all.db "${shards[@]}" whole.db
    has "mine: family.dimension=4 learner.type=parity-correlation repeat 2 (cell " \
        "in ${shards[1]}, abc in whole.db: statbed replay tells which is right" \
        'nothing was merged into all.db: 1 contradiction'
    [ ! -e all.db ] && [ ! -e all.db.lock ] && [ ! -e all.db-wal ]
    statbed merge all.db "${shards[@]}"
    cksum all.db >before
    run -1 statbed merge all.db whole.db
    cksum all.db | diff before -
}

@test "two builds of a learner: both are named" {
    good mine
    statbed new learner mine-own --force >/dev/null 2>&1 || statbed new learner mine-own
    cat >two.yaml <<YAML
name: two
seed: 5
repeat: 2
family:  { type: parity, dimension: 4 }
oracle:  { type: stat, tolerance: 0.1, policy: reference }
learner: { type: ./mine-own.so }
goal:    { type: predict, loss: zero-one, max: 0.1 }
YAML
    compile mine-own
    statbed run two.yaml --shard 1/2
    cc -shared -fPIC -g -O2 -I"$STATBED_SOURCE/include" -o mine-own.so mine-own.c
    statbed run two.yaml --shard 2/2
    run -1 statbed merge all.db results/two.shard-*.db
    has 'learner ./mine-own.so: build ' ' in results/two.shard-1-of-2.db, ' \
        ' in results/two.shard-2-of-2.db: run one of them again' '1 contradiction'
    statbed run two.yaml --shard 1/2
    run -0 statbed merge all.db results/two.shard-*.db
    has '2 runs copied' '1 left out (1 stale)'
}

@test "what is no input, or is one twice: 2, and nothing is made" {
    shards 3
    cp "${shards[0]}" copy.db
    ln -s "${shards[0]}" link.db
    run -2 statbed merge
    has 'OUT.db IN.db...'
    run -2 statbed merge all.db
    run -2 statbed merge all.db none.db
    has 'none.db: no such database'
    run -2 statbed merge all.db mine.yaml
    has 'mine.yaml is not a database'
    run -2 statbed merge all.db link.db "${shards[0]}"
    has "link.db and ${shards[0]} are one file"
    [ ! -e all.db ]
    run -2 statbed merge "${shards[0]}" "${shards[1]}" link.db
    has "link.db is what is merged into"
    run -2 statbed merge copy.db copy.db
    run -0 statbed merge all.db "${shards[0]}" copy.db
    has '4 runs copied, 4 skipped'
}

@test "inputs are only read: from a folder that cannot be written, too" {
    plain_folder
    shards 3
    mkdir there
    cp "${shards[@]}" there
    (cd there && cksum ./*) >before
    run -0 plain "$program" merge once.db there/*.db
    chmod 555 there
    chmod 444 there/*
    run -0 plain "$program" merge all.db there/*.db
    has '12 runs copied'
    (cd there && cksum ./*) | diff before -
    chmod 755 there
}

@test "the array script: what cannot be saved stays on the node, and is merged from there" {
    good mine
    mkdir stub node
    printf '#!/bin/sh\nexit 1\n' >stub/cp
    chmod +x stub/cp
    export PATH=$STATBED_BUILD:$PATH TMPDIR=$PWD/node SLURM_JOB_ID=5 SLURM_ARRAY_TASK_ID=1 \
        SLURM_ARRAY_TASK_MAX=1
    unset SLURM_TMPDIR SLURM_SUBMIT_DIR SLURM_CPUS_PER_TASK
    PATH=$PWD/stub:$PATH run -1 bash "$STATBED_SOURCE/tools/statbed-array.slurm" mine.yaml \
        --isolation="$isolation"
    has 'not saved: what is finished stays in'
    [ "$(find results -type f)" = '' ]
    run -0 eval "${lines[-1]}"
    has 'results/mine.shard-1-of-1.db: 2 runs copied'
    rm -r node/*
    run -0 bash "$STATBED_SOURCE/tools/statbed-array.slurm" mine.yaml --isolation="$isolation"
    has '0 done' '2 skipped'
    [ "$(ls node)" = '' ]
}
