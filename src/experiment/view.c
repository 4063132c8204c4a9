/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One point of the grid as texts. Formulas refer to other values, which may be formulas: each is
 * resolved when first asked for, so the order of the file does not matter. */
#include "experiment/view.h"

#include "base/memory.h"
#include "base/text.h"
#include "experiment/formula.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum state { UNRESOLVED, BUSY, DONE, FAILED };
enum { CHAIN_MAX = 32 }; /* formulas that ask for formulas */

struct sb_item *sb_view_find(struct sb_view *view, size_t section, const char *name)
{
    struct sb_view_section *s = &view->section[section];

    for (size_t i = 0; i < s->n; i++) {
        if (strcmp(s->items[i].name, name) == 0)
            return &s->items[i];
    }
    return NULL;
}

/* Building */

static int set(struct sb_view *view, size_t section, const char *name, uint32_t line,
               uint32_t column, const struct sb_yaml *value)
{
    struct sb_view_section *s = &view->section[section];
    struct sb_item *item = sb_view_find(view, section, name);

    if (!item) {
        struct sb_item *items = sb_grow(s->items, &s->cap, s->n + 1, sizeof *items);

        if (!items)
            return -ENOMEM;
        s->items = items;
        item = &items[s->n++];
    }
    *item = (struct sb_item){ name, line, column, value, section, NULL, NULL, UNRESOLVED };
    return 0;
}

static int set_map(struct sb_view *view, size_t section, const struct sb_yaml *map)
{
    int error = 0;

    for (size_t i = 0; i < map->n && !error; i++) {
        const struct sb_yaml_entry *e = &map->entries[i];

        error = set(view, section, e->key, e->line, e->column, e->value);
    }
    return error;
}

static int set_section(struct sb_view *view, size_t section, const struct sb_yaml_entry *entry)
{
    struct sb_view_section *s = &view->section[section];
    const struct sb_yaml *map = entry->value;

    s->given = true;
    s->line = entry->line;
    s->column = entry->column;
    if (map->kind == SB_YAML_MAP)
        return set_map(view, section, map);
    s->unknown = true;
    if (!map->flawed)
        sb_mistake(view->mistakes, map->line, map->column, "%s: expected a map of keys, found %s",
                   entry->key, sb_yaml_found(map));
    return 0;
}

/* The section is set by the grid, in the file or not. */
static struct sb_view_section *given(struct sb_view *view, size_t section,
                                     const struct sb_yaml_entry *e)
{
    struct sb_view_section *s = &view->section[section];

    if (!s->given) {
        s->line = e->line;
        s->column = e->column;
    }
    s->given = true;
    return s;
}

static void set_grant(struct sb_view *view, const struct sb_axis *axis, size_t pick)
{
    view->grant = axis->bad ? NULL : axis->entry->value->entries[pick].value;
    view->grant_unknown = axis->bad;
}

static int set_part(struct sb_view *view, const struct sb_yaml_entry *e,
                    const struct sb_axis_part *part)
{
    if (part->section == SB_GRANT) {
        view->grant = part->value;
        return 0;
    }
    given(view, part->section, e);
    return part->key ? set(view, part->section, part->key, e->line, e->column, part->value)
                     : set_map(view, part->section, part->value);
}

/* What a bad axis would have set is given, but unknown: it hides no mistake and makes none. */
static int set_bad_axis(struct sb_view *view, const struct sb_axis *axis)
{
    const struct sb_yaml_entry *e = axis->entry;

    for (size_t i = 0; i < SB_SECTIONS && !axis->key; i++) {
        if (i == axis->section || axis->section == SB_CASE)
            given(view, i, e)->unknown = true;
    }
    if (axis->section == SB_CASE)
        view->grant_unknown = true;
    if (!axis->key)
        return 0;
    given(view, axis->section, e);
    return set(view, axis->section, axis->key, e->line, e->column, NULL);
}

static int set_axis(struct sb_view *view, const struct sb_axis *axis, size_t pick)
{
    const struct sb_yaml_entry *e = axis->entry;
    int error = 0;

    if (axis->bad)
        return set_bad_axis(view, axis);
    for (size_t i = 0; i < sb_axis_n_parts(axis, pick) && !error; i++) {
        const struct sb_axis_part part = sb_axis_part(axis, pick, i);

        error = set_part(view, e, &part);
    }
    return error;
}

int sb_view_init(struct sb_view *view, const struct sb_yaml *root, const struct sb_grid *grid,
                 const size_t *pick, struct sb_mistakes *mistakes)
{
    const struct sb_yaml_entry *grant = sb_yaml_find(root, "grant");
    int error = 0;

    *view = (struct sb_view){ .mistakes = mistakes };
    for (size_t i = 0; i < SB_SECTIONS && !error; i++) {
        const struct sb_yaml_entry *entry = sb_yaml_find(root, sb_section_names[i]);

        view->section[i].line = view->section[i].column = 1;
        if (entry)
            error = set_section(view, i, entry);
    }
    if (grant)
        view->grant = grant->value;
    for (size_t k = 0; k < grid->n_axes && !error; k++) {
        if (grid->axes[k].section == SB_GRANT)
            set_grant(view, &grid->axes[k], pick[k]);
        else
            error = set_axis(view, &grid->axes[k], pick[k]);
    }
    if (error)
        sb_view_fini(view);
    return error;
}

void sb_view_fini(struct sb_view *view)
{
    for (size_t i = 0; i < SB_SECTIONS; i++) {
        for (size_t k = 0; k < view->section[i].n; k++)
            free(view->section[i].items[k].text);
        free(view->section[i].items);
    }
    for (size_t i = 0; i < view->n_keys; i++)
        free((char *)view->keys[i]);
    free(view->keys);
    *view = (struct sb_view){ 0 };
}

/* Resolving */

static const struct sb_param *declared(const struct sb_view *view, size_t section, const char *name)
{
    const struct sb_view_section *s = &view->section[section];

    const struct sb_param *param = NULL;

    for (size_t t = 0; t < s->n_tables && !param; t++)
        param = sb_params_find(s->tables[t], name);
    return param;
}

static int add_key(struct sb_view *view, size_t *cap, size_t section, const char *name)
{
    const char **keys = sb_grow(view->keys, cap, view->n_keys + 1, sizeof *keys);
    char *key = keys ? sb_printf("%s.%s", sb_section_names[section], name) : NULL;

    if (keys)
        view->keys = keys;
    if (key)
        view->keys[view->n_keys++] = key;
    return key ? 0 : -ENOMEM;
}

/* All names that a formula may use. Once a view, when it is first needed. */
static int list_keys(struct sb_view *view)
{
    size_t cap = 0;
    int error = 0;

    if (view->keys)
        return 0;
    for (size_t i = 0; i < SB_SECTIONS && !error; i++) {
        const struct sb_view_section *s = &view->section[i];

        for (size_t t = 0; t < s->n_tables && !error; t++) {
            for (const struct sb_param *p = s->tables[t]; p && p->name && !error; p++)
                error = add_key(view, &cap, i, p->name);
        }
        for (size_t k = 0; k < s->n && !error; k++)
            error = add_key(view, &cap, i, s->items[k].name);
    }
    return error;
}

static bool is_number(const struct sb_param *param)
{
    return param && (param->type == SB_INT || param->type == SB_REAL);
}

static bool starts_formula(const struct sb_item *item)
{
    return item->value && item->value->kind == SB_YAML_SCALAR && item->value->text[0] == '=';
}

static bool is_formula(const struct sb_item *item, const struct sb_param *param)
{
    return is_number(param) && starts_formula(item);
}

static int fail_item(struct sb_view *view, const struct sb_item *item, const char *what)
{
    const struct sb_yaml *v = item->value;

    return sb_mistake(view->mistakes, v->line, v->column, "%s: %s %s",
                      sb_section_names[item->section], item->name, what);
}

/* The formulas from `item` round to itself. */
static int fail_cycle(struct sb_view *view, const struct sb_item *item)
{
    char *path SB_FREE = sb_printf("%s.%s", sb_section_names[item->section], item->name);
    const struct sb_item *at = view->current;

    for (; at && path; at = at->asker) {
        char *longer = sb_printf("%s.%s -> %s", sb_section_names[at->section], at->name, path);

        free(path);
        path = longer;
        if (at == item)
            break;
    }
    if (!path)
        return -ENOMEM;
    return sb_mistake(view->mistakes, item->value->line, item->value->column,
                      "formulas in a circle: %s", path);
}

static int resolve(struct sb_view *view, struct sb_item *item);

/* The text of a dotted key, for formulas. Where it cannot be had, and the reason is not that there
 * is none, the reason has been reported and `quiet` is set. */
static const char *lookup(void *self, const char *key)
{
    struct sb_view *view = self;
    const char *dot = strchr(key, '.');
    const size_t section = dot ? sb_section_named(key, (size_t)(dot - key)) : SB_SECTIONS;
    const struct sb_param *param;
    struct sb_item *item;

    if (section == SB_SECTIONS || view->quiet)
        return NULL;
    item = sb_view_find(view, section, dot + 1);
    if (item && !(view->section[section].unknown && starts_formula(item))) {
        view->quiet = resolve(view, item) != 0;
        return view->quiet ? NULL : item->text;
    }
    param = declared(view, section, dot + 1);
    /* what is missing in its section, and what an unknown section holds, is reported there */
    view->quiet = (param && !param->fallback) || view->section[section].unknown;
    return param ? param->fallback : NULL;
}

static size_t chain_length(const struct sb_view *view)
{
    size_t n = 0;

    for (const struct sb_item *at = view->current; at; at = at->asker)
        n++;
    return n;
}

static int fail_formula(struct sb_view *view, const struct sb_item *item, uint32_t column,
                        const char *why)
{
    const struct sb_yaml *v = item->value;

    /* column counts behind the '=' */
    return sb_mistake(view->mistakes, v->line, v->column + (v->quoted ? 1 : 0) + column,
                      "%s: %s = '%s': %s", sb_section_names[item->section], item->name, v->text,
                      why);
}

static int compute(struct sb_view *view, struct sb_item *item)
{
    struct sb_formula_scope scope = { view, lookup, NULL, 0 };
    struct sb_diag diag;
    uint32_t column = 0;
    char text[32];
    double v;
    const bool outer_quiet = view->quiet;
    int error = list_keys(view);

    if (error)
        return error;
    if (chain_length(view) > CHAIN_MAX)
        return fail_item(view, item, "is too long a chain of formulas");
    scope.keys = view->keys;
    scope.n_keys = view->n_keys;
    sb_diag_init(&diag);
    view->quiet = false;
    error = sb_formula(item->value->text + 1, &scope, &v, &column, &diag);
    if (!error) {
        sb_format_real(v, text);
        item->text = sb_strdup(text);
        error = item->text ? 0 : -ENOMEM;
    } else if (error == -EINVAL && !view->quiet) {
        fail_formula(view, item, column, diag.n_items ? diag.items[0].text : "is wrong");
    }
    view->quiet = outer_quiet;
    sb_diag_fini(&diag);
    return error;
}

/* A list for a vector: [0.5, 1] is "0.5,1". */
static int join(struct sb_view *view, struct sb_item *item)
{
    struct sb_buf joined;
    int error = 0;

    sb_buf_init(&joined);
    for (size_t i = 0; i < item->value->n && !error; i++) {
        const struct sb_yaml *v = item->value->entries[i].value;

        if (v->kind != SB_YAML_SCALAR || v->flawed)
            error = v->flawed ? -EINVAL : fail_item(view, item, "expects a list of numbers");
        else
            sb_buf_printf(&joined, "%s%s", i ? "," : "", v->text);
    }
    if (!error)
        item->text = sb_strdup(sb_buf_str(&joined));
    sb_buf_fini(&joined);
    return error ? error : item->text ? 0 : -ENOMEM;
}

static int take_scalar(struct sb_view *view, struct sb_item *item)
{
    const char *text = item->value->text;

    if (strpbrk(text, "\n\t"))
        return fail_item(view, item, "must stand on one line");
    item->text = sb_strdup(text);
    return item->text ? 0 : -ENOMEM;
}

static int resolve_new(struct sb_view *view, struct sb_item *item)
{
    const struct sb_param *param = declared(view, item->section, item->name);
    const struct sb_yaml *value = item->value;
    char *what SB_FREE = NULL;

    if (!value || value->flawed)
        return -EINVAL;
    if (is_formula(item, param))
        return compute(view, item);
    if (value->kind == SB_YAML_SCALAR)
        return take_scalar(view, item);
    if (value->kind == SB_YAML_LIST && param && param->type == SB_VECTOR)
        return join(view, item);
    what =
        sb_printf("expects one value, found %s%s", sb_yaml_found(value),
                  value->kind == SB_YAML_LIST ? " (a list of values to try belongs in grid:)" : "");
    return what ? fail_item(view, item, what) : -ENOMEM;
}

/* 0; -EINVAL with the mistake reported; -ENOMEM. */
static int resolve(struct sb_view *view, struct sb_item *item)
{
    int error;

    if (item->state == DONE || item->state == FAILED)
        return item->state == DONE ? 0 : -EINVAL;
    if (item->state == BUSY)
        return fail_cycle(view, item);
    item->state = BUSY;
    item->asker = view->current;
    view->current = item;
    error = resolve_new(view, item);
    view->current = item->asker;
    item->state = error ? FAILED : DONE;
    if (error == -ENOMEM)
        sb_mistakes_worse(view->mistakes, error);
    return error;
}

int sb_view_resolve(struct sb_view *view)
{
    for (size_t i = 0; i < SB_SECTIONS; i++) {
        for (size_t k = 0; k < view->section[i].n; k++) {
            if (view->section[i].n_tables && resolve(view, &view->section[i].items[k]) == -ENOMEM)
                return -ENOMEM;
        }
    }
    return 0;
}

const char *sb_view_word(struct sb_view *view, size_t section, const char *name, bool *given_out)
{
    struct sb_item *item = sb_view_find(view, section, name);

    *given_out = item != NULL;
    return item && resolve(view, item) == 0 ? item->text : NULL;
}

const char *sb_view_formula_at(const struct sb_view *view, uint32_t line, uint32_t column)
{
    for (size_t i = 0; i < SB_SECTIONS; i++) {
        for (size_t k = 0; k < view->section[i].n; k++) {
            const struct sb_item *item = &view->section[i].items[k];

            if (item->value && item->value->line == line && item->value->column == column &&
                is_formula(item, declared(view, i, item->name)))
                return item->value->text;
        }
    }
    return NULL;
}

/* Labels */

static void put_label(struct sb_view *view, size_t section, const char *name, struct sb_buf *out)
{
    const struct sb_item *item = sb_view_find(view, section, name);
    const char *text = item && item->text ? item->text : "?";
    char number[32];
    int64_t i;
    double r;

    if (sb_parse_int(text, &i)) {
        snprintf(number, sizeof number, "%lld", (long long)i);
        text = number;
    } else if (sb_parse_real(text, &r)) {
        sb_format_real(r, number);
        text = number;
    }
    sb_buf_printf(out, "%s%s.%s=%s", out->n ? " " : "", sb_section_names[section], name, text);
}

static void put_grant(const struct sb_view *view, struct sb_buf *out)
{
    const struct sb_yaml *list = view->grant;

    sb_buf_printf(out, "%sgrant=", out->n ? " " : "");
    if (!list || !list->n)
        sb_buf_puts(out, "none");
    for (size_t i = 0; list && i < list->n; i++) {
        const struct sb_yaml *item = list->entries[i].value;

        sb_buf_printf(out, "%s%s", i ? "," : "", item->text ? item->text : "?");
    }
}

static void put_part(struct sb_view *view, const struct sb_axis_part *part, struct sb_buf *out)
{
    if (part->section == SB_GRANT) {
        put_grant(view, out);
        return;
    }
    if (part->key)
        put_label(view, part->section, part->key, out);
    for (size_t i = 0; !part->key && i < part->value->n; i++)
        put_label(view, part->section, part->value->entries[i].key, out);
}

char *sb_view_label(struct sb_view *view, const struct sb_grid *grid, const size_t *pick)
{
    struct sb_buf label;
    char *copy = NULL;

    sb_buf_init(&label);
    for (size_t k = 0; k < grid->n_axes; k++) {
        const struct sb_axis *axis = &grid->axes[k];

        if (axis->section == SB_GRANT)
            put_grant(view, &label);
        if (axis->bad && axis->key)
            put_label(view, axis->section, axis->key, &label);
        for (size_t i = 0; !axis->bad && i < sb_axis_n_parts(axis, pick[k]); i++) {
            const struct sb_axis_part part = sb_axis_part(axis, pick[k], i);

            put_part(view, &part, &label);
        }
    }
    if (sb_buf_str(&label))
        copy = sb_strdup(sb_buf_str(&label));
    sb_buf_fini(&label);
    return copy;
}
