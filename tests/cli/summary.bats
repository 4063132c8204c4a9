#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# transcript: summary. The same runs, without a row a query.
load common

# pair NAME: full.yaml and summary.yaml, which differ in what they keep; several oracles.
pair() {
    cat >full.yaml <<YAML
name: mine
seed: 5
repeat: 2
family:  { type: parity, dimension: 6 }
learner: { type: parity-correlation }
goal:    { type: predict, max: 0.1 }
grid:
  case:
    - { oracle: { type: stat, policy: reference, tolerance: 0.1 } }
    - { oracle: { type: stat, policy: eliminate, tolerance: 0.1 } }
    - { oracle: { type: vstat, policy: random, t: 50 }, learner: { type: low-degree, degree: 1 } }
    - { oracle: { type: sample }, learner: { type: parity-elimination } }
    - { oracle: { type: label }, learner: { type: parity-membership } }
YAML
    { echo 'transcript: summary' && cat full.yaml; } >summary.yaml
    statbed run full.yaml --db full.db --jobs=1 # the ids of bounds, too, are the same
    statbed run summary.yaml --db summary.db --jobs=1
}

rows() {
    sqlite3 "$1" 'SELECT (SELECT count(*) FROM query), (SELECT count(*) FROM expression),
        (SELECT count(*) FROM vector), (SELECT sum(summary) FROM run)'
}

@test "the same digests, counts and bounds, and every view but the transcript" {
    pair
    run sqlite3 full.db 'SELECT count(*), count(transcript), sum(n_queries) > 100 FROM run'
    [ "$output" = '10|10|1' ]
    [ "$(rows summary.db)" = '0|0|0|10' ]
    [[ $(rows full.db) == *'|0' ]]
    for table in run bound; do # all columns but the wall clock and the flag
        [ "$(sqlite3 summary.db "UPDATE run SET seconds = 0, summary = 0; SELECT * FROM $table")" = \
            "$(sqlite3 full.db "UPDATE run SET seconds = 0; SELECT * FROM $table")" ]
    done
    for view in $(sqlite3 full.db "SELECT name FROM sqlite_schema WHERE type = 'view'"); do
        [ "$view" != transcript ] || continue
        diff <(statbed table "$view" --db full.db --format=csv) \
            <(statbed table "$view" --db summary.db --format=csv)
    done
}

@test "why there are no rows is told" {
    pair
    run -0 statbed show 1 --db summary.db
    has 'no rows of its queries are kept' 'transcript: summary' 'transcript       ' 'another database'
    lacks 'first queries'
    run -0 statbed show 1 --db full.db
    has 'first queries'
    lacks 'summary'
    run -0 statbed table transcript --db summary.db --format=csv
    [ "${#lines[@]}" = 11 ]
    has '3,,,no rows are kept: transcript: summary,,summary,'
    run -0 statbed table transcript --db full.db
    lacks 'summary'
}

@test "switching does not run finished cells again; another database gets the rows" {
    pair
    run -0 statbed run full.yaml --db summary.db
    has '10 cells: 0 done' '10 skipped'
    sed -i 's/^repeat: 2/repeat: 3/' full.yaml
    run -0 statbed run full.yaml --db summary.db
    has '15 cells: 5 done'
    run sqlite3 summary.db 'SELECT DISTINCT repeat, summary, (SELECT count(*) FROM query WHERE
        id >> 32 = run.id) > 0 FROM run ORDER BY 1'
    [ "$output" = $'1|1|0\n2|1|0\n3|0|1' ]
}

@test "transcript expects full or summary" {
    bad '1itranscript: none' "1:13: experiment: transcript = 'none'" 'full' 'summary'
}
