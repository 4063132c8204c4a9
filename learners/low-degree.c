/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a Boolean function on the uniform cube from its low-degree Fourier coefficients
 * (the low-degree algorithm [LMN93]).
 *
 * With the label written as +1 or -1, it asks v_S about f^(S) = E[label chi_S] for every set S of
 * at most `degree` coordinates, all fixed beforehand, and predicts sign(sum v_S chi_S).
 *
 * Queries: M = C(d,0) + ... + C(d,degree).
 * Tolerance: for error eps beyond what the function's spectrum above `degree` costs,
 * STAT(sqrt(eps/M)); VSTAT(M/eps), when that is at least 4.
 * Why it is right for every valid answer: where sign(g) differs from f in {-1,1}, (f - g)^2 >= 1,
 * so the error is at most E[(f - g)^2], which by Parseval is the sum of f^(S)^2 over |S| > degree
 * plus that of (f^(S) - v_S)^2 <= tau^2 over the M others. Under VSTAT (1 + q)/2 is asked and the
 * answer scaled back: its error is at most tau = max(2/t, 1/sqrt(t)).
 *
 * When the budget ends first, the coefficients not asked count as 0. */
#include <statbed/learner.h>

#include <stdio.h>
#include <stdlib.h>

enum {
    CHUNK = 4096,     /* queries a call */
    TERMS_MAX = 16000 /* what one expression holds: four nodes a term, 2^16 nodes */
};

struct fit {
    const struct sb_host *h;
    uint32_t dim, access;
    double low, high; /* the two labels */
    sb_expr label;    /* y as +1 or -1 */
    uint64_t n;       /* M */
    double *v;        /* n coefficients, in the order of next_set() from the empty set */
};

/* A sum as a balanced tree: part[i] adds up 2^i terms or is 0, as the digits of a counter. */
struct sum {
    sb_expr part[32];
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "low-degree: %s\n", why);
    return 1;
}

/* The set after this one, by size and then by mask. */
static uint64_t next_set(uint32_t dim, uint64_t set)
{
    const uint64_t least = set & (~set + 1), carried = set + least;
    uint32_t size = 0;

    if (set != 0) {
        const uint64_t next = carried | (carried ^ set) / least >> 2;

        if (next >> dim == 0)
            return next;
    }
    for (; set != 0; set &= set - 1)
        size++;
    return (UINT64_C(1) << (size + 1)) - 1;
}

/* How many sets of at most `degree` coordinates there are, or limit + 1 if more than limit. */
static uint64_t count_sets(uint32_t dim, uint32_t degree, uint64_t limit)
{
    uint64_t sum = 1, of_size = 1;

    for (uint32_t k = 0; k < degree && k < dim && sum <= limit; k++) {
        of_size = of_size * (dim - k) / (k + 1);
        sum += of_size;
    }
    return sum <= limit ? sum : limit + 1;
}

static int32_t setup(const struct sb_host *h, struct fit *fit)
{
    const struct sb_facts *f = h->facts(h->self);
    const uint32_t degree = (uint32_t)h->param_int(h->self, "degree");
    double scale;

    if (f->domain != SB_CUBE || f->dim > 63 || f->n_labels != 2 || f->goal != SB_PREDICT)
        return fail("predicts one of two labels on a cube of at most 63 coordinates only");
    fit->h = h;
    fit->dim = f->dim;
    fit->access = f->access & SB_STAT ? SB_STAT : SB_VSTAT;
    fit->low = f->label_set[0];
    fit->high = f->label_set[1];
    fit->n = count_sets(f->dim, degree, TERMS_MAX);
    if (fit->n > TERMS_MAX)
        return fail("more coefficients than one expression holds (16000): lower `degree`");
    scale = 2 / (fit->high - fit->low);
    fit->label = sb_y(h);
    if (fit->low != -1 || fit->high != 1)
        fit->label =
            sb_sub(h, sb_mul(h, sb_num(h, scale), fit->label), sb_num(h, 1 + scale * fit->low));
    fit->v = calloc(fit->n, sizeof *fit->v);
    return fit->v ? 0 : fail("out of memory");
}

/* Asks the n sets from *set on, and moves *set behind them. */
static int32_t ask_chunk(const struct fit *fit, uint64_t *set, uint64_t n, double *v,
                         struct sb_query *q, int32_t *status)
{
    const struct sb_host *h = fit->h;
    const uint32_t mark = h->mark(h->self);
    int32_t end;

    for (uint64_t i = 0; i < n; i++, *set = next_set(fit->dim, *set)) {
        sb_expr e = sb_mul(h, fit->label, sb_chi_mask(h, *set));

        if (fit->access == SB_VSTAT)
            e = sb_mul(h, sb_num(h, 0.5), sb_add(h, sb_num(h, 1), e));
        q[i] = (struct sb_query){ .expr = e, .access = fit->access };
    }
    end = h->ask(h->self, q, n, sizeof *q, v, status);
    for (uint64_t i = 0; i < n && end != SB_STOP; i++) {
        if (status[i] != SB_OK)
            v[i] = 0;
        else if (fit->access == SB_VSTAT)
            v[i] = 2 * v[i] - 1;
    }
    h->forget(h->self, mark);
    return end;
}

static int32_t ask_all(const struct fit *fit)
{
    struct sb_query *q = calloc(CHUNK, sizeof *q);
    int32_t *status = calloc(CHUNK, sizeof *status);
    int32_t end = q && status ? SB_OK : fail("out of memory");
    uint64_t set = 0;

    for (uint64_t i = 0; i < fit->n && end == SB_OK; i += CHUNK) {
        const uint64_t n = fit->n - i < CHUNK ? fit->n - i : CHUNK;

        end = ask_chunk(fit, &set, n, fit->v + i, q, status);
        if (end > 0 && end != SB_BUDGET)
            fail(fit->h->message(fit->h->self));
    }
    free(q);
    free(status);
    return end == SB_BUDGET ? 0 : end;
}

static void sum_add(const struct sb_host *h, struct sum *sum, sb_expr term)
{
    int i = 0;

    for (; sum->part[i] != 0; i++) {
        term = sb_add(h, sum->part[i], term);
        sum->part[i] = 0;
    }
    sum->part[i] = term;
}

static sb_expr sum_total(const struct sb_host *h, const struct sum *sum)
{
    sb_expr total = 0;

    for (int i = 0; i < 32; i++)
        if (sum->part[i] != 0)
            total = total ? sb_add(h, sum->part[i], total) : sum->part[i];
    return total ? total : sb_num(h, 0);
}

/* The label by the sign of sum v_S chi_S. */
static int32_t predict(const struct fit *fit)
{
    const struct sb_host *h = fit->h;
    struct sum sum = { { 0 } };
    uint64_t set = 0;
    sb_expr e;

    for (uint64_t i = 0; i < fit->n; i++, set = next_set(fit->dim, set))
        if (fit->v[i] != 0)
            sum_add(h, &sum, sb_mul(h, sb_num(h, fit->v[i]), sb_chi_mask(h, set)));
    e = sb_mul(h, sb_num(h, fit->high - fit->low), sb_step(h, sum_total(h, &sum)));
    return h->predict_expr(h->self, sb_add(h, sb_num(h, fit->low), e));
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct fit fit = { 0 };
    int32_t end = setup(h, &fit);

    (void)self;
    if (end == 0)
        end = ask_all(&fit);
    if (end == 0)
        end = predict(&fit);
    free(fit.v);
    return end;
}

static const struct sb_param params[] = { { "degree", SB_INT, 0, "2", "[0,63]",
                                            "asks the coefficients of sets up to this size" },
                                          { NULL, 0, 0, NULL, NULL, NULL } };

SB_LEARNER(SB_STAT | SB_VSTAT, SB_TWO_LABELS, "low-degree",
           "asks all Fourier coefficients up to a degree and predicts by the sign of their sum",
           "the low-degree algorithm [LMN93]", params, NULL, run, NULL);
