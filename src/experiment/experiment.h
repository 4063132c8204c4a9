/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An experiment file, read, checked and expanded. Reading is strict: unknown, duplicate or missing
 * keys, wrong types and malformed numbers are all reported with file:line:column in one go, and
 * nothing runs. Every section is checked against declared parameter tables (base/params.h): those
 * of the family, access, policy and goal that it names, and those that the learner plugin declares.
 */
#ifndef SB_EXPERIMENT_EXPERIMENT_H
#define SB_EXPERIMENT_EXPERIMENT_H

#include "base/digest.h"
#include "base/names.h"
#include "base/params.h"
#include "estimate/family.h"
#include "experiment/seed.h"
#include "oracles/reductions/reduction.h"

/* A goal. */
struct sb_goal_class {
    const char *name, *summary;
    uint32_t goal; /* enum sb_goal */
    const struct sb_param *params;
};
extern const struct sb_goal_class sb_goals[]; /* NULL-named end */
/* Is a function of x to be returned, and scored by a loss (enum sb_loss) to reach, goal.max? */
static inline bool sb_goal_has_loss(uint32_t goal)
{
    return goal == SB_PREDICT || goal == SB_LEARN;
}
/* Which one, by name (NULL under goals that have none) and by number (zero-one under those). */
const char *sb_goal_loss_name(uint32_t goal, const struct sb_values *goal_values);
enum sb_loss sb_goal_loss(uint32_t goal, const struct sb_values *goal_values);
extern const struct sb_param sb_top_params[]; /* of the top level: name, claim, repeat, ... */
/* Keys of the top level that are no parameters: seed, grant, reduction, grid; NULL-named end. Sections beside. */
struct sb_top_key {
    const char *name, *help;
};
extern const struct sb_top_key sb_top_keys[];
#define SB_NO_REDUCTION "none"
enum { SB_EXPERIMENT_NAME_MAX = 64 };            /* of a-z, 0-9 and '-', which is not the first */
extern const struct sb_param sb_budget_params[]; /* queries, labels, samples, seconds, ... */
extern const struct sb_param sb_learner_common_params[]; /* coins */

/* What an experiment may name: the registries, all NULL-ended, and sb_oracle_params. */
struct sb_catalog {
    const struct sb_family_class *const *families;
    const struct sb_access_class *const *accesses;
    const struct sb_policy_class *const *policies;
    const struct sb_param *oracle_params;
    const struct sb_reduction_class *const *reductions; /* NULL: there are none */
};

/* One point of the grid: everything but the repeat. */
struct sb_point {
    const struct sb_family_class *family;
    struct sb_values family_values;
    const struct sb_access_class *access;
    const struct sb_policy_class *policy;
    struct sb_values oracle_values; /* access, policy, sb_oracle_params */
    char *learner_type, *learner_path;
    struct sb_values learner_values; /* the plugin's own */
    uint64_t coins;
    const struct sb_goal_class *goal;
    struct sb_values goal_values;
    struct sb_values budget_values;
    uint32_t grants;                            /* further access: bits of enum sb_access */
    char *grants_text;                          /* "label,sample", or "" */
    const struct sb_reduction_class *reduction; /* between learner and oracle; NULL: none */
    double gap;                                 /* oracles/reductions/reduction.h; 0: none */
    uint64_t n_labels, n_samples; /* their budgets; 0 where nothing is there to spend them on */
    char *label;                  /* "family.dimension=8 learner.type=parity-bent", or "" */
    struct sb_digest family_key;  /* seed-independent digest of the family and its parameters */
};

struct sb_experiment {
    char *file, *name, *claim, *text; /* text: the YAML as read */
    struct sb_digest text_digest;
    char *seed;           /* as written, canonical */
    struct sb_seed *root; /* of its random keys; stretched when first asked for */
    bool fresh;           /* seed: fresh; `seed` then holds the 128 bits drawn, as 32 hex digits */
    bool summary;         /* transcript: summary; queries are counted and digested, not kept */
    uint64_t repeat;
    struct sb_point *points;
    size_t n_points;
};

/* How the reader learns what parameters a learner declares: params must stay valid until the
 * resolver is gone; and how it loads a family that is named by a path (NULL: there are none), whose
 * class stays valid as long. Both return 0, or a negative errno with ONE message in diag without a
 * place (the reader adds the place). */
struct sb_learner_needs {
    uint32_t access; /* bits of enum sb_access: one of them is to be granted */
    uint32_t flags;  /* enum sb_flag */
};
struct sb_learner_resolver {
    void *self;
    int (*resolve)(void *self, const char *type, const char *base_dir, char **path_out,
                   const struct sb_param **params_out, struct sb_learner_needs *needs_out,
                   struct sb_diag *diag);
    int (*resolve_family)(void *self, const char *type, const char *base_dir,
                          const struct sb_family_class **class_out, struct sb_diag *diag);
};

enum { SB_POINTS_MAX = 100000 }; /* cells: points times repeat */

/* 0; -EINVAL with all mistakes, in the order of the file; -ENOENT; -ENOMEM. Each point's family and
 * oracle have been set up once, so that what their classes refuse is a mistake with a place, too. The
 * catalog and what it points to must outlive the experiment. */
int sb_experiment_read(const char *path, const struct sb_catalog *catalog,
                       const struct sb_learner_resolver *resolver, struct sb_experiment **out,
                       struct sb_diag *diag);
/* The same of a text (terminated) in memory: `file` stands in the messages, and paths in the text
 * count from its folder; it need not exist. */
int sb_experiment_read_text(const char *text, const char *file, const struct sb_catalog *catalog,
                            const struct sb_learner_resolver *resolver, struct sb_experiment **out,
                            struct sb_diag *diag);
void sb_experiment_free(struct sb_experiment *experiment);
/* Another seed, from which all that is random is drawn from now on: an integer or 32 hexadecimal
 * digits, as recorded. `fresh`, and with it the keys of cells, stays. 0, -EINVAL, -ENOMEM. */
int sb_experiment_set_seed(struct sb_experiment *experiment, const char *seed);

/* The key of a cell (a point and a repeat from 1), by which it is known in a database: digests all
 * that can change its transcript (seed, but "fresh" in place of one that was drawn, family, oracle, grants, learner type and parameters, coins, goal, the budgets of queries,
 * labels and samples, repeat), not the .so. */
struct sb_digest sb_cell_key(const struct sb_experiment *experiment, const struct sb_point *point,
                             uint64_t repeat);
/* What the secret is keyed by: (seed, family parameters, repeat) only; and what all else in a cell
 * is that is random. Both from the stretched seed (experiment/seed.h). */
struct sb_digest sb_secret_material(const struct sb_experiment *experiment,
                                    const struct sb_point *point, uint64_t repeat);
struct sb_digest sb_cell_material(const struct sb_experiment *experiment,
                                  const struct sb_point *point, uint64_t repeat);

/* "quickstart", "quickstart.yaml" or a path -> a path, malloc'd. Order: the path itself,
 * experiments/ under the current folder, experiments/ beside the program (in a build folder), the
 * installed folder. */
int sb_experiment_find(const char *name, char **path_out, struct sb_diag *diag);
/* The names of all in those folders. 0 or -ENOMEM; *out is to be freed in either case. */
int sb_experiment_list(struct sb_names *out);

#endif
