/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual pages of statbed and of its verbs. */
#include "cli/man.h"

#include "cli/placeholders.h"
#include "cli/roff.h"
#include "cli/surroundings.h"

#include <ctype.h>
#include <string.h>

static void put_surroundings(const char *title, const struct sb_surrounding *all,
                             struct sb_buf *out)
{
    sb_roff_section(title, out);
    for (; all->name; all++) {
        sb_roff_term(all->name, out);
        sb_roff_sentence(all->help, out);
    }
}

static void put_all_surroundings(struct sb_buf *out)
{
    put_surroundings("EXIT STATUS", sb_exit_codes, out);
    put_surroundings("ENVIRONMENT", sb_environment, out);
    put_surroundings("FILES", sb_files, out);
}

static void put_examples(const char *examples, struct sb_buf *out)
{
    sb_roff_section("EXAMPLES", out);
    sb_roff_paragraphs(examples, out);
}

/* Placeholders in italics, what is typed as it stands in bold: [VIEW] [FILTER...]. */
static void put_synopsis(const char *words, struct sb_buf *out)
{
    while (*words) {
        const size_t n = strcspn(words, "[]|. =,<>/");
        const bool placeholder = isupper((unsigned char)*words);

        if (n) {
            sb_buf_puts(out, placeholder ? "\\fI" : "\\fB");
            sb_roff_text(words, n, out);
            sb_buf_puts(out, "\\fR");
        }
        words += n;
        if (*words)
            sb_buf_bytes(out, words++, 1);
    }
}

static void put_option(const struct sb_option *option, struct sb_buf *out)
{
    sb_buf_puts(out, ".TP\n");
    if (option->letter) {
        sb_buf_printf(out, "\\fB\\-%c\\fR%s", option->letter, option->value ? " " : "");
        put_synopsis(option->value ? option->value : "", out);
        sb_buf_puts(out, ", ");
    }
    sb_buf_puts(out, "\\fB\\-\\-");
    sb_roff_puts(option->name, out);
    sb_buf_printf(out, "\\fR%s", option->value ? "=" : "");
    put_synopsis(option->value ? option->value : "", out);
    sb_buf_puts(out, "\n");
    sb_roff_sentence(option->help, out);
    if (!option->fallback)
        return;
    sb_buf_puts(out, "Default: ");
    sb_roff_puts(option->fallback, out);
    sb_buf_puts(out, "\n");
}

static void put_options(const struct sb_verb *verb, struct sb_buf *out)
{
    sb_roff_section("OPTIONS", out);
    for (const struct sb_option *option = verb->options; option->name; option++)
        put_option(option, out);
    sb_buf_puts(out, ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nPrints a shorter help.\n");
}

static void put_operands(const struct sb_verb *verb, struct sb_buf *out)
{
    struct sb_operand_walk walk = { .at = verb->operands };
    struct sb_operand operand;
    bool any = false;

    while (sb_operand_next(&walk, &operand)) {
        const struct sb_placeholder *known = sb_placeholder_find(operand.word, operand.n);
        struct sb_buf help;

        if (!known)
            continue;
        if (!any)
            sb_roff_section("OPERANDS", out);
        any = true;
        sb_buf_init(&help);
        sb_placeholder_help(known, &help);
        sb_buf_puts(out, ".TP\n");
        put_synopsis(known->word, out);
        sb_buf_puts(out, "\n");
        sb_roff_sentence(help.failed ? "" : sb_buf_str(&help), out);
        sb_buf_fini(&help);
    }
}

static void put_verb_page(const struct sb_verb *verb, const char *behind, struct sb_buf *out)
{
    sb_buf_printf(out, ".BR statbed\\-%s (1)%s\n", verb->name, behind);
}

static void put_see_also(const struct sb_verb *verb, struct sb_buf *out)
{
    sb_roff_section("SEE ALSO", out);
    sb_buf_puts(out, ".BR statbed (1),\n");
    for (const struct sb_verb *const *other = sb_verbs; *other; other++) {
        if (*other == verb || (*other)->group != verb->group)
            continue;
        put_verb_page(*other, ",", out);
    }
    sb_buf_puts(out, ".BR statbed\\-experiment (5)\n");
}

static char *upper(const char *name)
{
    char *text = sb_printf("STATBED-%s", name);

    for (char *c = text; c && *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return text;
}

void sb_man_verb(const struct sb_verb *verb, struct sb_buf *out)
{
    char *title SB_FREE = upper(verb->name);
    char *name SB_FREE = sb_printf("statbed-%s", verb->name);

    out->failed = out->failed || !title || !name;
    if (out->failed)
        return;
    sb_roff_begin(title, '1', name, verb->summary, out);
    sb_roff_section("SYNOPSIS", out);
    sb_buf_printf(out, ".B statbed %s\n", verb->name);
    put_synopsis(verb->operands ? verb->operands : "", out);
    sb_buf_printf(out, "%s\n", verb->operands ? " [\\fIOPTION\\fR...]" : "[\\fIOPTION\\fR...]");
    sb_roff_section("DESCRIPTION", out);
    sb_roff_sentence(verb->summary, out);
    if (verb->notes) {
        sb_buf_puts(out, ".PP\n");
        sb_roff_paragraphs(verb->notes, out);
    }
    put_operands(verb, out);
    put_options(verb, out);
    put_examples(verb->examples, out);
    put_all_surroundings(out);
    put_see_also(verb, out);
}

void sb_man_statbed(struct sb_buf *out)
{
    const struct sb_group_title *group = sb_groups;

    sb_roff_begin("STATBED", '1', "statbed", "statistical-query oracles and lower bounds", out);
    sb_roff_section("SYNOPSIS", out);
    sb_buf_puts(out, ".B statbed\n\\fIVERB\\fR [\\fIARGUMENT\\fR...]\n");
    sb_roff_section("DESCRIPTION", out);
    sb_roff_paragraphs(SB_STATBED_IS, out);
    sb_roff_section("VERBS", out);
    for (; group->title; group++) {
        sb_roff_subsection(group->title, out);
        for (const struct sb_verb *const *verb = sb_verbs; *verb; verb++) {
            if ((*verb)->group != group->group)
                continue;
            sb_buf_puts(out, ".TP\n");
            put_verb_page(*verb, "", out);
            sb_roff_sentence((*verb)->summary, out);
        }
    }
    put_examples("  statbed run quickstart\n  statbed table\n", out);
    put_all_surroundings(out);
    sb_roff_section("SEE ALSO", out);
    sb_buf_puts(out, ".BR statbed\\-experiment (5)\n");
}
