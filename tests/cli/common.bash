# SPDX-License-Identifier: GPL-3.0-or-later
# Loaded by every file here. STATBED_BUILD, STATBED_SOURCE: the roots. STATBED_TEST_ISOLATION: how
# learners run, for sanitizers that do not work behind system-call filters.
bats_require_minimum_version 1.5.0

isolation=${STATBED_TEST_ISOLATION:-seccomp}
program=$STATBED_BUILD/statbed

# Every test works in a folder of its own.
setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

statbed() {
    case ${1:-} in
    run | replay | list | show | validate | check | bound)
        "$program" "$1" --isolation="$isolation" "${@:2}"
        ;;
    *)
        "$program" "$@"
        ;;
    esac
}

# plain COMMAND...: as a user whom permissions bind, in a folder of theirs; skips where there is none.
plain() {
    if [ "$(id -u)" != 0 ]; then
        "$@"
        return
    fi
    chown -R 65534:65534 .
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# A folder that such a user can reach.
plain_folder() {
    [ "$(id -u)" = 0 ] || return 0
    folder=$(mktemp -d)
    chmod 755 "$folder"
    cd "$folder" || return 1
    plain test -x "$program" -a -r "$STATBED_BUILD/learners/parity-bent.so" ||
        skip 'the build cannot be reached by other users'
}

teardown() {
    [ -z "${folder:-}" ] || rm -rf "$folder"
}

# compile NAME: NAME.so from NAME.c.
compile() {
    cc -shared -fPIC -ffp-contract=off -I"$STATBED_SOURCE/include" -o "$1.so" "$1.c"
}

# Installs the build under ./root, where it was not configured to be; `statbed` and pkg-config are
# then those of that tree, $prefix.
installed() {
    meson install -C "$STATBED_BUILD" --no-rebuild --quiet --destdir "$PWD/root" >&2 || return 1
    program=$(find "$PWD/root" -path '*/bin/statbed')
    prefix=${program%/bin/statbed}
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name statbed.pc)")
    export PKG_CONFIG_PATH
}

# has TEXT...: the output holds each of these.
has() {
    local text

    for text; do
        [[ $output == *"$text"* ]] || {
            printf 'expected: %s\nfound:\n%s\n' "$text" "$output"
            return 1
        }
    done
}

# lacks TEXT...: the output holds none of these.
lacks() {
    local text

    for text; do
        [[ $output != *"$text"* ]] || {
            printf 'not expected: %s\nfound:\n%s\n' "$text" "$output"
            return 1
        }
    done
}

# good NAME: a small experiment that is in order, NAME.yaml.
good() {
    cat >"$1.yaml" <<YAML
name: $1
claim: "a claim"
seed: 5
repeat: 2
family:  { type: parity, dimension: 4 }
oracle:  { type: stat, tolerance: 0.1, policy: reference }
learner: { type: parity-correlation }
budget:  { queries: 1000, seconds: 20 }
goal:    { type: predict, loss: zero-one, max: 0.1, success: 0.66 }
YAML
}

# bad SED TEXT...: good.yaml under SED is refused, and the message holds each TEXT. Nothing is run.
bad() {
    local sed=$1

    shift
    good good
    sed -i "$sed" good.yaml
    run -2 statbed validate good.yaml
    has "$@"
    run -2 statbed run good.yaml
    has "$@"
    [ ! -e results ]
}

# snippets FILE: its marked blocks as NAME, run.N and output.N. A comment before a block says what it is:
# `file: NAME` to be written, `run` to be run, `output` what the last run shows.
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

# type_snippets FILE: does what its `run` blocks say, in order, and compares what its `output` blocks
# show with what was printed.
type_snippets() {
    local step

    snippets "$1"
    for step in run.*; do
        cat "$step"
        # shellcheck disable=SC1090
        output=$(
            set -e
            . "./$step"
        ) || return 1
        printf '%s\n' "$output"
        [ ! -e "output.${step#run.}" ] || has "$(cat "output.${step#run.}")" || return 1
    done
}
