/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed merge: the runs of several databases into one. */
#include "cli/cli.h"
#include "store/merge.h"

#include <errno.h>

/* "3 cut short, 1 stale", or "". */
static void left_out(const struct sb_merge_outcome *outcome, struct sb_buf *out)
{
    const uint64_t n = outcome->n_cut + outcome->n_stale;

    if (!n)
        return;
    sb_buf_printf(out, ", %llu left out (", (unsigned long long)n);
    if (outcome->n_cut)
        sb_buf_printf(out, "%llu cut short or under way", (unsigned long long)outcome->n_cut);
    if (outcome->n_stale)
        sb_buf_printf(out, "%s%llu stale", outcome->n_cut ? ", " : "",
                      (unsigned long long)outcome->n_stale);
    sb_buf_puts(out, ")");
}

static int summarize(const char *path, const struct sb_merge_outcome *outcome, struct sb_diag *diag)
{
    char *argument SB_FREE = sb_database_argument(path);
    struct sb_buf out;
    int error;

    if (!argument)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    sb_buf_init(&out);
    sb_buf_printf(&out, "%s: %llu runs copied, %llu skipped (there already)", path,
                  (unsigned long long)outcome->n_copied, (unsigned long long)outcome->n_there);
    left_out(outcome, &out);
    sb_buf_printf(&out, "; next: statbed table%s\n", argument);
    error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error;
}

static int verb_merge(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_merge_outcome outcome;
    const int error =
        sb_store_merge(args->operands[0], args->operands + 1, args->n_operands - 1, &outcome, diag);

    return error ? error : summarize(args->operands[0], &outcome, diag);
}

static const struct sb_option options[] = { SB_OPTION_END };

const struct sb_verb sb_verb_merge = {
    .name = "merge",
    .group = SB_GROUP_RUN,
    .operands = "OUT.db IN.db...",
    .summary = "copies the runs of other databases, such as shards, into one",
    .options = options,
    .n_least = 2,
    .n_most = SB_OPERANDS_ANY,
    .notes = "OUT is made where it does not exist. Each cell is copied once, so that merging again "
             "adds what is\nnew. What was cut short or is stale stays where it is. Databases that "
             "contradict each other are\nnot merged: 1 is returned, and the cells are named.\n",
    .examples = "  statbed merge results/sweep.db shard-*.db\n",
    .main = verb_merge,
};
