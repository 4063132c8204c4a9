/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The learner that a section names: resolved once a file, and granted what it asks. */
#include "experiment/work.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct sb_known_learner *resolve_new(struct sb_point_reader *r, const char *type)
{
    struct sb_known_learner *all =
        sb_grow(r->learners, &r->cap_learners, r->n_learners + 1, sizeof *all);
    struct sb_known_learner *l;
    struct sb_diag diag;

    if (!all)
        return NULL;
    r->learners = all;
    l = &all[r->n_learners];
    *l = (struct sb_known_learner){ .type = sb_strdup(type) };
    if (!l->type)
        return NULL;
    r->n_learners++;
    sb_diag_init(&diag);
    l->error = r->resolver->resolve(r->resolver->self, type, r->base_dir, &l->path, &l->params,
                                    &l->needs, &diag);
    if (l->error)
        l->message = sb_strdup(diag.n_items ? diag.items[0].text : "cannot be loaded");
    sb_diag_fini(&diag);
    return l;
}

static struct sb_known_learner *resolve(struct sb_point_reader *r, const char *type)
{
    for (size_t i = 0; i < r->n_learners; i++) {
        if (strcmp(r->learners[i].type, type) == 0)
            return &r->learners[i];
    }
    return resolve_new(r, type);
}

static int fail_learner(struct sb_work *w, const struct sb_known_learner *l,
                        const struct sb_item *item)
{
    struct sb_mistakes *m = w->reader->mistakes;

    if (l->message)
        sb_mistake(m, item->value->line, item->value->column, "learner: %s", l->message);
    if (!l->message || (l->error != -EINVAL && l->error != -ENOENT))
        return sb_mistakes_worse(m, l->message ? l->error : -ENOMEM);
    return -EINVAL;
}

int sb_learner_choose(struct sb_work *w, const struct sb_known_learner **out)
{
    struct sb_view_section *s = &w->view.section[SB_SECTION_LEARNER];
    const struct sb_known_learner *l;
    bool given;
    const char *type = sb_view_word(&w->view, SB_SECTION_LEARNER, "type", &given);

    if (!type) {
        if (!s->given)
            sb_section_missing(w, SB_SECTION_LEARNER);
        else if (!given && !s->unknown && !sb_section_misspelt(w, SB_SECTION_LEARNER, "type"))
            sb_mistake(w->reader->mistakes, s->line, s->column,
                       "learner: 'type' is missing (a learner's name, or the path of a plugin "
                       "with a slash in it)");
        s->unknown = true;
        return -EINVAL;
    }
    l = resolve(w->reader, type);
    if (!l || l->error) {
        s->unknown = true;
        return l ? fail_learner(w, l, sb_view_find(&w->view, SB_SECTION_LEARNER, "type"))
                 : sb_mistakes_worse(w->reader->mistakes, -ENOMEM);
    }
    if (!s->unknown) {
        sb_section_add_table(w, SB_SECTION_LEARNER, l->params);
        sb_section_add_table(w, SB_SECTION_LEARNER,
                             sb_section_common(w->reader->catalog, SB_SECTION_LEARNER));
    }
    *out = l;
    return s->unknown ? -EINVAL : 0;
}

/* A learner must be granted an oracle that it can ask. */
int sb_learner_check_access(struct sb_work *w, const struct sb_known_learner *l)
{
    const struct sb_catalog *c = w->reader->catalog;
    const struct sb_item *type = sb_view_find(&w->view, SB_SECTION_LEARNER, "type");
    const struct sb_access_class *granted = c->accesses[w->chosen[SB_SECTION_ORACLE][0]];
    const char *const more = w->point->grants_text;
    const char *names = NULL;
    struct sb_buf needs;
    int error = 0;

    if (!l->needs.access || (l->needs.access & (granted->bit | w->point->grants)))
        return 0;
    sb_buf_init(&needs);
    for (size_t i = 0; c->accesses[i]; i++) {
        if (l->needs.access & c->accesses[i]->bit)
            sb_buf_printf(&needs, "%s%s", needs.n ? " or " : "", c->accesses[i]->name);
    }
    names = needs.n ? sb_buf_str(&needs) : "an oracle that there is not yet";
    error = sb_mistake(w->reader->mistakes, type->value->line, type->value->column,
                       "learner: %s asks %s, but the oracle is %s%s%s%s", l->type, names,
                       granted->name, *more ? " and " : "", more, *more ? " is granted" : "");
    sb_buf_fini(&needs);
    return error;
}

/* It must understand the labels. */
int sb_learner_check_labels(struct sb_work *w, const struct sb_known_learner *l,
                            const struct sb_family *family)
{
    const struct sb_item *type = sb_view_find(&w->view, SB_SECTION_LEARNER, "type");
    const uint64_t n = family->space.n_labels;
    const bool two = l->needs.flags & SB_TWO_LABELS, set = l->needs.flags & SB_LABEL_SET;
    char found[40] = "real numbers";

    if ((!two || n == 2) && (!set || (n > 0 && !sb_space_is_unlabelled(&family->space))))
        return 0;
    if (sb_space_is_unlabelled(&family->space))
        return sb_mistake(w->reader->mistakes, type->value->line, type->value->column,
                          "learner: %s needs labels of %s, and examples of family %s have none",
                          l->type, two ? "a set of two" : "a finite set", family->class->name);
    if (n)
        snprintf(found, sizeof found, "a set of %llu", (unsigned long long)n);
    return sb_mistake(w->reader->mistakes, type->value->line, type->value->column,
                      "learner: %s needs labels of %s, and those of family %s are %s", l->type,
                      two ? "a set of two" : "a finite set", family->class->name, found);
}

void sb_point_reader_fini(struct sb_point_reader *reader)
{
    for (size_t i = 0; i < reader->n_learners; i++) {
        free(reader->learners[i].type);
        free(reader->learners[i].path);
        free(reader->learners[i].message);
    }
    free(reader->learners);
    reader->learners = NULL;
    reader->n_learners = reader->cap_learners = 0;
}
