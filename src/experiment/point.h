/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One point of an experiment: its view (texts) becomes an sb_point (classes and values). */
#ifndef SB_EXPERIMENT_POINT_H
#define SB_EXPERIMENT_POINT_H

#include "experiment/experiment.h"
#include "experiment/view.h"

/* A learner type that was resolved, or could not be. */
struct sb_known_learner {
    char *type, *path;
    const struct sb_param *params;
    struct sb_learner_needs needs;
    int error;
    char *message; /* where error is not 0 */
};

struct sb_point_reader {
    const struct sb_catalog *catalog;
    const struct sb_learner_resolver *resolver;
    const char *base_dir;
    struct sb_mistakes *mistakes;
    /* reductions.c: what the top level says of all points */
    const struct sb_reduction_class *reduction; /* NULL: none */
    const struct sb_yaml_entry *reduction_at, *gap_at;
    bool reduction_unknown; /* reported */
    double gap;
    struct sb_known_learner *learners; /* owned: each type is resolved once a file */
    size_t n_learners, cap_learners;
};

/* reductions.c: the key `reduction`; 0 or -EINVAL, reported. */
int sb_reduction_read(struct sb_point_reader *reader, const struct sb_yaml *root);
/* And is there one where there is a gap? */
int sb_reduction_check_gap(const struct sb_point_reader *reader);
void sb_point_reader_fini(struct sb_point_reader *reader);
/* 0 with *out filled; -EINVAL with the mistakes reported; or something worse. */
int sb_point_read(struct sb_point_reader *reader, const struct sb_yaml *root,
                  const struct sb_grid *grid, const size_t *pick, struct sb_point *out);
void sb_point_fini(struct sb_point *point);

#endif
