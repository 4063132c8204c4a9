/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database's side of a relay. A worker is a fork of ours, but a family plugin may have run wild in
 * it: every length is checked, and rows come in their order or not at all. */
#include "runner/relay.h"

#include "base/memory.h"
#include "runner/relay_rows.h"

#include <errno.h>
#include <string.h>

void sb_relay_receiver_init(struct sb_relay_receiver *receiver, const struct sb_sink *sink)
{
    *receiver = (struct sb_relay_receiver){ .sink = sink };
    sb_buf_init(&receiver->in);
}

void sb_relay_receiver_fini(struct sb_relay_receiver *receiver)
{
    sb_buf_fini(&receiver->in);
}

void sb_relay_expect(struct sb_relay_receiver *receiver, int64_t run)
{
    receiver->state = SB_RELAY_EXPECTED;
    receiver->run = run;
    sb_buf_clear(&receiver->in);
}

static int damaged(struct sb_diag *diag)
{
    return sb_diag_fail(diag, -EFAULT, "a worker process sent what is not a row of its cell");
}

static bool get_digest(struct sb_reader *r, struct sb_digest *out)
{
    const uint8_t *p = sb_read_bytes(r, sizeof out->byte);

    if (p)
        memcpy(out->byte, p, sizeof out->byte);
    return p != NULL;
}

/* One function a type of record: the reader holds its payload alone. */
struct arrival {
    struct sb_relay_receiver *receiver;
    struct sb_reader body;
    struct sb_relay_news *news;
    struct sb_diag *diag;
};

/* Was all of the payload read, and no more? */
static bool is_whole(const struct arrival *a)
{
    return !a->body.failed && a->body.n == 0;
}

static int take_begin(struct arrival *a)
{
    const struct sb_sink *sink = a->receiver->sink;
    struct sb_store_run row = { 0 };

    if (sb_relay_get(&a->body, sb_relay_run, &row) || !is_whole(a) || row.id != a->receiver->run)
        return damaged(a->diag);
    a->receiver->state = SB_RELAY_BEGUN;
    return sink->begin(sink->self, &row, a->diag);
}

static int take_vector(struct arrival *a)
{
    const struct sb_sink *sink = a->receiver->sink;
    double *u SB_FREE = NULL;
    struct sb_digest digest;
    size_t n;

    if (!get_digest(&a->body, &digest) || a->body.n % sizeof *u)
        return damaged(a->diag);
    n = a->body.n / sizeof *u;
    u = SB_NEW_ARRAY(double, n); /* aligned */
    if (!u)
        return sb_diag_fail(a->diag, -ENOMEM, "out of memory");
    memcpy(u, sb_read_bytes(&a->body, n * sizeof *u), n * sizeof *u);
    return sink->vector(sink->self, &digest, u, n, a->diag);
}

static void print_text(void *self, struct sb_buf *out)
{
    sb_buf_puts(out, self);
}

static int take_query(struct arrival *a)
{
    const struct sb_sink *sink = a->receiver->sink;
    struct sb_store_query row = { 0 };
    struct sb_store_text text = { 0 };
    uint8_t naming = 0;

    if (!sb_relay_get(&a->body, sb_relay_query, &row))
        naming = sb_read_u8(&a->body);
    if (naming != SB_RELAY_NAMELESS)
        get_digest(&a->body, &text.digest);
    if (naming == SB_RELAY_NEW) {
        text.self = (void *)(uintptr_t)sb_relay_get_text(&a->body);
        text.print = print_text;
        a->body.failed |= !text.self;
    }
    if (!is_whole(a) || naming > SB_RELAY_NEW || !row.oracle)
        return damaged(a->diag);
    return sink->query(sink->self, &row, naming == SB_RELAY_NAMELESS ? NULL : &text, a->diag);
}

static int take_bound(struct arrival *a)
{
    const struct sb_sink *sink = a->receiver->sink;
    struct sb_store_bound row = { 0 };

    if (sb_relay_get(&a->body, sb_relay_bound, &row) || !is_whole(a))
        return damaged(a->diag);
    return sink->bound(sink->self, &row, a->diag);
}

static int take_fact(struct arrival *a)
{
    const struct sb_sink *sink = a->receiver->sink;
    struct sb_store_fact row = { 0 };

    if (sb_relay_get(&a->body, sb_relay_fact, &row) || !is_whole(a) || !row.name || !row.help)
        return damaged(a->diag);
    return sink->fact(sink->self, &row, a->diag);
}

static int take_end(struct arrival *a)
{
    const struct sb_sink *sink = a->receiver->sink;
    struct sb_store_end row = { 0 };

    if (sb_relay_get(&a->body, sb_relay_end, &row) || !is_whole(a) || !row.status)
        return damaged(a->diag);
    a->receiver->state = SB_RELAY_ENDED;
    return sink->end(sink->self, &row, a->diag);
}

static int take_outcome(struct arrival *a)
{
    struct sb_relay_news *news = a->news;

    if (sb_relay_get(&a->body, sb_relay_cell, &news->outcome) || !is_whole(a) || !news->outcome.end)
        return damaged(a->diag);
    a->receiver->state = SB_RELAY_IDLE;
    news->over = true;
    return 0;
}

/* Two workers that fail for one reason say it once. */
static bool is_told(const struct sb_diag *diag, const char *text)
{
    return diag && diag->n_items && strcmp(diag->items[diag->n_items - 1].text, text) == 0;
}

static int take_failure(struct arrival *a)
{
    const int error = (int32_t)sb_read_u32(&a->body);
    const uint32_t n = sb_read_u32(&a->body);

    for (uint32_t i = 0; i < n && !a->body.failed; i++) {
        const char *file = sb_relay_get_text(&a->body);
        const uint32_t line = sb_read_u32(&a->body), column = sb_read_u32(&a->body);
        const char *text = sb_relay_get_text(&a->body);

        if (text && !is_told(a->diag, text))
            sb_diag_fail_at(a->diag, error, file, line, column, "%s", text);
    }
    if (!is_whole(a) || error >= 0)
        return damaged(a->diag);
    a->receiver->state = SB_RELAY_IDLE;
    a->news->over = true;
    a->news->error = error;
    return 0;
}

/* When a record may come, and what is done with it; by type. */
static const struct {
    unsigned states; /* bits by enum sb_relay_state */
    int (*take)(struct arrival *a);
} records[] = {
    [SB_RELAY_BEGIN] = { 1u << SB_RELAY_EXPECTED, take_begin },
    [SB_RELAY_VECTOR] = { 1u << SB_RELAY_BEGUN, take_vector },
    [SB_RELAY_QUERY] = { 1u << SB_RELAY_BEGUN, take_query },
    [SB_RELAY_BOUND] = { 1u << SB_RELAY_BEGUN, take_bound },
    [SB_RELAY_FACT] = { 1u << SB_RELAY_BEGUN, take_fact },
    [SB_RELAY_END] = { 1u << SB_RELAY_BEGUN, take_end },
    [SB_RELAY_OUTCOME] = { 1u << SB_RELAY_ENDED, take_outcome },
    [SB_RELAY_FAILURE] = { 1u << SB_RELAY_EXPECTED | 1u << SB_RELAY_BEGUN | 1u << SB_RELAY_ENDED,
                           take_failure },
};

static int take(struct sb_relay_receiver *receiver, const struct sb_frame *frame,
                struct sb_relay_news *news, struct sb_diag *diag)
{
    struct arrival a = { receiver, frame->body, news, diag };

    if (frame->type >= SB_COUNT(records) || !(records[frame->type].states >> receiver->state & 1))
        return damaged(diag);
    return records[frame->type].take(&a);
}

/* Bytes of the record that begins at p, of which n are here; 0: that is not known yet. */
static size_t announced(const uint8_t *p, size_t n)
{
    uint32_t length;

    if (n < SB_FRAME_HEAD)
        return 0;
    memcpy(&length, p, sizeof length);
    return SB_FRAME_HEAD + (size_t)length;
}

int sb_relay_receive(struct sb_relay_receiver *receiver, const void *bytes, size_t n,
                     struct sb_relay_news *out, struct sb_diag *diag)
{
    struct sb_buf *in = &receiver->in;
    size_t done = 0, need;
    int error = 0;

    *out = (struct sb_relay_news){ 0 };
    sb_buf_bytes(in, bytes, n);
    if (in->failed)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    while (!error && (need = announced(in->data + done, in->n - done)) != 0) {
        struct sb_frame frame;

        if (need > SB_FRAME_HEAD + (size_t)SB_RELAY_MAX || out->over)
            return damaged(diag);
        if (need > in->n - done)
            break;
        error = sb_frame_open(in->data + done, need, &frame);
        if (!error)
            error = take(receiver, &frame, out, diag);
        done += need;
    }
    if (out->over)
        return done < in->n ? damaged(diag) : 0; /* its text lies in the buffer */
    if (done)
        memmove(in->data, in->data + done, in->n - done);
    in->n -= done;
    return error;
}
