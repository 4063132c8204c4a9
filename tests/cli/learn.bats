#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Goal learn: densities of a distribution, expressions and callbacks, scored along the hidden direction. Two members,
# e_0 and e_1; two Gaussians N(+-sqrt(3)/2, 1/4), whose distances are computed here.
load common

densities() {
    cat >densities.c <<'C'
#include <statbed/learner.h>
#include <math.h>
static const struct sb_param params[] = {
    { "answer", SB_TEXT, 0, "null", "first|second|both|null|zero|nan|label|none|first-called", "which" },
    { 0 }
};
static void nan_phi(void *user, const struct sb_block *b, double *out)
{
    (void)user;
    for (uint64_t i = 0; i < b->n; i++)
        out[i] = NAN;
}
/* two Gaussians of variance 1/4 at +-m over N(0,1), up to a factor */
static void first_phi(void *user, const struct sb_block *b, double *out)
{
    const double m = sqrt(.75);
    (void)user;
    for (uint64_t i = 0; i < b->n; i++) {
        const double x = b->x[0][i];
        out[i] = exp(x * x / 2 - 2 * (x - m) * (x - m)) + exp(x * x / 2 - 2 * (x + m) * (x + m));
    }
}
static int32_t run(const struct sb_host *h, void *self)
{
    const char *a = h->param_text(h->self, "answer");
    double v;
    (void)self;
    if (h->facts(h->self)->goal != SB_LEARN)
        return 1;
    sb_ask1(h, sb_num(h, 0), &v);
    switch (a[0] + a[1] + a[2]) {
    case 'f' + 'i' + 'r':
        return a[5] ? h->predict(h->self, first_phi, 0) : h->predict_expr(h->self, sb_candidate(h, 0));
    case 's' + 'e' + 'c':
        return h->predict_expr(h->self, sb_candidate(h, 1));
    case 'b' + 'o' + 't':
        return h->predict_expr(h->self, sb_mul(h, sb_candidate(h, 0), sb_candidate(h, 1)));
    case 'n' + 'u' + 'l':
        return h->predict_expr(h->self, sb_num(h, 0.5));
    case 'z' + 'e' + 'r':
        return h->predict_expr(h->self, sb_num(h, 0));
    case 'n' + 'a' + 'n':
        return h->predict(h->self, nan_phi, 0);
    case 'l' + 'a' + 'b':
        return h->predict_expr(h->self, sb_y(h)) != SB_SYNTAX;
    }
    return 0;
}
SB_LEARNER(SB_STAT, 0, "densities", "returns what it is told to", "a test", params, NULL, run, NULL);
C
    cc -shared -fPIC -ffp-contract=off -I"$STATBED_SOURCE/include" -o densities.so densities.c -lm
    cat >learn.yaml <<'YAML'
name: learn
seed: 5
family:  { type: pancakes, dimension: 2, components: 2, sigma: 0.5, packing: basis, members: 2 }
oracle:  { type: stat, tolerance: 0.1, policy: reference }
learner: { type: ./densities.so }
budget:  { queries: 10, seconds: 60 }
goal:    { type: learn, max: 0.05 }
YAML
}

# within EXPECTED LOSS HALF_WIDTH: the interval holds it, and is narrow.
within() {
    python3 -c 'import sys
e, l, h = map(float, sys.argv[1:])
assert abs(l - e) <= h + 1e-9 and h < 0.03, (e, l, h)' "$@"
}

# null_distance: total variation of the law along v and N(0,1), where they are equally dense at +-a and +-b.
null_distance() {
    python3 - <<'PY'
from math import erf, exp, sqrt
m, s = sqrt(.75), .5
f = lambda x: (exp(x*x/2 - 2*(x-m)**2) + exp(x*x/2 - 2*(x+m)**2)) * .5 / s
n = 200000
print(sum(abs(f(x) - 1) * exp(-x*x/2) for x in ((i + .5) * 20 / n - 10 for i in range(n)))
      * 20 / n / sqrt(8 * 3.141592653589793))
PY
}

# put ANSWER...: runs these, and rows of answer, hidden, loss, half-width, success, message are in `rows`.
put() {
    local list

    list=$(printf '"%s", ' "$@")
    sed -i '/^grid:/d' learn.yaml
    echo "grid: { learner.answer: [${list%, }] }" >>learn.yaml
    rm -rf results
    statbed run learn.yaml || [ $? -eq 1 ]
    sqlite3 -separator '|' results/learn.db "SELECT json_extract(learner_params, '\$.answer'), hidden,
        loss, loss_half_width, success, ifnull(message, '') FROM run ORDER BY id" >rows
    cat rows
    [ "$(wc -l <rows)" -eq $# ]
}

@test "densities: the truth has no distance, the null and a direction at right angles A's from N(0,1)" {
    densities
    put first first-called null both
    distance=$(null_distance)
    while IFS='|' read -r answer hidden loss width success message; do
        case $answer-$hidden in
        first*'(1.0'*) within 0 "$loss" "$width" && [ "$success" = 1 ] ;;
        first* | null*) within "$distance" "$loss" "$width" && [ "$success" = 0 ] ;;
        # right along both directions but for what is clipped: near to either, and far from both in R^2
        both*) [ "$success" = 1 ] ;;
        esac
        [ -z "$message" ]
    done <rows
    run -0 statbed show 1
    has 'total variation along the hidden direction: the distance of the laws in R^d is at least that'
}

@test "densities: what is none has not succeeded" {
    densities
    put nan label none zero
    [[ $(cat rows) =~ nan.*'|1.0|0.0|0|the density returned cannot be scored: the callback wrote nan at x = ' ]]
    [ "$(cut -d'|' -f5 rows | sort -u)" = 0 ]
    [[ $(cat rows) =~ zero.*'|1.0|0.0|0|' ]]
}

@test "densities: under eliminate the worst survivor is hidden" {
    densities
    sed -i 's/policy: reference/policy: eliminate, finish: worst/' learn.yaml
    put second
    IFS='|' read -r answer hidden loss width success message <rows
    [[ $hidden =~ '(1.0' ]]
    within "$(null_distance)" "$loss" "$width"
    [ "$success" = 0 ]
}

@test "goal learn: families without a hidden direction or a density there are refused with a line" {
    densities
    sed -i 's/pancakes, dimension: 2, components: 2, sigma: 0.5, packing: basis, members: 2/parity, dimension: 4/' learn.yaml
    run -2 statbed validate learn.yaml
    has 'goal: learn does not fit family parity: no direction is hidden in its x'
    sed -i 's/parity, dimension: 4/pushforward-step, dimension: 4, m: 3/' learn.yaml
    run -2 statbed validate learn.yaml
    has 'goal: learn does not fit family pushforward-step: its members have no density against the null'
    sed -i 's/{ type: learn, max: 0.05 }/{ type: learn }/' learn.yaml
    run -2 statbed validate learn.yaml
    has "goal learn: 'max' is missing"
}

@test "goal learn: bounds say what is learnt" {
    run -0 statbed bound pancakes dimension=4 components=2 packing=basis --goal=learn --max=0.2
    has 'learn, total-variation at most 0.2'
}
