#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# bound: what calculators say of a family, an experiment, a matrix. The numbers are computed again by
# bound.py; here what is taken, what is refused, and how it is written.
load common

# json EXPRESSION: of the cases c in the output.
json() {
    /usr/bin/python3 -c "import json, sys; c = json.loads(sys.argv[1])['cases']; print($1)" "$output"
}

@test "a parity: every field, and the number (N p - B) tau^2, cut" {
    run -0 statbed bound parity dimension=10 --tolerance=0.25 --success=1 --queries=4
    # (1024 - 1) / 16 = 63.9375; (4 * 16 + 1) / 1024 = 0.0634765...
    has 'family       parity dimension=10 sparsity=0 noise=0' 'N = 1024, log2 N = 10' \
        'closed form; diagonal <= 1, |K| off it <= 0' 'lambda_max in [1, 1]; orthogonal' \
        'oracle       stat, tolerance 0.25' 'g = 0.0625; convention stat: g = tau^2' \
        'goal         recover, with probability 1; one hypothesis satisfies at most B = 1' \
        'spectral     at least 63.93 queries (2^5.998)' 'docs/theorems.md C2 and C3' \
        'rules out at most 16 of 1024 members' 'search; prior: uniform over members' \
        'any learner that names the hidden member with probability 1' 'at least 63.93 (2^5.998)' \
        'after 4 queries success has probability at most 0.06348' 'strongest '
}

@test "the convention is the oracle's and the range's" {
    # a quarter of the variance, a quarter of the members; 3 t; t^2 / 4
    run -0 statbed bound parity dimension=10 --tolerance=0.25 --range=01 --bound=spectral
    has 'g = 0.25; convention stat01: g = 4 tau^2' 'rules out at most 4 of 1024'
    run -0 statbed bound parity dimension=10 --oracle=vstat --t=12 --bound=spectral
    has 'convention bernoulli: g = 1/(3t)' 'rules out at most 36 of 1024'
    run -0 statbed bound parity dimension=10 --oracle=vstat --t=12 --rule=variance --bound=spectral
    has 'convention variance: g = 4/t^2' 'is for rule bernoulli' 'rules out at most 36 of 1024'
    run -0 statbed bound parity dimension=10 --oracle=csq --tolerance=0.25 --bound=spectral
    has 'oracle       csq, tolerance 0.25' 'rules out at most 16 of 1024'
}

@test "the goal: a decision has its prior, and a loss its members" {
    run -0 statbed bound parity dimension=10 --goal=distinguish --success=0.75
    has 'decision; prior: null 1/2, members uniform' 'any learner that tells a member from the null'
    lacks 'one hypothesis satisfies'
    # at most 1/0.4^2 parities have E h chi >= 0.4 (Parseval)
    run -0 statbed bound parity dimension=10 --goal=predict --max=0.3
    has 'B = 6 members' 'returns a hypothesis of zero-one loss at most 0.3'
    run -0 statbed bound parity dimension=10 --goal=predict --max=0.6
    has 'no bound: for all that is known one hypothesis can satisfy every' 'strongest    none applies'
    run -0 statbed bound parity dimension=4 --success=0.01
    has 'no queries: guessing may reach this success'
    # directions of the plane, within 1.5 of a point: nearly half of them
    run -0 statbed bound halfspace dimension=2 members=40 angle=1.5 --tolerance=1 --bound=spectral
    lacks 'B = 1 members'
}

@test "noise of a family that knows none" {
    run -0 statbed bound conjunction dimension=8 literals=2 --bound=spectral --format=json
    without=$(json "c[0]['bounds'][0]['value']")
    run -0 statbed bound conjunction dimension=8 literals=2 --bound=spectral --noise=0.25 --format=json
    [ "$(json "abs(c[0]['bounds'][0]['value'] / $without - 0.25) < 1e-9")" = True ]
    run -0 statbed bound conjunction dimension=8 literals=2 --noise=0.25
    has 'labels flipped at rate 0.25: K times (1 - 2 * 0.25)^2'
}

@test "an experiment: each family, oracle, policy and goal once" {
    good good
    sed -i 's/dimension: 4 }/dimension: 9 }/; $a grid:\n  family.dimension: [9, 10]\n  oracle.policy: [exact, reference]\n  learner.coins: [1, 2]' good.yaml
    run -0 statbed bound good.yaml
    [ "$(grep -c '^family ' <<<"$output")" = 4 ]
    [ "$(grep -c '^strongest    none applies' <<<"$output")" = 2 ]
    has 'policy exact' 'policy reference' 'no bound: answers near the truth give digits away'
    run -0 statbed bound good.yaml --format=json --queries=3
    [ "$(json "[(k['members'], k['oracle']['policy'], k['after']) for k in c]")" = \
        "[(512, 'exact', 3), (512, 'reference', 3), (1024, 'exact', 3), (1024, 'reference', 3)]" ]
    run -0 statbed bound quickstart.yaml --bound=spectral
    has 'family       parity'
}

@test "the bound of an experiment is the one that run --dry-run predicts" {
    good good
    sed -i 's/dimension: 4 }/dimension: 12 }/' good.yaml
    run -0 statbed bound good.yaml --format=json --bound=spectral
    expected=$(json "'%.3f' % c[0]['bounds'][0]['log2_queries']")
    run -0 statbed run good.yaml --dry-run
    has " $expected "
}

@test "docs/bounds.md: every snippet, and every key of json" {
    type_snippets "$STATBED_SOURCE/docs/bounds.md"
    run -0 statbed bound k.csv --format=json
    for key in $(grep -oE '^ +"[a-z0-9_]+":' <<<"$output" | tr -d ' ":' | sort -u); do
        grep -qF "\`$key\`" "$STATBED_SOURCE/docs/bounds.md" || { echo "docs/bounds.md: $key?"; return 1; }
    done
    for name in $(statbed list bounds --format=names); do
        grep -q "^| $name | " "$STATBED_SOURCE/docs/bounds.md" || { echo "docs/bounds.md: $name?"; return 1; }
    done
}

@test "docs/family.md: a family of one's own gets its bounds, with no further code" {
    PATH=$STATBED_BUILD:$PATH
    pkg-config() { echo "-I$STATBED_SOURCE/include -ffp-contract=off"; }
    type_snippets "$STATBED_SOURCE/docs/family.md"
    # K = (1 - 2/10)^2 (shared + [same]) / 4; its largest eigenvalue is its rows' sum
    run -0 statbed bound ./mine.so dimension=6 --format=json
    [ "$(json "c[0]['members'], c[0]['correlations']['orthogonal']")" = '20 False' ]
    [ "$(json "abs(c[0]['correlations']['lambda_ub'] - 0.16 * (20 * 9 / 6 + 1)) < 1e-9")" = True ]
    [ "$(json "abs(c[0]['correlations']['diagonal_ub'] - 0.64) < 1e-9")" = True ]
    # without any word on correlations they are computed from weight()
    sed -i -e 's/ \.correlation = correlation,//' -e '/facts->lambda_max/d' -e '/^static double \(correlation\|lambda_max\)/,/^}/d' mine.c
    cc -shared -fPIC -O2 $(pkg-config) -o mine.so mine.c
    run -0 statbed bound ./mine.so dimension=6 --format=json
    [ "$(json "c[0]['correlations']['how']")" = exact ]
    [ "$(json "abs(c[0]['correlations']['lambda_ub'] - 0.16 * (20 * 9 / 6 + 1)) < 1e-6")" = True ]
}

@test "a matrix: what is wrong has a line and a column" {
    printf '1,0\n0,1\n' >k.csv
    run -0 statbed bound k.csv --goal=distinguish --success=0.9
    has 'matrix       k.csv' 'N = 2' 'correlations matrix; diagonal <= 1' 'decision'
    mkdir folder.csv
    run -2 statbed bound folder.csv
    has 'folder.csv: Is a directory'
    printf '1,0\n0,x\n' >bad.csv
    run -2 statbed bound bad.csv
    has 'bad.csv:2:3: '
    printf '1,\033[31m\n' >bad.csv # nothing in a message steers a terminal
    run -2 statbed bound bad.csv
    has "bad.csv:1:3: '?[31m' is no number"
    printf '1,0\n0\n' >bad.csv
    run -2 statbed bound bad.csv
    has 'bad.csv:2:'
    printf '1,0.5\n0.25,1\n' >bad.csv
    run -2 statbed bound bad.csv
    has 'bad.csv:' 'symmetric'
    run -2 statbed bound none.csv
    has 'none.csv'
    run -2 statbed bound k.csv dimension=3
    has "a matrix takes no parameters, found 'dimension=3'"
    run -2 statbed bound k.csv --goal=predict --max=0.1
    has 'does not say how many members one predictor can satisfy'
}

@test "latex compiles" {
    command -v pdflatex || skip 'no pdflatex'
    good good
    {
        printf '\\documentclass{article}\\usepackage{booktabs}\\usepackage[T1]{fontenc}\\begin{document}\n'
        statbed bound conjunction dimension=8 literals=2 --oracle=vstat --noise=0.1 --queries=100 --format=latex
        statbed bound good.yaml --format=latex
        printf '\\end{document}\n'
    } >bound.tex
    run -0 pdflatex -interaction=nonstopmode -halt-on-error bound.tex
    lacks 'Undefined control sequence'
    [ -s bound.pdf ]
}

@test "mistakes: one clear line each, and 2" {
    run -2 statbed bound parit dimension=4
    has "unknown family 'parit', did you mean 'parity'?"
    run -2 statbed bound parity
    has "'dimension' is missing"
    run -2 statbed bound parity dimension=4 'y*x0'
    has "expected a parameter KEY=VALUE, found 'y*x0'"
    run -2 statbed bound parity dimension=4 --tolerance=2
    has 'tolerance = 2 is outside'
    run -2 statbed bound parity dimension=4 --t=5
    has 'oracle stat takes no --t; it takes --tolerance'
    run -2 statbed bound parity dimension=4 --oracle=honest
    has 'oracle honest has no tolerance'
    run -2 statbed bound parity dimension=4 --range=01 --oracle=vstat
    has '--range says what oracle stat or lipschitz takes'
    run -2 statbed bound parity dimension=4 --goal=predict
    has "'max' is missing"
    run -2 statbed bound parity dimension=4 --max=0.1
    has 'goal recover takes no --max'
    run -2 statbed bound parity dimension=4 --bound=spectral,spectrum
    has "unknown calculator 'spectrum'" 'statbed list bounds'
    run -2 statbed bound parity dimension=4 --noise=0.1
    has 'give noise=0.1 in place of --noise=0.1'
    run -2 statbed bound conjunction dimension=4 literals=2 --noise=0.5
    has '--noise=0.5: expected a number in [0,0.5)'
    run -2 statbed bound parity dimension=4 --queries=-1
    has '--queries=-1'
    run -2 statbed bound quickstart.yaml --tolerance=0.1
    has 'leave out --tolerance'
    run -2 statbed bound quickstart.yaml dimension=3
    has "found 'dimension=3'"
    run -2 statbed bound none.yaml
    has "no experiment 'none.yaml'"
    run -2 statbed bound ./none.so
    has './none.so cannot be read'
    cp "$STATBED_SOURCE/tests/plugins/family_domains.c" .
    compile family_domains
    run -2 statbed bound ./family_domains.so over=real
    has 'labels are real numbers, and it says nothing of its correlations'
    run -2 statbed bound ./family_domains.so over=real --goal=predict --max=0.1
    has 'goal predict does not fit family' 'of which no range is declared'
}
