/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's rows on their way from a worker process to the one process that has the database open.
 * A worker's cells write to a sink (store/sink.h) that packs rows into records and sends them in
 * batches; the other side takes the stream apart again and writes to a sink of its own, a store's.
 * A record is a frame as wire/wire.h has them, u32 length, u32 type, payload; but any number of them
 * follow one another, for a worker is not answered before its cell is over.
 *
 *   BEGIN    a struct sb_store_run (relay_rows.h)
 *   VECTOR   digest, and the numbers
 *   QUERY    a struct sb_store_query, u8 enum sb_relay_naming, digest, the text where it is new
 *   BOUND    a struct sb_store_bound
 *   FACT     a struct sb_store_fact
 *   END      a struct sb_store_end
 *   OUTCOME  a struct sb_cell_outcome: the cell is over, and the worker waits for the next
 *   FAILURE  i32 errno, u32 n and n times (text file, u32 line, u32 column, text): in place of all
 *            that was still to come; the worker waits for the next cell */
#ifndef SB_RUNNER_RELAY_H
#define SB_RUNNER_RELAY_H

#include "runner/cell.h"
#include "wire/wire.h"

enum sb_relay_type {
    SB_RELAY_BEGIN = 1,
    SB_RELAY_VECTOR,
    SB_RELAY_QUERY,
    SB_RELAY_BOUND,
    SB_RELAY_FACT,
    SB_RELAY_END,
    SB_RELAY_OUTCOME,
    SB_RELAY_FAILURE
};
/* What is asked in a query: nothing that has a name; what this cell has sent the text of; a text. */
enum sb_relay_naming { SB_RELAY_NAMELESS = 0, SB_RELAY_KNOWN = 1, SB_RELAY_NEW = 2 };

enum {
    SB_RELAY_BATCH = 1 << 16, /* bytes that are gathered before they are sent */
    SB_RELAY_MAX = 1 << 30,   /* of a record; SQLite takes no longer text either */
    SB_RELAY_SENT = 1 << 15   /* digests remembered; a power of two */
};

/* The worker's side. */
struct sb_relay_sent;
struct sb_relay_sender {
    struct sb_link line;
    struct sb_buf rows;         /* not sent yet */
    struct sb_buf text;         /* scratch */
    struct sb_relay_sent *sent; /* owned: texts of this cell that the other side has */
    uint64_t cell;              /* cells begun */
};
/* 0 or -ENOMEM; fini in any case. Leaves the descriptor open. */
int sb_relay_sender_init(struct sb_relay_sender *sender, int fd);
void sb_relay_sender_fini(struct sb_relay_sender *sender);
struct sb_sink sb_relay_sink(struct sb_relay_sender *sender);
/* The cell's last record, sent at once with all that is gathered. */
int sb_relay_outcome(struct sb_relay_sender *sender, const struct sb_cell_outcome *outcome);
int sb_relay_failure(struct sb_relay_sender *sender, int error, const struct sb_diag *told);

/* The database's side. */
enum sb_relay_state { SB_RELAY_IDLE = 0, SB_RELAY_EXPECTED, SB_RELAY_BEGUN, SB_RELAY_ENDED };
struct sb_relay_receiver {
    const struct sb_sink *sink; /* borrowed */
    enum sb_relay_state state;
    int64_t run;      /* the id that the run which is expected is to have */
    struct sb_buf in; /* what has come of a record that is not complete */
};
/* What ended the cell. */
struct sb_relay_news {
    bool over;
    int error;                      /* of the worker's; 0: it has an outcome */
    struct sb_cell_outcome outcome; /* its text borrowed until the next call */
};
void sb_relay_receiver_init(struct sb_relay_receiver *receiver, const struct sb_sink *sink);
void sb_relay_receiver_fini(struct sb_relay_receiver *receiver);
/* A cell was handed out: its rows come next. */
void sb_relay_expect(struct sb_relay_receiver *receiver, int64_t run);
/* Applies bytes as they come, in pieces of any length. 0 with *out filled (the lines of a worker's
 * failure go to diag); a negative errno of the sink's; -EFAULT: they are not what a worker sends. */
int sb_relay_receive(struct sb_relay_receiver *receiver, const void *bytes, size_t n,
                     struct sb_relay_news *out, struct sb_diag *diag);

#endif
