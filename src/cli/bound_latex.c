/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds as LaTeX: a table with booktabs' rules a case, and what its bounds mean as notes under it. */
#include "cli/bound.h"

#include "report/escape.h"

#include <math.h>

/* A text that was made in `text`, escaped; `text` is cleared. */
static void put_text(struct sb_buf *text, struct sb_buf *out)
{
    const char *s = sb_buf_str(text);

    if (s)
        sb_escape_latex(s, out);
    else
        out->failed = true;
    sb_buf_clear(text);
}

static void put_word(const char *s, struct sb_buf *out)
{
    sb_escape_latex(s, out);
}

static void put_head(const struct sb_bound_case *c, struct sb_buf *text, struct sb_buf *out)
{
    sb_buf_puts(out, "\\noindent ");
    put_word(c->matrix ? c->matrix : c->family, out);
    if (c->values && c->values->n) {
        sb_buf_puts(text, " ");
        sb_words_values(c->values, text);
    }
    if (c->noise > 0)
        sb_buf_printf(text, " with labels flipped at rate %g", c->noise);
    sb_buf_puts(text, ": N = ");
    sb_words_exact(c->setting.k->n, text);
    sb_buf_puts(text, ". Correlations: ");
    sb_words_correlations(c->setting.k, text);
    sb_buf_printf(text, ". Oracle %s, tolerance ", c->oracle);
    sb_words_exact(c->setting.at_tolerance, text);
    sb_buf_printf(text, "; %s", sb_convention_note(c->setting.convention));
    if (c->policy)
        sb_buf_printf(text, "; policy %s", c->policy);
    sb_buf_puts(text, ". Goal: ");
    sb_words_goal(c, text);
    put_text(text, out);
    sb_buf_puts(out, ".\n\n");
}

static void put_row(const struct sb_bound_stated *s, struct sb_buf *text, struct sb_buf *out)
{
    const struct sb_bound *b = &s->bound;
    const struct sb_measure *m = &b->measure;

    put_word(b->name, out);
    sb_buf_puts(out, " & ");
    put_word(s->class->value_name ? s->class->value_name : "--", out);
    sb_buf_puts(out, m->estimate ? " (estimate) & " : " & ");
    (m->estimate || s->class->value_is_ub ? sb_words_most : sb_words_least)(m->value, text);
    put_text(text, out);
    sb_buf_puts(out, " & ");
    sb_words_most(b->applies ? m->kill : NAN, text);
    put_text(text, out);
    sb_buf_puts(out, " & ");
    sb_words_down(b->log2_queries, text);
    put_text(text, out);
    sb_buf_puts(out, " & ");
    sb_words_down(b->applies && isnan(b->log2_queries) ? 0 : exp2(b->log2_queries) * (1 - 0x1p-50),
                  text);
    put_text(text, out);
    sb_buf_printf(out, " & %s \\\\\n", b->problem);
}

static void put_notes(const struct sb_bound_case *c, struct sb_buf *text, struct sb_buf *out)
{
    sb_buf_puts(out, "\n\\begin{itemize}\n");
    for (size_t i = 0; i < c->n_stated; i++) {
        const struct sb_bound_stated *s = &c->stated[i];

        sb_buf_puts(out, "\\item ");
        sb_buf_printf(text, "%s (%s; %s): %s", s->bound.name, s->bound.theorem, s->class->regime,
                      s->bound.meaning);
        put_text(text, out);
        if (sb_words_after(c, s, text)) {
            sb_buf_puts(out, "; ");
            put_text(text, out);
        }
        sb_buf_puts(out, ".\n");
    }
    sb_buf_puts(out, "\\end{itemize}\n");
}

static void begin(struct sb_buf *out)
{
    sb_buf_puts(out, "% \\usepackage{booktabs}\n");
}

static void put(const struct sb_bound_case *c, bool first, struct sb_buf *out)
{
    struct sb_buf text;

    sb_buf_init(&text);
    sb_buf_puts(out, first ? "" : "\n");
    put_head(c, &text, out);
    sb_buf_puts(out, "\\noindent\\begin{tabular}{llrrrrl}\n\\toprule\n"
                     "bound & quantity & value & ruled out & $\\log_2 q$ & $q$ & problem \\\\\n"
                     "\\midrule\n");
    for (size_t i = 0; i < c->n_stated; i++)
        put_row(&c->stated[i], &text, out);
    sb_buf_puts(out, "\\bottomrule\n\\end{tabular}\n");
    put_notes(c, &text, out);
    out->failed = out->failed || text.failed;
    sb_buf_fini(&text);
}

const struct sb_bound_writer sb_bound_latex = { .format = "latex", .begin = begin, .put = put };
