/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The results database: one SQLite file that only one writer opens (a lock file beside it keeps a
 * second one out). docs/results.md explains every table, view and column. */
#ifndef SB_STORE_STORE_H
#define SB_STORE_STORE_H

#include "base/buffer.h"
#include "base/diag.h"
#include "base/digest.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum sb_store_mode {
    SB_STORE_READ,  /* must exist */
    SB_STORE_WRITE, /* made where it does not exist; takes the lock */
    SB_STORE_MEMORY /* temporary, path ignored */
};

struct sb_store;

/* -EINVAL/-ENOENT with one line: no such file, not a database, not ours, of a newer version,
 * read-only, locked by another runner. */
int sb_store_open(const char *path, enum sb_store_mode mode, struct sb_store **out,
                  struct sb_diag *diag);
/* Ends the open transaction (commits what is finished). NULL ok. */
int sb_store_close(struct sb_store *store, struct sb_diag *diag);
sqlite3 *sb_store_handle(struct sb_store *store); /* for readers */

/* What an experiment row records; texts borrowed. */
struct sb_store_experiment {
    const char *name, *claim, *file, *yaml;
    struct sb_digest yaml_digest;
    const char *seed; /* NULL: not to be told yet */
    const char *statbed_version, *git_state, *compiler, *cpu, *isolation;
};
/* The row of this very experiment text, version, ..., found or made; always made where the seed is
 * not told. */
int sb_store_experiment(struct sb_store *store, const struct sb_store_experiment *e,
                        int64_t *id_out, struct sb_diag *diag);
/* Tells the seed of such a row. */
int sb_store_experiment_seed(struct sb_store *store, int64_t id, const char *seed,
                             struct sb_diag *diag);

/* A run: one cell, done once. Texts borrowed. */
struct sb_store_run {
    int64_t id; /* to have; 0: the next one */
    int64_t experiment;
    uint64_t cell; /* its number in the experiment's plan, from 1 */
    struct sb_digest cell_key, learner_digest;
    uint64_t repeat;
    const char *label;                  /* the grid point */
    const char *family, *family_params; /* name, JSON object */
    const char *family_digest;          /* of its plugin's file, hexadecimal; NULL: shipped */
    int64_t dimension;
    double log2_members;
    const char *oracle, *rule, *policy, *oracle_params; /* rule: "stat", "bernoulli", "variance",
                                                           "fresh"; NULL: no queries are answered */
    double tolerance;                                   /* granted: tau, t or M; NaN: none */
    const char *learner, *learner_params;
    uint64_t coins;
    const char *goal, *goal_params;
    double success_wanted; /* goal.success */
    uint64_t budget_queries;
    const char *grants; /* further access: "", "label", "sample", "label,sample" */
    uint64_t budget_labels, budget_samples; /* 0: not granted */
    const char *reduction;                  /* between learner and oracle; NULL: none */
    const char *isolation;
    bool summary; /* rows are kept of no query */
};
/* This is the binary that the learner of that name has now in all experiments of this name: runs by
 * another one become stale. *n_out: how many that are; may be NULL. */
int sb_store_learner(struct sb_store *store, const char *experiment, const char *learner,
                     const struct sb_digest *digest, uint64_t *n_out, struct sb_diag *diag);
/* These are the plugins of families that this experiment has now, as a JSON array of digests: runs of
 * the family of that name by another one become stale. */
int sb_store_family(struct sb_store *store, const char *experiment, const char *family,
                    const char *digests, struct sb_diag *diag);
/* From now on nothing becomes stale here: runs by another binary stay as they are. */
void sb_store_keep_stale(struct sb_store *store);
/* Removes what a run of the same key that was cut short left (status 'running', 'interrupted' or
 * 'killed'), marks finished rows of the key that came from another learner binary stale, and adds a
 * row with status 'running'. */
int sb_store_run_begin(struct sb_store *store, const struct sb_store_run *run, int64_t *run_out,
                       struct sb_diag *diag);
/* What a database has of a cell: the best of its rows. */
enum sb_cell_state {
    SB_CELL_MISSING = 0, /* no row */
    SB_CELL_STALE,       /* it ended, by another learner binary, or is marked stale */
    SB_CELL_CUT,         /* it was begun and cut short, or is under way */
    SB_CELL_DONE         /* it ended, by this learner binary */
};
int sb_store_cell(struct sb_store *store, const struct sb_digest *cell_key,
                  const struct sb_digest *learner_digest, enum sb_cell_state *out,
                  struct sb_diag *diag);

/* The id that the next run gets. */
int sb_store_next_run(struct sb_store *store, int64_t *id_out, struct sb_diag *diag);
/* The run under way becomes 'interrupted', with one line on why; nothing where it has ended. */
int sb_store_run_interrupt(struct sb_store *store, int64_t run, const char *why,
                           struct sb_diag *diag);
/* So do all that are under way: for the writer that holds the lock and has begun none, they are a
 * dead process's. */
int sb_store_interrupt_left(struct sb_store *store, struct sb_diag *diag);

struct sb_store_query {
    uint64_t seq;
    const char *oracle; /* "stat", ... */
    int64_t expression; /* id, 0: none */
    double tolerance;
    bool answered;
    double answer, truth, half_width; /* truth: the certified value; NaN is stored as NULL */
    int32_t status;                   /* enum sb_status; stored as its word */
    const char *method;               /* NULL where not answered */
    uint64_t samples;
    uint64_t cost; /* in the oracle's own unit */
    bool clipped, from_null;
    int64_t eliminated, dropped; /* -1: not counted */
};
/* What was asked, by digest; `print` gives the text where it is wanted, at most once. NULL: it must be
 * on record, else -EFAULT. */
struct sb_store_text {
    struct sb_digest digest;
    void (*print)(void *self, struct sb_buf *text_out);
    void *self;
};
/* Its id: from a bounded cache, else the table, else inserted. */
int sb_store_expression(struct sb_store *store, const struct sb_store_text *text, int64_t *id_out,
                        struct sb_diag *diag);
int sb_store_vector(struct sb_store *store, const struct sb_digest *digest, const double *u,
                    size_t n, struct sb_diag *diag);
/* One row, id = run << 32 | seq; commits in batches. The hot path. */
int sb_store_query(struct sb_store *store, int64_t run, const struct sb_store_query *query,
                   struct sb_diag *diag);

struct sb_store_end {
    const char *status; /* "finished", "failed", "crashed", ..., "fault" */
    int detail;         /* signal, exit code, return code */
    const char *text;   /* one line, or NULL */
    bool compared;      /* has digests: not ended by the fuse, not a fault */
    struct sb_digest transcript, certificates;
    uint64_t n_queries, n_answered, n_sampled, samples;
    uint64_t n_labels, n_examples;
    double equivalent_samples; /* NaN: none */
    /* -1: not counted */
    int64_t max_eliminated, max_dropped, n_left_null, n_live, n_right;
    double at_tolerance;
    int success;                  /* 1, 0; -1: not decided (no hypothesis counts as 0) */
    double loss, loss_half_width; /* NaN: none */
    const char *hypothesis;       /* text, or NULL */
    const char *hidden;           /* the member in words, or NULL */
    const char *output;           /* captured, or NULL */
    size_t n_output;
    bool output_cut;
    const char
        *isolation; /* what the learner had; NULL: it did not start, and what was asked for stays */
    double seconds; /* wall clock, for information */
};
int sb_store_run_end(struct sb_store *store, int64_t run, const struct sb_store_end *end,
                     struct sb_diag *diag);

struct sb_store_bound {
    const char *name, *theorem; /* "spectral", "[BFJ+94; docs/theorems.md C2]" */
    bool applies;
    const char *why;     /* conditions met, or the one that is not */
    double log2_queries; /* needed for success_probability; NaN: no statement */
    double success_probability;
    double success_ub; /* of any learner after the queries asked; NaN: none */
    /* success_ub = success_at_zero + queries * success_per_query where that is below 1; NaN: not a
     * line */
    double success_at_zero, success_per_query;
    double at_tolerance;
    const char *prior, *problem, *convention; /* "uniform", "search"/"decision", "stat"/... */
    bool subset; /* the prior is uniform over some members only: it does not speak of this run */
};
int sb_store_bound(struct sb_store *store, int64_t run, const struct sb_store_bound *bound,
                   struct sb_diag *diag);

/* A number worth knowing of a run: of its family, or of what stands between learner and oracle. */
struct sb_store_fact {
    const char *name;
    double value;     /* NaN: not known */
    const char *help; /* one line */
};
int sb_store_fact(struct sb_store *store, int64_t run, const struct sb_store_fact *fact,
                  struct sb_diag *diag);

#endif
