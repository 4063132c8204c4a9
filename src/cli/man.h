/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual pages, each from what is declared. */
#ifndef SB_CLI_MAN_H
#define SB_CLI_MAN_H

#include "cli/cli.h"
#include "experiment/schema_model.h"

void sb_man_statbed(struct sb_buf *out);
void sb_man_verb(const struct sb_verb *verb, struct sb_buf *out);
/* Of experiment files, section 5. */
void sb_man_experiment(const struct sb_schema_model *model, struct sb_buf *out);

#endif
