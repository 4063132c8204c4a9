/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a predictor fhat of the lifted labels says of the base [CGKM22, Theorem 2.3]: on the good set G
 * fhat(z), with the edge profile over N2 of the last coordinate, predicts f(x); elsewhere 1/2 does. B, the weak
 * predictor, is that clipped to [0,1], where the base's labels are, which never makes it worse.
 *
 *   advantage  E (1/2 - f)^2 - (B - f)^2 = E_x Pr[G | x] E[(1/2 - f)^2 - (B - f)^2 | x, G], from points z that are
 *              drawn given G, whose probability is known exactly.
 *   the test   of Theorem 4.1 [theorems.md S0-T4.1]: the mean L of (B - y)^2 over fresh examples of the base in G.
 *              Without a member behind them y has variance V given all else, and E L >= V; a member is said to be
 *              there where L < V - gap/2. Whether z is good is the test's own coin, and given x its chance is known:
 *              an example is taken with that chance, up to a factor, and z is drawn given G. */
#include "base/memory.h"
#include "estimate/bernstein.h"
#include "estimate/betting.h"
#include "oracles/reductions/lift_internal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

enum { SB_ADVANTAGE_INVERSE = 1000000000 }; /* the interval fails with at most this one's inverse */

double sb_lift_test_points(double gap, double delta)
{
    return ceil(2 / (gap * gap) * sb_bets_log(1 / delta));
}

/* ---- B at points of x ---- */

/* Rooms for a block. */
struct guesser {
    struct sb_lift_reduction *r;
    const struct sb_callback *predictor;
    struct sb_point_room x, z;
    struct sb_lift_cells_room cells;
    struct sb_law null;
};

static int guesser_init(struct guesser *g, struct sb_lift_reduction *r,
                        const struct sb_callback *predictor)
{
    const struct sb_reduction *reduction = r->reduction;

    *g = (struct guesser){ .r = r, .predictor = predictor };
    reduction->inner->null_law(reduction->inner, &g->null);
    if (sb_point_room_init(&g->x, &reduction->inner->space) ||
        sb_point_room_init(&g->z, &reduction->outer->space))
        return -ENOMEM;
    return sb_lift_cells_room_init(&g->cells, reduction->inner->space.dim);
}

static void guesser_fini(struct guesser *g)
{
    sb_lift_cells_room_fini(&g->cells);
    sb_point_room_fini(&g->x);
    sb_point_room_fini(&g->z);
}

/* What is no number guesses nothing. */
static double clip(double h)
{
    return !(h - h == 0) ? 0.5 : h < 0 ? 0 : h > 1 ? 1 : h;
}

/* B at z in G over each x of the block, z number start.. of a key's stream. */
static int guess(struct guesser *g, struct sb_key key, uint64_t start, double *out)
{
    const struct sb_lift *lift = g->r->lift;
    const uint32_t d = lift->setup.dim;
    const struct sb_lift_stream stream = { lift, g->r->reduction->outer->space.dim, key, 0 };
    double n2[SB_BLOCK];
    int error;

    sb_lift_cells_of(&g->cells, &g->x.block);
    sb_lift_good_points(&stream, start, g->x.block.n, &g->cells, g->z.x);
    g->z.block.n = g->x.block.n;
    error = g->predictor->values(g->predictor->self, &g->z.block, 1, false, out);
    sb_lift_n2(lift, g->z.block.n, g->z.x[d - 1], n2);
    for (uint64_t i = 0; i < g->z.block.n && !error; i++)
        out[i] = clip(sb_lift_good_scale(lift) > 1 ? out[i] / n2[i] : out[i]);
    return error;
}

static int guess_all(struct guesser *g)
{
    struct sb_lift_reduction *r = g->r;
    int error = 0;

    for (uint64_t start = 0; start < SB_LIFT_GUESSES && !error; start += SB_BLOCK) {
        sb_point_room_draw(&g->x, &g->null, r->guess_key, 0, start, SB_BLOCK);
        error = guess(g, r->guess_key, start, r->guess + start);
        sb_lift_good_masses(r->lift, &g->cells, SB_BLOCK, r->mass + start);
    }
    return error;
}

/* ---- the test ---- */

/* Of the examples in the block those that are taken move to its front; returns how many. */
static uint64_t accept(struct guesser *g, uint64_t start, double most, double *y)
{
    const struct sb_lift_reduction *r = g->r;
    double mass[SB_BLOCK], u[SB_BLOCK];
    uint64_t n = 0;

    sb_lift_cells_of(&g->cells, &g->x.block);
    sb_lift_good_masses(r->lift, &g->cells, g->x.block.n, mass);
    sb_random_uniform(r->test_key, UINT64_MAX, start, g->x.block.n, u);
    for (uint64_t i = 0; i < g->x.block.n; i++) {
        if (!(u[i] * most < mass[i]))
            continue;
        for (uint32_t j = 0; g->x.x && j < g->x.block.dim; j++)
            g->x.x[j][n] = g->x.x[j][i];
        if (g->x.points.bits)
            g->x.points.bits[n] = g->x.points.bits[i];
        y[n++] = y[i];
    }
    return n;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* The largest Pr[G | x]. */
static double most_mass(const struct sb_lift *lift)
{
    double most[2] = { 0, 0 }, all = 1;

    for (int last = 0; last < 2; last++)
        for (uint32_t c = 0; c < lift->setup.q; c++)
            most[last] = larger(most[last], sb_lift_good_mass(lift, c, last));
    for (uint32_t j = 0; j < lift->setup.dim; j++)
        all *= most[j + 1 == lift->setup.dim];
    return all;
}

static int test(struct guesser *g, struct sb_hidden hidden)
{
    struct sb_lift_reduction *r = g->r;
    const double most = most_mass(r->lift), wanted = sb_lift_test_points(r->gap, r->delta);
    struct sb_law law;
    double y[SB_BLOCK], b[SB_BLOCK], sum = 0;
    uint64_t n = 0, start = 0;
    int error = 0;

    sb_family_law(r->reduction->inner, hidden, false, &law);
    for (; (double)n < wanted && !error; start += SB_BLOCK) {
        sb_law_sample(&law, r->example_law_key, start, SB_BLOCK, &g->x.points, y);
        g->x.block.n = SB_BLOCK;
        g->x.block.n = accept(g, start, most, y);
        if (g->x.block.n)
            error = guess(g, r->test_key, start, b);
        for (uint64_t i = 0; i < g->x.block.n && !error; i++)
            sum += (b[i] - y[i]) * (b[i] - y[i]);
        n += g->x.block.n;
        if (!error && sb_fuse_blown(r->fuse))
            error = -ETIME;
    }
    r->n_test = n;
    r->n_test_drawn = start;
    r->test_loss = sum / (double)n;
    if (error)
        return error;
    r->reduction->verdict = r->test_loss < r->label_variance - r->gap / 2;
    r->reduction->tested = true;
    return 0;
}

int sb_lift_predictor(struct sb_reduction *reduction, const struct sb_callback *predictor,
                      struct sb_hidden hidden)
{
    struct sb_lift_reduction *r = reduction->self;
    struct guesser g;
    int error = guesser_init(&g, r, predictor);

    if (!error && reduction->tests) {
        error = test(&g, hidden);
    } else if (!error) {
        r->guess = r->guess ? r->guess : SB_NEW_ARRAY(double, SB_LIFT_GUESSES);
        r->mass = r->mass ? r->mass : SB_NEW_ARRAY(double, SB_LIFT_GUESSES);
        error = r->guess && r->mass ? guess_all(&g) : -ENOMEM;
    }
    guesser_fini(&g);
    return error;
}

/* ---- facts ---- */

struct list {
    struct sb_fact *out;
    size_t n;
};

static void add(struct list *list, const char *name, double value, const char *help)
{
    struct sb_fact *fact = &list->out[list->n];

    if (list->n >= SB_FACTS_MAX)
        return;
    fact->value = value;
    snprintf(fact->name, sizeof fact->name, "%s", name);
    snprintf(fact->help, sizeof fact->help, "%s", help);
    list->n++;
}

/* out[i] = Pr[G | x_i] E[(1/2 - y)^2 - (b_i - y)^2 | x_i], y the label without noise. */
static void gains(const struct sb_lift_reduction *r, const struct sb_law *law,
                  const struct sb_block *x, uint64_t start, double *out)
{
    const struct sb_space *space = &r->reduction->inner->space;
    double w[SB_BLOCK];

    for (uint64_t i = 0; i < x->n; i++)
        out[i] = 0;
    for (uint32_t l = 0; l < space->n_labels; l++) {
        sb_law_weights(law, x, l, w);
        for (uint64_t i = 0; i < x->n; i++) {
            const double y = space->labels[l], b = r->guess[start + i];

            out[i] += w[i] * r->mass[start + i] * ((0.5 - y) * (0.5 - y) - (b - y) * (b - y));
        }
    }
}

/* v >= 0 of what lies in [-most, most/4], for the bound. */
static void add_moments(struct sb_moments *m, double most, uint64_t n, double *gain)
{
    double squared[SB_BLOCK];

    for (uint64_t i = 0; i < n; i++) {
        gain[i] += most;
        squared[i] = gain[i] * gain[i];
    }
    sb_moments_add(m, gain, squared, n);
}

static int measure(const struct sb_lift_reduction *r, struct sb_hidden hidden, double *mean,
                   double *half_width)
{
    const double most = most_mass(r->lift);
    struct sb_moments moments = { 0 };
    struct sb_point_room x;
    struct sb_law null, law;
    double gain[SB_BLOCK];
    const int error = sb_point_room_init(&x, &r->reduction->inner->space);

    r->reduction->inner->null_law(r->reduction->inner, &null);
    sb_family_law(r->reduction->inner, hidden, true, &law);
    for (uint64_t start = 0; start < SB_LIFT_GUESSES && !error; start += SB_BLOCK) {
        sb_point_room_draw(&x, &null, r->guess_key, 0, start, SB_BLOCK);
        gains(r, &law, &x.block, start, gain);
        add_moments(&moments, most, SB_BLOCK, gain);
    }
    sb_point_room_fini(&x);
    if (!error)
        sb_moments_bound(&moments, SB_LIFT_GUESSES, -most, 1.25 * most, 1.0 / SB_ADVANTAGE_INVERSE,
                         mean, half_width);
    return error;
}

static void add_advantage(struct list *list, const struct sb_lift_reduction *r,
                          struct sb_hidden hidden)
{
    double mean = NAN, half_width = NAN;

    if (!r->guess || !hidden.planted || measure(r, hidden, &mean, &half_width))
        return;
    add(list, "advantage", mean,
        "by which the weak predictor B of Theorem 2.3, made of the learner's, beats the constant "
        "1/2 on the base: E (1/2 - f)^2 - (B - f)^2");
    add(list, "advantage_lb", mean - half_width,
        "at least; with advantage_ub a certificate that fails with probability 1e-9");
    add(list, "advantage_ub", mean + half_width, "at most");
}

static void add_test(struct list *list, const struct sb_lift_reduction *r)
{
    if (!r->reduction->tested)
        return;
    add(list, "test_loss", r->test_loss,
        "L of the test of Theorem 4.1: mean of (B - y)^2 over fresh examples in G");
    add(list, "test_threshold", r->label_variance - r->gap / 2,
        "a member is said to be hidden where test_loss is below this: V - gap/2");
    add(list, "test_points", (double)r->n_test, "fresh examples that it took");
    add(list, "test_examples", (double)r->n_test_drawn, "fresh examples drawn for them");
}

size_t sb_lift_facts(const struct sb_reduction *reduction, struct sb_hidden hidden,
                     struct sb_fact out[SB_FACTS_MAX])
{
    const struct sb_lift_reduction *r = reduction->self;
    const struct sb_oracle_totals *totals = sb_oracle_totals(reduction->oracle);
    const double tv = (double)totals->n_examples * r->lift->miss;
    struct list list = { out, 0 };

    add(&list, "gaussian_queries", (double)r->n_asked, "asked by the learner");
    add(&list, "boolean_queries", (double)totals->n_queries, "asked of the oracle of the base");
    if (r->n_x)
        add(&list, "draws", (double)r->n_draws, "K: points z drawn for each query and x");
    if (totals->n_examples && r->access->kind != SB_ACCESS_FRESH)
        add(&list, "tv", tv < 1 ? tv : 1,
            "total variation at most between the examples handed out and those of the lifted "
            "member: their number times miss");
    add(&list, "good", sb_lift_good_probability(r->lift),
        "Pr[G]: the label at z tells the base's label at thres(z)");
    add_advantage(&list, r, hidden);
    add_test(&list, r);
    return list.n;
}
