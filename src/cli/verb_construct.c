/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed construct: makes what a family is built from, and prints it with all that is known of
 * it. */
#include "cli/cli.h"
#include "cli/construct.h"
#include "cli/named.h"

#include <errno.h>
#include <string.h>

static int read_values(const struct sb_args *args, const struct sb_construction *c,
                       struct sb_values *out, struct sb_diag *diag)
{
    const size_t n = args->n_operands - 1;
    struct sb_given *given SB_FREE = SB_NEW_ARRAY(struct sb_given, n);
    char *where SB_FREE = sb_printf("construction %s", c->name);

    if (!given || !where)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        if (!sb_given_split(args->operands[i + 1], &given[i]))
            return sb_diag_fail(
                diag, -EINVAL,
                "construct: expected a parameter KEY=VALUE, found '%s'; see statbed "
                "show %s",
                args->operands[i + 1], c->name);
    return sb_values_parse(&c->params, 1, given, n, NULL, 0, where, out, diag);
}

static int print(const struct sb_args *args, const struct sb_construction *c,
                 const struct sb_values *values, struct sb_diag *diag)
{
    struct sb_sheet sheet;
    struct sb_buf out;
    int error;

    sb_buf_init(&out);
    sb_sheet_begin(strcmp(sb_args_value(args, "format"), "json") == 0, &out, &sheet);
    error = c->print(values, &sheet, diag);
    sb_sheet_end(&sheet);
    if (!error)
        error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error;
}

static int verb_construct(const struct sb_args *args, struct sb_diag *diag)
{
    const void *class = NULL;
    struct sb_values values = { 0 };
    int error = sb_class_find(args, "construction", args->operands[0], &class, diag);

    if (!error)
        error = read_values(args, class, &values, diag);
    if (!error)
        error = print(args, class, &values, diag);
    sb_values_fini(&values);
    return error;
}

static const struct sb_option options[] = {
    { "format", "text|json", "text", "how it is written", 0 }, SB_OPTION_END
};

const struct sb_verb sb_verb_construct = {
    .name = "construct",
    .group = SB_GROUP_LOOK,
    .operands = "CONSTRUCTION [KEY=VALUE...]",
    .summary = "makes what a family hides, and prints its numbers",
    .options = options,
    .n_least = 1,
    .n_most = SB_OPERANDS_ANY,
    .notes =
        "statbed show CONSTRUCTION lists its parameters. Constants are those that families use: "
        "enclosed by ball arithmetic and rounded once.\n",
    .examples = "  statbed construct moments m=9 sigma=0.1\n",
    .main = verb_construct,
};
