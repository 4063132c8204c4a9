#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# check: the verb around the checks, which tests/check tests one by one.
load common

# flawed NAME [FLAW...]: NAME.so, a learner with planted bugs.
flawed() {
    cc -shared -fPIC -fvisibility=hidden -I"$STATBED_SOURCE/include" -o "$1.so" \
        "$STATBED_SOURCE/tests/plugins/flawed.c" "${@:2}" -lm
}

@test "a learner in order: a line a check, exit 0" {
    flawed fine
    run -0 statbed check ./fine.so
    has './fine.so: learner, seed 1' 'ok    file' 'ok    descriptor' 'ok    tasks' \
        'ok    determinism' 'ok    stop' 'ok    traffic' '0 failed of 13; repeat with --seed=1'
    lacks FAIL warn
}

@test "a learner with a bug: expected, found, what to do; exit 1" {
    flawed wide -DFLAW=WIDE
    run -1 statbed check ./wide.so
    has 'FAIL  ranges' 'expected: asks queries that lie' "found: task parity" "callback 'half'" \
        '1 failed of 13'
}

@test "a file of this folder, without a slash" {
    flawed fine
    run -0 statbed check fine.so --only=descriptor
    has 'ok    descriptor'
}

@test "a family plugin to try a learner on" {
    statbed new family cube
    compile cube
    run -0 statbed check hypothesis-selection --family=./cube.so family.dimension=4 --only=tasks
    has 'ok    tasks'
    run -2 statbed check hypothesis-selection --family=./none.so --only=tasks
    has none.so
}

@test "a warning is no failure" {
    flawed clipped -DFLAW=CLIPPED
    run -0 statbed check ./clipped.so --only=ranges
    has 'warn  ranges' '3*chi()' 'were clipped to it'
}

@test "json is json, and says the same" {
    flawed wide -DFLAW=WIDE
    run -1 statbed check ./wide.so --format=json --seed=18446744073709551615
    python3 - "$output" <<'PYTHON'
import json, sys

report = json.loads(sys.argv[1])
assert report["plugin"] == "./wide.so" and report["kind"] == "learner"
assert report["seed"] == "18446744073709551615" and report["failed"] == 1
results = {check["check"]: check for check in report["checks"]}
assert len(results) == 13
assert results["ranges"]["result"] == "FAIL" and results["file"]["result"] == "ok"
assert all(check["expected"] and check["found"] for check in report["checks"])
PYTHON
}

@test "the seed reproduces, and --only runs one check and the gates" {
    flawed place -DFLAW=PLACE
    run -1 statbed check ./place.so --seed=9 --only=purity
    has 'FAIL  purity' 'in another order' 'repeat with --seed=9'
    lacks determinism
    one=$output
    run -1 statbed check ./place.so --seed=9 --only=purity
    [ "$output" = "$one" ]
}

@test "parameters and the family stand behind the file" {
    flawed edge -DFLAW=EDGE
    run -0 statbed check ./edge.so count=3 --only=tasks
    run -1 statbed check ./edge.so count=16 --only=tasks
    has 'FAIL  tasks'
    run -0 statbed check ./edge.so --only=tasks --family=conjunction family.dimension=4 \
        family.literals=1
    has 'ok    tasks' 'ended 6 of 6'
    run -1 statbed check conjunction --family=parity --only=tasks
    has 'ended none of 9' '--family=NAME'
}

@test "what statbed new writes passes" {
    statbed new learner mine
    compile mine
    run -0 statbed check ./mine.so
    has '0 failed'
    lacks FAIL warn
}

@test "a shipped learner by its name" {
    run -0 statbed check parity-bent --only=traffic
    has 'parity-bent.so: learner' 'the same bytes'
}

@test "what the user gets wrong is no failed check: exit 2, one line" {
    flawed fine
    run -2 statbed check
    has 'expected LEARNER|FILE.so'
    run -2 statbed check ./fine.so cuont=3
    has "did you mean 'count'?"
    run -2 statbed check ./fine.so count=17
    has 'outside [1,16]'
    run -2 statbed check ./fine.so also.so
    has "expected one plugin and KEY=VALUE, found 'also.so'"
    run -2 statbed check ./fine.so --only=tusks
    has "did you mean 'tasks'?"
    run -2 statbed check ./fine.so --family=parities
    has "did you mean 'parity'?"
    run -2 statbed check ./fine.so --family=parity family.dimenson=3
    has "did you mean 'dimension'?"
    run -2 statbed check ./fine.so --seed=x
    has '--seed=x is not a whole number'
    run -2 statbed check ./fine.so --seconds=0
    has '--seconds=0'
    run -2 statbed check ./fine.so --format=xml
    has 'text|json'
    [ "${#lines[@]}" -eq 1 ]
}

@test "a file that is no plugin" {
    run -2 statbed check ./none.so
    has './none.so cannot be read' 'No such file'
    echo 'no object' >text.so
    run -2 statbed check ./text.so
    has 'is no shared object'
    run -2 statbed check ..so
    has 'cannot be read'
    echo 'int other = 1;' >other.c
    compile other
    run -2 statbed check ./other.so
    has 'is no plugin' statbed_learner
    run -2 statbed check parity-bnt
    has "parity-bent"
}
