/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid of an experiment file. */
#include "experiment/grid.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

const char *const sb_section_names[SB_SECTIONS] = { "family", "oracle", "learner", "budget",
                                                    "goal" };
const char *const sb_section_helps[SB_SECTIONS] = {
    [SB_SECTION_FAMILY] = "the distributions, of which one is hidden",
    [SB_SECTION_ORACLE] = "the kind of access, and how it answers inside its tolerance",
    [SB_SECTION_LEARNER] = "the plugin that asks",
    [SB_SECTION_BUDGET] = "what a learner may spend",
    [SB_SECTION_GOAL] = "what a learner must return",
};

size_t sb_section_named(const char *name, size_t n)
{
    size_t i = 0;

    while (i < SB_SECTIONS &&
           (strlen(sb_section_names[i]) != n || memcmp(sb_section_names[i], name, n) != 0))
        i++;
    return i;
}

size_t sb_axis_n_parts(const struct sb_axis *axis, size_t pick)
{
    if (axis->section < SB_SECTIONS)
        return 1;
    return axis->section == SB_CASE ? axis->entry->value->entries[pick].value->n : 0;
}

struct sb_axis_part sb_axis_part(const struct sb_axis *axis, size_t pick, size_t i)
{
    const struct sb_yaml *item = axis->entry->value->entries[pick].value;
    const struct sb_yaml_entry *e;

    if (axis->section < SB_SECTIONS)
        return (struct sb_axis_part){ axis->section, axis->key, item };
    e = &item->entries[i];
    if (strcmp(e->key, "grant") == 0)
        return (struct sb_axis_part){ SB_GRANT, NULL, e->value };
    return (struct sb_axis_part){ sb_section_named(e->key, strlen(e->key)), NULL, e->value };
}

/* "family", "family.dimension", "grant" or "case"; otherwise section stays SB_SECTIONS. */
static int read_key(const struct sb_yaml_entry *entry, struct sb_mistakes *m, struct sb_axis *out)
{
    const char *dot = strchr(entry->key, '.');
    const size_t n = dot ? (size_t)(dot - entry->key) : strlen(entry->key);
    char *name SB_FREE = sb_strndup(entry->key, n);
    const char *near;

    if (!name)
        return sb_mistakes_worse(m, -ENOMEM);
    *out = (struct sb_axis){ sb_section_named(name, n), dot ? dot + 1 : NULL, entry, 1, false };
    if (strcmp(entry->key, "grant") == 0)
        out->section = SB_GRANT;
    if (strcmp(entry->key, "case") == 0)
        out->section = SB_CASE;
    if (out->section != SB_SECTIONS && (!dot || dot[1]))
        return 0;
    out->section = SB_SECTIONS;
    near = sb_nearest(name, sb_section_names, SB_SECTIONS);
    if (near)
        return sb_mistake(m, entry->line, entry->column,
                          "grid: '%s' names no value; did you mean '%s%s'?", entry->key, near,
                          dot && dot[1] ? dot : "");
    return sb_mistake(m, entry->line, entry->column,
                      "grid: '%s' names no value: write section.key (sections: family, oracle, "
                      "learner, budget, goal), grant or case",
                      entry->key);
}

/* One item of cases: a map of sections to maps. */
static int check_case(const struct sb_yaml *item, struct sb_mistakes *m)
{
    int error = 0;

    for (size_t i = 0; i < item->n; i++) {
        const struct sb_yaml_entry *e = &item->entries[i];
        const bool known = sb_section_named(e->key, strlen(e->key)) < SB_SECTIONS;
        const bool grant = strcmp(e->key, "grant") == 0;

        if (!known && !grant)
            error = sb_mistake(m, e->line, e->column,
                               "grid: case: '%s' is no section (family, oracle, learner, budget, "
                               "goal), nor grant",
                               e->key);
        else if (e->value->flawed)
            error = -EINVAL;
        else if (grant && e->value->kind != SB_YAML_LIST)
            error =
                sb_mistake(m, e->value->line, e->value->column,
                           "grid: case: grant expects a list, found %s", sb_yaml_found(e->value));
        else if (known && e->value->kind != SB_YAML_MAP)
            error = sb_mistake(m, e->value->line, e->value->column,
                               "grid: case: %s expects a map of keys, found %s", e->key,
                               sb_yaml_found(e->value));
    }
    return error;
}

/* An item of a list without a key. */
static int check_item(const struct sb_axis *axis, const struct sb_yaml *item, struct sb_mistakes *m)
{
    const char *name = axis->entry->key;

    if (item->flawed)
        return -EINVAL;
    if (item->kind == (axis->section == SB_GRANT ? SB_YAML_LIST : SB_YAML_MAP))
        return axis->section == SB_CASE ? check_case(item, m) : 0;
    if (axis->section == SB_GRANT)
        return sb_mistake(m, item->line, item->column, "grid: grant expects lists, found %s",
                          sb_yaml_found(item));
    if (axis->section == SB_CASE)
        return sb_mistake(m, item->line, item->column,
                          "grid: case expects maps of sections, found %s", sb_yaml_found(item));
    return sb_mistake(m, item->line, item->column,
                      "grid: %s expects maps, found %s; for one key write %s.key", name,
                      sb_yaml_found(item), name);
}

static int check_items(const struct sb_axis *axis, struct sb_mistakes *m)
{
    const struct sb_yaml *list = axis->entry->value;
    const char *name = axis->entry->key;
    int error = 0;

    if (list->flawed)
        return -EINVAL;
    if (list->kind != SB_YAML_LIST)
        return sb_mistake(m, list->line, list->column,
                          "grid: %s expects a list of values, found %s", name, sb_yaml_found(list));
    if (!list->n)
        return sb_mistake(m, list->line, list->column,
                          "grid: %s is an empty list: give a value, or drop the key", name);
    for (size_t i = 0; i < list->n && !axis->key; i++) {
        if (check_item(axis, list->entries[i].value, m))
            error = -EINVAL;
    }
    return error;
}

static bool sets_grant(const struct sb_axis *axis)
{
    if (axis->section == SB_GRANT)
        return true;
    for (size_t pick = 0; pick < axis->n && axis->section == SB_CASE; pick++)
        if (sb_yaml_find(axis->entry->value->entries[pick].value, "grant"))
            return true;
    return false;
}

/* Does an axis set this key of this section? */
static bool sets(const struct sb_axis *axis, size_t section, const char *key)
{
    if (axis->key)
        return axis->section == section && strcmp(axis->key, key) == 0;
    for (size_t pick = 0; pick < axis->n; pick++) {
        for (size_t i = 0; i < sb_axis_n_parts(axis, pick); i++) {
            const struct sb_axis_part part = sb_axis_part(axis, pick, i);

            if (part.section == section && sb_yaml_find(part.value, key))
                return true;
        }
    }
    return false;
}

static int check_part(const struct sb_axis *a, const struct sb_axis *b,
                      const struct sb_axis_part *part, struct sb_mistakes *m)
{
    for (size_t k = 0; k < (part->key ? 1 : part->value->n); k++) {
        const char *key = part->key ? part->key : part->value->entries[k].key;

        if (sets(a, part->section, key))
            return sb_mistake(m, b->entry->line, b->entry->column,
                              "grid: %s.%s is set by '%s' already", sb_section_names[part->section],
                              key, a->entry->key);
    }
    return 0;
}

/* Two axes that set one key would make one of them a lie. */
static int check_overlap(const struct sb_axis *a, const struct sb_axis *b, struct sb_mistakes *m)
{
    int error = 0;

    if (sets_grant(a) && sets_grant(b))
        return sb_mistake(m, b->entry->line, b->entry->column, "grid: grant is set by '%s' already",
                          a->entry->key);
    for (size_t pick = 0; pick < (b->key ? 1 : b->n) && !error; pick++) {
        for (size_t i = 0; i < sb_axis_n_parts(b, pick) && !error; i++) {
            const struct sb_axis_part part = sb_axis_part(b, pick, i);

            error = part.section == SB_GRANT ? 0 : check_part(a, b, &part, m);
        }
    }
    return error;
}

static void count_points(struct sb_grid *grid)
{
    grid->n_points = 1;
    for (size_t i = 0; i < grid->n_axes; i++) {
        const uint64_t n = grid->axes[i].n;

        if (__builtin_mul_overflow(grid->n_points, n, &grid->n_points)) {
            grid->n_points = UINT64_MAX;
            return;
        }
    }
}

static int read_axes(const struct sb_yaml *node, struct sb_mistakes *m, struct sb_grid *out)
{
    for (size_t i = 0; i < node->n; i++) {
        struct sb_axis *axis = &out->axes[out->n_axes];

        if (read_key(&node->entries[i], m, axis) == -ENOMEM)
            return -ENOMEM;
        if (axis->section == SB_SECTIONS)
            continue;
        axis->bad = check_items(axis, m) != 0;
        axis->n = axis->bad ? 1 : axis->entry->value->n;
        for (size_t k = 0; k < out->n_axes && !axis->bad; k++)
            axis->bad = !out->axes[k].bad && check_overlap(&out->axes[k], axis, m);
        if (axis->bad)
            axis->n = 1;
        out->n_axes++;
    }
    return 0;
}

int sb_grid_read(const struct sb_yaml *node, struct sb_mistakes *mistakes, struct sb_grid *out)
{
    int error;

    *out = (struct sb_grid){ .n_points = 1 };
    if (!node || node->flawed)
        return 0;
    if (node->kind != SB_YAML_MAP) {
        sb_mistake(mistakes, node->line, node->column,
                   "grid: expected a map of section.key: [values], found %s", sb_yaml_found(node));
        return 0;
    }
    out->axes = SB_NEW_ARRAY(struct sb_axis, node->n);
    error = out->axes ? read_axes(node, mistakes, out) : -ENOMEM;
    if (error)
        return sb_mistakes_worse(mistakes, error);
    count_points(out);
    return 0;
}

void sb_grid_fini(struct sb_grid *grid)
{
    free(grid->axes);
    *grid = (struct sb_grid){ 0 };
}

void sb_grid_pick(const struct sb_grid *grid, uint64_t i, size_t *pick)
{
    for (size_t k = grid->n_axes; k-- > 0;) {
        const size_t n = grid->axes[k].n;

        pick[k] = (size_t)(i % n);
        i /= n;
    }
}
