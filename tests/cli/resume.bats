#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# run in parts, and again: shards, what is missing, what another build of a learner did.
load common

# digests DATABASE...: of all runs, in the order of their cells.
digests() {
    local db

    for db; do
        sqlite3 "$db" "SELECT cell_key, transcript, certificates, n_queries, success, hidden
            FROM run WHERE stale = 0"
    done | sort
}

@test "--shard: the shards are the whole, each with a database of its own" {
    good mine
    printf 'grid: { family.dimension: [4, 5] }\nrepeat: 3\n' >>mine.yaml
    sed -i '/^repeat: 2/d' mine.yaml
    run -0 statbed run mine.yaml --db whole.db
    has 'mine: 6 cells: 6 done'
    for shard in 1 2 3 4; do
        run -0 statbed run mine.yaml --shard $shard/4
        has "mine, shard $shard of 4: $((shard < 3 ? 2 : 1)) cells: $((shard < 3 ? 2 : 1)) done" \
            "results/mine.shard-$shard-of-4.db"
    done
    run sqlite3 results/mine.shard-2-of-4.db 'SELECT dimension, repeat FROM run ORDER BY id'
    [ "$output" = $'4|2\n5|3' ]
    [ "$(digests whole.db)" = "$(digests results/mine.shard-?-of-4.db)" ]
    run -0 statbed run mine.yaml --shard=4/4
    has '1 cells: 0 done (0 succeeded), 1 skipped'
    run -0 statbed run mine.yaml --shard=100000/100000 --db more.db
    has '0 cells: 0 done'
}

@test "--shard: what is none is refused in one line, and nothing is made" {
    good mine
    for shard in 0/2 3/2 1/100001 1 / 1/ /2 1/2/3 -1/2 +1/2 1/2x ' 1/2' 1e0/2 0x1/2 1/1e3 ''; do
        run -2 --separate-stderr statbed run mine.yaml --shard="$shard"
        [ "$stderr" = "statbed: run: --shard expects K/N with 1 <= K <= N <= 100000, such as 1/4, \
found '$shard'" ]
    done
    [ ! -e results ]
}

@test "what is missing is done, what was cut short is done again, and nothing twice" {
    good mine
    sed -i 's/^repeat: 2/repeat: 5/' mine.yaml
    run -0 statbed run mine.yaml
    digests results/mine.db >whole
    sqlite3 results/mine.db "PRAGMA foreign_keys = ON;
        UPDATE run SET status = 'running' WHERE id = 1;
        UPDATE run SET status = 'interrupted', transcript = NULL WHERE id = 2;
        UPDATE run SET status = 'killed', n_queries = 0 WHERE id = 4;
        DELETE FROM query WHERE id >> 32 IN (2, 5);
        DELETE FROM run WHERE id = 5"
    run -0 statbed run mine.yaml
    has '5 cells: 4 done (4 succeeded), 1 skipped'
    [ "$(digests results/mine.db)" = "$(cat whole)" ]
    [ "$(sqlite3 results/mine.db "SELECT count(*), sum(n_queries) =
        (SELECT count(*) FROM query) FROM run")" = '5|1' ]
    run -0 statbed run mine.yaml
    has '5 cells: 0 done (0 succeeded), 5 skipped'
}

# rebuilt: another build of mine.c, that asks as the first did.
rebuilt() {
    echo "static const char build_$1[] __attribute__((used)) = \"$1\";" >>mine.c
    compile mine
}

# stale: of each build in the order of its first run, how many are marked, of how many.
stale() {
    sqlite3 results/mine.db "SELECT group_concat(n, ' ') FROM (SELECT sum(stale) || '/' || count(*)
        AS n FROM run GROUP BY learner_digest ORDER BY min(id))"
}

@test "--keep-stale: what another build did counts, and stays unmarked" {
    statbed new learner mine
    compile mine
    statbed run mine.yaml
    rebuilt two
    sqlite3 results/mine.db 'DELETE FROM query WHERE id >> 32 = 2; DELETE FROM bound WHERE run = 2;
        DELETE FROM run WHERE id = 2'
    run -0 statbed run mine.yaml --keep-stale
    has '6 cells: 1 done' '5 skipped'
    [ "$(stale)" = '0/5 0/1' ]
    run -0 statbed run mine.yaml --keep-stale
    has '6 cells: 0 done' '6 skipped'
    [ "$(statbed table queries_vs_bound --format=csv | wc -l)" = 7 ]

    run -0 statbed run mine.yaml # without it, all of the first build's run again
    has '6 cells: 5 done' '1 skipped' 'mine: ./mine.so was rebuilt: 5 runs by an earlier build are stale'
    run -0 statbed run mine.yaml
    lacks rebuilt
    [ "$(stale)" = '5/5 0/6' ]
    rebuilt three # what is marked stays so, and only counts as done
    run -0 statbed run mine.yaml --shard=1/2 --db results/mine.db
    has '3 cells: 3 done'
    [ "$(stale)" = '5/5 6/6 0/3' ]
    run -0 statbed run mine.yaml --keep-stale
    has '6 cells: 0 done' '6 skipped'
    [ "$(stale)" = '5/5 6/6 0/3' ]
    run -0 statbed run mine.yaml
    has '6 cells: 3 done' '3 skipped'
    [ "$(stale)" = '5/5 6/6 0/6' ]
}

@test "what changed is named before the cells run, in a line each; else there is none" {
    good mine
    run -0 --separate-stderr statbed run mine.yaml
    [ -z "$stderr" ]
    run -0 --separate-stderr statbed run mine.yaml
    [ -z "$stderr" ]

    sed -i 's/^repeat: 2/repeat: 3/' mine.yaml # one more cell
    run -0 --separate-stderr statbed run mine.yaml
    [ "$stderr" = 'statbed: mine: mine.yaml has changed since the runs in the database; all are of '\
'cells that it still has' ]
    has '3 cells: 1 done'
    run -0 --separate-stderr statbed run mine.yaml
    [ -z "$stderr" ]

    sed -i 's/^repeat: 3/repeat: 1/; s/dimension: 4/dimension: 5/' mine.yaml # none of those any more
    for _ in 1 2; do
        run -0 --separate-stderr statbed run mine.yaml
        [ "$stderr" = 'statbed: mine: 3 finished cells in the database belong to no cell of '\
'mine.yaml any more (it, or a family plugin, has changed): tables show them, too; name another '\
'database with --db for tables of the file as it is' ]
    done
    run -0 --separate-stderr statbed run mine.yaml --db other.db
    [ -z "$stderr" ]
}

@test "a shard holds a part of the cells: that is no change" {
    good mine
    for shard in 1 2 1; do
        run -0 --separate-stderr statbed run mine.yaml --db all.db --shard=$shard/2
        [ -z "$stderr" ]
    done
}

@test "runs by another statbed are named, with both versions" {
    good mine
    statbed run mine.yaml
    this=$(sqlite3 results/mine.db "SELECT 'statbed ' || statbed_version ||
        iif(git_state = '', '', ' (git ' || git_state || ')') FROM experiment")
    sqlite3 results/mine.db "UPDATE experiment SET git_state = 'feedbeef'"
    run -0 --separate-stderr statbed run mine.yaml
    [ "$stderr" = "statbed: mine: 2 runs in the database are by statbed ${this:8:5} (git feedbeef), \
this is $this: they count as done; statbed replay tells whether it does the same" ]
    sqlite3 results/mine.db "UPDATE experiment SET statbed_version = '0.0.9' WHERE id = 1;
        UPDATE experiment SET git_state = '' WHERE id = 1;
        INSERT INTO experiment (name, yaml, yaml_digest, seed, statbed_version, git_state)
        SELECT name, yaml, yaml_digest, seed, '0.0.8', 'f00' FROM experiment WHERE id = 1;
        UPDATE run SET experiment = last_insert_rowid() WHERE id = 2"
    run -0 --separate-stderr statbed run mine.yaml
    [[ $stderr == *'2 runs in the database are by statbed 0.0.8 (git f00) and others, this is'* ]]
    sqlite3 results/mine.db "UPDATE run SET stale = 1" # not shown by tables, and done again
    run -0 --separate-stderr statbed run mine.yaml
    [ -z "$stderr" ]
    has '2 done'
}
