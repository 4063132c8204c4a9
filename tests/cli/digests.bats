#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Digests of answers and certificates do not depend on the instruction set, the number of threads, the
# number of jobs or the C library's own kernels.
load common

plain_libm=glibc.cpu.hwcaps=-AVX2,-FMA

# The instruction sets that this CPU has.
isas() {
    echo baseline
    ! grep -qw avx2 /proc/cpuinfo || echo avx2
    ! grep -qw avx512vl /proc/cpuinfo || echo avx512
}

# sampled.c: a learner whose queries look at every coordinate, in batches, and two callbacks.
sampled_learner() {
    cat >sampled.c <<'C'
#include <statbed/learner.h>
#include <string.h>

enum { QUERIES = 10, MOST = 64 };

static sb_expr projection(const struct sb_host *h)
{
    const uint32_t dim = h->facts(h->self)->dim;
    double u[MOST];

    h->uniform(h->self, dim, u);
    for (uint32_t j = 0; j < dim; j++)
        u[j] = (u[j] - 0.5) * 0.7;
    return sb_op0(h, SB_DOT, u, dim);
}

static sb_expr query(const struct sb_host *h, int i)
{
    static const uint32_t ops[] = { SB_RELU, SB_SIN, SB_STEP, SB_ABS, SB_EXP, SB_COS };
    static const double unit[2] = { -1, 1 };
    const double degree = i % 7;
    const sb_expr a = projection(h), b = projection(h);
    sb_expr e = sb_op2(h, SB_MUL, sb_op1(h, ops[i % 6], a), sb_op1(h, ops[i % 5], b));

    if (i % 4 == 0)
        e = h->op(h->self, SB_HERMITE, &degree, 1, &e, 1);
    if (i % 3)
        e = sb_op2(h, SB_MUL, sb_y(h), e);
    return h->op(h->self, SB_CLIP, unit, 2, &e, 1);
}

static void product(void *user, const struct sb_block *block, double *out)
{
    (void)user;
    for (uint64_t i = 0; i < block->n; i++) {
        double sum = 0;

        for (uint32_t j = 0; j < block->dim; j++)
            sum += (j % 3 ? 0.1 : -0.2) * block->x[j][i];
        out[i] = sum > 1 ? block->y[i] : sum < -1 ? -1 : sum * block->y[i] * 0.5;
    }
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct sb_query q[QUERIES];
    double answer[QUERIES];
    int32_t status[QUERIES];

    (void)self;
    memset(q, 0, sizeof q);
    for (int i = 0; i < QUERIES; i++)
        q[i].expr = query(h, i);
    if (h->ask(h->self, q, QUERIES, sizeof *q, answer, status) || sb_ask1(h, query(h, 5), answer))
        return 1;
    memset(q, 0, sizeof *q);
    q[0].phi = product;
    q[0].name = "product";
    if (h->ask(h->self, q, 1, sizeof *q, answer, status))
        return 2;
    return h->predict_expr(h->self, sb_num(h, 1));
}

SB_LEARNER(SB_STAT, 0, "sampled", "asks what must be sampled", "a test", NULL, NULL, run, NULL);
C
    compile sampled
    cat >sampled.yaml <<'YAML'
name: sampled
claim: none
seed: 7
repeat: 1
family:  { type: parity, dimension: 32 }
oracle:  { type: stat, tolerance: 0.15, policy: exact }
learner: { type: ./sampled.so }
goal:    { type: predict, loss: zero-one, max: 0.9 }
grid:
  family:
    - { type: parity, dimension: 32, sparsity: 3, noise: 0.1 }
    - { type: halfspace, dimension: 32, domain: cube }
    - { type: halfspace, dimension: 20, threshold: 0.5, noise: 0.1 }
  oracle:
    - { type: stat, tolerance: 0.1 }
    - { type: stat, tolerance: 0.2, policy: reference, slack: 0.3 }
YAML
}

# digests SETTING... : of the sampled experiment under these variables and --jobs.
digests() {
    local jobs=$1

    shift
    [ "$isolation" != none ] || jobs=1 # in this process there is one
    rm -f results/sampled.db
    env "$@" "$program" run --isolation="$isolation" sampled.yaml --quiet --jobs="$jobs" >out 2>&1 ||
        { cat out && return 1; }
    sqlite3 results/sampled.db 'SELECT cell, status, n_answered, n_sampled, samples, transcript, certificates FROM run ORDER BY cell'
}

@test "sampled answers: every instruction set, 1 to 3 threads, 1 and 2 jobs, a libm without AVX2" {
    sampled_learner
    digests 2 STATBED_ISA=baseline STATBED_THREADS=1 >first
    [ "$(wc -l <first)" = 6 ]
    [ "$(grep -c '|finished|12|' first)" = 6 ]
    [ "$(sqlite3 results/sampled.db 'SELECT count(*) FROM run WHERE n_sampled < 12')" = 0 ]
    for isa in $(isas); do
        for threads in $([ "$isolation" = none ] && echo 2 || echo 1 2 3); do
            digests 1 STATBED_ISA="$isa" STATBED_THREADS="$threads" | diff first -
        done
    done
    digests 2 | diff first -
    digests 1 GLIBC_TUNABLES="$plain_libm" | diff first -
}

@test "quick experiments: every instruction set, 1 to 3 threads" {
    threads=1
    for isa in $(isas); do
        for name in quickstart conjunction halfspace; do
            [ -e "$STATBED_SOURCE/experiments/$name.yaml" ] || continue
            [ "$isolation" != none ] || [ "$name" = halfspace ] || continue # the others run below, too
            STATBED_ISA=$isa STATBED_THREADS=$threads run -0 statbed replay "$name"
            has "by digest: equal"
        done
        threads=$((threads + 1))
    done
}

# Of the long ones a share of the cells, as tests/system/meson.build does. Under sanitizers one repeat of all:
# they look at memory, not at digests.
@test "all shipped experiments: without vector kernels, ours or the C library's" {
    export STATBED_ISA=baseline STATBED_THREADS=1 GLIBC_TUNABLES=$plain_libm
    for yaml in "$STATBED_SOURCE"/experiments/*.yaml; do
        name=$(basename "$yaml" .yaml)
        case $name in
        parity-game) cut='/dimension: \(1[3-9]\|20\) /d' ;;
        policy-ladder | success-curve | cheating | csq-vs-sq | label-queries) cut='s/^repeat: .*/repeat: 1/' ;;
        lifted-parity | lift-reduction) cut='s/^\(  family.dimension: \[[0-9]*\),.*/\1]/; s/^repeat: .*/repeat: 1/' ;;
        pushforward-detect) cut='/dimension: \(8\|16\) }/d; s/^repeat: .*/repeat: 1/' ;;
        ngca-game) cut='/kmax: [34]\|random-proj\|pushforward }\|m: 5/d' ;;
        pancakes) cut='s|0.1, 0.5|0.1|; /kmax: 6/d; s/^repeat: .*/repeat: 1/' ;;
        pushforward-sigma) cut='s/^\(  family.sigma: \[[0-9.]*\),.*/\1]/; s/^repeat: .*/repeat: 1/' ;;
        *) cut= ;;
        esac
        [ "$isolation" != none ] || cut="$cut; s/^repeat: .*/repeat: 1/"
        sed "$cut" "$yaml" >"$name.yaml"
        run -0 statbed replay "$name.yaml" --db="$STATBED_SOURCE/results/reference/$name.json"
        has "by digest: equal"
    done
}
