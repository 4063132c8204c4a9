/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be completed where, from the verbs' declarations. */
#include "cli/completion.h"

#include "cli/catalog.h"
#include "cli/placeholders.h"

#include <ctype.h>
#include <string.h>

static void put_kinds(struct sb_buf *out)
{
    for (const struct sb_kind *kind = sb_kinds; kind->name; kind++)
        sb_buf_printf(out, " word=%s", kind->plural);
}

static void put_verbs(struct sb_buf *out)
{
    for (const struct sb_verb *const *verb = sb_verbs; *verb; verb++)
        sb_buf_printf(out, " word=%s", (*verb)->name);
}

void sb_completion_words(const char *word, size_t n, struct sb_buf *out)
{
    const struct sb_placeholder *known = sb_placeholder_find(word, n);

    if (!known && n && (islower((unsigned char)*word) || isdigit((unsigned char)*word)))
        sb_buf_printf(out, " word=%.*s", (int)n, word);
    if (!known)
        return;
    switch (known->completion) {
    case SB_COMPLETE_NAMES:
        sb_buf_printf(out, " names=%s", known->what);
        break;
    case SB_COMPLETE_FILES:
        sb_buf_printf(out, " files=%s", known->what);
        break;
    case SB_COMPLETE_FOLDERS:
        sb_buf_puts(out, " folders");
        break;
    case SB_COMPLETE_KINDS:
        put_kinds(out);
        break;
    case SB_COMPLETE_VERBS:
        put_verbs(out);
        break;
    default:
        break;
    }
}

void sb_completion_value(const struct sb_option *option, struct sb_buf *out)
{
    struct sb_operand_walk walk = { .at = option->value };
    struct sb_operand operand;

    while (sb_operand_next(&walk, &operand))
        sb_completion_words(operand.word, operand.n, out);
}

size_t sb_completion_places(const struct sb_verb *verb)
{
    struct sb_operand_walk walk = { .at = verb->operands };
    struct sb_operand operand;
    size_t n = 0;

    while (sb_operand_next(&walk, &operand))
        n = operand.place + 1;
    return n;
}

/* An operand may stand as early as all before it that can be left out allow, and as late as they can
 * be repeated. */
bool sb_completion_operand(const struct sb_verb *verb, size_t place, struct sb_buf *out)
{
    struct sb_operand_walk walk = { .at = verb->operands };
    struct sb_operand operand, before = { 0 };
    bool repeated = false, any = false;
    size_t least = 0;

    for (; sb_operand_next(&walk, &operand); before = operand) {
        if (operand.place != before.place) {
            least += !before.optional;
            repeated = repeated || before.repeats;
        }
        if (place < least || (place > operand.place && !repeated && !operand.repeats))
            continue;
        sb_completion_words(operand.word, operand.n, out);
        any = true;
    }
    return any;
}
