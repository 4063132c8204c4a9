/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family and an oracle set up from the command line to be asked one query. */
#ifndef SB_CLI_ASK_H
#define SB_CLI_ASK_H

#include "cli/named.h"
#include "oracles/access/oracle.h"

struct sb_asking {
    struct sb_named_family named;
    const struct sb_access_class *access;
    const struct sb_policy_class *policy;
    struct sb_values oracle_values;
    struct sb_oracle *oracle;
    struct sb_pool *pool;
    struct sb_hidden hidden;
    sb_expr expr;
};
/* given: the family's parameters. */
int sb_asking_init(struct sb_asking *asking, const struct sb_args *args,
                   const struct sb_given *given, size_t n_given, struct sb_diag *diag);
void sb_asking_fini(struct sb_asking *asking);
/* -EINVAL where the expression is none, or the oracle refuses it. */
int sb_asking_ask(struct sb_asking *asking, const char *expression, struct sb_asked *out,
                  struct sb_diag *diag);
int sb_asking_print(const struct sb_asking *asking, const struct sb_asked *asked,
                    struct sb_buf *out, struct sb_diag *diag);

#endif
