/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plugins that state a law on the line: statbed makes the family of it that hides it along a direction, with all that
 * such families have (oracles/families/hidden_direction.h). */
#include "runner/family_plugin.h"

#include "base/memory.h"
#include "estimate/ngca.h"
#include "oracles/families/hidden_direction.h"

#include <errno.h>
#include <math.h>
#include <string.h>

const struct sb_param sb_family_line_params[] = { SB_HIDDEN_DIRECTION_PARAMS,
                                                  { NULL, 0, 0, NULL, NULL, NULL } };
const char sb_family_line_recover[] = SB_HIDDEN_DIRECTION_RECOVER;

const struct sb_family_instance *sb_family_instance_of(const struct sb_family *family)
{
    return family->ngca ? family->ngca->line->stated.self : family->self;
}

/* What a plugin says that a law on the line leaves nothing to be said of. */
static const char *said_beside(const struct sb_family_plugin *p)
{
    return p->label         ? "label"
           : p->weight      ? "weight"
           : p->points      ? "points"
           : p->sample      ? "sample"
           : p->product     ? "product"
           : p->correlation ? "correlation"
           : p->n_good      ? "n_good"
           : p->value       ? "value"
           : p->recovered   ? "recovered"
           : p->describe    ? "describe"
                            : NULL;
}

int sb_family_line_check(const char *path, const struct sb_family_plugin *plugin,
                         const struct sb_param *params, struct sb_diag *diag)
{
    const char *beside = said_beside(plugin);

    if (!plugin->line_density || !plugin->line_draw)
        return sb_diag_fail(diag, -EINVAL,
                            "%s: its descriptor has no %s; a law on the line is line_density and "
                            "line_draw",
                            path, plugin->line_density ? "line_draw" : "line_density");
    if (beside)
        return sb_diag_fail(diag, -EINVAL,
                            "%s: it states a law on the line, of which statbed makes the family: "
                            "leave %s out",
                            path, beside);
    for (size_t i = 0; params[i].name; i++)
        if (sb_params_find(sb_family_line_params, params[i].name))
            return sb_diag_fail(diag, -EINVAL,
                                "%s: parameter '%s' is statbed's in a family made of a law on the "
                                "line: leave it out",
                                path, params[i].name);
    return 0;
}

const char *sb_family_line_wrong(const struct sb_family_facts *f)
{
    if (!isfinite(f->line_from) || !isfinite(f->line_to) || !(f->line_from < f->line_to))
        return "line_from is not below line_to, or one of them is not finite";
    if (f->n_line_cuts && !f->line_cuts)
        return "there are line cuts, and line_cuts is NULL";
    for (uint64_t i = 0; i < f->n_line_cuts; i++)
        if (!isfinite(f->line_cuts[i]) || (i && !(f->line_cuts[i] > f->line_cuts[i - 1])))
            return "line_cuts do not increase";
    return NULL;
}

/* The law */

static void density(void *self, size_t n, const double *t, double *out)
{
    const struct sb_family_instance *f = self;

    f->plugin->line_density(f->self, n, t, out);
}

static void draw(void *self, struct sb_key key, uint64_t stream, uint64_t start, uint64_t n,
                 double *out)
{
    const struct sb_family_instance *f = self;
    const struct sb_family_numbers from =
        sb_family_numbers_of("family line", key, stream, start, n);
    struct sb_stream given;

    sb_family_stream(&from, &given);
    f->plugin->line_draw(f->self, &given, n, out);
}

static int make_line(struct sb_family_instance *f, struct sb_line **out, struct sb_diag *diag)
{
    const struct sb_line_stated stated = { .self = f,
                                           .density = density,
                                           .draw = draw,
                                           .from = f->facts.line_from,
                                           .to = f->facts.line_to,
                                           .cut = f->facts.line_cuts,
                                           .n_cuts = (size_t)f->facts.n_line_cuts };

    return sb_line_of_density(&stated, f->facts.line_matched, out, diag);
}

/* Where a line refuses, whose it is stands in front of what it says. */
static int refuse(const char *where, int error, const struct sb_diag *why, struct sb_diag *diag)
{
    if (error != -EINVAL || !why->n_items)
        return error;
    return sb_diag_fail(diag, -EINVAL, "%s: %s", where, why->items[0].text);
}

int sb_family_line_create(const struct sb_values *params, struct sb_family *out,
                          struct sb_diag *diag)
{
    char *where SB_FREE = sb_printf("family %s", out->class->name);
    struct sb_hidden_direction_wish wish;
    struct sb_family_instance *f;
    struct sb_line *line = NULL;
    struct sb_diag why;
    int error = where ? sb_family_instance_new(out->class, params, &f, diag) : -ENOMEM;

    if (error)
        return error;
    sb_diag_init(&why);
    error = refuse(where, make_line(f, &line, &why), &why, diag);
    sb_diag_fini(&why);
    wish = sb_hidden_direction_wish(where, params);
    if (!error)
        error = sb_hidden_direction_new(&wish, line, out, diag);
    if (error)
        sb_family_instance_free(f);
    return error;
}

void sb_family_line_destroy(struct sb_family *family)
{
    struct sb_family_instance *f = family->ngca ? family->ngca->line->stated.self : NULL;

    sb_hidden_direction_destroy(family);
    if (f)
        sb_family_instance_free(f);
}
