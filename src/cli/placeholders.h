/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands for what in a verb's operands and options' values: "EXPERIMENT|FILE.yaml...". Such a
 * text is the one declaration of what can be given: the usage line, its explanation, the manual
 * and the completion in shells are made from it.
 *
 * Words are separated by blanks; "[WORD]" may be left out, "WORD..." may be repeated, "a|B" is either.
 * What has a lower-case letter or a digit first is meant literally; the others are placeholders. */
#ifndef SB_CLI_PLACEHOLDERS_H
#define SB_CLI_PLACEHOLDERS_H

#include "cli/cli.h"

enum sb_completion {
    SB_COMPLETE_NOTHING = 0,
    SB_COMPLETE_NAMES, /* of a kind: what statbed list `what` has; of all kinds where it is empty */
    SB_COMPLETE_FILES, /* whose names end in `what`, or any */
    SB_COMPLETE_FOLDERS,
    SB_COMPLETE_KINDS, /* families, oracles, ... */
    SB_COMPLETE_VERBS
};
struct sb_placeholder {
    const char *word, *help; /* help: of an operand, one line */
    uint32_t completion;     /* enum sb_completion */
    const char *what;        /* see there */
    bool dashed;             /* may begin with a dash, as -y does */
};
/* NULL: a literal, or one that nothing is known of, as of most options' values. */
const struct sb_placeholder *sb_placeholder_find(const char *word, size_t n);
void sb_placeholder_help(const struct sb_placeholder *placeholder, struct sb_buf *out);

/* One alternative of an operand. */
struct sb_operand {
    const char *word; /* borrowed; not terminated */
    size_t n;
    size_t place; /* from 0: which operand */
    bool repeats, optional;
};
/* Goes over the alternatives of "learner|family NAME...": *at is the text at first, and moves. place:
 * 0 at first, kept by it. false behind the last. */
struct sb_operand_walk {
    const char *at;
    size_t place;
    bool within; /* behind a '|' */
};
bool sb_operand_next(struct sb_operand_walk *walk, struct sb_operand *out);

/* May an operand of the verb begin with a dash? */
bool sb_operands_dashed(const struct sb_verb *verb);

#endif
