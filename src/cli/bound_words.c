/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds in words: what was computed, and of what. Text and latex say it alike; the sentence that says what a
 * bound means is bounds/bound.c's. */
#include "cli/bound.h"

#include "statbed/learner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* v in 4 digits, moved by one step of the last digit where rounding went to the other side of `limit`.
 * sign -1: not above it; 1: not below it. */
static void put_rounded(double v, double limit, double sign, struct sb_buf *out)
{
    char text[32];
    double step = v > 0 || v < 0 ? pow(10, floor(log10(fabs(v))) - 3) : 0;

    snprintf(text, sizeof text, "%.4g", v);
    if ((strtod(text, NULL) - limit) * sign < 0)
        snprintf(text, sizeof text, "%.4g", v + sign * step);
    sb_buf_puts(out, isnan(v) ? "-" : isinf(v) ? "unknown" : text);
}

void sb_words_down(double v, struct sb_buf *out)
{
    put_rounded(v, v, -1, out);
}

void sb_words_up(double v, struct sb_buf *out)
{
    put_rounded(v, v, 1, out);
}

void sb_words_least(double v, struct sb_buf *out)
{
    put_rounded(v, v + fabs(v) * 0x1p-36, -1, out);
}

void sb_words_most(double v, struct sb_buf *out)
{
    put_rounded(v, v - fabs(v) * 0x1p-36, 1, out);
}

void sb_words_exact(double v, struct sb_buf *out)
{
    char text[32];

    sb_format_real(v, text);
    sb_buf_puts(out, text);
}

void sb_words_values(const struct sb_values *values, struct sb_buf *out)
{
    for (size_t i = 0; i < values->n; i++)
        sb_buf_printf(out, "%s%s=%s", i ? " " : "", values->items[i].param->name,
                      values->items[i].text);
}

static void put_lambda(const struct sb_correlations *k, struct sb_buf *out)
{
    sb_buf_puts(out, "; lambda_max ");
    if (isinf(k->lambda_ub)) {
        sb_buf_puts(out, "unknown");
    } else if (isinf(k->lambda_lb)) {
        sb_buf_puts(out, "<= ");
        sb_words_most(k->lambda_ub, out);
    } else {
        sb_buf_puts(out, "in [");
        sb_words_least(k->lambda_lb, out);
        sb_buf_puts(out, ", ");
        sb_words_most(k->lambda_ub, out);
        sb_buf_puts(out, "]");
    }
}

static void put_most(const char *what, double v, struct sb_buf *out)
{
    sb_buf_printf(out, "%s %s", what, isinf(v) ? "" : "<= ");
    sb_words_most(v, out);
}

void sb_words_correlations(const struct sb_correlations *k, struct sb_buf *out)
{
    if (k->unknown) {
        sb_buf_printf(out, "unknown: %s", k->unknown);
        return;
    }
    sb_buf_puts(out, k->how);
    if (k->samples) {
        sb_buf_printf(out, " of %llu examples, wrong with probability at most ",
                      (unsigned long long)k->samples);
        sb_words_up(k->failure, out);
    }
    put_most("; diagonal", k->diagonal_ub, out);
    put_most(", |K| off it", k->off_abs_ub, out);
    put_most(", mean |K| over all pairs", sb_correlations_mean_ub(k), out);
    put_lambda(k, out);
    sb_buf_puts(out, k->orthogonal ? "; orthogonal, a multiple of the identity"
                                   : "; not known to be orthogonal");
}

void sb_words_goal(const struct sb_bound_case *c, struct sb_buf *out)
{
    sb_buf_puts(out, c->goal->name);
    if (sb_goal_has_loss(c->goal->goal)) {
        sb_buf_printf(out, c->goal->goal == SB_LEARN ? ", %s at most " : ", %s loss at most ",
                      c->loss);
        sb_words_exact(c->max, out);
    }
    sb_buf_puts(out, ", with probability ");
    sb_words_exact(c->setting.success, out);
}

static void put_count(double log2_queries, struct sb_buf *out)
{
    sb_words_down(exp2(log2_queries) * (1 - 0x1p-50), out);
    sb_buf_printf(out, " queries (2^%.3f)", floor(log2_queries * 1000) / 1000);
}

void sb_words_queries(const struct sb_bound_stated *stated, struct sb_buf *out)
{
    const struct sb_bound *b = &stated->bound;

    if (!b->applies) {
        sb_buf_printf(out, "no bound: %s", b->why);
    } else if (isnan(b->log2_queries)) {
        sb_buf_puts(out, "no queries: guessing may reach this success");
    } else {
        sb_buf_puts(out, "at least ");
        put_count(b->log2_queries, out);
    }
}

bool sb_words_after(const struct sb_bound_case *c, const struct sb_bound_stated *stated,
                    struct sb_buf *out)
{
    if (!c->after || !stated->bound.applies)
        return false;
    sb_buf_puts(out, "after ");
    sb_words_exact(c->setting.n_queries, out);
    sb_buf_puts(out, " queries success has probability at most ");
    sb_words_up(stated->bound.success_ub, out);
    return true;
}
