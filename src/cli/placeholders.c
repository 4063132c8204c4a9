/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The placeholders that verbs use, and how operands are read. */
#include "cli/placeholders.h"

#include "cli/catalog.h"

#include <string.h>

static const struct sb_placeholder placeholders[] = {
    { "EXPERIMENT", "one of statbed list experiments", SB_COMPLETE_NAMES, "experiments", false },
    { "FAMILY", "one of statbed list families", SB_COMPLETE_NAMES, "families", false },
    { "GOAL", "one of statbed list goals", SB_COMPLETE_NAMES, "goals", false },
    { "LEARNER", "one of statbed list learners", SB_COMPLETE_NAMES, "learners", false },
    { "ORACLE", "one of statbed list oracles", SB_COMPLETE_NAMES, "oracles", false },
    { "POLICY", "one of statbed list policies", SB_COMPLETE_NAMES, "policies", false },
    { "BOUND", "one of statbed list bounds", SB_COMPLETE_NAMES, "bounds", false },
    { "CONSTRUCTION", "one of statbed list constructions", SB_COMPLETE_NAMES, "constructions",
      false },
    { "VIEW", "one of statbed list views", SB_COMPLETE_NAMES, "views", false },
    { "FIGURE", "one of statbed list figures", SB_COMPLETE_NAMES, "figures", false },
    { "NAME", "anything that statbed list names", SB_COMPLETE_NAMES, "", false },
    { "NEW-NAME", "a lower-case letter, then lower-case letters, digits or '-'",
      SB_COMPLETE_NOTHING, NULL, false },
    { "KIND", "one of ", SB_COMPLETE_KINDS, NULL, false },
    { "VERB", "one of the verbs of statbed", SB_COMPLETE_VERBS, NULL, false },
    { "FILE", "a file's path", SB_COMPLETE_FILES, "", false },
    { "FILE.db", "the path of a database of results", SB_COMPLETE_FILES, ".db", false },
    { "OUT.db", "the database merged into; made where it does not exist", SB_COMPLETE_FILES, ".db",
      false },
    { "IN.db", "the path of a database of results", SB_COMPLETE_FILES, ".db", false },
    { "FILE.so", "the path of a plugin, with a slash in it", SB_COMPLETE_FILES, ".so", false },
    { "FILE.yaml", "the path of an experiment file", SB_COMPLETE_FILES, ".yaml", false },
    { "FILE.csv", "the path of a correlation matrix, a row a line", SB_COMPLETE_FILES, ".csv",
      false },
    { "FOLDER", "the path of a folder", SB_COMPLETE_FOLDERS, NULL, false },
    { "RUN", "the number of a run, as tables show it", SB_COMPLETE_NOTHING, NULL, false },
    { "KEY=VALUE", "a parameter; statbed show NAME lists them", SB_COMPLETE_NOTHING, NULL, false },
    { "FILTER", "COLUMN=VALUE, in quotes where it has < or >", SB_COMPLETE_NOTHING, NULL, false },
    { "EXPRESSION", "a function of one example, in quotes", SB_COMPLETE_NOTHING, NULL, true },
    { "SQL", "one statement, in quotes", SB_COMPLETE_NOTHING, NULL, true },
};

const struct sb_placeholder *sb_placeholder_find(const char *word, size_t n)
{
    for (size_t i = 0; i < SB_COUNT(placeholders); i++)
        if (strlen(placeholders[i].word) == n && memcmp(placeholders[i].word, word, n) == 0)
            return &placeholders[i];
    return NULL;
}

void sb_placeholder_help(const struct sb_placeholder *placeholder, struct sb_buf *out)
{
    sb_buf_puts(out, placeholder->help);
    if (placeholder->completion == SB_COMPLETE_KINDS)
        for (const struct sb_kind *kind = sb_kinds; kind->name; kind++)
            sb_buf_printf(out, "%s%s", kind == sb_kinds ? "" : ", ", kind->plural);
}

bool sb_operand_next(struct sb_operand_walk *walk, struct sb_operand *out)
{
    size_t word, n;

    if (!walk->at)
        return false;
    if (!walk->within)
        walk->at += strspn(walk->at, " ");
    if (!*walk->at)
        return false;
    word = strcspn(walk->at, " ");
    out->repeats = word >= 3 && memmem(walk->at, word, "...", 3);
    out->optional = memchr(walk->at, ']', word);
    walk->at += strspn(walk->at, "[");
    n = strcspn(walk->at, "| ]");
    out->word = walk->at;
    out->n = n > 3 && memcmp(walk->at + n - 3, "...", 3) == 0 ? n - 3 : n;
    out->place = walk->place;
    walk->at += n;
    walk->within = *walk->at == '|';
    walk->at += walk->within ? 1 : strcspn(walk->at, " ");
    walk->place += !walk->within;
    return true;
}

bool sb_operands_dashed(const struct sb_verb *verb)
{
    struct sb_operand_walk walk = { .at = verb->operands };
    struct sb_operand operand;

    while (sb_operand_next(&walk, &operand)) {
        const struct sb_placeholder *known = sb_placeholder_find(operand.word, operand.n);

        if (known && known->dashed)
            return true;
    }
    return false;
}
