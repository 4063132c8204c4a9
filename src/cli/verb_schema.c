/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed schema: the JSON Schema of experiment files. */
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/learners.h"
#include "experiment/schema.h"

#include <errno.h>

static int verb_schema(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_described all;
    struct sb_buf out;
    int error = sb_learners_describe(sb_args_isolation(args), &all, diag);

    sb_buf_init(&out);
    if (!error)
        error = sb_experiment_schema(&sb_shipped_catalog, all.learners, all.names.n, &out);
    if (!error)
        error = sb_put(&out, diag);
    sb_buf_fini(&out);
    sb_described_fini(&all);
    return error;
}

static const struct sb_option options[] = { SB_OPTION_ISOLATION, SB_OPTION_END };

const struct sb_verb sb_verb_schema = {
    .name = "schema",
    .group = SB_GROUP_SET_UP,
    .summary = "prints the JSON Schema of experiment files, for editors",
    .options = options,
    .notes = "JSON Schema draft-07. An editor with a YAML language server checks and completes an "
             "experiment whose first line is\n\n"
             "  # yaml-language-server: $schema=PATH\n\n"
             "where PATH is that of the printed schema, or of the installed one, "
             "share/statbed/experiment.schema.json. docs/experiment.md tells more.\n",
    .examples = "  statbed schema >experiment.schema.json\n",
    .main = verb_schema,
};
