/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds as text: the case, each calculator in a block of its own, the strongest. */
#include "cli/bound.h"

#include "cli/paragraphs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { INDENT = 2, WIDTH = 100 };

static void put_members(const struct sb_bound_case *c, struct sb_buf *out)
{
    sb_buf_puts(out, c->matrix ? "matrix       " : "family       ");
    sb_buf_puts(out, c->matrix ? c->matrix : c->family);
    if (c->values && c->values->n) {
        sb_buf_puts(out, " ");
        sb_words_values(c->values, out);
    }
    if (c->noise > 0)
        sb_buf_printf(out, ", labels flipped at rate %g: K times (1 - 2 * %g)^2", c->noise,
                      c->noise);
    sb_buf_puts(out, "\nmembers      N = ");
    sb_words_exact(c->setting.k->n, out);
    sb_buf_printf(out, ", log2 N = %.6g\n", log2(c->setting.k->n));
}

/* A label in the first column, and text that is filled behind it. */
static void put_field(const char *label, struct sb_buf *text, struct sb_buf *out)
{
    struct sb_buf filled;
    const char *s;

    sb_buf_init(&filled);
    sb_fill(sb_buf_str(text), 13, WIDTH, &filled);
    s = sb_buf_str(&filled);
    if (s)
        sb_buf_printf(out, "%-13s%s", label, s + strspn(s, " "));
    else
        out->failed = true;
    sb_buf_fini(&filled);
    sb_buf_clear(text);
}

static void put_oracle(const struct sb_bound_case *c, struct sb_buf *text, struct sb_buf *out)
{
    sb_buf_printf(text, "%s, tolerance ", c->oracle);
    sb_words_exact(c->setting.at_tolerance, text);
    if (c->policy)
        sb_buf_printf(text, ", policy %s", c->policy);
    if (*c->grants)
        sb_buf_printf(text, "; beside it %s", c->grants);
    put_field("oracle", text, out);
    sb_buf_puts(text, "g = ");
    sb_words_least(sb_bound_threshold(&c->setting), text);
    sb_buf_printf(text, "; convention %s: %s", sb_convention_name(c->setting.convention),
                  sb_convention_note(c->setting.convention));
    if (c->setting.miss > 0)
        sb_buf_printf(text, "; without what labels beyond K's rule can move, of probability %.3g",
                      c->setting.miss);
    put_field("threshold", text, out);
}

static void put_goal(const struct sb_bound_case *c, struct sb_buf *text, struct sb_buf *out)
{
    sb_words_goal(c, text);
    if (!c->setting.null_is_hidden_half)
        sb_buf_printf(text, "; one hypothesis satisfies at most B = %.17g members",
                      c->setting.n_good);
    put_field("goal", text, out);
}

static void put_head(const struct sb_bound_case *c, struct sb_buf *text, struct sb_buf *out)
{
    put_members(c, out);
    sb_words_correlations(c->setting.k, text);
    put_field("correlations", text, out);
    put_oracle(c, text, out);
    put_goal(c, text, out);
}

/* "dimension = 12 (upper estimate, not a bound)" */
static void put_value(const struct sb_bound_stated *s, struct sb_buf *text, struct sb_buf *out)
{
    const struct sb_measure *m = &s->bound.measure;

    if (!s->class->value_name || isnan(m->value))
        return;
    sb_buf_printf(text, "%s %s ", s->class->value_name,
                  m->estimate || s->class->value_is_ub ? "<=" : ">=");
    (m->estimate || s->class->value_is_ub ? sb_words_most : sb_words_least)(m->value, text);
    if (m->estimate)
        sb_buf_puts(text, " (upper estimate, not a bound)");
    put_field("  value", text, out);
}

/* What the bound is made of, where it applies. */
static void put_terms(const struct sb_bound_case *c, const struct sb_bound_stated *s,
                      struct sb_buf *text, struct sb_buf *out)
{
    const struct sb_bound *b = &s->bound;

    sb_buf_puts(text, "rules out at most ");
    sb_words_most(b->measure.kill, text);
    if (b->measure.shares)
        sb_buf_puts(text, " of all directions");
    else
        sb_buf_printf(text, " of %.17g members", b->measure.n_targets);
    put_field("  a query", text, out);
    sb_buf_printf(text, "%s; prior: %s", b->problem, b->prior);
    put_field("  problem", text, out);
    sb_buf_puts(text, b->meaning);
    put_field("  means", text, out);
    if (sb_words_after(c, s, text))
        put_field("  and", text, out);
}

static void put_bound(const struct sb_bound_case *c, const struct sb_bound_stated *s,
                      struct sb_buf *text, struct sb_buf *out)
{
    char label[24] = "";

    snprintf(label, sizeof label, "%-12s ", s->class->name);
    sb_buf_puts(out, "\n");
    sb_words_queries(s, text);
    put_field(label, text, out);
    sb_buf_puts(text, s->class->theorem);
    put_field("  theorem", text, out);
    sb_buf_puts(text, s->class->regime);
    put_field("  regime", text, out);
    put_value(s, text, out);
    if (s->bound.measure.constants[0]) {
        sb_buf_puts(text, s->bound.measure.constants);
        put_field("  from", text, out);
    }
    if (s->bound.applies)
        put_terms(c, s, text, out);
}

static void put_strongest(const struct sb_bound_case *c, struct sb_buf *text, struct sb_buf *out)
{
    const struct sb_bound_stated *best = sb_bound_case_strongest(c);

    sb_buf_puts(out, "\n");
    if (best)
        sb_buf_printf(text, "%s: ", best->class->name);
    else
        sb_buf_puts(text, "none applies");
    if (best)
        sb_words_queries(best, text);
    put_field("strongest", text, out);
}

static void put(const struct sb_bound_case *c, bool first, struct sb_buf *out)
{
    struct sb_buf text;

    sb_buf_init(&text);
    sb_buf_puts(out, first ? "" : "\n\n");
    put_head(c, &text, out);
    for (size_t i = 0; i < c->n_stated; i++)
        put_bound(c, &c->stated[i], &text, out);
    put_strongest(c, &text, out);
    out->failed = out->failed || text.failed;
    sb_buf_fini(&text);
}

const struct sb_bound_writer sb_bound_text = { .format = "text", .put = put };
