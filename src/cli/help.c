/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The help on a terminal: of a verb, made from its declaration, and of statbed, made from theirs. */
#include "cli/cli.h"
#include "cli/paragraphs.h"
#include "cli/placeholders.h"
#include "cli/surroundings.h"

#include <string.h>

enum { WIDTH = 80, OPTION_INDENT = 6, TEXT_INDENT = 16 };

const struct sb_group_title sb_groups[] = {
    { SB_GROUP_RUN, "Run experiments" },
    { SB_GROUP_RESULTS, "Read results" },
    { SB_GROUP_LOOK, "Look things up, and try queries" },
    { SB_GROUP_WRITE, "Write plugins" },
    { SB_GROUP_SET_UP, "Set up" },
    { 0, NULL },
};

void sb_option_title(const struct sb_option *option, struct sb_buf *out)
{
    if (option->letter)
        sb_buf_printf(out, "-%c%s%s, ", option->letter, option->value ? " " : "",
                      option->value ? option->value : "");
    sb_buf_printf(out, "--%s%s%s", option->name, option->value ? "=" : "",
                  option->value ? option->value : "");
}

static void option_help(const struct sb_option *option, struct sb_buf *out)
{
    struct sb_buf help;

    sb_buf_puts(out, "  ");
    sb_option_title(option, out);
    sb_buf_puts(out, "\n");
    sb_buf_init(&help);
    sb_buf_puts(&help, option->help);
    if (option->fallback)
        sb_buf_printf(&help, "; default %s", option->fallback);
    sb_fill(help.failed ? option->help : sb_buf_str(&help), OPTION_INDENT, WIDTH, out);
    sb_buf_fini(&help);
}

/* "  word        text", filled, with the text's lines below each other. */
static void put_explained(const char *word, const char *text, struct sb_buf *out)
{
    struct sb_buf lines;

    sb_buf_init(&lines);
    sb_fill(text, TEXT_INDENT, WIDTH, &lines);
    sb_buf_printf(out, "  %-*s", TEXT_INDENT - 2, word);
    if (lines.n > TEXT_INDENT) /* the first line goes behind the word */
        sb_buf_bytes(out, lines.data + TEXT_INDENT, lines.n - TEXT_INDENT);
    sb_buf_fini(&lines);
}

static void operand_help(const struct sb_placeholder *known, struct sb_buf *out)
{
    struct sb_buf help;

    sb_buf_init(&help);
    sb_placeholder_help(known, &help);
    put_explained(known->word, help.failed ? "" : sb_buf_str(&help), out);
    sb_buf_fini(&help);
}

/* What the placeholders stand for. */
static void operands_help(const struct sb_verb *verb, struct sb_buf *out)
{
    struct sb_operand_walk walk = { .at = verb->operands };
    struct sb_operand operand;
    const char *title = "\nOperands:\n";

    while (sb_operand_next(&walk, &operand)) {
        const struct sb_placeholder *known = sb_placeholder_find(operand.word, operand.n);

        if (!known)
            continue;
        sb_buf_puts(out, title);
        operand_help(known, out);
        title = "";
    }
}

/* Options stand on a line of their own where they would not fit. */
static void usage_line(const struct sb_verb *verb, struct sb_buf *out)
{
    static const char options[] = " [OPTION...]";
    const size_t before = out->n;

    sb_buf_printf(out, "usage: statbed %s%s%s", verb->name, verb->operands ? " " : "",
                  verb->operands ? verb->operands : "");
    if (verb->options->name)
        sb_buf_printf(out, "%s%s",
                      out->n - before + strlen(options) > WIDTH ? "\n              " : "", options);
    sb_buf_puts(out, "\n\n");
}

void sb_usage(const struct sb_verb *verb, struct sb_buf *out)
{
    usage_line(verb, out);
    sb_fill(verb->summary, 0, WIDTH, out);
    if (verb->notes) {
        sb_buf_puts(out, "\n");
        sb_fill(verb->notes, 0, WIDTH, out);
    }
    operands_help(verb, out);
    sb_buf_puts(out, "\nOptions:\n");
    for (const struct sb_option *option = verb->options; option->name; option++)
        option_help(option, out);
    sb_buf_puts(out, "  -h, --help\n      this text\n");
    sb_buf_printf(out, "\nExample:\n%s", verb->examples);
}

static void group_help(uint32_t group, const char *title, struct sb_buf *out)
{
    sb_buf_printf(out, "\n%s:\n", title);
    for (const struct sb_verb *const *verb = sb_verbs; *verb; verb++)
        if ((*verb)->group == group)
            put_explained((*verb)->name, (*verb)->summary, out);
}

static void exit_codes_help(struct sb_buf *out)
{
    struct sb_buf text;

    sb_buf_init(&text);
    sb_buf_puts(&text,
                "statbed VERB --help tells more of a verb, statbed man VERB all. Exit codes:");
    for (const struct sb_surrounding *code = sb_exit_codes; code->name; code++)
        sb_buf_printf(&text, "%s %s %s", code == sb_exit_codes ? "" : ",", code->name, code->help);
    sb_buf_puts(&text, ".");
    sb_fill(text.failed ? "" : sb_buf_str(&text), 0, WIDTH, out);
    sb_buf_fini(&text);
}

void sb_usage_all(struct sb_buf *out)
{
    sb_buf_puts(out, "usage: statbed VERB [ARGUMENT...]\n\n");
    sb_fill(SB_STATBED_IS, 0, WIDTH, out);
    for (const struct sb_group_title *group = sb_groups; group->title; group++)
        group_help(group->group, group->title, out);
    sb_buf_puts(out, "\n");
    exit_codes_help(out);
    sb_buf_puts(out, "\nExample:\n  statbed run quickstart\n  statbed table\n");
}
