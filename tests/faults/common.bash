# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Loaded by every file here. STATBED_SHIM, STATBED_WITHOUT: the helpers; STATBED_TEST_PLUGINS: a folder.
load ../cli/common

db=results/mine.db

# An experiment of CELLS cells of some milliseconds each, 1500 rows a cell; `reference`: what
# an undisturbed run of it gives.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    cat >mine.yaml <<YAML
name: mine
claim: "finished cells are neither lost nor done twice"
seed: 11
repeat: ${CELLS:-20}
family:  { type: parity, dimension: 20 }
oracle:  { type: stat, tolerance: 0.1, policy: reference }
learner: { type: $STATBED_TEST_PLUGINS/plugin_million.so }
budget:  { queries: 1500, seconds: 60 }
goal:    { type: predict, loss: zero-one, max: 0.1 }
YAML
    "$STATBED_BUILD/statbed" run mine.yaml >/dev/null || return 1
    digests >reference
    cells=$(wc -l <reference)
    export cells
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    cp "$BATS_FILE_TMPDIR/mine.yaml" "$BATS_FILE_TMPDIR/reference" .
}

# Of every run that counts.
digests() {
    sqlite3 "${1:-$db}" "SELECT cell_key, transcript, certificates, n_queries FROM run
        WHERE stale = 0 AND status = 'finished' ORDER BY 1"
}

sound() {
    [ "$(sqlite3 "${1:-$db}" 'PRAGMA integrity_check')" = ok ]
}

finished() {
    [ -e "${1:-$db}" ] || { echo 0 && return; }
    sqlite3 -cmd '.timeout 5000' "${1:-$db}" "SELECT count(*) FROM run WHERE status = 'finished'" \
        2>/dev/null || echo 0
}

# start [ARGUMENT...]: statbed run in the background, until some cells have finished; there it is
# stopped, and `ends` lets it go on.
start() {
    "$program" run mine.yaml "$@" >out 2>&1 3>&- &
    pid=$!
    for _ in $(seq 500); do
        [ "$(finished)" -lt 4 ] || break
        kill -0 $pid 2>/dev/null || break
        sleep 0.01
    done
    kill -STOP $pid && [ "$(finished)" -lt "$cells" ] && return
    cat out
    return 1
}

# ends CODE TEXT...: the run in the background ends so, with one line that holds each TEXT.
ends() {
    local code=$1 found=0

    shift
    kill -CONT "$pid" 2>/dev/null || true # it may have been let go, and be done
    wait "$pid" || found=$?
    output=$(<out)
    [ "$found" = "$code" ] || { echo "code $found, expected $code: $output" && return 1; }
    has "$@"
    [ "$(wc -l <out)" = 1 ]
}

# completes [DB]: the next run does what is missing, and all is as if nothing had happened.
completes() {
    local before

    before=$(finished "$@")
    run -0 "$program" run mine.yaml ${1:+--db="$1"}
    has "$((cells - before)) done" "$before skipped"
    sound "$@"
    digests "$@" | diff reference -
}
