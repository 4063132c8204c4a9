/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker's side of a relay. What is asked has its text sent once a cell: the digests of what was
 * sent are kept in a table of fixed size, where a newcomer takes the place of another. */
#include "runner/relay.h"

#include "base/memory.h"
#include "runner/relay_rows.h"

#include <errno.h>
#include <string.h>

struct sb_relay_sent {
    uint64_t cell; /* 0: empty */
    struct sb_digest digest;
};

int sb_relay_sender_init(struct sb_relay_sender *sender, int fd)
{
    memset(sender, 0, sizeof *sender);
    sb_link_init(&sender->line, fd);
    sb_buf_init(&sender->rows);
    sb_buf_init(&sender->text);
    sender->sent = SB_NEW_ARRAY(struct sb_relay_sent, SB_RELAY_SENT);
    return sender->sent ? 0 : -ENOMEM;
}

void sb_relay_sender_fini(struct sb_relay_sender *sender)
{
    sb_link_fini(&sender->line);
    sb_buf_fini(&sender->rows);
    sb_buf_fini(&sender->text);
    free(sender->sent);
}

/* Where the record begins. */
static size_t record_begin(struct sb_relay_sender *sender, uint32_t type)
{
    const size_t at = sender->rows.n;

    sb_buf_u32(&sender->rows, 0);
    sb_buf_u32(&sender->rows, type);
    return at;
}

static int flush(struct sb_relay_sender *sender, struct sb_diag *diag)
{
    const int error = sb_link_write(&sender->line, &sender->rows);

    sb_buf_clear(&sender->rows);
    return error ? sb_diag_fail(diag, error, "the process that writes the results is gone: %s",
                                strerror(-error))
                 : 0;
}

static int record_end(struct sb_relay_sender *sender, size_t at, struct sb_diag *diag)
{
    const size_t n = sender->rows.n - at - SB_FRAME_HEAD;
    uint32_t length;

    if (sender->rows.failed)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (n > SB_RELAY_MAX) {
        sender->rows.n = at;
        return sb_diag_fail(diag, -EIO, "a row of %zu bytes is too long for the database", n);
    }
    length = (uint32_t)n;
    memcpy(sender->rows.data + at, &length, sizeof length);
    return sender->rows.n < SB_RELAY_BATCH ? 0 : flush(sender, diag);
}

static int send_row(struct sb_relay_sender *sender, uint32_t type,
                    const struct sb_relay_field *fields, const void *row, struct sb_diag *diag)
{
    const size_t at = record_begin(sender, type);

    sb_relay_put(&sender->rows, fields, row);
    return record_end(sender, at, diag);
}

/* Sent at once: a reader of the database sees the run while it is under way. */
static int begin(void *self, const struct sb_store_run *run, struct sb_diag *diag)
{
    struct sb_relay_sender *sender = self;
    const int error = send_row(sender, SB_RELAY_BEGIN, sb_relay_run, run, diag);

    sender->cell++;
    return error ? error : flush(sender, diag);
}

static int vector(void *self, const struct sb_digest *digest, const double *u, size_t n,
                  struct sb_diag *diag)
{
    struct sb_relay_sender *sender = self;
    const size_t at = record_begin(sender, SB_RELAY_VECTOR);

    sb_buf_bytes(&sender->rows, digest->byte, sizeof digest->byte);
    sb_buf_bytes(&sender->rows, u, n * sizeof *u);
    return record_end(sender, at, diag);
}

/* Does the other side have the text? From now on it does. */
static bool sent_before(struct sb_relay_sender *sender, const struct sb_digest *digest)
{
    struct sb_relay_sent *place;
    uint32_t i;

    memcpy(&i, digest->byte, sizeof i);
    place = &sender->sent[i & (SB_RELAY_SENT - 1)];
    if (place->cell == sender->cell && sb_digest_equal(&place->digest, digest))
        return true;
    place->cell = sender->cell;
    place->digest = *digest;
    return false;
}

/* Printing sends the vectors that it meets: before the record of the query begins. */
static enum sb_relay_naming name(struct sb_relay_sender *sender, const struct sb_store_text *text)
{
    if (!text)
        return SB_RELAY_NAMELESS;
    if (sent_before(sender, &text->digest))
        return SB_RELAY_KNOWN;
    sb_buf_clear(&sender->text);
    text->print(text->self, &sender->text);
    return SB_RELAY_NEW;
}

static int query(void *self, const struct sb_store_query *row, const struct sb_store_text *text,
                 struct sb_diag *diag)
{
    struct sb_relay_sender *sender = self;
    const enum sb_relay_naming naming = name(sender, text);
    const size_t at = record_begin(sender, SB_RELAY_QUERY);
    struct sb_buf *rows = &sender->rows;

    sb_relay_put(rows, sb_relay_query, row);
    sb_buf_u8(rows, (uint8_t)naming);
    if (text)
        sb_buf_bytes(rows, text->digest.byte, sizeof text->digest.byte);
    if (naming == SB_RELAY_NEW) {
        const char *printed = sb_buf_str(&sender->text);

        rows->failed |= !printed;
        sb_relay_put_text(rows, printed);
    }
    return record_end(sender, at, diag);
}

static int bound(void *self, const struct sb_store_bound *row, struct sb_diag *diag)
{
    return send_row(self, SB_RELAY_BOUND, sb_relay_bound, row, diag);
}

static int fact(void *self, const struct sb_store_fact *row, struct sb_diag *diag)
{
    return send_row(self, SB_RELAY_FACT, sb_relay_fact, row, diag);
}

static int end(void *self, const struct sb_store_end *row, struct sb_diag *diag)
{
    return send_row(self, SB_RELAY_END, sb_relay_end, row, diag);
}

struct sb_sink sb_relay_sink(struct sb_relay_sender *sender)
{
    return (struct sb_sink){ sender, begin, vector, query, bound, fact, end };
}

int sb_relay_outcome(struct sb_relay_sender *sender, const struct sb_cell_outcome *outcome)
{
    const int error = send_row(sender, SB_RELAY_OUTCOME, sb_relay_cell, outcome, NULL);

    return error ? error : flush(sender, NULL);
}

int sb_relay_failure(struct sb_relay_sender *sender, int error, const struct sb_diag *told)
{
    size_t at;
    int unsent;

    if (sender->rows.failed)
        sb_buf_clear(&sender->rows);
    at = record_begin(sender, SB_RELAY_FAILURE);
    sb_buf_u32(&sender->rows, (uint32_t)error);
    sb_buf_u32(&sender->rows, (uint32_t)told->n_items);
    for (size_t i = 0; i < told->n_items; i++) {
        sb_relay_put_text(&sender->rows, told->items[i].file);
        sb_buf_u32(&sender->rows, told->items[i].line);
        sb_buf_u32(&sender->rows, told->items[i].column);
        sb_relay_put_text(&sender->rows, told->items[i].text);
    }
    unsent = record_end(sender, at, NULL);
    return unsent ? unsent : flush(sender, NULL);
}
