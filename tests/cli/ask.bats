#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# ask: one query. The expected answers are worked out by hand.
load common

@test "a character of the hidden parity has mean 1, another one 0" {
    # member 9 = 1001 in binary: coordinates 0 and 3
    run -0 statbed ask parity dimension=8 'chi(0,3)*y' --member=9
    has 'answer       1' '1 +- 0 by closed-form, 0 samples, certified' 'hidden       chi(0,3) (member 9 of 256)' \
        'range        [-1, 1], proven' 'depends on   x0, x3 and the label'
    run -0 statbed ask parity dimension=8 'chi(0,1)*y' --member=9
    has 'answer       0' '0 +- 0'
}

@test "noise and labels are the family's parameters" {
    # E[chi y] = 1 - 2 * 0.25
    run -0 statbed ask parity dimension=8 noise=0.25 'chi(0,3)*y' --member 9
    has 'answer       0.5'
    # labels 0 and 1: E[y] = 1/2
    run -0 statbed ask parity dimension=8 labels=01 y --member 9
    has 'answer       0.5'
}

@test "the null, and a conjunction of two literals" {
    run -0 statbed ask parity dimension=8 'chi(0,3)*y' --member=null
    has 'answer       0' 'hidden       the null distribution'
    run -0 statbed ask conjunction dimension=8 literals=2 y --oracle=vstat
    has 'answer       0.25' 'oracle       vstat, tolerance 100'
}

@test "csq takes functions of x alone; honest and one-stat draw fresh examples" {
    run -0 statbed ask parity dimension=4 'chi(0,1)' --oracle=csq --member=3
    has 'answer       1' 'oracle       csq, tolerance 0.1, policy exact'
    run -2 statbed ask parity dimension=4 'chi(0,1)*y' --oracle=csq
    has 'leave y out'
    run -0 statbed ask parity dimension=4 'chi(0,1)*y' --oracle=honest --m=50 --member=3
    has 'answer       1' 'oracle       honest, examples 50, policy fresh' 'fresh-examples'
    run -0 statbed ask parity dimension=4 'eq(chi(0,1), y)' --oracle=one-stat --member=3
    has 'answer       1' 'examples 1,'
    run -2 statbed ask parity dimension=4 y --oracle=sample
    has 'oracle sample answers no queries'
}

@test "an option of another oracle is refused with those that are taken" {
    run -2 statbed ask parity dimension=4 y --oracle=vstat --tolerance=0.1
    has 'oracle vstat with policy exact takes no --tolerance; it takes --t, --rule, --slack, --delta'
}

@test "reference answers for the null inside the tolerance, and for the truth outside" {
    run -0 statbed ask parity dimension=8 '0.05*chi(0,3)*y' --member=9 --policy=reference
    has 'answer       0' 'the null distribution'
    run -0 statbed ask parity dimension=8 'chi(0,3)*y' --member=9 --policy=reference
    has 'answer       1' "the hidden member's value"
}

@test "eliminate hides nothing, and counts" {
    run -0 statbed ask parity dimension=8 'chi(0,3)*y' --policy=eliminate
    has 'answer       0' 'eliminated   1 members' 'live         255 members' 'nothing yet'
    run -2 statbed ask parity dimension=8 y --policy=eliminate --member=3
    has 'leave out --member'
    run -2 statbed ask parity dimension=25 y --policy=eliminate
    has 'eliminate cannot play family parity'
}

@test "a range that is not proven is clipped, and that is said" {
    run -0 statbed ask parity dimension=8 'chi(0,3)*y*3' --member=9
    has 'answer       1' '[-3, 3], not proven to lie in [-1, 1]: clip(query, -1, 1)'
}

@test "the seed draws the member; the digest is the query's" {
    run -0 statbed ask parity dimension=20 y
    one=$output
    run -0 statbed ask parity dimension=20 y --seed=1
    [ "$output" = "$one" ]
    run -0 statbed ask parity dimension=20 y --seed=2
    [ "$(grep ^hidden <<<"$output")" != "$(grep ^hidden <<<"$one")" ]
    [ "$(grep ^digest <<<"$output")" = "$(grep ^digest <<<"$one")" ]
}

@test "syntax errors have a column and a caret" {
    run -2 statbed ask parity dimension=8 'chi(0,3)*z'
    [ "${lines[1]}" = '  chi(0,3)*z' ]
    [ "${lines[2]}" = '           ^' ]
    has 'column 10'
    run -2 statbed ask parity dimension=8 'chii(0)*y'
    has "'chii'" chi
    run -2 statbed ask parity dimension=8 'chi(0'
    has 'column 6'
    run -2 statbed ask parity dimension=8 'x8'
    has 'column 1'
    run -2 statbed ask parity dimension=3 'dot(1,2)'
    has 3
    run -2 statbed ask parity dimension=3 ''
    has column
}

@test "an expression of too many nodes" {
    sum=$(printf 'y+%.0s' {1..1000})y
    run -0 statbed ask parity dimension=3 "0.0001*($sum)"
    sum=$(printf 'y+%.0s' {1..33000})y
    run -2 statbed ask parity dimension=3 "$sum"
    has 65536
}

@test "unknown names: family, oracle, policy, parameter; all in one go" {
    run -2 statbed ask parities dimension=8 y --oracle=sta --policy=exat
    has "did you mean 'parity'?" "did you mean 'stat'?" "did you mean 'exact'?"
    run -2 statbed ask parity dimenson=8 y
    has "'dimenson'" "did you mean 'dimension'?" "'dimension' is missing"
}

@test "parameters and tolerances out of range" {
    run -2 statbed ask parity dimension=64 y
    has 'dimension = 64 is outside [1,63]'
    run -2 statbed ask parity dimension=4 sparsity=5 y
    has 'sparsity = 5 is more than dimension = 4'
    for tolerance in 0 -0.1 nan inf 1e-3x 1e999 0x1 ''; do
        run -2 statbed ask parity dimension=4 y --tolerance="$tolerance"
        has 'oracle stat: tolerance'
    done
    run -2 statbed ask parity dimension=4 y --oracle=vstat --t=0.5
    has 't = 0.5 is outside'
    run -2 statbed ask parity dimension=4 y --t=5
    has 'takes no --t; it takes --tolerance'
}

@test "a member or a seed that is none" {
    run -2 statbed ask parity dimension=4 y --member=16
    has "expected 'null' or a whole number below 16"
    run -2 statbed ask parity dimension=4 y --member=-1
    has 'expected'
    run -2 statbed ask parity dimension=4 y --seed=x
    has '--seed=x'
}

@test "no expression, or two" {
    run -2 statbed ask parity dimension=4
    has 'expected an expression'
    run -2 statbed ask parity dimension=4 y x0
    has "found 'y' and 'x0'" 'quote it'
}

@test "over the Gaussian: Stein's identity along a coordinate, and the null" {
    # E[y clip(x0,-4,4)]/4 is 2 phi(0) w_0 / 4 but for 1.5e-5 by clipping; w_0 is printed to 5e-5
    run -0 statbed ask halfspace dimension=8 'y*clip(x0,-4,4)/4'
    has 'hidden       <w,x> >= 0, w = (' 'depends on   x0 and the label'
    w=$(sed -n 's/^hidden .*w = (\([^,]*\),.*/\1/p' <<<"$output")
    answer=$(sed -n 's/^answer *//p' <<<"$output")
    awk -v w="$w" -v a="$answer" 'BEGIN { gap = a - 0.7978845608 * w / 4; exit !(gap < 2e-5 && gap > -2e-5) }'
    # the examples of docs/experiment.md
    run -0 statbed ask halfspace dimension=2 'exp(-x0*x0)'
    has 'not proven to lie in [-1, 1]' 'by monte-carlo'
    run -0 statbed ask halfspace dimension=2 '0.999*exp(-abs(x0*x0))'
    has ', proven' 'by quadrature'
    run -0 statbed ask halfspace dimension=2 'step(sin(x0))' # that of docs/certificates.md
    has 'by monte-carlo'
    run -0 statbed ask halfspace dimension=2 'y*cos(dot(1,2))'
    has 'depends on   1 dot and the label' 'by quadrature'
    run -0 statbed ask halfspace dimension=2 'step(x1) - dot(1,2)*dot(2,1)/4'
    has 'depends on   x1, 2 dots, not on the label' 'by monte-carlo'
    # Phi(-1) - Phi(1)
    run -0 statbed ask halfspace dimension=8 threshold=1 y --member=null
    has 'answer       -0.68268949213' 'hidden       the null distribution'
    run -2 statbed ask halfspace dimension=64 domain=cube y
    has 'dimension = 64 is above 63' 'domain = gauss'
}
