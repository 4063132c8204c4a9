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
