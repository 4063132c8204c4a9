/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An experiment, opened by name: found, read and checked against the catalog. */
#ifndef SB_CLI_EXPERIMENTS_H
#define SB_CLI_EXPERIMENTS_H

#include "runner/runner.h"

struct sb_open {
    struct sb_experiment *experiment;
    struct sb_plugins *plugins; /* whose descriptors the experiment borrows */
};
/* 0, or what finding and reading say; *out is to be closed on success only. */
int sb_open_experiment(const char *name, uint32_t isolation, struct sb_open *out,
                       struct sb_diag *diag);
/* The same of a recorded text, and the path that its file had. */
int sb_open_recorded(const char *text, const char *file, uint32_t isolation, struct sb_open *out,
                     struct sb_diag *diag);
/* A line on standard error where learners have less isolation than was asked for. */
void sb_tell_isolation(const struct sb_open *open, uint32_t asked);
void sb_close_experiment(struct sb_open *open);
uint64_t sb_count_cells(const struct sb_experiment *experiment);

#endif
