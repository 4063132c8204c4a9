#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# statbed plot: what it writes is the view's numbers, can be drawn again by hand, and no text from a
# database gets out of its quotes.
load common

# A small database, results/small.db, of two learners and three dimensions.
small() {
    good small
    cat >>small.yaml <<'YAML'
grid:
  family.dimension: [3, 4, 5]
  learner: [ { type: parity-correlation }, { type: parity-bent } ]
YAML
    statbed run small.yaml
}

views() {
    echo scaling success_by_tolerance success_by_queries separation
}

@test "every figure is drawn, twice the same bytes, and by hand the same picture" {
    small
    formats=(pdf png tikz svg)
    for view in $(views); do
        format=${formats[0]}
        formats=("${formats[@]:1}")
        ending=${format/tikz/tex}
        run -0 statbed plot "$view" --format="$format"
        [ "$output" = "wrote $view.dat, $view.gp and $view.$ending" ]
        mkdir "$view"
        cp "$view.$ending" "$view.dat" "$view"
        run -0 statbed plot "$view" --format="$format" --force
        cmp "$view.$ending" "$view/$view.$ending"
        cmp "$view.dat" "$view/$view.dat"
    done
    # By hand, from a copy of script and data; view and ending are the last ones.
    mkdir hand
    cp "$view.dat" "$view.gp" hand/
    (cd hand && gnuplot "$view.gp")
    cmp "$view.svg" "hand/$view.svg"
    [ "$(find . -name '.statbed*')" = '' ]
}

@test "the files are what they are called" {
    small
    for format in pdf svg png tikz; do
        statbed plot scaling --format=$format --out=f
        rm f.dat f.gp
    done
    [ "$(head -c 5 f.pdf)" = '%PDF-' ]
    grep -q '</svg>' f.svg
    [ "$(head -c 4 f.png | tail -c 3)" = PNG ]
    grep -q '\\begin{tikzpicture}' f.tex
}

@test "the numbers are the runs'" {
    small
    statbed plot scaling --format=svg
    # The geometric mean of learner parity-bent at d = 5, computed otherwise.
    mean=$(sqlite3 results/small.db "SELECT exp(sum(ln(n_answered)) / count(*)), max(n_answered)
        FROM run WHERE learner = 'parity-bent' AND dimension = 5" | tr '|' ' ')
    awk -v want="$mean" '
        /^# index [0-9]+, runs: parity-bent$/ { mine = 1 }
        /^# index/ && !/parity-bent$/ { mine = 0 }
        mine && $1 == 5 {
            split(want, w, " ")
            found = ($2 / w[1] > 0.999 && $2 / w[1] < 1.001 && $4 / w[2] > 0.999 && $4 / w[2] < 1.001)
        }
        END { exit !found }' scaling.dat
    # The bound's curve over all q is the line of the bound's table, at most 1.
    statbed plot success_by_queries --format=svg
    read -r at_zero per_query <<<"$(sqlite3 -separator ' ' results/small.db "SELECT max(success_at_zero),
        max(success_per_query) FROM bound JOIN run ON run.id = run WHERE dimension = 5 AND applies")"
    awk -v a="$at_zero" -v b="$per_query" '
        /^# index [0-9]+, bound/ { bound = 1; panel = 0 }
        /^# index [0-9]+, runs/ { bound = 0 }
        /^# panel: dim 5/ { panel = 1 }
        bound && panel && /^[0-9]/ {
            want = a + b * $1; if (want > 1) want = 1
            n++
            if (($2 - want) ^ 2 > 1e-12) bad = 1
        }
        END { exit !(n > 3) || bad }' success_by_queries.dat
}

# Exhaustion asks 2^d - 1; each query drops one, so that 0.66 2^d - 1 are played; a query can drop 4 at most.
@test "a game: queries asked, played and proven are drawn" {
    good small
    sed -i 's/0.1, policy: reference/0.49, policy: eliminate, finish: worst/' small.yaml
    printf 'grid:\n  family.dimension: [5, 6]\n' >>small.yaml
    statbed run small.yaml
    statbed plot adversary --format=svg
    [ -s adversary.svg ]
    awk '/^# index/ { series = $NF } !/^#/ && NF { print series, $1, $2 }' adversary.dat >points
    printf '%s\n' 'asked 5 31' 'asked 6 63' 'played 5 20.1' 'played 6 41.2' 'bound 5 4.8' 'bound 6 9.9' | diff - points
    [ "$(looks adversary asked)" = "linecolor '#0072B2' dashtype 1" ]
    [ "$(looks adversary played)" = "linecolor '#0072B2' dashtype (2,3)" ]
}

# The others are of longer experiments: documentation.bats.
@test "the first figure of the documentation is the one that its experiment gives" {
    mkdir figures
    STATBED=$program STATBED_TEST_ISOLATION=$isolation "$STATBED_SOURCE/tools/figures" figures quickstart
    diff "$STATBED_SOURCE/docs/figures/quickstart.dat" figures/quickstart.dat
    [ -s figures/quickstart.svg ]
    STATBED=$program run -1 "$STATBED_SOURCE/tools/figures" figures quickstrat
    has 'there is no figure quickstrat; there are'
}

# looks VIEW LEARNER: the colour and dashes of the learner's series in all panels, once each.
looks() {
    sed -n "s/.*\(linecolor '[^']*'\).*\(dashtype [^ ]*\) title '\(.*: \)\?$2'.*/\1 \2/p" "$1.gp" | sort -u
}

@test "a learner has the same colour and dashes in every figure of a database" {
    small
    for view in $(views); do
        statbed plot "$view" --format=svg
        looks "$view" parity-correlation >>correlation
        looks "$view" parity-bent >>bent
    done
    # alone, too, and in an experiment that names it first
    statbed plot success_by_queries learner=parity-bent --format=svg --force
    sed -n "s/.*with steps.*\(linecolor '[^']*'\) \(dashtype [^ ]*\) title 'runs'.*/\1 \2/p" success_by_queries.gp >>bent
    sed 's/name: small/name: later/; s/^seed: .*/seed: 77/; s/parity-correlation\(.*\)parity-bent/parity-bent\1parity-correlation/' small.yaml >later.yaml
    statbed run later.yaml --db results/small.db
    statbed plot separation experiment=later --format=svg --force
    looks separation parity-bent >>bent
    [ "$(wc -l <bent)" -ge 6 ]
    [ "$(sort -u correlation)" = "linecolor '#0072B2' dashtype 1" ]
    [ "$(sort -u bent)" = "linecolor '#D55E00' dashtype (10,4)" ]
}

@test "series of one learner differ in colour and dashes" {
    good small
    printf 'grid:\n  family.dimension: [3, 4]\n  oracle.policy: [exact, reference, round]\n' >>small.yaml
    statbed run small.yaml
    statbed plot scaling --format=svg
    [ "$(grep -o "with linespoints linewidth 1.6 linecolor '[^']*'" scaling.gp | sort -u | wc -l)" = 3 ]
    [ "$(grep -o "with linespoints linewidth 1.6.*dashtype [^ ]*" scaling.gp | sort -u | wc -l)" = 3 ]
}

@test "a setting without a bound says so" {
    small
    sqlite3 results/small.db 'UPDATE bound SET applies = 0'
    statbed plot scaling --format=svg
    run -0 cat scaling.gp
    has "title 'no bound applies'"
    lacks filledcurves 'fails in most runs'
    run -1 grep -q 'bound' scaling.dat
}

@test "what a learner asked that fails is not drawn as what success takes" {
    small
    sqlite3 results/small.db "UPDATE run SET success = 0 WHERE learner = 'parity-bent'"
    statbed plot scaling --format=svg
    grep -q "title 'fails in most runs: parity-bent'" scaling.gp
    run -1 grep -q '^# index [0-9]*, runs: parity-bent' scaling.dat
    grep -q '^# index [0-9]*, runs: parity-correlation' scaling.dat
}

@test "scaling: what the grid sets beside the dimension is a panel of its own" {
    cat >two.yaml <<'END'
name: two
seed: 1
family:  { type: parity, dimension: 4 }
oracle:  { type: stat, tolerance: 0.2, policy: reference }
learner: { type: parity-correlation }
goal:    { type: predict, max: 0.1 }
grid:
  family.dimension: [4, 5]
  goal.success: [0.3, 0.9]
END
    statbed run two.yaml --quiet
    statbed plot scaling --db results/two.db
    [ "$(grep -c '^# index [0-9]*, runs' scaling.dat)" = 2 ]
    grep -q '^# panel: goal.success=0.3$' scaling.dat
    grep -q '^# panel: goal.success=0.9$' scaling.dat
}

@test "gnuplot's end is seen where the parent ignores that of its children" {
    small
    run -0 env --ignore-signal=CHLD "$program" plot scaling
}

@test "a panel in which nothing succeeds, and no bound applies, is drawn with its key" {
    small
    sqlite3 results/small.db 'UPDATE run SET success = 0; UPDATE bound SET applies = 0'
    for view in $(views); do
        statbed plot "$view" --format=svg
    done
    grep -q 'fails in most runs: parity-bent' scaling.svg
    grep -q 'fails in most runs: parity-bent' separation.svg
    statbed report
}

@test "files that are there are kept, or replaced by --force" {
    small
    echo mine >scaling.gp
    run -2 statbed plot scaling
    has 'scaling.gp exists: --force replaces it'
    [ "$(cat scaling.gp)" = mine ]
    [ ! -e scaling.dat ]
    statbed plot scaling --force
    head -n 1 scaling.gp | grep -q 'Written by statbed plot'
    run -2 statbed plot scaling --out=nowhere/f
    has 'nowhere'
}

@test "only plain files are replaced, by --force too" {
    small
    mkdir f.svg
    run -2 statbed plot scaling --format=svg --out=f --force
    has 'f.svg is not a plain file'
    [ ! -e f.dat ]
    mkfifo pipe
    for out in pipe f.svg; do
        run -2 timeout 20 "$program" report results/small.db --out=$out --force
        has "$out is not a plain file"
        run -2 timeout 20 "$program" report results/small.db --out=$out
        has "$out is not a plain file"
    done
    [ -p pipe ]
}

@test "nothing to draw: a line, exit 2, no files" {
    small
    sqlite3 results/small.db "UPDATE run SET status = 'interrupted'"
    for view in $(views); do
        run -2 statbed plot "$view"
        has "$view: there is nothing to draw in results/small.db"
        [ "${#lines[@]}" = 1 ]
    done
    run -2 statbed plot transcript
    has "there is no figure of 'transcript'; views that have one: scaling, success_by_tolerance"
    [ "$(find . -type f | sort)" = "$(printf '%s\n' ./results/small.db ./small.yaml)" ] ||
        [ "$(find . -name '*.gp' -o -name '*.dat' -o -name '.statbed*')" = '' ]
}

@test "gnuplot that is missing, or fails, is told in one line; nothing is left" {
    small
    mkdir empty bin
    PATH=$PWD/empty run -2 "$program" plot scaling
    has 'gnuplot, which draws figures, is not installed: apt-get install gnuplot-nox'
    [ "${#lines[@]}" = 1 ]
    printf '#!/bin/sh\nprintf "noise\\n\\nline 3: it \\033[1mbroke\\n\\n" >&2\nexit 1\n' >bin/gnuplot
    chmod +x bin/gnuplot
    PATH=$PWD/bin:$PATH run -1 "$program" plot scaling
    [ "$output" = 'statbed: gnuplot could not draw the figure: line 3: it  [1mbroke' ]
    [ "$(find . -name '*.gp' -o -name '*.dat' -o -name '.statbed*')" = '' ]
}

@test "hostile texts stay texts" {
    good small
    printf 'grid:\n  family.dimension: [3, 4, 5, 6, 7, 8, 9]\n' >>small.yaml
    statbed run small.yaml
    n=0
    # shellcheck disable=SC2016
    for text in "it''s" "a'; system('touch pwned'); b='" '`touch pwned`' '$(touch pwned)' '@x' \
        '"; system("touch pwned"); "' '\' 'a\' '%s%n{/Bold x}_2^3~&#' '</text><script>' ']]>' \
        $'two\nlines\nset output "pwned"' $'\t\x01\x1b[1m' $'\xff\xfe\xc3(' '\input{pwned}' '{' \
        'a }{ % $' "$(printf '%0300d' 7)" ''; do
        n=$((n + 1))
        hex=$(printf '%s' "$text" | xxd -p | tr -d '\n')
        sqlite3 results/small.db "UPDATE run SET learner = CAST(x'$hex' AS TEXT),
            policy = 'p' || learner, label = 'odd=' || learner, family = learner WHERE id = $n"
    done
    [ "$n" -ge 12 ]
    for view in $(views); do
        for format in svg tikz; do
            statbed plot "$view" --format=$format --force
        done
        python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$view.svg"
        python3 - "$view.tex" <<'PYTHON'
import sys
text = open(sys.argv[1], encoding='utf-8').read()
assert '\\input' not in text
text = text.replace('\\{', '').replace('\\}', '')
assert text.count('{') == text.count('}'), 'braces'
PYTHON
    done
    [ ! -e pwned ]
    mkdir "it's; 'odd"
    statbed plot scaling --format=svg --out="it's; 'odd/|touch pwned"
    [ -s "it's; 'odd/|touch pwned.svg" ]
    [ ! -e pwned ]
    [ ! -e "it's; 'odd/pwned" ]
    run -2 statbed plot scaling --out=$'a\nb'
}
