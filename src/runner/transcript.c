/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transcript of a run as two running digests. */
#include "runner/transcript.h"

#include <string.h>

void sb_transcript_init(struct sb_transcript *transcript)
{
    sb_hash_init(&transcript->queries);
    sb_hash_init(&transcript->certificates);
}

/* A record on the stack: fixed layout, no padding, -0.0 as 0.0. */
struct record {
    uint8_t bytes[96];
    size_t n;
};

static void put(struct record *r, const void *p, size_t n)
{
    memcpy(r->bytes + r->n, p, n);
    r->n += n;
}

static void put_real(struct record *r, double v)
{
    v += 0.0;
    put(r, &v, sizeof v);
}

/* What has a cost of its own; that of a statistical query is 1. */
enum { COSTLY = SB_LABEL | SB_SAMPLE | SB_ONE_STAT | SB_HONEST };

void sb_transcript_add(struct sb_transcript *transcript, const struct sb_asked *asked)
{
    const struct sb_reply *reply = &asked->reply;
    const int64_t eliminated = asked->status == SB_OK ? reply->n_eliminated : -1;
    const uint8_t flags =
        (uint8_t)(asked->clipped | reply->from_null << 1 | asked->has_callback << 2);
    struct record r = { .n = 0 };

    put(&r, &asked->seq, sizeof asked->seq);
    put(&r, &asked->access, sizeof asked->access);
    put(&r, asked->digest.byte, sizeof asked->digest.byte);
    put_real(&r, asked->tolerance);
    put_real(&r, reply->answer);
    put(&r, &asked->status, sizeof asked->status);
    put(&r, &eliminated, sizeof eliminated);
    if (asked->access & COSTLY)
        put(&r, &asked->cost, sizeof asked->cost);
    sb_hash_bytes(&transcript->queries, r.bytes, r.n);
    r.n = 0;
    put(&r, &asked->seq, sizeof asked->seq);
    put(&r, &reply->truth.method, sizeof reply->truth.method);
    put_real(&r, reply->truth.half_width);
    put(&r, &reply->truth.samples, sizeof reply->truth.samples);
    put(&r, &flags, sizeof flags);
    sb_hash_bytes(&transcript->certificates, r.bytes, r.n);
}
