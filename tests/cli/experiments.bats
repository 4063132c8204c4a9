#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Experiment files that are wrong: each mistake at its place, with what was expected; nothing runs.
# bad SED TEXT... changes one thing in a good file (common.bash has its lines).
load common

@test "files that are in order" {
    good mine
    run -0 statbed validate mine.yaml quickstart parity-exponential parity-tolerance conjunction
    [ "${lines[0]}" = 'mine: ok, 2 cells' ]
    [ "${lines[1]}" = 'quickstart: ok, 24 cells' ]
    [ "${#lines[@]}" = 5 ]
    [ ! -e results ]
}

@test "one bad file does not hide another's mistakes" {
    good good
    good first
    sed -i 's/repeat/repaet/' first.yaml
    good second
    sed -i 's/dimension: 4/dimension: x/' second.yaml
    run -2 statbed validate first.yaml good.yaml second.yaml
    has 'first.yaml:4:1:' 'good: ok' 'second.yaml:5:37:'
}

@test "all mistakes of a file in one go" {
    bad 's/dimension: 4/dimenson: 4/; s/queries: 1000/quaries: 10/; s/0.66/2/' \
        'good.yaml:5:26:' "did you mean 'dimension'?" \
        'good.yaml:8:12:' "did you mean 'queries'?" 'good.yaml:9:62:'
}

@test "unknown key" {
    bad 's/repeat: 2/repaet: 2/' 'good.yaml:4:1:' "did you mean 'repeat'?"
}

@test "duplicate key" {
    bad 's/^seed: 5/seed: 5\nseed: 6/' 'good.yaml:4:1:' "duplicate key 'seed'"
    bad 's/dimension: 4/dimension: 4, dimension: 5/' 'good.yaml:5:40:' duplicate
}

@test "missing key or section" {
    bad '/^family/d' "'family' is missing"
    bad 's/dimension: 4/sparsity: 2/' 'good.yaml:5:' "'dimension' is missing"
    bad 's/type: parity, //' 'good.yaml:5:' "'type' is missing"
}

@test "wrong type" {
    bad 's/dimension: 4/dimension: four/' 'good.yaml:5:37:' "'four' is not an integer"
    bad 's/dimension: 4/dimension: 4.5/' 'good.yaml:5:37:' 'not an integer'
    bad 's/^budget.*/budget: 5/' 'good.yaml:8:9:'
}

@test "malformed numbers, nan, overflow, octal" {
    bad 's/tolerance: 0.1/tolerance: 1e-3x/' 'good.yaml:6:35:' "'1e-3x' is not a number"
    bad 's/tolerance: 0.1/tolerance: nan/' 'good.yaml:6:35:' "'nan' is not a number"
    bad 's/tolerance: 0.1/tolerance: .inf/' 'good.yaml:6:35:' 'is not a number'
    bad 's/tolerance: 0.1/tolerance: 1e999/' 'good.yaml:6:35:' 'too large'
    bad 's/queries: 1000/queries: 01000/' 'good.yaml:8:21:' 'leading 0'
    bad 's/queries: 1000/queries: 99999999999999999999/' 'good.yaml:8:21:'
}

@test "a tolerance of 0, or negative" {
    bad 's/tolerance: 0.1/tolerance: 0/' 'good.yaml:6:35:' 'outside'
    bad 's/tolerance: 0.1/tolerance: -0.1/' 'good.yaml:6:35:' 'outside'
}

@test "a list where a scalar belongs" {
    bad 's/dimension: 4/dimension: [4, 5]/' 'good.yaml:5:37:' 'found a list' 'grid'
}

@test "a formula with an unknown name" {
    bad 's/tolerance: 0.1/tolerance: "= 2^(-family.dimenson)"/' 'good.yaml:6:' \
        "'family.dimenson'" "did you mean 'family.dimension'?"
}

@test "unknown types" {
    bad 's/type: parity,/type: partiy,/' 'good.yaml:5:18:' "did you mean 'parity'?"
    bad 's/type: stat,/type: stet,/' 'good.yaml:6:18:' "did you mean 'stat'?"
    bad 's/policy: reference/policy: referense/' 'good.yaml:6:48:' "did you mean 'reference'?"
    bad 's/parity-correlation/parity-corelation/' 'good.yaml:7:18:' \
        "did you mean 'parity-correlation'?"
    bad 's/type: predict/type: predit/' 'good.yaml:9:18:' "did you mean 'predict'?"
}

@test "a grid over an unknown key" {
    bad '$a grid: { family.dimenson: [4, 5] }' 'good.yaml:10:9:' "did you mean 'dimension'?"
    bad '$a grid: { famly.dimension: [4, 5] }' 'good.yaml:10:9:'
}

@test "a million cells" {
    bad 's/repeat: 2/repeat: 500000/; $a grid: { family.dimension: [4, 5] }' 'good.yaml:10:' \
        '1000000 cells'
}

@test "a point that the family or the policy does not have" {
    bad 's/dimension: 4/dimension: 4, sparsity: 5/' 'good.yaml:5:18:' 'sparsity = 5 is more than'
    bad 's/policy: reference/policy: eliminate/; $a grid: { family.dimension: [4, 25, 26] }' \
        'good.yaml:6:48:' 'cannot play family parity' '(at family.dimension=25)'
    lacks 'family.dimension=26'
}

@test "learners that are none" {
    bad 's,parity-correlation,./nosuch.so,' 'good.yaml:7:18:' 'No such file'
    bad 's,parity-correlation,./good.yaml,' 'good.yaml:7:18:' 'cannot be loaded'
    echo 'int other;' >other.c
    cc -shared -fPIC -o other.so other.c
    bad 's,parity-correlation,./other.so,' 'good.yaml:7:18:' statbed_learner
}

@test "files that are no YAML" {
    bad 's/seed: 5/  seed: 5/' 'good.yaml:3:3:' 'not YAML'
    : >empty.yaml
    run -2 statbed validate empty.yaml
    has 'empty.yaml:1:1:' 'empty'
    printf '\377\376\001\002' >junk.yaml
    run -2 statbed validate junk.yaml
    has 'junk.yaml:1:'
}

@test "files that are not there" {
    run -2 statbed validate nosuch.yaml
    has "no experiment 'nosuch.yaml'"
    run -2 statbed run quickstrat
    has "did you mean 'quickstart'?"
    run -2 statbed replay quickstrat
    has "did you mean 'quickstart'?"
    [ -z "$(ls -A)" ]
}
