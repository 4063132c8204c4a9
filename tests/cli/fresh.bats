#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# seed: fresh. A seed that nobody knows while learners run, and everybody when they have ended.
load common

# fresh NAME: an experiment whose seed is drawn, NAME.yaml.
fresh() {
    good "$1"
    sed -i 's/seed: 5/seed: fresh/; s/repeat: 2/repeat: 4/; s/dimension: 4/dimension: 10/' "$1.yaml"
}

# transcripts DATABASE: of all runs, in the order of the plan.
transcripts() {
    sqlite3 "$1" 'SELECT cell, transcript, certificates, hidden, n_queries FROM run ORDER BY cell'
}

@test "the seed is printed and recorded when the run has ended; given back, it gives the same" {
    fresh mine
    run -0 statbed run mine.yaml
    [[ $output =~ 'in results/mine.db; seed '([0-9a-f]{32})'; next:' ]]
    seed=${BASH_REMATCH[1]}
    [ "$(sqlite3 results/mine.db 'SELECT seed FROM experiment')" = "$seed" ]
    run -0 statbed show 1
    has "seed             $seed"

    sed "s/seed: fresh/seed: $seed/" mine.yaml >again.yaml
    run -0 statbed run again.yaml --db again.db
    has '4 cells: 4 done'
    lacks 'seed '
    [ "$(transcripts again.db)" = "$(transcripts results/mine.db)" ]
    sed "s/seed: fresh/seed: ${seed^^}/" mine.yaml >again.yaml
    statbed run again.yaml --db upper.db
    [ "$(transcripts upper.db)" = "$(transcripts results/mine.db)" ]

    statbed run mine.yaml --db other.db # another seed, by the same keys
    [ "$(transcripts other.db)" != "$(transcripts results/mine.db)" ]
    [ "$(sqlite3 other.db 'SELECT group_concat(cell_key) FROM run')" = \
        "$(sqlite3 results/mine.db 'SELECT group_concat(cell_key) FROM run')" ]
    run -0 statbed show mine.yaml
    has 'seed: fresh'
    lacks "$seed"
}

@test "what is missing is done under a seed of its own; where nothing is, none is drawn" {
    fresh mine
    statbed run mine.yaml --shard=1/2 --db mine.db
    run -0 statbed run mine.yaml --db mine.db
    has '4 cells: 2 done' '2 skipped' '; seed '
    run -0 statbed run mine.yaml --db mine.db
    has '4 cells: 0 done' '4 skipped; in mine.db; next'
    run sqlite3 mine.db "SELECT count(DISTINCT seed), count(DISTINCT experiment), count(*) FROM run
        JOIN experiment e ON e.id = experiment"
    [ "$output" = '2|2|4' ]
    [ "$(sqlite3 mine.db 'SELECT count(*) FROM experiment')" = 2 ]
}

# slow: mine.yaml, with a learner that takes a while in the second of its four cells.
slow() {
    fresh mine
    cat >slow.c <<'C'
#include <statbed/learner.h>
#include <time.h>
static const struct sb_param params[] = { { "ms", SB_INT, 0, "0", "[0,10000]", "busy so long" },
                                          { 0 } };
static int32_t run(const struct sb_host *h, void *self)
{
    const double wait = 1e-3 * (double)h->param_int(h->self, "ms");
    struct timespec start, now;
    double v;
    (void)self;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - start.tv_sec) + 1e-9 * (now.tv_nsec - start.tv_nsec) < wait);
    return sb_ask1(h, sb_y(h), &v);
}
SB_LEARNER(SB_STAT, 0, "slow", "takes its time", "none", params, NULL, run, NULL);
C
    compile slow
    sed -i 's,parity-correlation,./slow.so,; s/^repeat: 4/repeat: 1/' mine.yaml
    echo 'grid: { learner.ms: [0, 1500, 1, 2] }' >>mine.yaml
}

# finished: how many cells of mine.yaml have ended.
finished() {
    sqlite3 -readonly results/mine.db "SELECT count(*) FROM run WHERE status = 'finished'" \
        2>/dev/null || echo 0
}

# begin: runs mine.yaml, one cell at a time, and comes back when the first has ended.
begin() {
    "$program" run --isolation="$isolation" --jobs=1 mine.yaml >out 2>&1 3>&- &
    pid=$!
    until [ "$(finished)" -ge 1 ]; do
        kill -0 $pid
        sleep 0.02
    done
}

# below PID: the processes that descend from it.
below() {
    local child

    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
        echo "$child"
        below "$child"
    done
}

# tells SEED FILE...: is the seed in one of these, in whatever form?
tells() {
    python3 - "$@" <<'P'
import sys
raw = bytes.fromhex(sys.argv[1])
numbers = [int.from_bytes(raw, order) for order in ("big", "little")]
halves = [raw[:8], raw[8:]]
forms = [raw, raw[::-1], raw.hex().encode(), raw.hex().upper().encode(), raw[::-1].hex().encode()]
forms += [str(n).encode() for n in numbers] + halves + [h[::-1] for h in halves]
forms += [h.hex().encode() for h in halves]
sys.exit(not any(form in open(name, "rb").read() for name in sys.argv[2:] for form in forms))
P
}

@test "while learners run, nothing tells the seed: not the database, not what a learner's process has" {
    slow
    begin
    cat results/mine.db* >database
    n=0
    for child in $(below $pid); do
        n=$((n + 1))
        cat /proc/"$child"/cmdline /proc/"$child"/environ >"process-$n" 2>/dev/null || true
    done
    [ "$isolation" = none ] || [ $n -ge 2 ] # a worker, and its learner's
    [ "$(sqlite3 -readonly results/mine.db 'SELECT count(*), count(seed) FROM experiment')" = '1|0' ]
    run -0 statbed show 1
    has 'fresh, and not on record'
    wait $pid
    seed=$(grep -oP '(?<=; seed )[0-9a-f]{32}(?=; next)' out)
    run tells "$seed" database process-*
    [ "$status" = 1 ]
    tells "$seed" results/mine.db* # afterwards it is there
}

@test "killed: its seed is lost, its finished cells are not" {
    slow
    begin
    kill -9 $pid
    wait $pid || true
    n=$(finished)
    transcripts results/mine.db | head -n "$n" >first
    run -0 statbed run mine.yaml
    has "4 cells: $((4 - n)) done" "$n skipped" '; seed '
    [ "$(transcripts results/mine.db | head -n "$n")" = "$(cat first)" ]
    run sqlite3 results/mine.db 'SELECT r.cell, e.seed IS NULL FROM run r JOIN experiment e
        ON e.id = r.experiment ORDER BY 1'
    [ "$output" = "$(for i in 1 2 3 4; do echo "$i|$((i <= n))"; done)" ]
}

@test "interrupted: its seed is recorded and printed" {
    slow
    begin
    kill -TERM $pid
    wait $pid && return 1
    seed=$(sqlite3 results/mine.db 'SELECT seed FROM experiment')
    [[ $seed =~ ^[0-9a-f]{32}$ ]]
    grep "this run's seed was $seed" out
    run -0 statbed run mine.yaml
    has '; seed '
    lacks "$seed"
    # what it finished is what an undisturbed run gives under its seed
    sed -i "s/seed: fresh/seed: $seed/" mine.yaml
    statbed run mine.yaml --db whole.db
    all="SELECT r.cell, transcript FROM run r JOIN experiment e ON e.id = experiment
        WHERE seed = '$seed' AND status = 'finished' ORDER BY 1"
    sqlite3 whole.db "$all" >whole
    sqlite3 results/mine.db "$all" >part
    [ "$(head -n "$(wc -l <part)" whole)" = "$(cat part)" ]
    [ -s part ]
}

@test "an error ends the run: the seed is recorded all the same, or else printed" {
    fresh mine
    statbed run mine.yaml --shard=1/4 --db mine.db
    sqlite3 mine.db "CREATE TRIGGER no BEFORE INSERT ON run WHEN NEW.cell = 3 BEGIN
        SELECT raise(ABORT, 'not this one'); END"
    run -1 statbed run mine.yaml --db mine.db
    has 'not this one'
    lacks 'not on record'
    [ "$(sqlite3 mine.db 'SELECT count(*), count(DISTINCT seed) FROM experiment')" = '2|2' ]
    sqlite3 mine.db "CREATE TRIGGER none BEFORE UPDATE ON experiment BEGIN
        SELECT raise(ABORT, 'nor this'); END"
    run -1 statbed run mine.yaml --db mine.db
    has 'not this one' 'the seed of this run is not on record: keep it'
    [[ $output =~ [0-9a-f]{32} ]]
    sqlite3 mine.db 'DROP TRIGGER no'
    run -1 statbed run mine.yaml --db mine.db
    has 'nor this' 'the seed of this run is not on record: keep it'
}
