#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Databases that cannot be used: said in a line, and left as they are.
load common

# refused TEXT: x.db is not read, not written, and not changed.
refused() {
    local before verb

    before=$(cksum <x.db)
    good mine
    for verb in 'table' 'show 1' 'run mine.yaml' 'replay mine.yaml'; do
        # shellcheck disable=SC2086
        run -2 statbed $verb --db=x.db
        has x.db "$1"
    done
    [ "$before" = "$(cksum <x.db)" ]
    [ ! -e results ]
}

@test "not there" {
    run -2 statbed table --db=x.db
    has 'x.db: no such database'
    run -2 statbed show 1 --db=x.db
    has 'x.db: no such database'
    [ -z "$(ls -A)" ]
    run -2 statbed table
    has 'no database in results/' '--db'
    run -2 statbed show 1
    has 'no database in results/'
}

@test "every path is that of a file: none is a URI or a database in memory" {
    local name

    good mine
    for name in file:x.db :memory: 'a?mode=memory#%41.db' "/$PWD/y.db"; do
        statbed run mine.yaml --db="$name"
        [ -s "$name" ]
        [ "$(statbed query 'SELECT count(*) FROM run' --format=csv --db="$name" | tail -n 1)" = \
            "$(statbed query 'SELECT count(*) FROM run' --format=csv --db=file:x.db | tail -n 1)" ]
    done
    [ ! -e x.db ]
    statbed merge "/$PWD/all.db" "/$PWD/y.db" file:x.db :memory:
    run -0 statbed table --db=all.db
}

@test "commands that are named can be pasted, whatever the database's name" {
    good mine
    mkdir "a b's"
    run -0 statbed run mine.yaml --db="a b's/\$x.db"
    [[ $output =~ 'next: statbed '(.*)$ ]]
    eval "run -0 statbed ${BASH_REMATCH[1]}"
    has parity-correlation
}

@test "not a database" {
    seq 1000 >x.db
    refused 'not a database'
}

@test "another program's database" {
    sqlite3 x.db 'CREATE TABLE t(a)'
    refused "not one of statbed's"
}

@test "of a newer version" {
    good mine
    statbed run mine.yaml --db=x.db
    sqlite3 x.db 'PRAGMA user_version = 99; PRAGMA journal_mode = DELETE'
    refused 'newer statbed'
}

@test "a folder" {
    mkdir x.db
    run -2 statbed table --db=x.db
    has 'is a directory'
    good mine
    run -2 statbed run mine.yaml --db=x.db
    has 'is a directory'
}

@test "read-only: can be read, not written" {
    plain_folder
    good mine
    statbed run mine.yaml --db=x.db
    chmod 444 x.db
    run -0 plain "$program" table --db=x.db
    run -2 plain "$program" run mine.yaml --isolation="$isolation" --db=x.db
    has 'x.db cannot be written'
}

@test "in a folder that is not there" {
    good mine
    run -2 statbed run mine.yaml --db=there/x.db
    has 'there/x.db'
    [ ! -e there ]
}

@test "results cannot be made" {
    plain_folder
    good mine
    echo >results
    run -2 plain "$program" run mine.yaml --isolation="$isolation"
    has results
    rm results
    plain chmod 555 .
    run -2 plain "$program" run mine.yaml --isolation="$isolation"
    has 'results/ cannot be made here: Permission denied'
    chmod 755 .
}

@test "a database that cannot grow: 1, and the rest is done later" {
    good mine
    # shellcheck disable=SC2016
    run -1 bash -c 'trap "" XFSZ; ulimit -S -f 20; "$0" run mine.yaml --isolation="$1" --db=x.db' \
        "$program" "$isolation"
    has 'x.db'
    run -0 statbed run mine.yaml --db=x.db
    has '2 cells'
    run -0 statbed replay mine.yaml --db=x.db
    has '2 runs compared' equal
}

@test "in use by another runner" {
    good mine
    statbed run mine.yaml --db=x.db
    flock x.db.lock sleep 20 3>&- &
    holder=$!
    sleep 0.2
    run -2 statbed run mine.yaml --db=x.db
    kill $holder
    has 'x.db'
}

@test "the default: the only one, else the newest, which is named" {
    good one
    good two
    statbed run one.yaml
    run -0 --separate-stderr statbed table
    [ -z "$stderr" ]
    sleep 0.05
    run -0 statbed run two.yaml
    has 'next: statbed table'
    lacks --db
    run -0 --separate-stderr statbed table
    has two
    [[ $stderr == *'reading results/two.db, the newest of 2'* ]]
    touch results/one.db
    run -0 --separate-stderr statbed table --db=results/two.db
    has two
    [ -z "$stderr" ]
}

@test "reading leaves nothing beside the database" {
    good mine
    statbed run mine.yaml
    run -0 statbed table
    run -0 statbed show 1
    [ "$(ls results)" = mine.db ]
}
