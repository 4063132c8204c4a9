/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learners in the catalog: each plugin is started and asked what it is. */
#include "cli/learners.h"

#include "base/memory.h"
#include "cli/catalog.h"
#include "runner/family_plugin.h"

#include <errno.h>
#include <string.h>

int sb_learner_describe(struct sb_plugins *plugins, const char *name, char **path_out,
                        const struct sb_descriptor **out, struct sb_diag *diag)
{
    const struct sb_learner_resolver resolver = sb_plugins_resolver(plugins);
    const struct sb_param *params;
    struct sb_learner_needs needs;
    int error = resolver.resolve(resolver.self, name, NULL, path_out, &params, &needs, diag);

    if (!error)
        *out = sb_plugins_find(plugins, *path_out);
    return error;
}

int sb_learners_describe(uint32_t isolation, struct sb_described *out, struct sb_diag *diag)
{
    int error;

    *out = (struct sb_described){ .plugins = sb_plugins_new(isolation) };
    error = out->plugins ? sb_learner_list(&out->names) : -ENOMEM;
    if (!error)
        out->learners = SB_NEW_ARRAY(struct sb_schema_learner, out->names.n);
    if (!error && !out->learners)
        error = -ENOMEM;
    for (size_t i = 0; i < out->names.n && !error; i++) {
        const struct sb_descriptor *d = NULL;
        char *path SB_FREE = NULL;

        error = sb_learner_describe(out->plugins, out->names.items[i], &path, &d, diag);
        if (!error)
            out->learners[i] =
                (struct sb_schema_learner){ out->names.items[i], d->summary, d->params, d->access };
    }
    return error;
}

void sb_described_fini(struct sb_described *all)
{
    free(all->learners);
    sb_names_fini(&all->names);
    sb_plugins_free(all->plugins);
}

static int add_learner(struct sb_plugins *plugins, const char *name, struct sb_things *out)
{
    const struct sb_descriptor *descriptor = NULL;
    char *path SB_FREE = NULL;
    int error = sb_learner_describe(plugins, name, &path, &descriptor, NULL);

    if (error == -ENOMEM)
        return error;
    return sb_things_add(
        out, name, descriptor ? descriptor->summary : "(does not load: statbed show tells why)");
}

int sb_learners_list(uint32_t isolation, bool with_summary, struct sb_things *out,
                     struct sb_diag *diag)
{
    struct sb_plugins *plugins = sb_plugins_new(isolation);
    struct sb_names names = { 0 };
    int error = plugins ? sb_learner_list(&names) : -ENOMEM;

    (void)diag;
    for (size_t i = 0; i < names.n && !error; i++)
        error = with_summary ? add_learner(plugins, names.items[i], out)
                             : sb_things_add(out, names.items[i], NULL);
    sb_names_fini(&names);
    sb_plugins_free(plugins);
    return error;
}

static void print_access(uint32_t access, struct sb_buf *out)
{
    const char *between = "";

    sb_buf_puts(out, "  asks: ");
    for (const struct sb_access_class *const *c = sb_shipped_catalog.accesses; *c; c++) {
        if (!(access & (*c)->bit))
            continue;
        sb_buf_printf(out, "%s%s", between, (*c)->name);
        between = " or ";
    }
    sb_buf_puts(out, "\n");
}

/* Files that are no plugin at all are taken for one, so that it is said why not. */
bool sb_learners_is_file(const char *name)
{
    return sb_name_ends(name, ".so") && !sb_family_so_is(name);
}

/* A file is named by a path with a slash; "mine.so" can only be one. */
static char *as_type(const char *name)
{
    const bool file = sb_name_ends(name, ".so") && !strchr(name, '/');

    return file ? sb_printf("./%s", name) : sb_strdup(name);
}

int sb_learners_show(uint32_t isolation, const char *name, struct sb_buf *out, struct sb_diag *diag)
{
    struct sb_plugins *plugins = sb_plugins_new(isolation);
    const struct sb_descriptor *d = NULL;
    char *path SB_FREE = NULL;
    char *type SB_FREE = as_type(name);
    char digest[65];
    int error = plugins && type ? sb_learner_describe(plugins, type, &path, &d, diag) : -ENOMEM;

    if (!error) {
        sb_digest_hex(&d->so, digest);
        sb_buf_printf(out, "learner %s\n  %s\n  source: %s\n", name, d->summary, d->source);
        print_access(d->access, out);
        if (d->flags & (SB_LABEL_SET | SB_TWO_LABELS))
            sb_buf_printf(out, "  needs labels of %s\n",
                          d->flags & SB_TWO_LABELS ? "a set of two" : "a finite set");
        sb_buf_printf(out, "  replays by %s\n",
                      d->flags & SB_NOT_BITWISE ? "counts (it calls BLAS or libm)" : "digest");
        sb_buf_printf(out, "  file: %s (SHA-256 %.16s)\n", path, digest);
        sb_params_print("parameters (learner: { type: ..., ... })", d->params, out);
        sb_params_print("and of every learner", sb_learner_common_params, out);
    }
    sb_plugins_free(plugins);
    return error;
}
