#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/adversary.md: its example, and what it says that only a program can show.
load common

@test "docs/adversary.md: what it says to type, and what that shows" {
    type_snippets "$STATBED_SOURCE/docs/adversary.md"
    [ "$(find . -name 'output.*' | wc -l)" = 2 ]
}

# Scoring under each of 2000 members to 0.002 takes more points than a query may, and to 0.02 does not; of
# 65000 members both do.
@test "a predictor that is not scored for want of points is said to be that, not out of time" {
    cat >unscored.yaml <<'END'
name: unscored
seed: 5
family: { type: halfspace, dimension: 4 }
oracle: { type: stat, policy: eliminate, tolerance: 0.9, slack: 0.9 }
learner: { type: halfspace }
budget: { queries: 1 }
goal: { type: predict, max: 0.1 }
grid: { family.members: [2000, 65000] }
END
    statbed run unscored.yaml
    statbed query --db results/unscored.db "SELECT success, message FROM run" --format=csv >said
    grep -q '^0,' said || grep -q '^1,' said
    grep -q '^,"the predictor could not be scored under every member: that takes too many sampled points' said
}

@test "a hidden direction: asked, played and proven of the same packing, in this order" {
    cat >directions.yaml <<'END'
name: directions
seed: 5
family: { type: pushforward, dimension: 16, packing: kerdock, m: 3, sigma: 0.1 }
oracle: { type: stat, tolerance: 0.5, policy: eliminate, finish: worst }
learner: { type: projection-scan }
budget: { queries: 500 }
goal: { type: recover, success: 0.66 }
END
    statbed run directions.yaml
    statbed query --db results/directions.db --format=csv \
        "SELECT chain, q_max >= played AND played > bound AND bound > 10 FROM adversary" >said
    grep -q '^1,1' said
    # the sphere's number and a packing's that only exists are told, and are not a run's
    statbed query --db results/directions.db --format=csv \
        "SELECT group_concat(name) FROM bound WHERE applies AND subset AND log2_queries > 12" >said
    grep -q '"sphere,packing"' said
}
