/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion for zsh: what the verbs declare as specifications of _arguments, and the functions of
 * completion.zsh. */
#include "cli/completion.h"
#include "cli/templates.h"

#include <string.h>

/* Within '...' of the shell, and within [...] of _arguments. */
static void put_escaped(const char *text, struct sb_buf *out)
{
    for (; *text; text++) {
        if (*text == '\'')
            sb_buf_puts(out, "'\\'");
        else if (strchr("[]:\\", *text))
            sb_buf_puts(out, "\\");
        sb_buf_bytes(out, text, 1);
    }
}

/* ": : _statbed_any WORDS"; nothing for a flag. */
static void put_action(const struct sb_option *option, struct sb_buf *out)
{
    if (!option->value)
        return;
    sb_buf_puts(out, ": : _statbed_any");
    sb_completion_value(option, out);
}

static void put_option(const struct sb_option *option, struct sb_buf *out)
{
    if (option->letter) {
        sb_buf_printf(out, "            '(--%s)-%c%s[", option->name, option->letter,
                      option->value ? "+" : "");
        put_escaped(option->help, out);
        sb_buf_puts(out, "]");
        put_action(option, out);
        sb_buf_printf(out, "' \\\n            '(-%c)", option->letter);
    } else {
        sb_buf_puts(out, "            '");
    }
    sb_buf_printf(out, "--%s%s[", option->name, option->value ? "=" : "");
    put_escaped(option->help, out);
    sb_buf_puts(out, "]");
    put_action(option, out);
    sb_buf_puts(out, "' \\\n");
}

/* 'PLACE: : _statbed_any WORDS' */
static void put_operand(const char *place, struct sb_buf *words, struct sb_buf *out)
{
    out->failed = out->failed || words->failed;
    if (!out->failed)
        sb_buf_printf(out, "            '%s: : _statbed_any%s' \\\n", place,
                      words->n ? sb_buf_str(words) : "");
    sb_buf_clear(words);
}

static void put_operands(const struct sb_verb *verb, struct sb_buf *out)
{
    const size_t n = sb_completion_places(verb);
    struct sb_buf words;

    sb_buf_init(&words);
    for (size_t place = 0; place < n; place++) {
        char *number SB_FREE = sb_printf("%zu", place + 1);

        out->failed = out->failed || !number;
        sb_completion_operand(verb, place, &words);
        put_operand(number, &words, out);
    }
    if (sb_completion_operand(verb, n, &words))
        put_operand("*", &words, out);
    sb_buf_fini(&words);
}

static void put_verb(const struct sb_verb *verb, struct sb_buf *out)
{
    sb_buf_printf(out, "    %s)\n        _arguments -S \\\n", verb->name);
    for (const struct sb_option *option = verb->options; option->name; option++)
        put_option(option, out);
    put_operands(verb, out);
    sb_buf_puts(out,
                "            '(- *)'{-h,--help}'[the help of the verb]' && ret=0\n        ;;\n");
}

void sb_completion_zsh(struct sb_buf *out)
{
    sb_buf_puts(out, "#compdef statbed\n# Completion of statbed for zsh, printed by: statbed "
                     "completion zsh\n\n_statbed_verbs() {\n    local -a verbs\n\n    verbs=(\n");
    for (const struct sb_verb *const *verb = sb_verbs; *verb; verb++) {
        sb_buf_printf(out, "        '%s:", (*verb)->name);
        put_escaped((*verb)->summary, out);
        sb_buf_puts(out, "'\n");
    }
    sb_buf_puts(out, "        'help:the help of a verb'\n    )\n    _describe verb verbs\n}\n\n"
                     "_statbed_arguments() {\n    local ret=1\n\n    case $1 in\n");
    for (const struct sb_verb *const *verb = sb_verbs; *verb; verb++)
        put_verb(*verb, out);
    sb_buf_puts(out, "    help) _arguments '1: : _statbed_verbs' && ret=0 ;;\n    esac\n    return "
                     "ret\n}\n\n");
    sb_buf_puts(out, sb_completion_zsh_functions);
}
