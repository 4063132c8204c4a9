#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What README.md says to type, typed in order, against an installed tree. A comment before a block
# says what it is: `file: NAME` to be written, `run` to be run, `output` what the last run shows.
load common

# snippets FILE: its marked blocks as NAME, run.N and output.N.
snippets() {
    awk '
        inside && /^```/ { inside = 0; close(path); next }
        inside { print >path; next }
        path && /^```/ { inside = 1; next }
        { path = "" }
        /^<!-- file: [^ ]+ -->$/ { path = $3 }
        /^<!-- run -->$/ { path = sprintf("run.%02d", ++n) }
        /^<!-- output -->$/ { path = sprintf("output.%02d", n) }
    ' "$1"
}

@test "README.md: every snippet" {
    installed
    snippets "$STATBED_SOURCE/README.md"
    [ "$(find . -name 'run.*' | wc -l)" -ge 5 ]
    [ "$(find . -name 'output.*' | wc -l)" -ge 1 ]
    for step in run.*; do
        cat "$step"
        # shellcheck disable=SC1090
        output=$(
            set -e
            . "./$step"
        )
        printf '%s\n' "$output"
        [ ! -e "output.${step#run.}" ] || has "$(cat "output.${step#run.}")"
    done
    run -0 statbed table --db results/dictator.db --format=csv
    [ "$(grep -c ',5,5,1,' <<<"$output")" = 3 ]
}
