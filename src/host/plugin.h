/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner plugin: loaded, its version checked, its descriptor and parameter table copied field by
 * field, so that plugins built against other minor versions of learner.h load too. */
#ifndef SB_HOST_PLUGIN_H
#define SB_HOST_PLUGIN_H

#include "base/buffer.h"
#include "base/diag.h"
#include "statbed/learner.h"

/* What learner.h 1.0 measured: nothing smaller has ever been released. */
enum { SB_LEARNER_SIZE_1_0 = 80, SB_PARAM_SIZE_1_0 = 40, SB_QUERY_SIZE_1_0 = 16 };

enum { SB_PLUGIN_PARAMS = 256 }; /* at most so many are declared */

struct sb_plugin {
    void *object; /* of dlopen */
    struct sb_learner learner;
    struct sb_param *params; /* NULL-ended, our layout; the strings are the plugin's */
};

/* Step 5 of the protocol: dlopen alone; runs the plugin's constructors. -EINVAL with one line. */
int sb_plugin_load(const char *path, struct sb_plugin *out, struct sb_diag *diag);
/* Finds the symbol, checks and copies what it says. -EINVAL with one line. */
int sb_plugin_check(const char *path, struct sb_plugin *plugin, struct sb_diag *diag);
void sb_plugin_unload(struct sb_plugin *plugin);

/* A plugin's table (NULL: none), with entries of param_size bytes, in our layout: malloc'd, *out is set
 * on failure, too. */
int sb_plugin_copy_params(const char *path, const struct sb_param *table, uint32_t param_size,
                          struct sb_param **out, struct sb_diag *diag);
/* Checks a parameter table that nobody has vouched for: names, types, duplicates, defaults that
 * parse. noun: "learner", "family". */
int sb_plugin_check_params(const struct sb_param *params, const char *noun, struct sb_diag *diag);
int sb_plugin_check_name(const char *name, const char *noun, struct sb_diag *diag);

/* The DESCRIBE frame; 0 or what sb_frame_end says. */
int sb_plugin_describe(const struct sb_plugin *plugin, uint32_t isolation, struct sb_buf *frame);

#endif
