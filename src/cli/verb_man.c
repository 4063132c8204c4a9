/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed man: the manual pages, as roff. */
#include "cli/cli.h"
#include "cli/learners.h"
#include "cli/man.h"

#include <errno.h>
#include <string.h>

static int man_experiment(uint32_t isolation, struct sb_buf *out, struct sb_diag *diag)
{
    struct sb_described all;
    struct sb_schema_model model = { 0 };
    int error = sb_learners_describe(isolation, &all, diag);

    if (!error)
        error = sb_schema_model_init(&model, &sb_shipped_catalog, all.learners, all.names.n);
    if (!error)
        sb_man_experiment(&model, out);
    sb_schema_model_fini(&model);
    sb_described_fini(&all);
    return error;
}

static int unknown_page(const char *name, struct sb_diag *diag)
{
    return sb_diag_fail(diag, -EINVAL,
                        "man: there is no page of '%s': expected a verb (see statbed --help), or "
                        "experiment",
                        name);
}

static int put_page(const char *name, uint32_t isolation, struct sb_buf *out, struct sb_diag *diag)
{
    if (!name) {
        sb_man_statbed(out);
        return 0;
    }
    if (strcmp(name, "experiment") == 0)
        return man_experiment(isolation, out, diag);
    for (const struct sb_verb *const *verb = sb_verbs; *verb; verb++) {
        if (strcmp((*verb)->name, name) == 0) {
            sb_man_verb(*verb, out);
            return 0;
        }
    }
    return unknown_page(name, diag);
}

static int verb_man(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_buf out;
    int error;

    sb_buf_init(&out);
    error =
        put_page(args->n_operands ? args->operands[0] : NULL, sb_args_isolation(args), &out, diag);
    if (!error)
        error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error;
}

static const struct sb_option options[] = { SB_OPTION_ISOLATION, SB_OPTION_END };

const struct sb_verb sb_verb_man = {
    .name = "man",
    .group = SB_GROUP_SET_UP,
    .operands = "[VERB|experiment]",
    .summary = "prints a manual page: of statbed, a verb or experiment files",
    .options = options,
    .n_most = 1,
    .notes = "The pages are roff, for man -l. An installed statbed has them where man looks: man "
             "statbed, man statbed-run, man statbed-experiment.\n",
    .examples = "  statbed man run | man -l -\n",
    .main = verb_man,
};
