/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion of command lines in shells, made from the verbs' declarations. What an operand or an
 * option's value may be is told to the scripts in words that both understand:
 *   names=KIND       what statbed list KIND names when it is asked
 *   files=.ENDING    files
 *   folders
 *   word=WORD */
#ifndef SB_CLI_COMPLETION_H
#define SB_CLI_COMPLETION_H

#include "cli/cli.h"

/* One alternative: a placeholder, or a literal. Nothing is written where nothing is known. */
void sb_completion_words(const char *word, size_t n, struct sb_buf *out);
/* Of an option's value, "text|csv" or placeholders. */
void sb_completion_value(const struct sb_option *option, struct sb_buf *out);
/* Of what may stand as operand number `place`, from 0; false: none may. */
bool sb_completion_operand(const struct sb_verb *verb, size_t place, struct sb_buf *out);
/* How many operands the verb declares: at this place and behind it only such as repeat can stand. */
size_t sb_completion_places(const struct sb_verb *verb);

void sb_completion_bash(struct sb_buf *out);
void sb_completion_zsh(struct sb_buf *out);

#endif
