/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner that looks for a hidden parity where it should not show: in errors, statuses and messages,
 * by elimination inside a callback's blocks, by what a callback remembers, by whether it fails. `how`
 * says which. Returns what it believes to be the member, as recovered(). */
#include <statbed/learner.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIM_MAX = 64, ROWS = 256, MEMORY = 1 << 16 };

static int32_t give(const struct sb_host *h, uint64_t mask)
{
    const uint32_t dim = h->facts(h->self)->dim;
    double value[DIM_MAX];

    for (uint32_t j = 0; j < dim; j++)
        value[j] = (double)(mask >> j & 1);
    return h->recovered(h->self, value, dim) == SB_OK ? 0 : 9;
}

/* Elimination over GF(2): a mask with <mask, x> = (y == -1) for as many examples as there are
 * independent ones; a contradiction is passed over. */
struct system {
    uint64_t row[DIM_MAX]; /* by leading bit */
    bool right[DIM_MAX];
    uint64_t have;
};

static void add_example(struct system *s, uint64_t x, bool odd)
{
    while (x) {
        const int j = 63 - __builtin_clzll(x);

        if (!(s->have >> j & 1)) {
            s->row[j] = x;
            s->right[j] = odd;
            s->have |= UINT64_C(1) << j;
            return;
        }
        x ^= s->row[j];
        odd ^= s->right[j];
    }
}

static uint64_t solve(const struct system *s)
{
    uint64_t mask = 0;

    for (int j = 0; j < DIM_MAX; j++)
        if (s->have >> j & 1 && s->right[j] != (bool)(__builtin_popcountll(s->row[j] & mask) & 1))
            mask |= UINT64_C(1) << j;
    return mask;
}

/* From real examples, which the experiment has to grant: shows that elimination does its work. */
static int32_t by_samples(const struct sb_host *h)
{
    const uint32_t dim = h->facts(h->self)->dim;
    double *x = calloc((size_t)ROWS * dim, sizeof *x), y[ROWS];
    struct system s = { .have = 0 };

    if (!x || h->samples(h->self, ROWS, x, y) != SB_OK)
        return 8;
    for (int i = 0; i < ROWS; i++) {
        uint64_t bits = 0;

        for (uint32_t j = 0; j < dim; j++)
            bits |= (uint64_t)(x[(size_t)i * dim + j] > 0.5) << j;
        add_example(&s, bits, y[i] < 0);
    }
    free(x);
    return give(h, solve(&s));
}

/* Callbacks. Each asks for bit `bit` of what it makes of the points that it is shown. */

enum act { SAY, FAIL, DIE, HANG };

struct spy {
    uint32_t bit;
    enum act act;
    bool remembers; /* across calls and blocks: points by their value, with labels */
    struct system system;
    uint64_t n_calls, n_points, n_known, digest;
    uint64_t seen[MEMORY]; /* hashed; 0 is none */
};

/* Was the point there before? */
static bool recognise(struct spy *spy, uint64_t x)
{
    uint64_t at = x * UINT64_C(0x9e3779b97f4a7c15) >> 48;

    for (int tries = 0; tries < 64; tries++, at = (at + 1) % MEMORY) {
        if (spy->seen[at] == x + 1)
            return true;
        if (!spy->seen[at]) {
            spy->seen[at] = x + 1;
            return false;
        }
    }
    return false;
}

static void act_on(const struct spy *spy, bool bit, uint64_t n, double *out)
{
    static volatile int zero;
    const double value = bit ? spy->act == FAIL ? NAN : -1.0 : 1.0;

    if (bit && spy->act == DIE)
        *(volatile int *)(uintptr_t)zero = 1;
    while (bit && spy->act == HANG && !zero)
        continue;
    for (uint64_t i = 0; i < n; i++)
        out[i] = value;
}

/* The block as if it held real examples; or, with a memory, only what was seen before. */
static void spy_phi(void *user, const struct sb_block *block, double *out)
{
    struct spy *spy = user;

    spy->n_calls++;
    spy->n_points += block->n;
    spy->digest = spy->digest * 31 + (block->y ? (uint64_t)(block->y[0] + 2) : 0);
    for (uint64_t i = 0; i < block->n; i++)
        spy->digest = (spy->digest ^ block->bits[i]) * UINT64_C(0x100000001b3);
    if (!spy->remembers)
        memset(&spy->system, 0, sizeof spy->system);
    for (uint64_t i = 0; i < block->n && (spy->remembers || i < ROWS); i++) {
        const bool known = spy->remembers && recognise(spy, block->bits[i]);

        spy->n_known += known;
        if (!spy->remembers || known)
            add_example(&spy->system, block->bits[i], block->y && block->y[i] < 0);
    }
    act_on(spy, solve(&spy->system) >> spy->bit & 1, block->n, out);
}

/* A query for each bit: it is set where the answer is negative, or there is none. */
static int32_t by_callbacks(const struct sb_host *h, enum act act, bool remembers)
{
    const uint32_t dim = h->facts(h->self)->dim;
    struct spy *spy = calloc(1, sizeof *spy);
    uint64_t mask = 0;

    if (!spy)
        return 8;
    spy->act = act;
    spy->remembers = remembers;
    for (uint32_t j = 0; j < dim; j++) {
        double answer = 0;

        spy->bit = j;
        if (sb_ask_phi(h, spy_phi, spy, "spy", &answer) != SB_OK || answer < 0)
            mask |= UINT64_C(1) << j;
    }
    printf("# %llu calls, %llu points, %llu known, digest %llx\n", (unsigned long long)spy->n_calls,
           (unsigned long long)spy->n_points, (unsigned long long)spy->n_known,
           (unsigned long long)spy->digest);
    free(spy);
    return give(h, mask);
}

/* Expressions that only break at one point of the domain, e_i with label -1, which is there if and
 * only if coordinate i is in the hidden set. */

/* [x = e_i] [y = sign] */
static sb_expr spike(const struct sb_host *h, uint32_t i, double sign)
{
    const sb_expr one = sb_num(h, 1);
    sb_expr e = sb_eq(h, sb_y(h), sb_num(h, sign));

    for (uint32_t j = 0; j < h->facts(h->self)->dim; j++)
        e = sb_mul(h, e, j == i ? sb_x(h, j) : sb_sub(h, one, sb_x(h, j)));
    return e;
}

/* Out of range, over nothing, beyond a double, no number, there alone. */
static sb_expr broken_at(const struct sb_host *h, int kind, sb_expr e)
{
    const sb_expr large = sb_mul(h, e, sb_num(h, 1e308)), one = sb_num(h, 1);

    switch (kind) {
    case 0:
        return sb_mul(h, sb_num(h, 2), e);
    case 1:
        return sb_op2(h, SB_DIV, one, sb_sub(h, one, e));
    case 2:
        return sb_op1(h, SB_EXP, sb_mul(h, sb_num(h, 1000), e));
    case 3:
        return sb_mul(h, large, large);
    case 4:
        return sb_sub(h, sb_mul(h, large, large), sb_mul(h, large, large));
    case 5:
        return sb_op2(h, SB_MOD, e, sb_sub(h, one, e));
    case 6:
        return sb_op1(h, SB_SIN, sb_mul(h, large, large));
    default:
        return sb_op2(h, SB_DIV, large, sb_sub(h, e, one));
    }
}

struct trace {
    int32_t status;
    double answer;
    char message[512];
};

static struct trace trace(const struct sb_host *h, sb_expr e)
{
    struct trace t = { 0 };

    t.status = sb_ask1(h, e, &t.answer);
    snprintf(t.message, sizeof t.message, "%s", t.status ? h->message(h->self) : "");
    return t;
}

static bool differ(const struct trace *a, const struct trace *b)
{
    return a->status != b->status || memcmp(&a->answer, &b->answer, sizeof a->answer) != 0 ||
           strcmp(a->message, b->message) != 0;
}

/* Bit i is set where the query that breaks with label -1 looks worse than the one with label 1. */
static int32_t by_errors(const struct sb_host *h)
{
    enum { KINDS = 8 };
    uint64_t mask = 0, differing = 0;

    for (uint32_t i = 0; i < h->facts(h->self)->dim; i++)
        for (int kind = 0; kind < KINDS; kind++) {
            const struct trace odd = trace(h, broken_at(h, kind, spike(h, i, -1)));
            const struct trace even = trace(h, broken_at(h, kind, spike(h, i, 1)));

            if (!differ(&odd, &even))
                continue;
            differing++;
            if (kind == 0 && odd.answer > even.answer)
                mask |= UINT64_C(1) << i;
        }
    printf("# %llu differ\n", (unsigned long long)differing);
    return give(h, mask);
}

/* Its own stream, for who wants to guess where it comes from. */
static int32_t by_coins(const struct sb_host *h)
{
    double u[4];

    h->uniform(h->self, 4, u);
    printf("%a %a %a %a\n", u[0], u[1], u[2], u[3]);
    return 0;
}

static int32_t run(const struct sb_host *h, void *self)
{
    const char *how = h->param_text(h->self, "how");

    (void)self;
    if (strcmp(how, "samples") == 0)
        return by_samples(h);
    if (strcmp(how, "errors") == 0)
        return by_errors(h);
    if (strcmp(how, "coins") == 0)
        return by_coins(h);
    return by_callbacks(h,
                        strcmp(how, "fail") == 0   ? FAIL
                        : strcmp(how, "die") == 0  ? DIE
                        : strcmp(how, "hang") == 0 ? HANG
                                                   : SAY,
                        strcmp(how, "remember") == 0);
}

static const struct sb_param params[] = {
    { "how", SB_TEXT, 0, NULL, "samples|errors|coins|eliminate|remember|fail|die|hang",
      "where to look" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

SB_LEARNER(SB_STAT, 0, "leak", "looks where it should not", "a test", params, NULL, run, NULL);
