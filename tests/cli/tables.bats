#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# statbed table with filters, and statbed query.
load common

# results/sweep.db: three dimensions, two learners, two repeats; run once.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    good sweep
    cat >>sweep.yaml <<'YAML'
grid:
  family.dimension: [4, 6, 10]
  learner: [ { type: parity-correlation }, { type: parity-bent } ]
YAML
    statbed run sweep.yaml
}

sweep() {
    mkdir results
    cp "$BATS_FILE_TMPDIR/results/sweep.db" results
}

# sql SELECT: what it finds, as csv.
sql() {
    statbed query "$1" --format=csv
}

@test "filters, columns, order and limit are those of the SELECT that says the same" {
    sweep
    statbed table dim=4,10 learner~bent --format=csv >found
    sql "SELECT * FROM run_summary WHERE dim IN (4, 10) AND learner LIKE '%bent%'" >expected
    diff expected found
    statbed table queries_vs_bound 'dim>4' 'queries<=20' learner!=parity-bent --format=csv \
        --columns=run,queries,dim --sort=-dim,queries >found
    sql "SELECT run, queries, dim FROM queries_vs_bound WHERE dim > 4 AND queries <= 20
        AND learner <> 'parity-bent' ORDER BY dim DESC, queries" >expected
    diff expected found
    statbed table transcript run=2 'seq<4' --format=csv >found
    sql "SELECT * FROM transcript WHERE run = 2 AND seq < 4" >expected
    diff expected found
    statbed table transcript --limit=5 --format=csv --columns=seq,run >found
    sql 'SELECT seq, run FROM transcript LIMIT 5' >expected
    diff expected found
    [ "$(wc -l <found)" = 6 ]
}

@test "what is constant stands above, whatever is chosen" {
    sweep
    run -0 statbed table dim=6 --columns=dim,learner,rate,runs
    has 'dim 6' $'learner             rate  runs\n'
    run -0 statbed table dim=6 learner=parity-bent --columns=dim,learner
    [ "$output" = $'dim 6\n\nlearner\n-----------\nparity-bent' ]
    run -0 statbed table dim=5
    [ "${#lines[@]}" = 2 ] # names and a rule
}

@test "mistakes in filters and columns: 2, and the nearest name" {
    sweep
    run -2 statbed table dmi=4
    has "no column 'dmi', but experiment, family, dim" "did you mean 'dim'?"
    run -2 statbed table run_sumary dim=4
    has "unknown view 'run_sumary'" "did you mean 'run_summary'?"
    run -2 statbed table dim=4 6
    has "'6' is no filter: expected COLUMN=VALUE"
    run -2 statbed table --columns=dim,lerner
    has "did you mean 'learner'?"
    run -2 statbed table --sort=-rat
    has "did you mean 'rate'?"
    run -2 statbed table --limit=many
    has '--limit=many is not a number of rows'
    run -2 statbed table "learner=x' OR '1'='1" --limit=-1
    run -0 statbed table "learner=x' OR '1'='1" --format=json
    [ "$output" = '[]' ]
}

@test "query: a SELECT in every format, from the command line, a file and standard input" {
    sweep
    select='SELECT learner, sum(n_queries) AS n FROM run GROUP BY 1 ORDER BY 1'
    sqlite3 -csv -header results/sweep.db "$select" | sed 's/$/\r/' >expected
    statbed query "$select" --format=csv | diff expected -
    echo "$select" >q.sql
    statbed query --file=q.sql --format=csv | diff expected -
    statbed query - --format=csv <q.sql | diff expected -
    statbed query - --db results/sweep.db --format=csv <q.sql | diff expected -
    for format in text json markdown latex; do
        run -0 statbed query "$select" --format=$format
        has parity-bent parity-correlation
    done
    run -2 statbed query
    has 'expected one statement'
    run -2 statbed query "$select" --file=q.sql
    has 'expected one statement'
    run -2 statbed query --file=there.sql
    has 'there.sql: No such file'
    head -c 100 /dev/zero >zero.sql
    run -2 statbed query --file=zero.sql
    has 'zero.sql is not a text'
}

@test "query: nothing but reading, and the file stays as it is" {
    sweep
    before=$(cksum <results/sweep.db)
    for words in 'DELETE FROM run' 'PRAGMA user_version = 9' "ATTACH 'other.db' AS o" 'VACUUM' \
        'SELECT 1; SELECT 2' "VACUUM INTO 'other.db'" 'CREATE TEMP TABLE t(a)' 'BEGIN' ''; do
        run -2 statbed query "$words"
        has 'expected one SELECT'
        [ "${#lines[@]}" = 1 ]
    done
    run -2 statbed query "SELECT writefile('other.db', 'x')"
    has 'no such function: writefile'
    run -2 statbed query "SELECT json('{') FROM run"
    has 'malformed JSON'
    [ "$before" = "$(cksum <results/sweep.db)" ]
    [ "$(ls)" = results ] && [ "$(ls results)" = sweep.db ]
}

@test "query: mistakes stand at their place, with the nearest name" {
    sweep
    run -2 statbed query 'SELECT n_querys FROM run'
    [ "$output" = "query:1:8: no such column: n_querys, did you mean 'n_queries'?" ]
    printf 'SELECT id\nFROM run\nWHERE r.x' >q.sql
    run -2 statbed query --file=q.sql
    [[ $output == 'q.sql:3:7: no such column: r.x'* ]]
    run -2 statbed query 'SELECT 1 FROM run_summery'
    has "no such table: run_summery, did you mean 'run_summary'?"
    run -2 statbed query 'SELECT 1 FROM run GROUP'
    has 'query: incomplete input'
}

@test "SELECTs of docs/results.md work" {
    sweep
    awk '/^```sql/ { n++; getline; while ($0 != "```") { print > (n ".select"); getline } }' \
        "$STATBED_SOURCE/docs/results.md"
    files=(./*.select)
    [ "${#files[@]}" -ge 10 ]
    for file in "${files[@]}"; do
        run -0 statbed query --file="$file" --format=csv
    done
}

@test "a pipe that is closed early ends it quietly" {
    sweep
    # shellcheck disable=SC2016
    run -0 bash -c '"$0" query "WITH RECURSIVE i(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM i)
        SELECT i FROM i" --format=csv | head -3; exit "${PIPESTATUS[1]}"' "$program"
    [ "$output" = $'i\r\n1\r\n2\r' ]
}

@test "text fits the terminal" {
    sweep
    command -v script >/dev/null
    for columns in 60 80; do
        script -qec "stty cols $columns; $program table run_summary" /dev/null </dev/null |
            tr -d '\r' >found
        [ "$(wc -L <found)" -le "$columns" ] || { cat found; return 1; }
        grep -q parity-bent found
    done
}
