#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What README.md says to type, typed in order, against an installed tree.
load common

@test "README.md: every snippet" {
    installed
    type_snippets "$STATBED_SOURCE/README.md"
    [ "$(find . -name 'run.*' | wc -l)" -ge 5 ]
    [ "$(find . -name 'output.*' | wc -l)" -ge 1 ]
    run -0 statbed table --db results/dictator.db --format=csv
    [ "$(grep -c ',5,5,1,' <<<"$output")" = 3 ]
}
