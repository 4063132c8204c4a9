#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual pages: complete, and set by groff without a warning.
load common

pages() {
    echo
    echo experiment
    "$program" --help | awk '/^Example:/ { exit } /^  [a-z]/ { print $1 }'
}

# set_page WORD: as a terminal shows it, without overstriking, in `output`.
set_page() {
    "$program" man --isolation=none $1 >page
    run -0 groff -man -Tutf8 -ww -P-cbu page
}

@test "groff sets every page without a warning, in 80 columns" {
    for name in $(pages) ''; do
        "$program" man --isolation=none $name >page
        run -0 --separate-stderr groff -man -Tutf8 -ww -P-cbu page
        [ -z "$stderr" ] || { echo "$name: $stderr"; return 1; }
        printf '%s\n' "$output" >text
        [ "$(wc -L <text)" -le 80 ] || { echo "$name"; awk 'length > 80' text; return 1; }
        for section in NAME DESCRIPTION 'SEE ALSO'; do
            grep -qx "$section" text
        done
    done
}

@test "a verb's page has its operands, all its options with their help, and its example" {
    for verb in $(pages | tail -n +3); do
        "$program" "$verb" --help >help
        set_page "$verb"
        words=$(tr -s ' \n' '  ' <<<"$output")
        has "statbed-$verb - " "EXIT STATUS" ENVIRONMENT FILES
        grep -oE -- '^  (-[^-]*, )?--[a-z-]+.*' help | sed 's/^ *//' | while IFS= read -r option; do
            [[ $words == *" $option "* ]] || { echo "$verb: $option"; return 1; }
        done
        example=$(sed -n '/^Example:/{n;s/^  //p}' help)
        [[ $words == *"$(tr -s ' ' <<<"$example")"* ]]
    done
}

@test "statbed(1) names every verb" {
    set_page ''
    for verb in $(pages | tail -n +3); do
        has "statbed-$verb(1)"
    done
}

@test "the environment has every variable that the code asks for" {
    set_page ''
    for name in $(grep -rhoE 'getenv\("[A-Z_]+' "$STATBED_SOURCE"/src "$STATBED_SOURCE"/oracles | sed 's/.*"//' | sort -u); do
        has "       $name"
    done
}

@test "statbed-experiment(5) has every class, and every parameter with its range and default" {
    set_page experiment
    words=$(tr -s ' \n' '  ' <<<"$output")
    for kind in families oracles policies goals learners; do
        for name in $("$program" list $kind --format=names); do
            [[ $output == *": $name"* ]] || { echo "$name"; return 1; }
            "$program" show --isolation=none "$name" | sed -nE 's/^    ([a-z_]+) +((integer|number|text|true|numbers|[a-z0-9-]+\|).*)/\1: \2/p'
        done
    done | sort -u >parameters
    [ "$(wc -l <parameters)" -gt 15 ]
    while IFS= read -r parameter; do
        [[ $words == *"$parameter"* ]] || { echo "$parameter"; return 1; }
    done <parameters
}

@test "a page is the same at every call, has no date, and there is none of an unknown name" {
    "$program" man run >one
    "$program" man run >two
    cmp one two
    run grep -E '20[0-9][0-9]' one
    [ "$status" = 1 ]
    run -2 "$program" man rnu
    has "no page of 'rnu'" 'expected a verb'
}
