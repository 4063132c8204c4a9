/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family that a section names: compiled in, or a plugin's where its type has a slash. */
#include "experiment/work.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

static int resolve(struct sb_work *w, const char *type, const struct sb_family_class **out,
                   struct sb_diag *diag)
{
    const struct sb_learner_resolver *r = w->reader->resolver;

    if (!r->resolve_family)
        return sb_diag_fail(diag, -EINVAL, "families that are plugins cannot be loaded here");
    return r->resolve_family(r->self, type, w->reader->base_dir, out, diag);
}

static bool choose_plugin(struct sb_work *w, const char *type)
{
    const struct sb_item *item = sb_view_find(&w->view, SB_SECTION_FAMILY, "type");
    struct sb_view_section *s = &w->view.section[SB_SECTION_FAMILY];
    struct sb_mistakes *m = w->reader->mistakes;
    struct sb_diag diag;
    int error;

    sb_diag_init(&diag);
    error = resolve(w, type, &w->point->family, &diag);
    if (error && diag.n_items)
        sb_mistake(m, item->value->line, item->value->column, "family: %s", diag.items[0].text);
    if (error && (!diag.n_items || (error != -EINVAL && error != -ENOENT)))
        sb_mistakes_worse(m, error);
    sb_diag_fini(&diag);
    if (error)
        s->unknown = true;
    else if (!s->unknown)
        sb_section_add_table(w, SB_SECTION_FAMILY, w->point->family->params);
    return !s->unknown;
}

/* hard.so, where ./hard.so is meant */
static bool fail_bare(struct sb_work *w, const char *type)
{
    const struct sb_item *item = sb_view_find(&w->view, SB_SECTION_FAMILY, "type");

    sb_mistake(w->reader->mistakes, item->value->line, item->value->column,
               "family: '%s' is no shipped family's name; a plugin's path has a slash: './%s'",
               type, type);
    w->view.section[SB_SECTION_FAMILY].unknown = true;
    return false;
}

bool sb_family_choose(struct sb_work *w)
{
    bool given;
    const char *type = sb_view_word(&w->view, SB_SECTION_FAMILY, "type", &given);

    if (type && strchr(type, '/'))
        return choose_plugin(w, type);
    if (type && strlen(type) > 3 && strcmp(type + strlen(type) - 3, ".so") == 0)
        return fail_bare(w, type);
    if (!sb_classes_choose(w, SB_SECTION_FAMILY))
        return false;
    w->point->family = w->reader->catalog->families[w->chosen[SB_SECTION_FAMILY][0]];
    return true;
}
