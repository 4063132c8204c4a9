/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plugins by name: each learner is started once, to be described, and remembered; each family is loaded
 * once, and kept. Also the shipped catalog of everything else that an experiment names. */
#include "base/memory.h"
#include "oracles/access/accesses.h"
#include "oracles/families/families.h"
#include "oracles/policies/policies.h"
#include "runner/family_plugin.h"
#include "runner/runner.h"

#include <errno.h>
#include <string.h>

const struct sb_catalog sb_shipped_catalog = {
    .families = sb_families,
    .accesses = sb_accesses,
    .policies = sb_policies,
    .oracle_params = sb_oracle_params,
    .reductions = sb_reductions,
};

struct plugin {
    char *path;
    struct sb_learner_process *process; /* kept for its descriptor; it waits, and is never run */
};

struct sb_plugins {
    uint32_t isolation;
    struct plugin *items;
    size_t n, cap;
    struct sb_family_so **families; /* owned, each at its place */
    size_t n_families, cap_families;
};

struct sb_plugins *sb_plugins_new(uint32_t isolation)
{
    struct sb_plugins *plugins = SB_NEW(struct sb_plugins);

    if (plugins)
        plugins->isolation = isolation;
    return plugins;
}

void sb_plugins_free(struct sb_plugins *plugins)
{
    if (!plugins)
        return;
    for (size_t i = 0; i < plugins->n; i++) {
        free(plugins->items[i].path);
        sb_learner_close(plugins->items[i].process);
    }
    for (size_t i = 0; i < plugins->n_families; i++)
        sb_family_so_free(plugins->families[i]);
    free(plugins->families);
    free(plugins->items);
    free(plugins);
}

uint32_t sb_plugins_isolation(const struct sb_plugins *plugins)
{
    return plugins->n ? sb_learner_isolation(plugins->items[0].process) : plugins->isolation;
}

const struct sb_descriptor *sb_plugins_find(const struct sb_plugins *plugins, const char *path)
{
    for (size_t i = 0; i < plugins->n; i++)
        if (strcmp(plugins->items[i].path, path) == 0)
            return sb_learner_descriptor(plugins->items[i].process);
    return NULL;
}

static int start(struct sb_plugins *plugins, const char *path, struct sb_diag *diag)
{
    const struct sb_limits limits = { .memory_mib = 1024, .output_kib = 64, .seconds = 30 };
    struct plugin *items =
        sb_grow(plugins->items, &plugins->cap, plugins->n + 1, sizeof *plugins->items);
    struct plugin *plugin;
    int error;

    if (!items)
        return -ENOMEM;
    plugins->items = items;
    plugin = &items[plugins->n];
    error = sb_learner_start(path, plugins->isolation, &limits, &plugin->process, diag);
    if (error)
        return error;
    plugin->path = sb_strdup(path);
    if (!plugin->path) {
        sb_learner_close(plugin->process);
        return -ENOMEM;
    }
    plugins->n++;
    return 0;
}

static int resolve(void *self, const char *type, const char *base_dir, char **path_out,
                   const struct sb_param **params_out, struct sb_learner_needs *needs_out,
                   struct sb_diag *diag)
{
    struct sb_plugins *plugins = self;
    const struct sb_descriptor *descriptor;
    char *path;
    int error = sb_learner_find(type, base_dir, &path, diag);

    if (error)
        return error;
    if (!sb_plugins_find(plugins, path))
        error = start(plugins, path, diag);
    if (error) {
        free(path);
        return error;
    }
    descriptor = sb_plugins_find(plugins, path);
    *path_out = path;
    *params_out = descriptor->params;
    *needs_out = (struct sb_learner_needs){ descriptor->access, descriptor->flags };
    return 0;
}

static int load_family(struct sb_plugins *plugins, const char *path,
                       const struct sb_family_class **out, struct sb_diag *diag)
{
    struct sb_family_so **families = sb_grow(plugins->families, &plugins->cap_families,
                                             plugins->n_families + 1, sizeof *families);
    int error;

    if (!families)
        return -ENOMEM;
    plugins->families = families;
    error = sb_family_so_load(path, &families[plugins->n_families], diag);
    if (!error)
        *out = &families[plugins->n_families++]->class;
    return error;
}

static int resolve_family(void *self, const char *type, const char *base_dir,
                          const struct sb_family_class **out, struct sb_diag *diag)
{
    struct sb_plugins *plugins = self;
    char *path SB_FREE = NULL;
    const int error = sb_plugin_path("family", type, base_dir, &path, diag);

    if (error)
        return error;
    for (size_t i = 0; i < plugins->n_families; i++) {
        if (strcmp(plugins->families[i]->path, path) == 0) {
            *out = &plugins->families[i]->class;
            return 0;
        }
    }
    return load_family(plugins, path, out, diag);
}

struct sb_learner_resolver sb_plugins_resolver(struct sb_plugins *plugins)
{
    return (struct sb_learner_resolver){ plugins, resolve, resolve_family };
}
