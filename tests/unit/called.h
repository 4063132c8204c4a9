/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Callbacks of the tests': a function of (x, y) evaluated as the learner's process does, with a record
 * of everything that it saw, and ways to misbehave. */
#ifndef SB_TESTS_CALLED_H
#define SB_TESTS_CALLED_H

#include "asked.h"

struct called {
    struct sb_callback callback;
    /* the function: by `text`, an expression, or by hash, values in [lo, 1] */
    const struct cube *c;
    sb_expr expr;
    uint64_t salt, mask; /* coordinates that a hashed function looks at */
    double lo;
    /* what it saw */
    uint64_t n_calls, n_points;
    struct sb_hash seen;
    /* what it does beside */
    int fail_at, fail_with; /* call number from 1; what values() returns there */
    bool odd_x;             /* at point odd_bits, label slot odd_slot, ... */
    uint64_t odd_bits;
    uint32_t odd_slot;
    double odd_value;       /* ... writes this */
    uint64_t changes_after; /* points; from then on another function */
};

/* A number in [lo, 1] that depends on (x, y) in no simple way; a third of them at the ends. */
static inline double called_hash(const struct called *f, uint64_t x, double y)
{
    struct rng r = { f->salt ^ (x & f->mask) * 0x9e3779b97f4a7c15u ^ (uint64_t)(int64_t)(7 * y) };
    const uint32_t kind = rng_below(&r, 6);

    if (kind < 2)
        return kind ? 1 : f->lo;
    return f->lo + (1 - f->lo) * rng_uniform(&r);
}

static inline double called_value(const struct called *f, uint64_t x, double y)
{
    if (f->changes_after && f->n_points >= f->changes_after)
        return 0.25;
    return f->expr ? cube_eval(f->c, f->expr, x, y) : called_hash(f, x, y);
}

static inline int called_values(void *self, const struct sb_block *blocks, size_t n_blocks,
                                bool labels, double *out)
{
    struct called *f = self;
    const uint32_t n_slots = labels ? 2 : 1;

    assert_in_range(n_blocks, 1, SB_CALL_BLOCKS);
    if (++f->n_calls == (uint64_t)f->fail_at)
        return f->fail_with;
    for (size_t b = 0; b < n_blocks; b++) {
        assert_true(blocks[b].n >= 1 && blocks[b].n <= SB_BLOCK);
        assert_true(b + 1 == n_blocks || blocks[b].n == SB_BLOCK);
        sb_hash_bytes(&f->seen, blocks[b].bits, blocks[b].n * sizeof *blocks[b].bits);
        for (uint64_t i = 0; i < blocks[b].n; i++, f->n_points++)
            for (uint32_t l = 0; l < n_slots; l++) {
                const uint64_t x = blocks[b].bits[i];
                const double y = labels ? cube_label_set(f->c, (int)l) : 0;
                const bool odd = f->odd_x && x == f->odd_bits && l == f->odd_slot;

                out[(b * n_slots + l) * SB_BLOCK + i] = odd ? f->odd_value : called_value(f, x, y);
            }
    }
    return 0;
}

static inline void called_init(struct called *f, const struct cube *c, uint64_t salt, uint64_t mask,
                               double lo)
{
    *f = (struct called){ .c = c, .salt = salt, .mask = mask, .lo = lo };
    f->callback = (struct sb_callback){ f, "phi", called_values };
    sb_hash_init(&f->seen);
}

/* E[f^power] under a member, or the null, in 113 bits: over the coordinates of f's mask, those beyond
 * it averaged out by hand (they make a parity's labels fair, and a conjunction's rarer). csq: of y g.
 */
static inline cube_wide called_mean(const struct called *f, uint64_t set, bool null, int power,
                                    bool csq)
{
    const struct cube *c = f->c;
    const cube_wide half = 0.5, signal = null ? 0 : 1 - 2 * c->noise;
    const bool fair = null || (set & ~f->mask);
    cube_wide sum = 0;
    uint64_t x = 0;

    assert_true(c->parity);
    do {
        const int odd = __builtin_popcountll(x & set) & 1;

        for (int l = 0; l < 2; l++) {
            const double y = cube_label_set(c, l);
            const bool same = y == (c->zero_one ? odd : 1 - 2 * odd);
            const cube_wide w = fair ? half : same ? half + half * signal : half - half * signal;
            const cube_wide v = csq ? y * called_value(f, x, 0) : called_value(f, x, y);

            sum += w * (power == 2 ? v * v : v);
        }
        x = (x - f->mask) & f->mask;
    } while (x);
    return sum / ((cube_wide)1 * (UINT64_C(1) << __builtin_popcountll(f->mask)));
}

static inline int called_try(struct rig *rig, struct called *f, double tolerance,
                             struct sb_asked *out)
{
    const struct sb_ask ask = { .pool = f->c->pool,
                                .callback = &f->callback,
                                .tolerance = tolerance };

    return sb_oracle_ask(rig->oracle, &ask, out, &rig->diag);
}

static inline struct sb_asked called_ask(struct rig *rig, struct called *f)
{
    struct sb_asked asked;

    if (called_try(rig, f, 0, &asked))
        fail_msg("%s", rig->diag.n_items ? rig->diag.items[0].text : "no message");
    if (asked.status)
        fail_msg("%s", asked.message);
    return asked;
}

#endif
