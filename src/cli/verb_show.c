/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed show: everything about a name, or about a recorded run. */
#include "base/memory.h"
#include "cli/catalog.h"
#include "cli/cli.h"
#include "cli/named.h"
#include "cli/show_run.h"

#include <errno.h>
#include <string.h>

/* All names known, for the nearest one; *has_out: whether `kind` has this very name. */
static int gather(const struct sb_kind *kind, const char *name, struct sb_things *all,
                  bool *has_out, struct sb_diag *diag)
{
    const size_t before = all->n;
    const int error = sb_kind_list(kind, 0, false, all, diag);

    *has_out = kind->is_file && kind->is_file(name);
    for (size_t i = before; i < all->n; i++)
        *has_out = *has_out || strcmp(all->items[i].name, name) == 0;
    return error;
}

static int unknown_name(const char *name, const struct sb_things *all, struct sb_diag *diag)
{
    const char **names SB_FREE = SB_NEW_ARRAY(const char *, all->n);
    const char *near;

    if (!names)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    for (size_t i = 0; i < all->n; i++)
        names[i] = all->items[i].name;
    near = sb_nearest(name, names, all->n);
    return sb_diag_fail(diag, -ENOENT,
                        "show: nothing is named '%s'%s%s%s; statbed list names all there is", name,
                        near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* A name may belong to several kinds (conjunction is a family, a learner and an experiment). */
static int show_name(const char *name, uint32_t isolation, struct sb_buf *out, struct sb_diag *diag)
{
    struct sb_things all = { 0 };
    bool has, shown = false;
    int error = 0;

    for (const struct sb_kind *kind = sb_kinds; kind->name && !error; kind++) {
        error = gather(kind, name, &all, &has, diag);
        if (error || !has)
            continue;
        sb_buf_puts(out, shown ? "\n" : "");
        error = sb_kind_show(kind, isolation, name, out, diag);
        shown = true;
    }
    if (!error && !shown)
        error = unknown_name(name, &all, diag);
    sb_things_fini(&all);
    return error;
}

/* A family at parameters: what it is, and what it knows of itself there. */
static int show_family_at(const struct sb_args *args, struct sb_buf *out, struct sb_diag *diag)
{
    const char *name = args->operands[0];
    struct sb_given *given SB_FREE = SB_NEW_ARRAY(struct sb_given, args->n_operands);
    struct sb_named_family named = { 0 };
    int error = given ? sb_named_family_find(&named, args, name, diag) : -ENOMEM;

    for (size_t i = 1; i < args->n_operands && !error; i++)
        if (!sb_given_split(args->operands[i], &given[i - 1]))
            error = sb_diag_fail(diag, -EINVAL,
                                 "show: expected a parameter KEY=VALUE, found '%s'; see statbed "
                                 "show %s",
                                 args->operands[i], name);
    if (!error)
        error = sb_named_family_make(&named, given, args->n_operands - 1, diag);
    if (!error)
        error = sb_kind_show(sb_kinds, 0, name, out, diag); /* families come first */
    if (!error)
        sb_family_facts_print(named.family, out);
    sb_named_family_fini(&named);
    return error;
}

static int verb_show(const struct sb_args *args, struct sb_diag *diag)
{
    const char *name = args->operands[0];
    struct sb_buf out;
    int64_t run;
    int error;

    sb_buf_init(&out);
    if (args->n_operands > 1)
        error = show_family_at(args, &out, diag);
    else if (sb_parse_int(name, &run))
        error = sb_show_run(sb_args_value(args, "db"), run, &out, diag);
    else if (sb_args_given(args, "db"))
        error = sb_diag_fail(diag, -EINVAL, "show: --db goes with the number of a run, found '%s'",
                             name);
    else
        error = show_name(name, sb_args_isolation(args), &out, diag);
    if (!error)
        error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error;
}

static const struct sb_option options[] = {
    SB_OPTION_DB("the database with the run; default the one in results/"), SB_OPTION_ISOLATION,
    SB_OPTION_END
};

const struct sb_verb sb_verb_show = {
    .name = "show",
    .group = SB_GROUP_LOOK,
    .operands = "NAME|FILE.so|FILE.yaml|RUN [KEY=VALUE...]",
    .summary = "tells all about a name, or about a recorded run",
    .options = options,
    .n_least = 1,
    .n_most = SB_OPERANDS_ANY,
    .notes =
        "Of a family, oracle, policy, goal or learner: its parameters with their ranges and "
        "defaults, and its source. Of an experiment: its cells. Of a view: its SQL. Of a run: its "
        "record, its first queries, what its learner printed. Of a family at parameters KEY=VALUE, "
        "too: what it knows of itself there.\n",
    .examples = "  statbed show parity\n  statbed show parity dimension=10\n  statbed show 1 --db "
                "results/quickstart.db\n",
    .main = verb_show,
};
