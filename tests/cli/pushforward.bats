#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/pushforward.md: what it says to type, and what its tables have that is quick.
load common

@test "docs/pushforward.md: what it says to type, and what that shows" {
    type_snippets "$STATBED_SOURCE/docs/pushforward.md"
    [ "$(find . -name 'output.*' | wc -l)" = 6 ]
}
