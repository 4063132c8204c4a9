#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion in shells: what bash and zsh offer, asked of the shells themselves.
load common

# offers WORD...: what bash offers for the last one; '=' stands apart, as bash does it.
offers() {
    "$program" completion bash >statbed.bash
    cat >offers.bash <<'BASH'
source ./statbed.bash
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_statbed
printf '%s\n' "${COMPREPLY[@]}"
BASH
    PATH=$STATBED_BUILD:$PATH run -0 bash --norc offers.bash "$@"
}

# is WORD...: these are offered, and nothing else.
is() {
    [ "$(sort <<<"$output")" = "$(printf '%s\n' "$@" | sort)" ] || {
        printf 'expected: %s\nfound: %s\n' "$*" "$output"
        return 1
    }
}

@test "both scripts parse, and shellcheck finds nothing in that for bash" {
    "$program" completion bash >statbed.bash
    bash -n statbed.bash
    "$program" completion zsh >_statbed
    zsh -fn _statbed
    ! command -v shellcheck || shellcheck statbed.bash
    run -2 "$program" completion fish
    has 'expected bash or zsh'
}

@test "bash: verbs" {
    offers statbed ru
    is run
    offers statbed ''
    has run table schema completion help
    offers statbed help va
    is validate
}

@test "bash: options of the verb, with a value or without" {
    offers statbed run --k
    is --keep-going --keep-stale
    offers statbed run --is
    is --isolation=
    offers statbed version --d
    is ''
    for verb in $("$program" --help | awk '/^Example:/ { exit } /^  [a-z]/ { print $1 }'); do
        expected=$("$program" "$verb" --help | grep -oE '^  (-[^-]*, )?--[a-z-]+=?' | sed 's/.*--/--/')
        offers statbed "$verb" --
        grep -qx -e --help <<<"$output"
        is $(sort -u <<<"$expected
--help")
    done
}

@test "bash: words of a value, behind = and behind a blank" {
    offers statbed run --isolation = s
    is seccomp
    offers statbed run --isolation =
    is seccomp process none
    offers statbed run --isolation p
    is process
    offers statbed table --format = mark
    is markdown
}

@test "bash: names, asked of statbed" {
    offers statbed run quick
    is quickstart
    offers statbed table queries_
    is queries_vs_bound
    offers statbed ask par
    is parity
    offers statbed ask parity --policy = elim
    is eliminate
    offers statbed check parity-b
    is parity-bent
    offers statbed list po
    is policies
    offers statbed show quickst
    is quickstart
    mkdir experiments
    good experiments/own
    offers statbed validate ow
    is own
}

@test "bash: files of the right ending, and folders on the way to them" {
    touch data.db notes.txt mine.yaml mine.so 'with blank.yaml'
    mkdir data results
    touch results/one.db results/two.txt
    offers statbed table --db = da
    is data.db
    offers statbed table --db = results/
    is results/one.db
    offers statbed table --db r
    is results
    offers statbed validate mi
    is mine.yaml
    offers statbed validate mine.yaml mi
    is mine.yaml
    offers statbed validate wi
    is 'with blank.yaml'
    offers statbed check ./
    is ./mine.so ./data ./results
    offers statbed new learner mine --dir = d
    is data
}

@test "bash: operands are counted without options and their values" {
    offers statbed new le
    is learner
    offers statbed new --dir . fa
    is family
    offers statbed new --dir = . fa
    is family
    offers statbed run quickstart quick
    is ''
    touch ./--odd.yaml
    offers statbed validate -- --o
    is --odd.yaml
}

# Reads lines of keys, and prints the command lines that zsh makes of them at a terminal.
zsh_lines() {
    mkdir -p functions
    "$program" completion zsh >functions/_statbed
    cat >lines.zsh <<'ZSH'
await() {
    local i

    for ((i = 0; i < 1000; i++)); do [[ -e $1 ]] && break; sleep 0.02; done
    cat $1
    rm -f $1
}
zmodload zsh/zpty
zpty -b shell TERM=dumb zsh -f -i
zpty -w shell "PS1= RPS1= fpath=($PWD/functions \$fpath); autoload -Uz compinit; compinit -D -u"
zpty -w shell "dump() { print -r -- \$BUFFER >line.new; BUFFER=; mv line.new line }; zle -N dump; bindkey ^X dump"
zpty -w shell "print -n >ready"
await ready
while IFS= read -r keys; do
    zpty -n -w shell "$keys"$'\t\x18'
    await line
done
zpty -d shell
ZSH
    PATH=$STATBED_BUILD:$PATH zsh -f lines.zsh
}

@test "zsh: verbs, options, words, names and files, completed at a terminal" {
    touch only.yaml only.txt results.db
    run -0 zsh_lines <<'LINES'
statbed vali
statbed run --quie
statbed run --isolation=sec
statbed run quickst
statbed run only
statbed table --db res
statbed new fam
statbed ask parity --policy elim
LINES
    [ "$output" = 'statbed validate 
statbed run --quiet 
statbed run --isolation=seccomp 
statbed run quickstart 
statbed run only.yaml 
statbed table --db results.db 
statbed new family 
statbed ask parity --policy eliminate ' ]
}
