/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed schema: the JSON Schema of experiment files. */
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/learners.h"
#include "experiment/schema.h"

#include <errno.h>

/* The shipped learners as the schema wants them; borrowed from names and plugins. */
static int describe_all(struct sb_plugins *plugins, const struct sb_names *names,
                        struct sb_schema_learner *out, struct sb_diag *diag)
{
    int error = 0;

    for (size_t i = 0; i < names->n && !error; i++) {
        const struct sb_descriptor *d = NULL;
        char *path SB_FREE = NULL;

        error = sb_learner_describe(plugins, names->items[i], &path, &d, diag);
        if (!error)
            out[i] =
                (struct sb_schema_learner){ names->items[i], d->summary, d->params, d->access };
    }
    return error;
}

static int print_schema(struct sb_plugins *plugins, const struct sb_names *names,
                        struct sb_diag *diag)
{
    struct sb_schema_learner *learners SB_FREE = SB_NEW_ARRAY(struct sb_schema_learner, names->n);
    struct sb_buf out;
    int error = learners ? describe_all(plugins, names, learners, diag) : -ENOMEM;

    sb_buf_init(&out);
    if (!error)
        error = sb_experiment_schema(&sb_shipped_catalog, learners, names->n, &out);
    if (!error)
        error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error;
}

static int verb_schema(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_plugins *plugins = sb_plugins_new(sb_args_isolation(args));
    struct sb_names names = { 0 };
    int error = plugins ? sb_learner_list(&names) : -ENOMEM;

    if (!error)
        error = print_schema(plugins, &names, diag);
    sb_names_fini(&names);
    sb_plugins_free(plugins);
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
