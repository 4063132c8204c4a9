/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learner plugins by name: each is started once, to be described, and remembered. Also the shipped
 * catalog of everything else that an experiment names. */
#include "base/memory.h"
#include "oracles/access/accesses.h"
#include "oracles/families/families.h"
#include "oracles/policies/policies.h"
#include "runner/runner.h"

#include <errno.h>
#include <string.h>

const struct sb_catalog sb_shipped_catalog = {
    .families = sb_families,
    .accesses = sb_accesses,
    .policies = sb_policies,
    .oracle_params = sb_oracle_params,
};

struct plugin {
    char *path;
    struct sb_learner_process *process; /* kept for its descriptor; it waits, and is never run */
};

struct sb_plugins {
    uint32_t isolation;
    struct plugin *items;
    size_t n, cap;
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
    free(plugins->items);
    free(plugins);
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
                   const struct sb_param **params_out, uint32_t *access_out, struct sb_diag *diag)
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
    *access_out = descriptor->access;
    return 0;
}

struct sb_learner_resolver sb_plugins_resolver(struct sb_plugins *plugins)
{
    return (struct sb_learner_resolver){ plugins, resolve };
}
