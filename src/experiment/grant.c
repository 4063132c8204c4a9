/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Further access beside the oracle: `grant: [label, sample]`, at the top level or in the grid. */
#include "experiment/work.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

enum { NAMES_MAX = 32 }; /* bits of enum sb_access */

static bool is_grantable(const struct sb_access_class *access)
{
    return access->kind == SB_ACCESS_EXAMPLES;
}

static const struct sb_access_class *find(const struct sb_catalog *c, const char *name)
{
    for (size_t i = 0; c->accesses[i]; i++) {
        if (strcmp(c->accesses[i]->name, name) == 0)
            return c->accesses[i];
    }
    return NULL;
}

/* What may be granted, for messages. */
static size_t list_names(const struct sb_catalog *c, const char *names[NAMES_MAX],
                         struct sb_buf *text)
{
    size_t n = 0;

    for (size_t i = 0; c->accesses[i] && n < NAMES_MAX; i++) {
        if (!is_grantable(c->accesses[i]))
            continue;
        sb_buf_printf(text, "%s%s", n ? ", " : "", c->accesses[i]->name);
        names[n++] = c->accesses[i]->name;
    }
    return n;
}

static int fail_name(struct sb_work *w, const struct sb_yaml *item,
                     const struct sb_access_class *access)
{
    const char *names[NAMES_MAX];
    const char *near, *all;
    struct sb_buf text;
    size_t n;
    int error;

    sb_buf_init(&text);
    n = list_names(w->reader->catalog, names, &text);
    near = access ? NULL : sb_nearest(item->text, names, n);
    all = sb_buf_str(&text);
    if (access)
        error = sb_mistake(w->reader->mistakes, item->line, item->column,
                           "grant: '%s' is an oracle for queries, of which there is one: name it "
                           "in oracle.type (granted can be %s)",
                           item->text, all ? all : "");
    else
        error = sb_mistake(w->reader->mistakes, item->line, item->column,
                           "grant: unknown access '%s'%s%s%s (granted can be %s)", item->text,
                           near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "",
                           all ? all : "");
    sb_buf_fini(&text);
    return error;
}

static int add_name(struct sb_work *w, const struct sb_yaml *item)
{
    struct sb_point *p = w->point;
    const struct sb_access_class *access;

    if (item->flawed)
        return -EINVAL;
    if (item->kind != SB_YAML_SCALAR || strpbrk(item->text, "\n\t"))
        return sb_mistake(w->reader->mistakes, item->line, item->column,
                          "grant: expected a name, found %s", sb_yaml_found(item));
    access = find(w->reader->catalog, item->text);
    if (!access || !is_grantable(access))
        return fail_name(w, item, access);
    if (p->grants & access->bit)
        return sb_mistake(w->reader->mistakes, item->line, item->column, "grant: %s stands twice",
                          item->text);
    p->grants |= access->bit;
    return 0;
}

/* "label,sample", in the order of the bits whatever the file's is. */
static char *print_names(const struct sb_catalog *c, uint32_t grants)
{
    struct sb_buf out;
    char *text;

    sb_buf_init(&out);
    for (uint32_t bit = 1; bit && bit <= grants; bit <<= 1) {
        for (size_t i = 0; c->accesses[i]; i++) {
            if (grants & bit & c->accesses[i]->bit)
                sb_buf_printf(&out, "%s%s", out.n ? "," : "", c->accesses[i]->name);
        }
    }
    text = sb_strdup(out.n ? sb_buf_str(&out) : "");
    sb_buf_fini(&out);
    return text;
}

int sb_grant_parse(struct sb_work *w)
{
    const struct sb_yaml *list = w->view.grant;
    int error = 0;

    if (w->view.grant_unknown || (list && list->flawed))
        return -EINVAL;
    if (list && list->kind != SB_YAML_LIST)
        return sb_mistake(w->reader->mistakes, list->line, list->column,
                          "grant: expected a list such as [label, sample], found %s",
                          sb_yaml_found(list));
    for (size_t i = 0; list && i < list->n; i++)
        error = add_name(w, list->entries[i].value) ? -EINVAL : error;
    w->point->grants_text = print_names(w->reader->catalog, w->point->grants);
    return w->point->grants_text ? error : sb_mistakes_worse(w->reader->mistakes, -ENOMEM);
}

/* The place of an access in the list. */
static const struct sb_yaml *place_of(const struct sb_work *w, const char *name)
{
    const struct sb_yaml *list = w->view.grant;

    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->entries[i].value->text, name) == 0)
            return list->entries[i].value;
    }
    return list;
}

int sb_grant_check(struct sb_work *w)
{
    const struct sb_point *p = w->point;
    const struct sb_yaml *at;

    if (p->grants & p->access->bit) {
        at = place_of(w, p->access->name);
        return sb_mistake(w->reader->mistakes, at->line, at->column,
                          "grant: %s is the oracle already: leave it out", p->access->name);
    }
    if (!p->grants || !p->policy->lazy)
        return 0;
    at = w->view.grant->entries[0].value;
    return sb_mistake(w->reader->mistakes, at->line, at->column,
                      "grant: %s is refused where labels or samples are granted: no member is "
                      "hidden yet",
                      p->policy->name);
}

int sb_grant_check_labels(struct sb_work *w, const struct sb_family *family)
{
    const struct sb_yaml *at;

    if (!(w->point->grants & SB_LABEL) || !sb_space_is_unlabelled(&family->space))
        return 0;
    at = place_of(w, "label");
    return sb_mistake(w->reader->mistakes, at->line, at->column,
                      "grant: examples of family %s have no labels that could be granted; grant "
                      "samples",
                      family->class->name);
}
