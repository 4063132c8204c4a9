#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Families of one's own: from `new family` to a table, as the printed commands say; shown, asked,
# rebuilt.
load common

# The commands that `new` printed, as they stand there.
follow() {
    local line

    while read -r line; do
        case $line in
        cc\ * | eval\ * | export\ * | statbed\ *) eval "$line" || return 1 ;;
        esac
    done <<<"$1"
}

@test "new family, built, checked, run and shown in a table, by the commands that are printed" {
    PATH=$STATBED_BUILD:$PATH
    unset PKG_CONFIG_PATH
    run -0 statbed new family mine
    has 'wrote mine.c and mine.yaml; next:' 'statbed check ./mine.so' 'statbed run mine.yaml'
    run -0 follow "$output"
    has 'family, seed 1' 'ok    weights' 'ok    correlations' '0 failed of' \
        'mine: 6 cells: 6 done (6 succeeded)' 'family mine' 'low-degree'
    lacks 'FAIL'
    run -0 statbed run mine.yaml
    has '0 done' '6 skipped'
    run -0 statbed replay mine.yaml
    has 'equal'
}

@test "show and ask take its path; the file may stand in another folder than the YAML's" {
    mkdir there
    run -0 statbed new family mine --dir=there
    has 'statbed check there/mine.so'
    cd there && compile mine && cd ..
    run -0 statbed show there/mine.so
    has 'family mine' 'majorities of three hidden coordinates' 'dimension' 'in [3,63]'
    run -0 statbed ask ./there/mine.so noise=0 'y*candidate(7)' --member=7
    has 'answer       1' 'majority(' 'member 7 of 56'
    run -0 statbed run there/mine.yaml
    has '6 done (6 succeeded)'
    run -2 statbed ask ./there/mine.so dimension=2 y
    has 'dimension = 2 is outside [3,63]'
}

@test "a family that was rebuilt is another: its cells run again" {
    run -0 statbed new family mine
    compile mine
    run -0 statbed run mine.yaml
    has '6 done'
    sed -i 's/>= 2 ? 1 : -1/>= 3 ? 1 : -1/' mine.c
    compile mine
    run -0 statbed run mine.yaml
    has '6 done' '0 skipped'
    # a rate over both would be one of neither
    [ "$(sqlite3 results/mine.db 'SELECT sum(stale), count(*), count(DISTINCT family_digest) FROM run')" = '6|12|2' ]
    run -0 statbed table --columns=dim,runs --format=csv
    [ "${lines[*]//$'\r'/}" = 'dim,runs 6,3 8,3' ]
    run -1 statbed check ./mine.so
    has 'FAIL  correlations'
    run -2 statbed check ./mine.so --family=parity
    has '--family is for learners'
}

@test "shards by two builds of a family are not merged, two families of one name are" {
    statbed new family mine
    compile mine
    statbed run mine.yaml --shard 1/2 --db 1.db
    cp mine.so old.so
    sed -i 's/>= 2 ? 1 : -1/>= 3 ? 1 : -1/' mine.c
    compile mine
    statbed run mine.yaml --shard 2/2 --db 2.db
    run -1 statbed merge all.db 1.db 2.db
    has 'family mine: build' 'in 1.db' 'in 2.db: run one of them again'
    [ ! -e all.db ]
    sed -i -e 's/^repeat: .*/repeat: 1/' -e '/family.dimension/d' \
        -e 's/^family: .*/family: { type: .\/mine.so, dimension: 6 }/' mine.yaml
    echo '  family: [ { type: ./mine.so }, { type: ./old.so } ]' >>mine.yaml
    statbed run mine.yaml --shard 1/2 --db one.db
    statbed run mine.yaml --shard 2/2 --db two.db
    run -0 statbed merge all.db one.db two.db
    has '2 runs copied'
    run -0 statbed run mine.yaml --db all.db
    has '2 skipped'
    [ "$(sqlite3 all.db 'SELECT sum(stale) FROM run')" = 0 ]
}

@test "what is no family is said so, with its place" {
    good good
    sed -i 's/type: parity,/type: .\/none.so,/' good.yaml
    run -2 statbed validate good.yaml
    has 'good.yaml:5:18: family: the family ./none.so cannot be read'
    sed -i "s|./none.so|$STATBED_BUILD/learners/parity-bent.so|" good.yaml
    run -2 statbed validate good.yaml
    has 'parity-bent.so is no family'
    run -2 statbed ask "$STATBED_BUILD/learners/parity-bent.so" y
    has 'is no family'
}
