#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Machines that lack something: filters, processes, descriptors, folders, an output, a steady clock.
CELLS=6
load common

# told CODE TEXT...: the last command ended so, with one line on standard error that holds each TEXT.
told() {
    local code=$1

    shift
    [ "$status" = "$code" ] || { echo "code $status: $output$stderr" && return 1; }
    output=$stderr
    has "$@"
    [ "${#stderr_lines[@]}" = 1 ]
}

@test "no system-call filters: the run goes on as 'process', says so, and writes it down" {
    run -0 --separate-stderr "$STATBED_WITHOUT" seccomp "$program" run mine.yaml
    told 0 "no system-call filters" "isolation 'process'" docs/isolation.md
    [ "$(sqlite3 "$db" 'SELECT DISTINCT isolation FROM run')" = process ]
    digests | diff reference -
    rm -r results
    run -0 --separate-stderr "$STATBED_WITHOUT" seccomp "$program" run mine.yaml -j2
    told 0 "no system-call filters"
    digests | diff reference -
}

@test "no Landlock: the same" {
    run -0 --separate-stderr "$STATBED_WITHOUT" landlock "$program" run mine.yaml
    told 0 "no Landlock" "isolation 'seccomp without landlock'" docs/isolation.md
    [ "$(sqlite3 "$db" 'SELECT DISTINCT isolation FROM run')" = 'seccomp without landlock' ]
    digests | diff reference -
}

@test "less isolation that was asked for is not told" {
    run -0 --separate-stderr "$program" run mine.yaml --isolation=process
    [ -z "$stderr" ]
}

@test "a clock that jumps by decades, forth and back: no fuse burns, no digest changes" {
    jumping() { SHIM_JUMP=1 LD_PRELOAD=$STATBED_SHIM "$program" "$@"; }
    for jobs in 1 2; do
        rm -rf results
        run -0 jumping run mine.yaml -j$jobs
        has "$cells done"
        digests | diff reference -
        [ "$(sqlite3 "$db" 'SELECT count(*) FROM run WHERE seconds BETWEEN 0 AND 60')" = "$cells" ]
        [ "$(sqlite3 "$db" "SELECT count(*) FROM experiment WHERE created GLOB '[12][0-9][0-9][0-9]-*Z'")" = 1 ]
        run -0 jumping run mine.yaml
        has '0 done'
        run -0 jumping replay mine.yaml
    done
}

@test "no processes to be had" {
    plain_folder
    cp "$BATS_FILE_TMPDIR/mine.yaml" "$BATS_FILE_TMPDIR/reference" .
    limited() { plain bash -c 'ulimit -u 1 && exec "$@"' sh "$program" run mine.yaml "$@"; }
    run --separate-stderr limited
    told 1 'Resource temporarily unavailable' 'ulimit -u'
    [ ! -e "$db" ] || sound
    completes
}

@test "few descriptors: a line that says which limit, wherever they run out" {
    limited() { (ulimit -n "$1" && "$program" run mine.yaml "${@:2}"); }
    for n in 6 10 14 16 17 18 19 20; do # below six not even the libraries can be loaded
        rm -rf results
        run --separate-stderr limited "$n" -j2
        [ "$status" != 0 ] || continue
        told 1 'ulimit -n'
        [ ! -e "$db" ] || sound
    done
    completes
}

@test "the current folder is gone" {
    mkdir gone
    cd gone
    rmdir ../gone
    run --separate-stderr "$program" run quickstart
    told 2 'results/ cannot be made here'
    cd ..
    [ ! -e results ]
}

@test "no home, no folder for temporary files, a bare environment" {
    run -0 env -i "$program" run mine.yaml
    digests | diff reference -
    run -0 env -i TMPDIR=/nowhere "$program" replay mine.yaml
}

@test "standard output is closed, full, or nobody reads it: what was run is kept" {
    # shellcheck disable=SC2016
    closed() { bash -c '"$@" >&-' sh "$program" run mine.yaml; }
    run --separate-stderr closed
    told 1 'standard output'
    digests | diff reference -
    rm -r results
    # shellcheck disable=SC2016
    full() { bash -c '"$@" >/dev/full' sh "$program" run mine.yaml; }
    run --separate-stderr full
    told 1 'standard output' 'No space left'
    digests | diff reference -
    rm -r results
    # shellcheck disable=SC2016
    unread() { bash -c '"$@" | true; exit ${PIPESTATUS[0]}' sh "$program" run mine.yaml; }
    run --separate-stderr unread
    [ "$status" = 1 ] || [ "$status" = 141 ] || [ "$status" = 0 ]
    digests | diff reference -
    run -0 bash -c '"$@" | head -n 1' sh "$program" table transcript
    [ -n "$output" ]
}

@test "standard error is closed, or all three: nothing that is printed ends up in a file" {
    # shellcheck disable=SC2016
    run bash -c '"$@" 2>&-' sh "$program" run mine.yaml --db=there/is/none.db
    [ "$status" = 2 ]
    # shellcheck disable=SC2016
    bash -c '"$@" <&- >&- 2>&-' sh "$program" run mine.yaml || true
    sound
    digests | diff reference -
    [ "$(ls results)" = mine.db ]
}

@test "a results folder, or a database, without permission" {
    plain_folder
    cp "$BATS_FILE_TMPDIR/mine.yaml" "$BATS_FILE_TMPDIR/reference" .
    mkdir results
    plain chmod 555 results
    run --separate-stderr plain "$program" run mine.yaml
    told 2 'results/mine.db' 'Permission denied'
    plain chmod 755 results
    plain "$program" run mine.yaml
    plain chmod 444 "$db"
    run --separate-stderr plain "$program" run mine.yaml
    told 2 'results/mine.db cannot be written'
    plain chmod 644 "$db"
    digests | diff reference -
}
