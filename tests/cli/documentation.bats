#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What of the documentation takes minutes to check: meson test --suite study.
load common

@test "the figures of the documentation are those that its experiments give" {
    mkdir figures
    STATBED=$program STATBED_TEST_ISOLATION=$isolation "$STATBED_SOURCE/tools/figures" figures
    for data in "$STATBED_SOURCE"/docs/figures/*.dat; do
        diff "$data" "figures/${data##*/}"
    done
    [ "$(find "$STATBED_SOURCE/docs/figures" -name '*.svg' | wc -l)" = "$(find figures -name '*.svg' | wc -l)" ]
}
