/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the rows of a run go: into the database that this process has open (below), or to the
 * process that has it open (runner/relay.h). A cell knows no other way to the record. */
#ifndef SB_STORE_SINK_H
#define SB_STORE_SINK_H

#include "store/store.h"

/* One run at a time: begin; vectors, queries, bounds and facts; end. All borrow what they are given, and
 * return 0 or a negative errno with a message. */
struct sb_sink {
    void *self;
    int (*begin)(void *self, const struct sb_store_run *run, struct sb_diag *diag);
    int (*vector)(void *self, const struct sb_digest *digest, const double *u, size_t n,
                  struct sb_diag *diag);
    /* `text` names what was asked (NULL: nothing could be built); query->expression is the sink's
     * to fill. */
    int (*query)(void *self, const struct sb_store_query *query, const struct sb_store_text *text,
                 struct sb_diag *diag);
    int (*bound)(void *self, const struct sb_store_bound *bound, struct sb_diag *diag);
    int (*fact)(void *self, const struct sb_store_fact *fact, struct sb_diag *diag);
    int (*end)(void *self, const struct sb_store_end *end, struct sb_diag *diag);
};

/* Into a store of this process. */
struct sb_store_writer {
    struct sb_store *store; /* borrowed */
    int64_t run;            /* out: the one under way */
};
struct sb_sink sb_store_sink(struct sb_store_writer *writer);

#endif
