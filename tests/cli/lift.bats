#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/lift.md: what it says to type, and what its tables have from the digests' runs.
load common

@test "docs/lift.md: what it says to type, and what that shows" {
    type_snippets "$STATBED_SOURCE/docs/lift.md"
    [ "$(find . -name 'output.*' | wc -l)" = 2 ]
}
