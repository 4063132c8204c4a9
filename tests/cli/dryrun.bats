#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# run --dry-run: the cells, what the database has of each, what bounds predict.
load common

# files: all here, with their times; folders by name (reading a database makes files beside it that
# are gone again).
files() {
    find . -type f -printf '%p %s %T@ %C@\n' -o -printf '%p\n' | sort
}

# untouched COMMAND...: runs it and finds every file as it was, and none more.
untouched() {
    local before

    before=$(files)
    run -0 "$@"
    diff <(echo "$before") <(files)
}

# states: of the cells in the last output.
states() {
    awk '$1 ~ /^[0-9]+$/ { printf "%s%s", sep, ($2 == "cut" ? "cut short" : $2); sep = "," }' \
        <<<"$output"
}

@test "without a database: all is missing, and nothing is made" {
    good mine
    untouched statbed run mine.yaml --dry-run
    [ "$(states)" = missing,missing ]
    has 'mine: 2 cells: 2 missing; 2 to run; not there yet: results/mine.db' \
        'at the tolerance granted (sampled answers leave less of it), by spectral [BFJ94; Szo09; Yang05]'
    lacks 'no bound'
    run -0 statbed run mine.yaml --dry-run --db no/such/folder/x.db
    has '2 missing'
    [ ! -e no ]
    : >empty.db
    run -0 statbed run mine.yaml --dry-run --db empty.db
    has '2 missing'
    [ ! -s empty.db ]
}

@test "the predictions are the bounds that the runs then have" {
    cat >mine.yaml <<YAML
name: mine
seed: 5
family:  { type: parity, dimension: 5 }
learner: { type: parity-correlation }
goal:    { type: predict }
grid:
  family.noise: [0, 0.1]
  goal.success: [0.01, 0.5, 0.9]
  case:
    - { oracle: { type: stat, policy: reference, tolerance: 0.25 }, goal: { max: 0.1 } }
    - { oracle: { type: vstat, policy: reference, t: 20 }, goal: { type: recover } }
    - { oracle: { type: stat, policy: eliminate, tolerance: 0.1 }, goal: { max: 0.6 } }
YAML
    run -0 statbed run mine.yaml --dry-run
    awk '$1 ~ /^[0-9]+$/ { print $1, $5, $6 }' <<<"$output" >predicted
    run -0 statbed run mine.yaml
    sqlite3 -separator ' ' results/mine.db "WITH best AS (SELECT r.cell, max(b.applies) AS applies,
            max(b.log2_queries) AS least FROM run r JOIN bound b ON b.run = r.id
            WHERE b.name <> 'played' GROUP BY r.id)
        SELECT cell, iif(least IS NULL, '-', printf('%.3f', least)), CASE WHEN NOT applies THEN '-'
            WHEN least IS NULL THEN '0' ELSE printf('%.4g', pow(2, least)) END
        FROM best ORDER BY cell" >recorded
    diff predicted recorded
    [ "$(wc -l <predicted)" = 18 ]
    grep -q ' 0$' predicted && grep -q '[1-9]$' predicted
}

@test "where no bound applies: the reason, once" {
    good mine
    sed -i '/^oracle/d; /^learner/d' mine.yaml
    cat >>mine.yaml <<YAML
grid:
  case:
    - { oracle: { type: sample }, learner: { type: parity-elimination } }
    - { oracle: { type: stat, policy: exact, tolerance: 0.1 }, learner: { type: parity-bent } }
    - { oracle: { type: label }, learner: { type: parity-membership } }
YAML
    run -0 statbed run mine.yaml --dry-run
    has 'no bound for 4 cells: labels or examples were granted' 'no bound for 2 cells: answers near'
    [ "$(grep -c 'no bound' <<<"$output")" = 2 ]
    lacks 'at the tolerance granted'
}

@test "every state, with shards and --keep-stale" {
    statbed new learner mine
    compile mine
    statbed run mine.yaml
    rows=$(awk '/repeat/ { print $2 }' mine.yaml)
    [ "$rows" = 3 ] # two points
    untouched statbed run mine.yaml --dry-run
    [ "$(states)" = done,done,done,done,done,done ]
    has '6 cells: 6 done; 0 to run; in results/mine.db'
    echo 'static const char other[] __attribute__((used)) = "build";' >>mine.c
    compile mine
    statbed run mine.yaml --shard=1/2 --db results/mine.db # cells 1, 3 and 5 by the new build
    sqlite3 results/mine.db "PRAGMA foreign_keys = ON; DELETE FROM run WHERE cell = 2;
        UPDATE run SET status = 'interrupted' WHERE cell = 3 AND stale = 0"
    untouched statbed run mine.yaml --dry-run
    [ "$(states)" = 'done,missing,cut short,stale,done,stale' ]
    has '6 cells: 1 missing, 1 cut short, 2 stale, 2 done; 4 to run'
    untouched statbed run mine.yaml --dry-run --keep-stale
    has '1 missing, 1 cut short, 2 stale, 2 done; 2 to run'
    untouched statbed run mine.yaml --dry-run --shard=2/2 --db results/mine.db
    [ "$(states)" = 'missing,stale,stale' ]
    has 'mine, shard 2 of 2: 3 cells: 1 missing, 2 stale; 3 to run'
    untouched statbed run mine.yaml --dry-run --shard=2/2
    has '3 missing; 3 to run; not there yet: results/mine.shard-2-of-2.db'
    run -0 statbed run mine.yaml # does as it said
    has '6 cells: 4 done' '2 skipped'
}

@test "beside a run under way, and in a folder that cannot be written" {
    good mine
    cat >slow.c <<'C'
#include <statbed/learner.h>
#include <time.h>
static int32_t run(const struct sb_host *h, void *self)
{
    struct timespec start, now;
    (void)self;
    (void)h;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - start.tv_sec < 2);
    return 0;
}
SB_LEARNER(SB_STAT, 0, "slow", "takes its time", "none", NULL, NULL, run, NULL);
C
    compile slow
    sed 's,parity-correlation,./slow.so,; s/name: mine/name: slow/' mine.yaml >slow.yaml
    "$program" run --isolation="$isolation" --jobs=1 slow.yaml >out 2>&1 3>&- &
    pid=$!
    until [ "$(sqlite3 -readonly results/slow.db 'SELECT count(*) FROM run' 2>/dev/null || echo 0)" -ge 1 ]; do
        kill -0 $pid
        sleep 0.02
    done
    run -0 statbed run slow.yaml --dry-run
    [ "$(states)" = 'cut short,missing' ]
    [ -e results/slow.db.lock ]
    kill -TERM $pid
    wait $pid || true

    plain_folder
    good mine
    chmod 755 .
    "$program" run --isolation=none mine.yaml
    plain chmod 555 . results
    run -0 plain "$program" run --isolation=none mine.yaml --dry-run
    plain chmod 755 . results
    has '2 cells: 2 done; 0 to run'
}
