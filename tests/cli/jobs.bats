#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# run -j N: worker processes, and runs that are stopped, from the outside.
load common

teardown() {
    [ -z "${pid:-}" ] || kill -9 "$pid" 2>/dev/null || :
}

# slow SECONDS: an experiment of 6 cells that last so long, all asking the same queries.
slow() {
    cat >slow.c <<C
#include <statbed/learner.h>
#include <time.h>

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int32_t run(const struct sb_host *h, void *self)
{
    const double start = now();
    double v;

    (void)self;
    for (uint64_t i = 0; i < 100; i++)
        sb_ask1(h, sb_chi_mask(h, i), &v);
    while (now() - start < $1)
        continue;
    return h->predict_expr(h->self, sb_num(h, 1));
}

SB_LEARNER(SB_STAT, 0, "slow", "takes its time", "a test", NULL, NULL, run, NULL);
C
    compile slow
    cat >slow.yaml <<YAML
name: slow
claim: none
seed: 1
repeat: 6
family:  { type: parity, dimension: 8 }
oracle:  { type: stat, tolerance: 0.1, policy: reference }
learner: { type: ./slow.so }
goal:    { type: predict, loss: zero-one, max: 0.9 }
YAML
}

# begin VERB ARGUMENT...: in the background, as from a terminal: signals do what they do there. \$pid.
begin() {
    rm -f out
    env --default-signal=INT,TERM,HUP,PIPE "$program" "$1" --isolation="$isolation" "${@:2}" >out 2>&1 3>&- &
    pid=$!
}

# until_running N: waits for N runs under way.
until_running() {
    for _ in {1..200}; do
        [ "$(sqlite3 "${2:-results/slow.db}" "SELECT count(*) FROM run WHERE status = 'running'" 2>/dev/null)" != "$1" ] || return 0
        sleep 0.02
    done
    cat out
    return 1
}

# ended CODE: what was begun ends with it, and leaves no process and no lock behind.
ended() {
    local code=0

    wait "$pid" || code=$?
    output=$(cat out)
    [ "$code" = "$1" ] || {
        echo "code $code: $output"
        return 1
    }
    no_learner
    [ ! -e results/slow.db.lock ]
    [ ! -e results/slow.db-wal ]
}

# No learner of this test's is left; they die a moment after their runner.
no_learner() {
    for _ in {1..50}; do
        pgrep -f "statbed-host $PWD/slow.so" >/dev/null || return 0
        sleep 0.02
    done
    pgrep -af "$PWD/slow.so"
    return 1
}

# count SQL CONDITION: runs.
count() {
    sqlite3 results/slow.db "SELECT count(*) FROM run WHERE $1"
}

# What of the runs is compared: equal for an undisturbed run and one that was stopped.
digests() {
    sqlite3 "$1" "SELECT cell, transcript, certificates FROM run WHERE status = 'finished' ORDER BY cell"
}

@test "any number of jobs: one summary, equal digests" {
    good mine
    run -0 statbed run mine.yaml -j 1 --db one.db
    has 'mine: 2 cells: 2 done (2 succeeded), 0 skipped; in one.db; next: statbed table --db one.db'
    run -0 statbed run mine.yaml -j2 --db two.db
    has 'mine: 2 cells: 2 done (2 succeeded), 0 skipped; in two.db; next: statbed table --db two.db'
    [ "$(digests one.db)" = "$(digests two.db)" ]
    run -0 statbed replay mine.yaml --db two.db --jobs=1024
    has equal
}

@test "--jobs: mistakes" {
    good mine
    for n in 0 -1 1025 1.5 two ''; do
        run -2 statbed run mine.yaml --jobs="$n"
        has '--jobs expects a number from 1 to 1024' "'$n'"
    done
    run -2 "$program" run mine.yaml --isolation=none -j2
    has '--isolation=none runs learners in this process'
    run -2 statbed run mine.yaml --keep-going --fail-fast
    has '--keep-going and --fail-fast exclude each other'
    [ ! -e results ]
    run -0 "$program" run mine.yaml --isolation=none -j1
    has '2 done'
    run -2 statbed replay mine.yaml -j 0
    has 'replay: --jobs expects'
}

@test "--fail-fast: no cell is begun after a bad one; without it all are done" {
    slow 0.01
    sed -i 's/return h->predict.*/return 1;/' slow.c
    compile slow
    run -1 statbed run slow.yaml -j1 --fail-fast
    has '1 done' '1 cells did not end as they should' '--fail-fast: 5 cells were not begun'
    [ "$(count 1)" = 1 ]
    run -1 statbed run slow.yaml -j1 --keep-going
    has '5 done' '1 skipped' '5 cells did not end as they should'
    lacks 'fail-fast'
}

@test "Ctrl-C: cells under way finish if they can; the next run does the rest, with the same digests" {
    slow 0.3
    run -0 statbed run slow.yaml --db whole.db
    begin run slow.yaml -j2
    until_running 2
    kill -INT "$pid"
    ended 130
    has 'run: stopped by SIGINT: ' ' of 6 cells are done, 0 that were under way were discarded; run it again for the rest'
    [ "$(wc -l <out)" = 1 ]
    done=$(count "status = 'finished'")
    has "SIGINT: $done of 6"
    [ "$done" -ge 2 ]
    [ "$done" -lt 6 ]
    run -0 statbed run slow.yaml
    has "$((6 - done)) done" "$done skipped"
    [ "$(digests whole.db)" = "$(digests results/slow.db)" ]
    [ "$(count 1)" = 6 ]
}

@test "a second signal discards what is under way at once; so do three seconds" {
    slow 30
    begin run slow.yaml -j2
    until_running 2
    kill -TERM "$pid"
    sleep 0.1
    kill -INT "$pid"
    ended 143
    has 'stopped by SIGTERM: 0 of 6 cells are done, 2 that were under way were discarded'
    [ "$(count "status = 'interrupted' AND message = 'cut short: the run was stopped by SIGTERM'")" = 2 ]
    SECONDS=0
    begin run slow.yaml -j1
    until_running 1
    kill -HUP "$pid"
    ended 129
    [ $SECONDS -le 6 ]
    has '1 that were under way were discarded'
    [ "$(count "status = 'running'")" = 0 ]
}

@test "a signal to the whole group, as a terminal sends it, is the parent's affair" {
    slow 0.3
    set -m
    begin run slow.yaml -j2
    set +m
    until_running 2
    kill -INT -- "-$pid"
    ended 130
    has 'of 6 cells are done, 0 that'
}

@test "a signal that was ignored stays ignored: nohup" {
    slow 0.3
    env --ignore-signal=HUP "$program" run --isolation="$isolation" slow.yaml -j2 >out 2>&1 3>&- &
    pid=$!
    until_running 2
    kill -HUP "$pid"
    ended 0
    has '6 done'
}

@test "a worker that is killed costs its cell, and no more" {
    slow 0.3
    begin run slow.yaml -j2
    until_running 2
    kill -9 "$(pgrep -P "$pid" -x statbed | head -n 1)"
    ended 1
    has 'slow: 6 cells: 5 done' '1 cells were cut short (first repeat' \
        'its worker process was ended by signal 9 (Killed)); run it again to do them'
    [ "$(count "status = 'interrupted'")" = 1 ]
    run -0 statbed run slow.yaml
    has '1 done' '5 skipped'
    [ "$(count "status = 'finished'")" = 6 ]
}

@test "kill -9 of the runner: workers and learners die, the lock is free, the next run marks and does what was cut" {
    slow 30
    begin run slow.yaml -j2
    until_running 2
    workers=$(pgrep -P "$pid" -x statbed)
    [ "$(wc -w <<<"$workers")" = 2 ]
    # each on CPUs of its own, where there are two
    mapfile -t cpus < <(for worker in $workers; do taskset -cp "$worker" | sed 's/.*: //'; done)
    [ "$(nproc)" -lt 2 ] || [ "${cpus[0]}" != "${cpus[1]}" ]
    kill -9 "$pid"
    wait "$pid" || [ $? = 137 ]
    no_learner
    for worker in $workers; do
        [ ! -e "/proc/$worker" ] || [[ $(ps -o stat= -p "$worker") == Z* ]]
    done
    [ "$(count "status = 'running'")" = 2 ]
    slow 0.01
    run -0 statbed run slow.yaml
    has '6 done'
    [ "$(count "status = 'finished'")" = 6 ]
    [ "$(count 1)" = 6 ]
}

@test "replay is stopped in the same way" {
    slow 0.3
    run -0 statbed run slow.yaml
    begin replay slow.yaml -j2
    sleep 0.5
    kill -INT "$pid"
    ended 130
    has 'replay: stopped by SIGINT' 'nothing was compared'
    lacks equal
}

@test "nobody reads the summary: the record is whole all the same" {
    slow 0.01
    (
        "$program" run --isolation="$isolation" slow.yaml 3>&-
        echo "$?" >code
    ) | true
    [ "$(cat code)" != 0 ]
    [ "$(count "status = 'finished'")" = 6 ]
    [ ! -e results/slow.db.lock ]
}

@test "on a terminal: cells under way, time gone and time left" {
    command -v script >/dev/null || skip 'no script'
    slow 1.6 # it is drawn twice a second: at 1.0 and at 1.5, with nothing done yet
    sed -i 's/repeat: 6/repeat: 4/' slow.yaml
    run -0 script -qec "'$program' run --isolation=$isolation -j2 slow.yaml" /dev/null </dev/null
    has '0/4, 2 under way, 0:00' '0/4, 2 under way, 0:01' ', about 0:0' '4/4, 0:0' $'\r\e[Kslow: 4 cells'
}

@test "a parent that ignores its children's end hides nothing: how a learner crashed is on record" {
    [ "$isolation" != none ] || skip "a crash in this process is its own"
    slow 0
    sed -i 's/    while (now/    __builtin_trap();\n&/' slow.c
    compile slow
    run -1 env --ignore-signal=CHLD "$program" run --isolation="$isolation" slow.yaml
    run -0 sqlite3 results/slow.db 'SELECT DISTINCT status, detail FROM run'
    [ "$output" = 'crashed|4' ]
}
