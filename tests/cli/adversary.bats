#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/adversary.md: its example, and what it says that only a program can show.
load common

@test "docs/adversary.md: what it says to type, and what that shows" {
    type_snippets "$STATBED_SOURCE/docs/adversary.md"
    [ "$(find . -name 'output.*' | wc -l)" = 2 ]
}
