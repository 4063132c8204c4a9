#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# new: nothing is overwritten or left half-written. That it builds: install.bats and family.bats.
load common

@test "--dir" {
    mkdir there
    run -0 statbed new learner mine --dir=there
    has 'there/mine.c' 'statbed run there/mine.yaml'
    [ -s there/mine.c ] && [ -s there/mine.yaml ]
    [ "$(find . -type f | wc -l)" = 2 ]
    run -2 statbed new learner mine --dir=nowhere
    has '--dir=nowhere: No such file or directory'
    run -2 statbed new learner other --dir=there/mine.c
    has 'is not a folder'
}

@test "nothing is overwritten, and nothing new is left behind" {
    echo mine >mine.yaml
    run -2 statbed new learner mine
    has 'mine.yaml exists and is not overwritten'
    [ "$(cat mine.yaml)" = mine ]
    [ "$(ls -A)" = mine.yaml ]
    rm mine.yaml
    ln -s nowhere mine.c
    run -2 statbed new learner mine
    has 'mine.c exists'
    [ "$(ls -A)" = mine.c ]
}

@test "a folder that cannot be written" {
    plain_folder
    mkdir there && chmod 555 there
    run -2 plain "$program" new learner mine --dir=there
    has 'cannot be written: Permission denied'
    [ -z "$(ls -A there)" ]
}

@test "a write that fails half-way leaves nothing behind" {
    # shellcheck disable=SC2016
    run -1 bash -c 'trap "" XFSZ; ulimit -f 1; "$0" new learner mine' "$program"
    has 'mine.c cannot be written'
    [ -z "$(ls -A)" ]
}

@test "names that are none" {
    for name in Mine 1mine -mine mine.c a/b '' 'a b' ../x; do
        run -2 statbed new learner -- "$name"
        has 'is no name for a learner'
    done
    [ -z "$(ls -A)" ]
}

@test "other things than learners and families" {
    run -2 statbed new oracle x
    has "expected 'learner' or 'family', found 'oracle'"
    run -2 statbed new family Mine
    has "'Mine' is no name for a family"
    run -0 statbed new family mine
    has 'mine.c' 'statbed check ./mine.so' 'statbed run mine.yaml'
}
