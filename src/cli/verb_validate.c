/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed validate: reads experiments and names every mistake; runs nothing. */
#include "cli/cli.h"
#include "cli/experiments.h"

#include <errno.h>

static int validate(const char *file, uint32_t isolation, struct sb_buf *out, struct sb_diag *diag)
{
    struct sb_open open;
    const int error = sb_open_experiment(file, isolation, &open, diag);

    if (error)
        return error;
    sb_buf_printf(out, "%s: ok, %llu cells\n", open.experiment->name,
                  (unsigned long long)sb_count_cells(open.experiment));
    sb_close_experiment(&open);
    return 0;
}

/* One bad file does not keep the others from being checked. */
static int verb_validate(const struct sb_args *args, struct sb_diag *diag)
{
    const uint32_t isolation = sb_args_isolation(args);
    struct sb_buf out;
    int first = 0, error;

    sb_buf_init(&out);
    for (size_t i = 0; i < args->n_operands; i++) {
        error = validate(args->operands[i], isolation, &out, diag);
        first = first ? first : error;
    }
    error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return first ? first : error;
}

static const struct sb_option options[] = { SB_OPTION_ISOLATION, SB_OPTION_END };

const struct sb_verb sb_verb_validate = {
    .name = "validate",
    .group = SB_GROUP_RUN,
    .operands = "EXPERIMENT|FILE.yaml...",
    .summary = "checks experiments and names every mistake; runs nothing",
    .options = options,
    .n_least = 1,
    .n_most = SB_OPERANDS_ANY,
    .examples = "  statbed validate mine.yaml\n",
    .main = verb_validate,
};
