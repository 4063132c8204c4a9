/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed bound: what every calculator proves of a family, an experiment or a correlation matrix. */
#include "cli/bound.h"

#include "cli/catalog.h"

#include <errno.h>
#include <string.h>

static const struct sb_bound_writer *const writers[] = { &sb_bound_text, &sb_bound_json,
                                                         &sb_bound_latex };

static sb_bound_source *source_of(const char *name)
{
    return sb_name_ends(name, ".yaml")  ? sb_bound_experiment
           : sb_name_ends(name, ".csv") ? sb_bound_matrix
                                        : sb_bound_family;
}

static int verb_bound(const struct sb_args *args, struct sb_diag *diag)
{
    const char *format = sb_args_value(args, "format");
    struct sb_buf out;
    size_t i = 0;
    int error;

    while (strcmp(writers[i]->format, format) != 0)
        i++;
    sb_buf_init(&out);
    error = source_of(args->operands[0])(args, writers[i], &out, diag);
    if (error == -ENOMEM)
        sb_diag_fail(diag, error, "out of memory");
    if (!error)
        error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error;
}

static const struct sb_option options[] = {
    { "oracle", "ORACLE", "stat", "the oracle that learners ask (statbed list oracles)", 0 },
    { "tolerance", "TAU", "0.1", "tau of oracles stat, csq and lipschitz", 0 },
    { "t", "T", "100", "t of oracle vstat", 0 },
    { "rule", "bernoulli|variance", NULL, "the rule of oracle vstat", 0 },
    { "lambda", "NUMBER", "1", "largest label-Lipschitz constant for oracle lipschitz", 0 },
    { "range", "pm1|01", "pm1", "queries are functions to [-1,1], or to [0,1]", 0 },
    { "goal", "GOAL", "recover", "what learners are to do (statbed list goals)", 0 },
    { "loss", "zero-one|squared|relative", NULL, "how goal predict scores a predictor", 0 },
    { "max", "LOSS", NULL, "the loss to reach, for goal predict", 0 },
    { "success", "PROBABILITY", NULL, "to be reached; default 0.66", 0 },
    { "queries", "Q", NULL, "says what success probability Q queries leave, too", 0 },
    { "noise", "ETA", NULL,
      "of a matrix, or a family without noise: labels are flipped at this rate", 0 },
    { "bound", "BOUND", NULL, "this calculator alone; several with commas between", 0 },
    { "format", "text|json|latex", "text", "how it is written", 0 },
    SB_OPTION_ISOLATION,
    SB_OPTION_END
};

const struct sb_verb sb_verb_bound = {
    .name = "bound",
    .group = SB_GROUP_LOOK,
    .operands = "FAMILY|FILE.so|FILE.yaml|FILE.csv [KEY=VALUE...]",
    .summary = "lower bounds on queries of any learner, by every theorem",
    .options = options,
    .n_least = 1,
    .n_most = SB_OPERANDS_ANY,
    .notes = "Of a family, KEY=VALUE are its parameters. Of an experiment, every distinct family, "
             "oracle and goal of its grid. Of a matrix, K_ij of its members against their null: n "
             "lines of n numbers. docs/bounds.md has every calculator's theorem, the file's form "
             "and the keys of json.\n",
    .examples = "  statbed bound parity dimension=10 --tolerance=0.05\n",
    .main = verb_bound,
};
