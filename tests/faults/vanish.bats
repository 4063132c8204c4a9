#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The database, or a file beside it, vanishes or is damaged while a run writes it.
load common

@test "moved away: told, with its new name; what was moved is sound, and goes on when it is back" {
    start
    mv "$db" elsewhere.db
    ends 1 "results/mine.db was moved away" "finished cells are kept in $PWD/elsewhere.db"
    [ -z "$(ls results)" ]
    sound elsewhere.db
    [ "$(finished elsewhere.db)" -ge 4 ]
    [ "$(finished elsewhere.db)" -lt "$cells" ]
    mv elsewhere.db "$db"
    completes
}

@test "moved away under jobs" {
    start -j2
    mv "$db" elsewhere.db
    ends 1 "results/mine.db was moved away" "$PWD/elsewhere.db"
    sound elsewhere.db
    mv elsewhere.db "$db"
    completes
}

@test "removed: told that its cells are gone; the next run does them all" {
    start
    rm "$db"
    ends 1 "results/mine.db was removed" "run again to do them all"
    [ -z "$(ls results)" ]
    completes
}

@test "replaced by another file: that one is left as it is" {
    start
    echo 'another file' >other
    mv "$db" elsewhere.db
    mv other "$db"
    ends 1 "results/mine.db was moved away" "$PWD/elsewhere.db"
    [ "$(cat "$db")" = 'another file' ]
    sound elsewhere.db
    mv elsewhere.db "$db"
    completes
}

@test "its folder is removed" {
    start
    rm -r results
    ends 1 "results/mine.db was removed"
    completes
}

@test "its folder is moved: no name is lost, but the one that was given" {
    start
    mv results moved
    ends 1 "was moved away" "$PWD/moved/mine.db"
    sound moved/mine.db
    mv moved results
    completes
}

@test "its log, the log's index or the lock is removed: told, and nothing is lost" {
    for file in wal shm lock; do
        name=$db-$file
        [ $file != lock ] || name=$db.lock
        start
        rm "$name"
        ends 1 "${name##*/} was removed or replaced" "finished cells are kept"
        sound
        [ "$(finished)" -ge 4 ]
        completes
        rm -r results
    done
}

@test "cut to nothing, cut in half, overwritten: told; moved away, all is done again" {
    for damage in 'truncate -s 0' 'truncate -s 20000' 'cp mine.yaml' 'dd bs=4096 count=8 conv=notrunc status=none if=/dev/urandom of='; do
        start
        sqlite3 "$db" 'PRAGMA wal_checkpoint(PASSIVE)' >/dev/null
        case $damage in
        dd*) ${damage}"$db" ;;
        *) $damage "$db" ;;
        esac
        ends 1 "results/mine.db was damaged by another program" "move it away and run again"
        # what is left may be a database or not; it is never taken for a good one
        run "$program" run mine.yaml
        [ "$status" = 0 ] || has "results/mine.db"
        [ "$status" != 0 ] || sound
        rm -r results
        completes
        rm -r results
    done
}

@test "another program moves the log into the database: no harm" {
    start
    for _ in 1 2 3 4; do
        sqlite3 "$db" 'PRAGMA wal_checkpoint(PASSIVE)' >/dev/null
    done
    ends 0 "$cells done"
    sound
    digests | diff reference -
}
