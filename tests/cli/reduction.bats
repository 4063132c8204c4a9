#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# reduction: lift: what is refused and where it stands, what is recorded, replays, the test that says what is hidden.
load common

# experiment NAME [LINE...]: a learner of the tests' for lifted parities; further lines from the arguments.
experiment() {
    local name=$1
    shift
    {
        printf 'name: %s\nseed: 11\nreduction: lift\n' "$name"
        printf '%s\n' "$@"
        printf 'learner: { type: %s/tests/plugin_lift_reader.so }\n' "$STATBED_BUILD"
    } >"$name.yaml"
}
family='family: { type: lifted, dimension: 4, delta: 0.01, m: 2 }'
stat='oracle: { type: stat, policy: exact, tolerance: 0.2 }'

@test "answers are within tau of the Gaussian truth, as NumPy has it; counts are equal; a replay gives the same" {
    experiment near "$family" "$stat" 'goal: { type: recover }' 'budget: { queries: 100 }' \
        'grid: { family.dimension: [4, 5, 6], oracle.policy: [exact, extreme, reference] }'
    run -0 statbed run near.yaml
    has '9 done'
    run -0 /usr/bin/python3 "$STATBED_SOURCE/tests/cli/reduction.py" results/near.db
    has '9 runs'
    run -0 statbed replay near.yaml
    has '9 runs compared' 'equal'
    run -0 statbed show 1 --db results/near.db
    has 'reduction        lift' 'gaussian_queries' 'draws'
    run -0 statbed table facts --db results/near.db
    has gaussian_queries boolean_queries
}

@test "a policy without a hidden member plays the base, and its bounds are at half the tolerance" {
    experiment game 'family: { type: lifted, dimension: 6, delta: 0.01, m: 2 }' \
        'oracle: { type: stat, policy: eliminate, tolerance: 0.2 }' 'goal: { type: recover }'
    run -0 statbed run game.yaml
    run -0 sqlite3 results/game.db "SELECT DISTINCT round(at_tolerance, 6) FROM bound; SELECT n_live > 0 FROM run"
    [ "$output" = "$(printf '0.1\n1')" ]
}

@test "goal distinguish: the test of Theorem 4.1 says what is hidden" {
    # it is right but where another member is hidden than the one that the learner returns
    experiment tell 'family: { type: lifted, dimension: 2, delta: 0.01 }' 'gap: 0.1' 'repeat: 8' \
        'oracle: { type: sample }' 'goal: { type: distinguish }' 'grid: { learner.callback: [false, true] }'
    sed -i 's/lift_reader.so/&, member: 3/' tell.yaml
    run -0 statbed run tell.yaml
    run -0 sqlite3 results/tell.db "SELECT count(*),
        sum((hypothesis = 'planted') <> (hidden = 'lifted chi(0,1)')),
        (SELECT count(DISTINCT run) FROM fact WHERE name = 'test_loss') FROM run"
    [ "$output" = '16|0|16' ]
    run -0 statbed replay tell.yaml
    has equal
}

@test "what does not go together is refused before anything runs, where it stands" {
    experiment vstat "$family" 'oracle: { type: vstat, policy: exact, t: 100 }' 'goal: { type: recover }'
    run -2 statbed run vstat.yaml
    has 'vstat.yaml:3:12: reduction lift: oracle vstat is not carried over' 'take stat or csq'
    experiment miss 'family: { type: lifted, dimension: 6, delta: 0.0277 }' \
        'oracle: { type: stat, policy: exact, tolerance: 0.05 }' 'goal: { type: recover }'
    run -2 statbed run miss.yaml
    has 'miss.yaml:3:12:' 'Pr[n > m]' 'take family.delta <= 0.0209, or oracle.tolerance >= 0.08'
    sed -i 's/0.0277/0.4/' miss.yaml # no tolerance is coarse enough
    run -2 statbed run miss.yaml
    has 'take family.delta <= 0.0209'
    lacks 'or oracle.tolerance'
    experiment base 'family: { type: parity, dimension: 4, labels: 01 }' "$stat" 'goal: { type: recover }'
    run -2 statbed run base.yaml
    has 'base.yaml:3:12: reduction lift: family parity is not a lifted one'
    experiment grant "$family" "$stat" 'goal: { type: recover }' 'grant: [label]'
    run -2 statbed run grant.yaml
    has 'take family.lift: dv'
    experiment gap "$family" "$stat" 'goal: { type: recover }' 'gap: 0.1'
    run -2 statbed run gap.yaml
    has 'gap.yaml:7:6: gap: goes with goal distinguish'
    sed -i 's/^reduction: lift/reduction: list/; s/^gap.*//' gap.yaml
    run -2 statbed run gap.yaml
    has "gap.yaml:3:12: experiment: unknown reduction 'list'; did you mean 'lift'?"
    sed -i 's/^reduction: list/reduction: none/' gap.yaml
    echo 'gap: 0.1' >>gap.yaml
    run -2 statbed run gap.yaml
    has 'gap goes with a reduction'
}

@test "a reduction has a name, and makes another cell" {
    run -0 statbed list reductions
    has lift
    run -0 statbed show lift
    has 'reduction lift' 'Theorems 2.3, 3.2, 4.1, 5.1'
    experiment with "$family" "$stat" 'goal: { type: recover }'
    sed 's/^reduction: lift/reduction: none/; s/^name.*/name: without/' with.yaml >without.yaml
    run -0 statbed run with.yaml
    run -0 statbed run without.yaml
    [ "$(sqlite3 results/with.db 'SELECT cell_key FROM run')" != \
        "$(sqlite3 results/without.db 'SELECT cell_key FROM run')" ]
    [ "$(sqlite3 results/with.db 'SELECT hidden FROM run')" = \
        "$(sqlite3 results/without.db 'SELECT hidden FROM run')" ]
}
