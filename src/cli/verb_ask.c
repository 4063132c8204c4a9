/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed ask: one query against a family, in this process. */
#include "cli/ask.h"

#include <errno.h>
#include <string.h>

/* The expression is the operand without a '='; the others are the family's parameters. */
static int split_operands(const struct sb_args *args, struct sb_given *given, size_t *n_out,
                          const char **expression_out, struct sb_diag *diag)
{
    const char *expression = NULL;
    size_t n = 0;

    for (size_t i = 1; i < args->n_operands; i++) {
        const char *word = args->operands[i];

        if (sb_given_split(word, &given[n])) {
            n++;
        } else if (expression) {
            return sb_diag_fail(diag, -EINVAL,
                                "ask: expected one expression, found '%s' and '%s'; quote it so "
                                "that the shell takes it as one word",
                                expression, word);
        } else {
            expression = word;
        }
    }
    if (!expression)
        return sb_diag_fail(diag, -EINVAL,
                            "ask: expected an expression, such as 'chi(0,1)*y'; "
                            "see statbed ask --help");
    *n_out = n;
    *expression_out = expression;
    return 0;
}

static int verb_ask(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_given *given SB_FREE = SB_NEW_ARRAY(struct sb_given, args->n_operands);
    struct sb_asking asking = { 0 };
    struct sb_asked asked;
    const char *expression = NULL;
    struct sb_buf out;
    size_t n = 0;
    int error = given ? split_operands(args, given, &n, &expression, diag) : -ENOMEM;

    sb_buf_init(&out);
    if (!error)
        error = sb_asking_init(&asking, args, given, n, diag);
    if (!error)
        error = sb_asking_ask(&asking, expression, &asked, diag);
    if (!error)
        error = sb_asking_print(&asking, &asked, &out, diag);
    if (!error)
        error = sb_put(&out, diag);
    sb_asking_fini(&asking);
    sb_buf_fini(&out);
    return error;
}

static const struct sb_option options[] = {
    { "oracle", "ORACLE", "stat", "the oracle that is asked (statbed list oracles)", 0 },
    { "tolerance", "TAU", "0.1", "tau of oracles stat, csq and lipschitz", 0 },
    { "t", "T", "100", "t of oracle vstat", 0 },
    { "m", "M", "1000", "fresh examples that oracle honest averages", 0 },
    { "lambda", "NUMBER", "1", "largest label-Lipschitz constant for oracle lipschitz", 0 },
    { "rule", "bernoulli|variance", NULL, "the rule of oracle vstat", 0 },
    { "policy", "POLICY", NULL,
      "how it answers inside its tolerance (statbed list policies); default exact, of oracles that "
      "draw fresh examples fresh",
      0 },
    { "delta", "PROBABILITY", NULL, "with which a certificate may fail", 0 },
    { "slack", "SHARE", NULL, "of the tolerance that a sampled certificate may use", 0 },
    { "seed", "NUMBER", "1", "draws the hidden member", 0 },
    { "member", "INDEX", NULL, "hides this member instead, or 'null' for the null distribution",
      0 },
    SB_OPTION_END
};

const struct sb_verb sb_verb_ask = {
    .name = "ask",
    .group = SB_GROUP_LOOK,
    .operands = "FAMILY|FILE.so KEY=VALUE... EXPRESSION",
    .summary = "asks one query: answer, certificate, range, digest",
    .options = options,
    .n_least = 2,
    .n_most = SB_OPERANDS_ANY,
    .notes = "EXPRESSION is a function of one example: numbers, y, x0, x1, ..., + - * /, chi(1,4), "
             "dot(u0,u1,...), clip(e,lo,hi), step(e), near(a,b,eps), candidate(i), ...: "
             "docs/experiment.md, \"Queries as text\". KEY=VALUE are the family's parameters.\n",
    .examples = "  statbed ask parity dimension=8 'chi(0,3)*y' --policy=reference\n",
    .main = verb_ask,
};
