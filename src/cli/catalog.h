/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that has a name: families, oracles, policies, goals, learners, experiments, bounds, constructions,
 * views, figures. `list` and `show` walk over this. */
#ifndef SB_CLI_CATALOG_H
#define SB_CLI_CATALOG_H

#include "base/params.h"
#include "experiment/experiment.h"

struct sb_things {
    struct sb_thing {
        char *name, *summary; /* owned */
    } * items;
    size_t n, cap;
};
int sb_things_add(struct sb_things *things, const char *name, const char *summary);
void sb_things_fini(struct sb_things *things);

/* One that is compiled in; borrowed. */
struct sb_entry {
    const char *name, *summary, *source; /* source: NULL where there is none */
    const struct sb_param *params;
    const void *class; /* what the kind's details() casts back */
};

/* A kind of things: compiled in (entry), or found when asked for (list and show), or both.
 * `isolation`: how learners are started to be asked what they are. */
struct sb_kind {
    const char *name, *plural;
    bool (*entry)(size_t i, struct sb_entry *out);                     /* false behind the last */
    void (*details)(const struct sb_entry *entry, struct sb_buf *out); /* or NULL */
    /* with_summary false: names alone, nothing is started or read. */
    int (*list)(uint32_t isolation, bool with_summary, struct sb_things *out, struct sb_diag *diag);
    int (*show)(uint32_t isolation, const char *name, struct sb_buf *out, struct sb_diag *diag);
    bool (*is_file)(const char *name); /* is the name the path of one? NULL: none is a file */
};
extern const struct sb_kind sb_kinds[]; /* NULL-named end */

int sb_kind_list(const struct sb_kind *kind, uint32_t isolation, bool with_summary,
                 struct sb_things *out, struct sb_diag *diag);
int sb_kind_show(const struct sb_kind *kind, uint32_t isolation, const char *name,
                 struct sb_buf *out, struct sb_diag *diag);

/* families.c: plugins */
bool sb_families_is_file(const char *name);
int sb_families_show(uint32_t isolation, const char *name, struct sb_buf *out,
                     struct sb_diag *diag);
/* What families say of themselves, compiled in or not. */
void sb_family_print(const struct sb_family_class *family, struct sb_buf *out);
/* What one that was made knows of itself: a line of name and value, a line of help. */
void sb_family_facts_print(const struct sb_family *family, struct sb_buf *out);

/* learners.c, experiments.c */
bool sb_learners_is_file(const char *name);
bool sb_experiments_is_file(const char *name);
int sb_learners_list(uint32_t isolation, bool with_summary, struct sb_things *out,
                     struct sb_diag *diag);
int sb_learners_show(uint32_t isolation, const char *name, struct sb_buf *out,
                     struct sb_diag *diag);
int sb_experiments_list(uint32_t isolation, bool with_summary, struct sb_things *out,
                        struct sb_diag *diag);
int sb_experiments_show(uint32_t isolation, const char *name, struct sb_buf *out,
                        struct sb_diag *diag);

/* Does the name end in this, with something before it? */
bool sb_name_ends(const char *name, const char *end);

/* "integer in [1,63], required" */
void sb_param_form(const struct sb_param *param, struct sb_buf *out);
/* Declared parameters, two lines each, under `title`; nothing where there are none. */
void sb_params_print(const char *title, const struct sb_param *params, struct sb_buf *out);

#endif
