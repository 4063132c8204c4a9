/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the store as bytes: one list of fields a row, by which both ends of a relay go. */
#ifndef SB_RUNNER_RELAY_ROWS_H
#define SB_RUNNER_RELAY_ROWS_H

#include "base/buffer.h"

enum sb_relay_kind {
    SB_RELAY_LAST = 0, /* ends a list */
    SB_RELAY_RAW, /* numbers and digests: their bytes, so that -0.0 and NaN stay what they are */
    SB_RELAY_BOOL,
    SB_RELAY_TEXT, /* u32 length with the terminator, 0 for NULL; the bytes */
    SB_RELAY_BLOB  /* u64 length, the bytes */
};
struct sb_relay_field {
    enum sb_relay_kind kind;
    size_t offset, size; /* in the row; size of a RAW */
    size_t length;       /* where a BLOB's length stands */
};

/* The rows, and the outcome of a cell (runner/cell.h). */
extern const struct sb_relay_field sb_relay_run[], sb_relay_query[], sb_relay_bound[],
    sb_relay_fact[], sb_relay_end[], sb_relay_cell[];

void sb_relay_put(struct sb_buf *b, const struct sb_relay_field *fields, const void *row);
/* Sets the fields of a row, all else stays; texts and blobs are borrowed from the reader's bytes.
 * 0, or -EPROTO. */
int sb_relay_get(struct sb_reader *r, const struct sb_relay_field *fields, void *row_out);
/* A text as above, alone. */
void sb_relay_put_text(struct sb_buf *b, const char *s);
const char *sb_relay_get_text(struct sb_reader *r); /* NULL too where the reader failed */

#endif
