#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The command line itself: help, exit codes, mistakes in verbs, options and operands.
load common

verbs='run table replay list show validate ask bound new version'

@test "--help, -h and help name every verb" {
    for word in --help -h help; do
        run -0 statbed $word
        for verb in $verbs; do
            has "  $verb "
        done
        has 'Example:'
    done
}

# The verbs that there are, from the help itself.
all_verbs() {
    "$program" --help | awk '/^Example:/ { exit } /^  [a-z]/ { print $1 }'
}

@test "help fits 80 columns, and each verb stands in it once" {
    all_verbs | sort >found
    ls "$STATBED_SOURCE"/src/cli/verb_*.c | sed 's/.*verb_//; s/\.c$//' | sort >expected
    cmp expected found
    for verb in '' $(all_verbs); do
        run -0 "$program" $verb --help
        [ "$(wc -L <<<"$output")" -le 80 ]
    done
}

@test "placeholders of operands are explained" {
    for verb in $(all_verbs); do
        run -0 "$program" "$verb" --help
        for word in $(sed -n '1s/^usage: statbed [a-z]*//p' <<<"$output" | tr -d '[]' | tr '|' ' '); do
            [[ $word != [A-Z]* || $word == OPTION... ]] || grep -q "^  ${word%...} " <<<"$output" ||
                { echo "$verb: what is $word? (src/cli/placeholders.c)"; return 1; }
        done
    done
}

@test "every verb's help ends with an example, and its options are those that it takes" {
    for verb in $verbs; do
        run -0 "$program" "$verb" --help
        has "usage: statbed $verb"
        [[ ${lines[-1]} == "  statbed $verb"* ]]
        first=$output
        run -0 "$program" "$verb" -h
        [ "$output" = "$first" ]
        run -0 "$program" help "$verb"
        [ "$output" = "$first" ]
    done
}

@test "examples from the help work" {
    for verb in list show validate ask bound version; do
        example=$("$program" "$verb" --help | sed -n '/^Example:/{n;s/^  statbed //p}')
        [ "$verb" = validate ] && good mine
        eval "run -0 statbed $example"
    done
}

@test "no verb: a hint and 2" {
    run -2 statbed
    [ "$output" = 'statbed: expected a verb; see statbed --help' ]
}

@test "unknown verb: the nearest and 2" {
    run -2 statbed tabel
    has "unknown verb 'tabel', did you mean 'table'?"
    run -2 statbed zzzzzzzz
    lacks 'did you mean'
    run -2 statbed help tabel
    has "'table'"
}

@test "messages go to standard error, help to standard output" {
    run -2 --separate-stderr statbed tabel
    [ -z "$output" ]
    [[ $stderr == 'statbed: '* ]]
    run -0 --separate-stderr statbed --help
    [ -z "$stderr" ]
}

@test "unknown option: the nearest and 2" {
    run -2 statbed table --fromat=csv
    has 'unknown option --fromat, did you mean --format?'
    run -2 statbed ask parity dimension=4 y --policies=exact
    has 'did you mean --policy?'
    run -2 statbed version --db=x
    has 'unknown option --db'
}

@test "option values: missing, given twice, not one of the words, to a flag" {
    run -2 statbed table --db
    has '--db needs a value'
    run -2 statbed table --db=a --db b
    has '--db is given twice'
    run -2 statbed table --format=cvs
    has '--format=cvs is not one of text|csv|json|markdown|latex' 'did you mean csv?'
    run -2 statbed table --format=
    has 'is not one of'
    run -2 statbed run quickstart --quiet=yes
    has '--quiet takes no value'
    run -2 "$program" run quickstart --isolation=secomp
    has 'did you mean seccomp?'
}

@test "all mistakes of a command line in one go" {
    run -2 statbed query --fromat=csv --db --format=cvs a b
    has '--fromat' "found 'b' as well"
}

@test "operands: too few, too many, a single dash" {
    run -2 statbed run
    has 'expected EXPERIMENT|FILE.yaml, found nothing'
    run -2 statbed run a b
    has "found 'b' as well"
    run -2 statbed version now
    has 'expected nothing more'
    run -2 statbed run quickstart -q
    has 'run: unknown option -q, did you mean --quiet?' 'statbed run --help'
    run -2 statbed table -z
    has 'unknown option -z; see'
    run -2 statbed run -- -q
    has "no experiment '-q'"
}

@test "-- ends the options" {
    run -0 statbed ask parity dimension=4 -- '-y'
    has 'query        -y'
    run -2 statbed run -- --quiet
    has "no experiment '--quiet'"
}

@test "version: the program, its compiler, its libraries, the isolation" {
    run -0 statbed version
    has 'statbed ' compiler sqlite libyaml gsl isolation
    run -0 statbed --version
    has 'statbed '
}

@test "limits in the environment that are none: 2 and a line each, but empty is not set" {
    for bad in STATBED_ISA=avx1024 STATBED_ISA=AVX2 STATBED_THREADS=0 STATBED_THREADS=abc \
        STATBED_THREADS=-1 STATBED_THREADS=1e9 STATBED_THREADS=2x; do
        run -2 env "$bad" "$program" list families
        has "statbed: ${bad%%=*} = '${bad#*=}' is no" 'correct it, or unset it'
        [ "${#lines[@]}" = 1 ]
    done
    run -2 env STATBED_ISA=x STATBED_THREADS=x "$program" version
    [ "${#lines[@]}" = 2 ]
    run -0 env STATBED_ISA= STATBED_THREADS= "$program" version
    run -0 env STATBED_ISA=avx512 STATBED_THREADS=99999999999999999999 "$program" list families
    run -0 env STATBED_ISA=x "$program" list --help
}

@test "a full standard output is an error" {
    [ -w /dev/full ] || skip 'no /dev/full'
    run -1 bash -c '"$0" list families >/dev/full' "$program"
    has 'standard output: No space left on device'
}
