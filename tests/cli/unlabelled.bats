#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Families whose examples have no labels: what is refused before anything is run, what learners are told, exports,
# a learner of one's own that asks by callbacks.
load common

# experiment NAME FAMILY ORACLE LEARNER GOAL [LINE]
experiment() {
    printf '%s\n' "name: $1" 'seed: 1' "family: { $2 }" "oracle: { $3 }" "learner: { $4 }" "goal: { $5 }" "${6:-}" >"$1.yaml"
}

@test "what needs labels is refused before anything is run, with one line" {
    local family='type: ngca, dimension: 4, members: 20' stat='type: stat, tolerance: 0.1, policy: exact'

    experiment two "$family" "$stat" 'type: low-degree' 'type: distinguish'
    run -2 statbed validate two.yaml
    has 'two.yaml:5:18: learner: low-degree needs labels of a set of two, and examples of family ngca have none'
    experiment predict "$family" "$stat" 'type: low-degree' 'type: predict, max: 0.1'
    run -2 statbed validate predict.yaml
    has 'goal: predict does not fit family ngca: its examples have no labels'
    experiment csq "$family" 'type: csq, tolerance: 0.1, policy: exact' 'type: low-degree' 'type: distinguish'
    run -2 statbed validate csq.yaml
    has 'oracle: csq does not fit family ngca: it needs labels, and its examples have none'
    experiment grant "$family" "$stat" 'type: low-degree-hermite' 'type: distinguish' 'grant: [label]'
    run -2 statbed validate grant.yaml
    has 'grant.yaml:7:9: grant: examples of family ngca have no labels that could be granted; grant samples'
    run -2 statbed bound ngca dimension=4 members=20 --oracle=csq --tolerance=0.1
    has 'bound: oracle csq does not fit family ngca: it needs labels, and its examples have none'
}

@test "show lists the public vectors; exports are of the member's own law, y = 0" {
    run -0 statbed show ngca dimension=4 members=3
    has 'public vectors (family_vector of a learner)' 'coefficients   257 numbers: 1, 0' 'directions     12 numbers:'
    run -0 statbed export ngca dimension=2 direction=1,0 'means=3,3' --to=data.json --samples=2000 --no-network
    run -0 python3 - <<'END'
import json
data = json.load(open('data.json'))
flat = lambda v: v['data'] if isinstance(v, dict) else v
x, y = flat(data['x']), flat(data['y'])
first = [r[0] for r in x] if isinstance(x[0], list) else x[::2]
assert set(y) == {0}
# X has mean 3 and deviation 0.6: five deviations of the mean
assert abs(sum(first) / len(first) - 3) < 5 * 0.6 / 2000 ** 0.5, sum(first) / len(first)
print('fine')
END
    has 'fine'
}

@test "a learner asks by callbacks, and reads the directions" {
    cat >calls.c <<'END'
#include <statbed/learner.h>

static void phi(void *user, const struct sb_block *b, double *out)
{
    (void)user;
    for (uint64_t i = 0; i < b->n; i++)
        out[i] = (b->x[0][i] >= 0.5) * (b->x[1][i] >= 0) + b->y[i];
}

static int32_t run(const struct sb_host *h, void *self)
{
    double called = 0, asked = 0;
    uint64_t n;
    const double *v = h->family_vector(h->self, "directions", &n);

    (void)self;
    if (!v || n != 80 || h->facts(h->self)->n_labels != 1 || h->facts(h->self)->label_set[0] != 0)
        return 1;
    if (sb_ask_phi(h, phi, 0, "phi", &called) != SB_OK ||
        sb_ask1(h, h->parse(h->self, "step(x0 - 0.5) * step(x1)"), &asked) != SB_OK)
        return 2;
    return called - asked > 0.1 || asked - called > 0.1 ? 3 : h->verdict(h->self, 1);
}

SB_LEARNER(SB_STAT, 0, "calls", "asks twice", "a test", 0, 0, run, 0);
END
    compile calls
    experiment calls 'type: ngca, dimension: 4, members: 20, means: [-0.95, 0.95], deviations: [0.3, 0.3]' \
        'type: stat, tolerance: 0.05, policy: extreme' 'type: ./calls.so' 'type: distinguish'
    run -0 statbed run calls.yaml
    has '1 done'
    run -0 statbed show 1 --db=results/calls.db
    has 'public-points' 'monte-carlo'
}
