#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The installed tree: whole, at work wherever it lies, and enough to build a learner with plain cc.
load common

@test "all is there, and works from where it was moved to" {
    installed
    mv "$prefix" moved
    rm -r root
    [ -s moved/include/statbed/learner.h ] && [ -s moved/include/statbed/query.h ]
    [ -s moved/include/statbed/family.h ]
    [ -s moved/share/doc/statbed/learner.md ] && [ -s moved/share/doc/statbed/family.md ]
    [ -x "$(find moved -path '*/statbed/statbed-host')" ]
    moved/bin/statbed schema --isolation=none | cmp - moved/share/statbed/experiment.schema.json
    moved/bin/statbed completion bash | cmp - moved/share/bash-completion/completions/statbed
    moved/bin/statbed completion zsh | cmp - moved/share/zsh/site-functions/_statbed
    moved/bin/statbed man run | cmp - moved/share/man/man1/statbed-run.1
    [ -s moved/share/man/man1/statbed.1 ] && [ -s moved/share/man/man5/statbed-experiment.5 ]
    prefix=$PWD/moved
    program=$prefix/bin/statbed
    for kind in learners experiments; do
        run -0 statbed list $kind
        mapfile -t shipped < <(find "$STATBED_SOURCE/$kind" -name '*.c' -o -name '*.yaml')
        [ "${#shipped[@]}" -ge 4 ]
        for file in "${shipped[@]}"; do
            name=${file##*/}
            has "${name%.*}"
        done
    done
    run -0 statbed show quickstart
    has "file: $prefix/share/statbed/experiments/quickstart.yaml"
    run -0 statbed version
    has "in $prefix/lib"
    run -0 statbed run conjunction
    has '(100 succeeded)'
    run -0 statbed replay quickstart
    has "compared with $prefix/share/statbed/reference/quickstart.json by digest: equal"
}

@test "pkg-config: flags that find the headers and keep roundings, and the learners' folder" {
    installed
    [ -s "$(pkg-config --variable=includedir statbed)/statbed/learner.h" ]
    [ -s "$(pkg-config --variable=plugindir statbed)/parity-bent.so" ]
    [[ $(pkg-config --cflags statbed) == *-ffp-contract=off* ]]
    [ "$(pkg-config --modversion statbed)" = "$(statbed version | awk 'NR == 1 { print $2 }')" ]
    PKG_CONFIG_PATH=$STATBED_BUILD
    [ -s "$(pkg-config --variable=includedir statbed)/statbed/learner.h" ]
    [ -s "$(pkg-config --variable=plugindir statbed)/parity-bent.so" ]
}

@test "a learner outside the repository: the commands that are printed build it, run it and show it" {
    installed
    unset PKG_CONFIG_PATH
    run -0 statbed new learner mine
    has 'wrote mine.c and mine.yaml' "export PKG_CONFIG_PATH=$prefix" 'cc -shared -fPIC' \
        'statbed run mine.yaml'
    eval "$(tail -n +2 <<<"$output")" >shown
    run -0 cat shown
    has 'results/mine.db' '(3 succeeded)' ./mine.so conjunction parity
    # shellcheck disable=SC2046
    cc -shared -fPIC -Wall -Wextra -Werror $(pkg-config --cflags statbed) -o strict.so mine.c
    run -0 statbed validate mine.yaml
    has 'mine: ok'
    run -0 statbed replay mine.yaml
    has equal
    run -0 statbed show mine.so
    has 'coordinates'
    run -0 statbed new learner other
    lacks PKG_CONFIG_PATH
}

@test "the commands that are printed work in folders with spaces" {
    installed
    unset PKG_CONFIG_PATH
    mv "$prefix" 'a folder'
    prefix="$PWD/a folder"
    program=$prefix/bin/statbed
    mkdir "it's here"
    run -0 statbed new learner mine --dir="it's here"
    has 'eval "cc -shared'
    output=${output/statbed run/statbed run --isolation=$isolation}
    PATH="$prefix/bin:$PATH" bash -ec "$(tail -n +2 <<<"$output")" >shown
    run -0 cat shown
    has 'results/mine.db' '(3 succeeded)'
}
