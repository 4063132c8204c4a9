/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a hidden direction from examples by hypothesis selection [DL01, chapter 6; docs/theorems.md S2-hyp]: no statistical
 * query learner, and easy where time is no matter. Of two candidates v, w with likelihood ratios r_v(x) = dP_v/dN(0,I)
 * and r_w the one wins whose Scheffe set {r_v > r_w}, or {r_w > r_v}, holds more of the examples. By symmetry P_v of the
 * first is P_w of the second, so that this is the Scheffe test, which compares the share of the examples with both
 * laws' probabilities; ties of r count for nobody.
 *
 * A knock-out: the winner of each match meets the next candidate. The hidden law is among the candidates, and if it
 * wins all its matches, it is champion at the end: N - 1 matches do. (Were it not, a full tournament would be
 * needed.) Against the null, the champion's own set S = {r > 1} decides, at the middle of A(S) and N(S).
 *
 * Examples: a match of the hidden law against one at total variation distance T goes wrong with probability at most
 * exp(-n T^2/2) [Hoeffding63], so that n = (2/T^2) ln((N+1)/failure) do. T is at least TV(A, N(0,1)) - sqrt(sum of
 * c_k^2 o^2k)/2, o the largest overlap |<v,w>| of two directions: along v the law of P_w has the coefficients
 * c_k <v,w>^k, and TV <= sqrt(chi^2)/2. Time: N n.
 *
 * Goal distinguish, recover (the direction), or learn (that candidate's density). Needs a family that publishes
 * `directions`, `pieces`, `noise`, `coefficients` and `chi2`. */
#include "ridge_law.h"

#include <stdio.h>
#include <stdlib.h>

#define PAIRS_MOST 0x1p30 /* products for the largest overlap */

struct tournament {
    const struct sb_host *h;
    const struct sb_facts *facts;
    struct ridge_law law;
    struct ridge_set set;
    const double *direction; /* n rows of dim numbers */
    uint64_t n;
    uint64_t n_examples;
    double *x;               /* n_examples x dim */
    double *champion, *next; /* ratios, n_examples each */
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "scheffe: %s\n", why);
    return 1;
}

static int32_t setup(const struct sb_host *h, struct tournament *t)
{
    *t = (struct tournament){ .h = h, .facts = h->facts(h->self) };
    if (t->facts->domain != SB_GAUSS || t->facts->goal == SB_PREDICT)
        return fail("tells, recovers or learns a law of x over a Gaussian only");
    if (!ridge_law(h, &t->law))
        return fail("needs a family that publishes `pieces` and `noise`, and has no atoms");
    if (!ridge_set(&t->law, &t->set))
        return fail("the law along the direction crosses the Gaussian more than 64 times");
    t->direction = h->family_vector(h->self, "directions", &t->n);
    t->n /= t->facts->dim;
    if (!t->direction)
        return fail("needs a family that publishes its directions: no more than 2^20 numbers");
    return 0;
}

static double dot(uint32_t dim, const double *a, const double *b)
{
    double sum = 0;

    for (uint32_t j = 0; j < dim; j++)
        sum += a[j] * b[j];
    return sum;
}

/* The largest |<v,w>|; 1: there are too many pairs to look at. */
static double largest_overlap(const struct tournament *t)
{
    const uint32_t dim = t->facts->dim;
    double most = 0;

    if ((double)t->n * (double)t->n * dim > PAIRS_MOST)
        return 1;
    for (uint64_t i = 0; i < t->n; i++)
        for (uint64_t j = 0; j < i; j++) {
            const double o = fabs(dot(dim, t->direction + i * dim, t->direction + j * dim));

            most = o > most ? o : most;
        }
    return most;
}

/* At most the total variation distance of two candidates, or of one and the null. */
static double least_distance(const struct tournament *t, double overlap)
{
    const struct sb_host *h = t->h;
    double power = 1, square = 0;
    uint64_t n;
    const double *c = h->family_vector(h->self, "coefficients", &n);

    for (uint64_t k = 1; k < n; k++) {
        power *= overlap * overlap;
        square += c[k] * c[k] * power;
    }
    square += ridge_published(h, "chi2") * power * overlap * overlap; /* those not published */
    return t->set.hidden - t->set.null - sqrt(square) / 2;
}

/* n_examples: what is asked for, or what the theorem asks for; no more than are granted. */
static int32_t choose_examples(struct tournament *t)
{
    const struct sb_host *h = t->h;
    const double failure = h->param_real(h->self, "failure");
    const double asked = h->param_real(h->self, "overlap");
    const double overlap = asked > 0 ? asked : largest_overlap(t);
    const double distance = least_distance(t, overlap);
    const double enough =
        ceil(2 * Sleef_cinz_logd1_u10purec((double)(t->n + 1) / failure) / (distance * distance));

    t->n_examples = (uint64_t)h->param_int(h->self, "samples");
    if (t->n_examples == 0 && !(distance > 0))
        return fail("two candidates may be one: the directions' overlap is too large, or not to be "
                    "had; give "
                    "`samples` or `overlap`");
    if (t->n_examples == 0) /* `enough` may be above all integers */
        t->n_examples = enough < (double)t->facts->n_samples ? (uint64_t)enough : UINT64_MAX;
    if (t->n_examples > t->facts->n_samples)
        t->n_examples = t->facts->n_samples;
    fprintf(stderr,
            "%llu candidates, overlap %.4g, at least %.4g apart: %llu examples, %.0f do but for "
            "probability %g\n",
            (unsigned long long)t->n, overlap, distance, (unsigned long long)t->n_examples,
            distance > 0 ? enough : INFINITY, failure);
    return 0;
}

static void ratios(const struct tournament *t, uint64_t candidate, double *out)
{
    const uint32_t dim = t->facts->dim;

    for (uint64_t i = 0; i < t->n_examples; i++)
        out[i] = ridge_ratio(&t->law, dot(dim, t->direction + candidate * dim, t->x + i * dim));
}

static uint64_t knock_out(struct tournament *t)
{
    uint64_t winner = 0;

    ratios(t, 0, t->champion);
    for (uint64_t c = 1; c < t->n; c++) {
        int64_t lead = 0;

        ratios(t, c, t->next);
        for (uint64_t i = 0; i < t->n_examples; i++)
            lead += (t->next[i] > t->champion[i]) - (t->next[i] < t->champion[i]);
        if (lead > 0) {
            double *last = t->champion;

            winner = c;
            t->champion = t->next;
            t->next = last;
        }
    }
    return winner;
}

/* Is the champion nearer to the examples than the null? */
static int beats_null(const struct tournament *t)
{
    uint64_t inside = 0;

    for (uint64_t i = 0; i < t->n_examples; i++)
        inside += t->champion[i] > 1;
    return 2 * (double)inside > (t->set.hidden + t->set.null) * (double)t->n_examples;
}

static int32_t answer(struct tournament *t)
{
    const struct sb_host *h = t->h;
    const uint64_t winner = knock_out(t);
    const uint32_t dim = t->facts->dim;

    if (t->facts->goal == SB_DISTINGUISH)
        return h->verdict(h->self, beats_null(t));
    if (t->facts->goal == SB_RECOVER)
        return h->recovered(h->self, t->direction + winner * dim, dim);
    return h->predict_expr(h->self, beats_null(t) ? sb_candidate(h, winner) : sb_num(h, 1));
}

static int32_t draw(struct tournament *t)
{
    const struct sb_host *h = t->h;
    double *y = calloc(t->n_examples + 1, sizeof *y);
    int32_t end;

    t->x = calloc(t->n_examples * t->facts->dim + 1, sizeof *t->x);
    t->champion = calloc(t->n_examples + 1, sizeof *t->champion);
    t->next = calloc(t->n_examples + 1, sizeof *t->next);
    end = y && t->x && t->champion && t->next ? SB_OK : fail("out of memory");
    if (end == SB_OK) {
        end = h->samples(h->self, t->n_examples, t->x, y);
        if (end > 0)
            fail(h->message(h->self));
    }
    free(y);
    return end;
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct tournament t;
    int32_t end = setup(h, &t);

    (void)self;
    if (end == 0)
        end = choose_examples(&t);
    if (end == 0)
        end = draw(&t);
    if (end == 0)
        end = answer(&t);
    free(t.x);
    free(t.champion);
    free(t.next);
    return end;
}

static const struct sb_param params[] = {
    { "samples", SB_INT, 0, "0", "[0,16777216]",
      "examples that are drawn; 0: as many as do but for probability `failure`" },
    { "failure", SB_REAL, 0, "0.01", "(0,1)", "what the number of examples is for" },
    { "overlap", SB_REAL, 0, "0", "[0,1]",
      "at least |<v,w>| of two directions; 0: looks at all pairs" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

SB_LEARNER(SB_SAMPLE, 0, "scheffe",
           "selects a hidden direction by a tournament of Scheffe tests on examples",
           "[DL01], docs/theorems.md S2-hyp", params, NULL, run, NULL);
