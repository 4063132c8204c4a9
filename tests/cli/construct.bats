#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# construct: what it prints, against figures that were computed elsewhere, and what it refuses.
load common

# json EXPRESSION: of the sheet s in the output.
json() {
    /usr/bin/python3 -c "import json, math, sys; s = json.loads(sys.argv[1]); print($1)" "$output"
}

# golden M SIGMA EXPRESSION: of the case c of tests/data/moments.json, its figures t at sigma, and the sheet s.
golden() {
    /usr/bin/python3 -c "
import json, sys
c = next(c for c in json.load(open('$STATBED_SOURCE/tests/data/moments.json'))['cases'] if c['m'] == $1)
t = c['sigma']['$2']
s = json.loads(sys.argv[1])
near = lambda a, b, eps: abs(float(a) - float(b)) <= eps * max(1, abs(float(b)))
print($3)" "$output"
}

@test "golden figures, m = 3, 5, 7: heights, weights, coefficients, distances" {
    for m in 3 5 7; do
        run -0 statbed construct moments m=$m sigma=0.3 --format=json
        [ "$(golden $m 0.3 "s['construction']['eps'] == float(c['epsT']['eps']) and c['fold_eps'] is None and s['construction']['fold'] is None")" = True ]
        [ "$(golden $m 0.3 "s['construction']['units'] == c['epsT']['relu_units_f']")" = True ]
        [ "$(golden $m 0.3 "near(s['construction']['weight_bound'], c['epsT']['max_weight_fact43'], 1e-13)")" = True ]
        [ "$(golden $m 0.3 "all(near(b['height'], h, 1e-14) for b, h in zip(s['bumps'], c['epsT']['heights']))")" = True ]
        [ "$(golden $m 0.3 "all(near(s['coefficients'][k]['with_noise'], v, 1e-14) for k, v in enumerate(t['c_even_k_0_to_60']))")" = True ]
        [ "$(golden $m 0.3 "near(s['distances']['chi2'], t['chi2'], 1e-11)")" = True ]
        [ "$(golden $m 0.3 "near(s['distances']['total_variation'], t['tv_to_gauss'], 6e-9)")" = True ]
    done
}

@test "text and json say the same, and every lemma is there" {
    run -0 statbed construct moments m=11 sigma=0.1 --format=json
    [ "$(json "s['construction']['stops_at'], s['construction']['horizon'], round(s['construction']['fold'], 6)")" = 'fold 0.003 0.006195' ]
    [ "$(json "len(s['coefficients']), s['coefficients'][-1]['k'], len(s['moments'])")" = '129 256 12' ]
    [ "$(json "s['flow']['drift'] < 1e-9 and s['flow']['apart'] < 1e-9 and s['flow']['speed_share'] <= 1")" = True ]
    keys=$(json "' '.join(k for part in ('construction', 'distances', 'lemmas', 'flow') for k in s[part])")
    run -0 statbed construct moments m=11 sigma=0.1
    for key in $keys; do
        has "  $key "
    done
    has 'weight_bound           8090.757961966452' 'half of the fold, two digits' '4.7: -ln of it/(m ln m)'
}

@test "eps as given" {
    run -0 statbed construct moments m=5 sigma=0.1 eps=0.01 --format=json
    [ "$(json "s['construction']['eps'], s['construction']['horizon'], s['construction']['residual'] < 1e-14")" = '0.01 0.16 True' ]
}

@test "what there is none of: one line and 2" {
    refused() { # WORDS of the message, then operands
        run -2 statbed construct moments "${@:2}"
        has "$1"
        [ "${#lines[@]}" = 1 ]
    }
    refused 'm is 4: expected an odd number from 3' m=4 sigma=0.1
    refused 'm is 1: expected' m=1 sigma=0.1
    refused 'm is 43: expected' m=43 sigma=0.1
    refused 'double leaves a residual of' m=39 sigma=0.1
    refused 'double leaves a residual of' m=5 sigma=0.1 eps=1e-15
    refused 'sigma = 1 is outside (0,1)' m=5 sigma=1
    refused 'sigma = 0 is outside (0,1)' m=5 sigma=0
    refused 'eps = 0.01 is past the fold at 0.006195' m=11 sigma=0.1 eps=0.01
    refused 'eps = 0.3 is past 0.2282, where ramps' m=9 sigma=0.1 eps=0.3
    refused "'sigma' is missing" m=5
    refused 'expected a parameter KEY=VALUE' m=5 sigma
    run -2 statbed construct moment m=5 sigma=0.1
    has "did you mean 'moments'"
    run -0 statbed show moments
    has 'integer' 'noise of D'
    run -0 statbed list constructions
    has 'moments'
}
