#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# list and show NAME: everything that has a name.
load common

@test "list names all kinds" {
    run -0 statbed list
    for kind in families oracles policies goals learners experiments bounds views figures; do
        has "$kind"
    done
    has parity conjunction stat vstat reference eliminate predict parity-bent hypothesis-selection \
        quickstart parity-exponential spectral run_summary queries_vs_bound scaling
    lacks 'does not load' 'has mistakes' 'none found'
}

@test "list of one kind, in plural or singular" {
    run -0 statbed list policies
    has exact random round extreme reference eliminate
    lacks parity
    first=$output
    run -0 statbed list policy
    [ "$output" = "$first" ]
}

@test "list --format=names: what scripts and shells want" {
    run -0 statbed list policies --format=names
    has exact reference eliminate
    lacks ' '
    run -0 statbed list learners --format=names
    [ "${lines[*]}" = "$(cd "$STATBED_BUILD/learners" && basename -s .so -- *.so | sort | paste -sd ' ')" ]
}

@test "list of an unknown kind: the nearest and 2" {
    run -2 statbed list familys
    has "unknown kind 'familys', did you mean 'families'?" experiments
}

@test "every name that list gives can be shown" {
    statbed list | awk '/^  /{ print $1 }' | sort -u >names
    [ "$(wc -l <names)" -gt 20 ]
    while read -r name; do
        run -0 statbed show "$name"
        has "$name"
    done <names
}

@test "show tells a parameter's name, type, range, default and help" {
    run -0 statbed show parity
    has 'family parity' 'source:' 'dimension      integer in [1,63], required' \
        'number of coordinates d' 'noise          number in [0,0.5), default 0' 'pm1|01, default pm1'
    run -0 statbed show low-degree
    has 'learner low-degree' 'degree' 'coins'
    run -0 statbed show eliminate
    has 'random|worst, default random' 'lower bounds hold'
}

@test "show of a family at parameters: what it is, and what it knows of itself there" {
    run -0 statbed show conjunction dimension=4 literals=2
    has 'family conjunction' 'at these parameters' 'members        6'
    [[ $output != *'learner conjunction'* ]]
    run -2 statbed show parity dimension=64
    has 'dimension = 64'
    run -2 statbed show parity noise=0.1
    has "'dimension' is missing"
    run -2 statbed show parity dimension
    has "expected a parameter KEY=VALUE, found 'dimension'" 'statbed show parity'
    run -2 statbed show parity-bent dimension=4
    has "unknown family 'parity-bent'"
}

@test "an ambiguous name shows all of them" {
    run -0 statbed show conjunction
    has 'family conjunction' 'learner conjunction' 'experiment conjunction'
}

@test "show of an experiment: its claim, its cells, its grid" {
    run -0 statbed show quickstart
    has 'SQ learning of parities' '24 cells: 8 points, 3 repeats each' \
        'family.dimension=12 learner.type=parity-bent'
    good mine
    run -0 statbed show mine.yaml
    has 'a claim' '2 cells'
    sed -i 's/dimension: 4/dimension: x/' mine.yaml
    run -2 statbed show mine.yaml
    has 'mine.yaml:5:37:'
}

@test "show of a view: its SQL" {
    run -0 statbed show scaling
    has 'SELECT' 'ORDER BY'
}

@test "show of a plugin by its path" {
    run -0 statbed show "$STATBED_BUILD/learners/parity-bent.so"
    has 'bent function' "file: $STATBED_BUILD/learners/parity-bent.so"
    cp "$STATBED_BUILD/learners/parity-bent.so" mine.so
    run -0 statbed show mine.so
    has 'file: ./mine.so'
    echo 'not a shared object' >text.so
    run -2 statbed show text.so
    has text.so 'cannot be loaded as a learner'
}

@test "show of an unknown name: the nearest and 2" {
    run -2 statbed show parity-brent
    has "nothing is named 'parity-brent', did you mean 'parity-bent'?"
    run -2 statbed show parity --db=x.db
    has '--db goes with the number of a run'
}
