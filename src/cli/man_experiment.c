/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual page of experiment files: keys and parameters from the reader's tables. The prose of
 * docs/experiment.md is not repeated. */
#include "cli/man.h"

#include "cli/catalog.h"
#include "cli/roff.h"

static void put_param(const struct sb_param *p, struct sb_buf *out)
{
    struct sb_buf form;

    sb_buf_init(&form);
    sb_param_form(p, &form);
    sb_buf_puts(out, ".TP\n\\fB");
    sb_roff_puts(p->name, out);
    sb_buf_puts(out, "\\fR: ");
    sb_roff_puts(form.failed ? "" : sb_buf_str(&form), out);
    sb_buf_puts(out, "\n");
    sb_buf_fini(&form);
    if (p->help)
        sb_roff_sentence(p->help, out);
}

static void put_params(const struct sb_param *params, struct sb_buf *out)
{
    for (; params && params->name; params++)
        put_param(params, out);
}

static void put_choice(const struct sb_choices *kind, const struct sb_choice *choice,
                       struct sb_buf *out)
{
    sb_buf_puts(out, ".TP\n\\fB");
    sb_roff_puts(kind->key, out);
    sb_buf_puts(out, ": ");
    sb_roff_puts(choice->name, out);
    sb_buf_puts(out, "\\fR\n");
    sb_roff_sentence(choice->summary, out);
    if (!sb_params_count(choice->params))
        return;
    sb_buf_puts(out, ".RS\n");
    put_params(choice->params, out);
    sb_buf_puts(out, ".RE\n");
}

static void put_section(const struct sb_schema_section *s, struct sb_buf *out)
{
    sb_roff_subsection(s->name, out);
    sb_roff_sentence(s->help, out);
    if (s->plugins)
        sb_buf_puts(out, "A type with a slash is the path of a plugin.\n");
    for (size_t k = 0; k < s->n_kinds; k++)
        for (size_t i = 0; i < s->kinds[k].n; i++)
            put_choice(&s->kinds[k], &s->kinds[k].items[i], out);
    if (sb_params_count(s->common) && s->n_kinds)
        sb_buf_puts(out, ".PP\nWhatever the type:\n");
    put_params(s->common, out);
}

static void put_top(struct sb_buf *out)
{
    sb_roff_subsection("Top level", out);
    put_params(sb_top_params, out);
    for (const struct sb_top_key *key = sb_top_keys; key->name; key++) {
        sb_roff_term(key->name, out);
        sb_roff_sentence(key->help, out);
    }
}

static const char example[] =
    "  name: parity-quickstart\n"
    "  seed: 20221\n"
    "  repeat: 3\n"
    "  family:  { type: parity, dimension: 8 }\n"
    "  oracle:  { type: stat, policy: reference, tolerance: 0.1 }\n"
    "  learner: { type: parity-correlation }\n"
    "  goal:    { type: predict, max: 0.1 }\n"
    "  grid:\n"
    "    family.dimension: [6, 8, 10]\n"
    "    learner: [ { type: parity-correlation }, { type: parity-bent } ]\n";

static const char description[] =
    "An experiment is one YAML file of at most 1 MiB: a family of distributions, an oracle, a "
    "learner, a "
    "budget, a goal, and a grid of values to try. It is read strictly: every mistake is reported "
    "with "
    "file, line and column, and nothing runs until there is none.\n\n"
    "In sections, a number may be a formula, a text that begins with '=': numbers, dotted keys "
    "such as "
    "family.dimension, + - * / ^, sqrt, log2, ceil, floor.\n\n"
    "Each key of the grid has a list, and the product of all lists is run: section.key: [values]; "
    "section: [maps], laid over the section; grant: [lists]; case: [maps of sections], what must "
    "vary "
    "together.\n\n"
    "docs/experiment.md has the whole story, and the text form of queries.\n";

void sb_man_experiment(const struct sb_schema_model *model, struct sb_buf *out)
{
    sb_roff_begin("STATBED-EXPERIMENT", '5', "statbed-experiment", "experiment files of statbed",
                  out);
    sb_roff_section("DESCRIPTION", out);
    sb_roff_paragraphs(description, out);
    sb_roff_section("KEYS", out);
    put_top(out);
    for (size_t i = 0; i < SB_SECTIONS; i++)
        put_section(&model->section[i], out);
    sb_roff_section("EXAMPLES", out);
    sb_roff_paragraphs(example, out);
    sb_roff_section("SEE ALSO", out);
    sb_buf_puts(out, ".BR statbed (1),\n.BR statbed\\-validate (1),\n.BR statbed\\-schema (1)\n");
}
