/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion for bash: tables of what the verbs declare, and the functions of completion.bash. */
#include "cli/completion.h"
#include "cli/templates.h"

/* All words that begin with a dash; those that take a value end in '='. */
static void put_options(const struct sb_verb *verb, struct sb_buf *out)
{
    sb_buf_printf(out, "    %s) options=(", verb->name);
    for (const struct sb_option *option = verb->options; option->name; option++) {
        if (option->letter)
            sb_buf_printf(out, "-%c%s ", option->letter, option->value ? "=" : "");
        sb_buf_printf(out, "--%s%s ", option->name, option->value ? "=" : "");
    }
    sb_buf_puts(out, "--help) ;;\n");
}

/* CASE) _statbed_any WORDS ;; */
static void put_case(const char *verb, const char *what, struct sb_buf *words, struct sb_buf *out)
{
    if (words->n && !words->failed)
        sb_buf_printf(out, "    '%s %s') _statbed_any%s ;;\n", verb, what, sb_buf_str(words));
    out->failed = out->failed || words->failed;
    sb_buf_clear(words);
}

static void put_values(const struct sb_verb *verb, struct sb_buf *words, struct sb_buf *out)
{
    for (const struct sb_option *option = verb->options; option->name; option++) {
        char letter[] = { '-', option->letter, '\0' };
        char *name SB_FREE = sb_printf("--%s", option->name);

        out->failed = out->failed || !name;
        sb_completion_value(option, words);
        put_case(verb->name, name, words, out);
        if (option->letter)
            sb_completion_value(option, words);
        put_case(verb->name, letter, words, out);
    }
}

static void put_operands(const struct sb_verb *verb, struct sb_buf *words, struct sb_buf *out)
{
    const size_t n = sb_completion_places(verb);

    for (size_t place = 0; place < n; place++) {
        char *at SB_FREE = sb_printf("%zu", place);

        out->failed = out->failed || !at;
        sb_completion_operand(verb, place, words);
        put_case(verb->name, at, words, out);
    }
    sb_completion_operand(verb, n, words);
    out->failed = out->failed || words->failed;
    if (words->n && !out->failed)
        sb_buf_printf(out, "    '%s '*) _statbed_any%s ;;\n", verb->name, sb_buf_str(words));
    sb_buf_clear(words);
}

static void put_function(const char *name,
                         void (*put)(const struct sb_verb *verb, struct sb_buf *words,
                                     struct sb_buf *out),
                         struct sb_buf *out)
{
    struct sb_buf words;

    sb_buf_init(&words);
    sb_buf_printf(out, "\n%s() {\n    case $1 in\n", name);
    for (const struct sb_verb *const *verb = sb_verbs; *verb; verb++)
        put(*verb, &words, out);
    sb_buf_puts(out, "    esac\n}\n");
    sb_buf_fini(&words);
}

void sb_completion_bash(struct sb_buf *out)
{
    sb_buf_puts(out,
                "# shellcheck shell=bash\n# Completion of statbed for bash, printed by: statbed "
                "completion bash\n\n_statbed_verbs=(");
    for (const struct sb_verb *const *verb = sb_verbs; *verb; verb++)
        sb_buf_printf(out, "%s ", (*verb)->name);
    sb_buf_puts(out, "help --help --version)\n\n# VERB: its options; behind '=' a value is taken\n"
                     "_statbed_options() {\n    case $1 in\n");
    for (const struct sb_verb *const *verb = sb_verbs; *verb; verb++)
        put_options(*verb, out);
    sb_buf_puts(out, "    *) options=() ;;\n    esac\n}\n");
    put_function("_statbed_value", put_values, out);
    put_function("_statbed_operand", put_operands, out);
    sb_buf_puts(out, "\n");
    sb_buf_puts(out, sb_completion_bash_functions);
}
