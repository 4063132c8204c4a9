/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid of an experiment file. */
#include "experiment/grid.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

const char *const sb_section_names[SB_SECTIONS] = { "family", "oracle", "learner", "budget",
                                                    "goal" };

size_t sb_section_named(const char *name, size_t n)
{
    size_t i = 0;

    while (i < SB_SECTIONS &&
           (strlen(sb_section_names[i]) != n || memcmp(sb_section_names[i], name, n) != 0))
        i++;
    return i;
}

/* "family" or "family.dimension". */
static int read_key(const struct sb_yaml_entry *entry, struct sb_mistakes *m, struct sb_axis *out)
{
    const char *dot = strchr(entry->key, '.');
    const size_t n = dot ? (size_t)(dot - entry->key) : strlen(entry->key);
    char *name SB_FREE = sb_strndup(entry->key, n);
    const char *near;

    if (!name)
        return sb_mistakes_worse(m, -ENOMEM);
    *out = (struct sb_axis){ sb_section_named(name, n), dot ? dot + 1 : NULL, entry, 1, false };
    if (out->section < SB_SECTIONS && (!dot || dot[1]))
        return 0;
    near = sb_nearest(name, sb_section_names, SB_SECTIONS);
    if (near)
        return sb_mistake(m, entry->line, entry->column,
                          "grid: '%s' names no value; did you mean '%s%s'?", entry->key, near,
                          dot && dot[1] ? dot : "");
    return sb_mistake(m, entry->line, entry->column,
                      "grid: '%s' names no value: write section.key (sections: family, oracle, "
                      "learner, budget, goal)",
                      entry->key);
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
        const struct sb_yaml *item = list->entries[i].value;

        if (item->flawed)
            error = -EINVAL;
        else if (item->kind != SB_YAML_MAP)
            error = sb_mistake(m, item->line, item->column,
                               "grid: %s expects maps, found %s; for one key write %s.key", name,
                               sb_yaml_found(item), name);
    }
    return error;
}

/* Does an axis set this key of this section? */
static bool sets(const struct sb_axis *axis, size_t section, const char *key)
{
    const struct sb_yaml *list = axis->entry->value;

    if (axis->section != section)
        return false;
    if (axis->key)
        return strcmp(axis->key, key) == 0;
    for (size_t i = 0; i < list->n; i++) {
        if (sb_yaml_find(list->entries[i].value, key))
            return true;
    }
    return false;
}

/* Two axes that set one key would make one of them a lie. */
static int check_overlap(const struct sb_axis *a, const struct sb_axis *b, struct sb_mistakes *m)
{
    const struct sb_yaml *list = b->entry->value;

    for (size_t i = 0; i < list->n; i++) {
        const struct sb_yaml *map = b->key ? NULL : list->entries[i].value;

        for (size_t k = 0; k < (map ? map->n : 1); k++) {
            const char *key = map ? map->entries[k].key : b->key;

            if (sets(a, b->section, key))
                return sb_mistake(m, b->entry->line, b->entry->column,
                                  "grid: %s.%s is set by '%s' already",
                                  sb_section_names[b->section], key, a->entry->key);
        }
    }
    return 0;
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
        if (axis->section == SB_SECTIONS || (axis->key && !*axis->key))
            continue;
        axis->bad = check_items(axis, m) != 0;
        for (size_t k = 0; k < out->n_axes && !axis->bad; k++)
            axis->bad = !out->axes[k].bad && check_overlap(&out->axes[k], axis, m);
        axis->n = axis->bad ? 1 : axis->entry->value->n;
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
