/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed list: names with a line each. */
#include "cli/catalog.h"
#include "cli/cli.h"

#include <errno.h>
#include <string.h>

/* For scripts, and quick: nothing is started or read. */
static int list_names(const struct sb_kind *kind, struct sb_buf *out, struct sb_diag *diag)
{
    struct sb_things things = { 0 };
    const int error = sb_kind_list(kind, 0, false, &things, diag);

    for (size_t i = 0; i < things.n; i++)
        sb_buf_printf(out, "%s\n", things.items[i].name);
    sb_things_fini(&things);
    return error;
}

static int list_kind(const struct sb_kind *kind, uint32_t isolation, struct sb_buf *out,
                     struct sb_diag *diag)
{
    struct sb_things things = { 0 };
    const int error = sb_kind_list(kind, isolation, true, &things, diag);

    sb_buf_printf(out, "%s%s\n", out->n ? "\n" : "", kind->plural);
    for (size_t i = 0; i < things.n; i++)
        sb_buf_printf(out, "  %-22s %s\n", things.items[i].name, things.items[i].summary);
    if (!things.n && !error)
        sb_buf_puts(out, "  none found\n");
    sb_things_fini(&things);
    return error;
}

static const struct sb_kind *find_kind(const char *word)
{
    for (const struct sb_kind *kind = sb_kinds; kind->name; kind++)
        if (strcmp(word, kind->plural) == 0 || strcmp(word, kind->name) == 0)
            return kind;
    return NULL;
}

static int unknown_kind(const char *word, struct sb_diag *diag)
{
    const char *names[16];
    const char *near;
    struct sb_buf all;
    size_t n = 0;

    sb_buf_init(&all);
    for (; sb_kinds[n].name && n < SB_COUNT(names); n++) {
        names[n] = sb_kinds[n].plural;
        sb_buf_printf(&all, "%s%s", n ? ", " : "", names[n]);
    }
    near = sb_nearest(word, names, n);
    sb_diag_fail(diag, -EINVAL, "list: unknown kind '%s'%s%s%s; there are %s", word,
                 near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "",
                 all.failed ? "" : sb_buf_str(&all));
    sb_buf_fini(&all);
    return -EINVAL;
}

static int verb_list(const struct sb_args *args, struct sb_diag *diag)
{
    const struct sb_kind *only = args->n_operands ? find_kind(args->operands[0]) : NULL;
    const uint32_t isolation = sb_args_isolation(args);
    const bool bare = strcmp(sb_args_value(args, "format"), "names") == 0;
    struct sb_buf out;
    int error = 0;

    if (args->n_operands && !only)
        return unknown_kind(args->operands[0], diag);
    sb_buf_init(&out);
    for (const struct sb_kind *kind = sb_kinds; kind->name && !error; kind++) {
        if (only && kind != only)
            continue;
        error = bare ? list_names(kind, &out, diag) : list_kind(kind, isolation, &out, diag);
    }
    if (!error)
        error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error;
}

static const struct sb_option options[] = { { "format", "text|names", "text",
                                              "with a line on each, or the names alone", 0 },
                                            SB_OPTION_ISOLATION,
                                            SB_OPTION_END };

const struct sb_verb sb_verb_list = {
    .name = "list",
    .group = SB_GROUP_LOOK,
    .operands = "[KIND]",
    .summary = "names what there is, a line each",
    .options = options,
    .n_most = 1,
    .examples = "  statbed list learners\n",
    .main = verb_list,
};
