/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Byte buffers: growing output and bounds-checked input, little-endian. */
#include "base/buffer.h"

#include "base/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the records are little-endian");

void sb_buf_init(struct sb_buf *b)
{
    memset(b, 0, sizeof *b);
}

void sb_buf_fini(struct sb_buf *b)
{
    free(b->data);
    memset(b, 0, sizeof *b);
}

void sb_buf_clear(struct sb_buf *b)
{
    b->n = 0;
    b->failed = false;
}

static bool reserve(struct sb_buf *b, size_t more)
{
    uint8_t *data;

    if (b->failed)
        return false;
    if (more <= b->cap - b->n)
        return true;
    data = more > SIZE_MAX / 2 ? NULL : sb_grow(b->data, &b->cap, b->n + more, 1);
    if (!data) {
        b->failed = true;
        return false;
    }
    b->data = data;
    return true;
}

void sb_buf_bytes(struct sb_buf *b, const void *p, size_t n)
{
    if (n && reserve(b, n)) {
        memcpy(b->data + b->n, p, n);
        b->n += n;
    }
}

void sb_buf_u8(struct sb_buf *b, uint8_t v)
{
    sb_buf_bytes(b, &v, sizeof v);
}

void sb_buf_u32(struct sb_buf *b, uint32_t v)
{
    sb_buf_bytes(b, &v, sizeof v);
}

void sb_buf_u64(struct sb_buf *b, uint64_t v)
{
    sb_buf_bytes(b, &v, sizeof v);
}

void sb_buf_f64(struct sb_buf *b, double v)
{
    v += 0.0; /* -0.0 and 0.0 are one number, and get one digest */
    sb_buf_bytes(b, &v, sizeof v);
}

void sb_buf_puts(struct sb_buf *b, const char *s)
{
    sb_buf_bytes(b, s, strlen(s));
}

void sb_buf_text(struct sb_buf *b, const char *s)
{
    const size_t n = s ? strlen(s) : 0;

    sb_buf_u32(b, (uint32_t)n);
    sb_buf_bytes(b, s, n);
}

void sb_buf_printf(struct sb_buf *b, const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->failed = true;
        return;
    }
    sb_buf_bytes(b, text, (size_t)n);
    free(text);
}

const char *sb_buf_str(struct sb_buf *b)
{
    if (!reserve(b, 1))
        return NULL;
    b->data[b->n] = 0;
    return (const char *)b->data;
}

void sb_reader_init(struct sb_reader *r, const void *p, size_t n)
{
    r->p = p;
    r->n = n;
    r->failed = false;
}

const uint8_t *sb_read_bytes(struct sb_reader *r, size_t n)
{
    const uint8_t *p = r->p;

    if (r->failed || n > r->n) {
        r->failed = true;
        return NULL;
    }
    r->p += n;
    r->n -= n;
    return p;
}

static void read_into(struct sb_reader *r, void *out, size_t n)
{
    const uint8_t *p = sb_read_bytes(r, n);

    if (p)
        memcpy(out, p, n);
    else
        memset(out, 0, n);
}

uint8_t sb_read_u8(struct sb_reader *r)
{
    uint8_t v;

    read_into(r, &v, sizeof v);
    return v;
}

uint32_t sb_read_u32(struct sb_reader *r)
{
    uint32_t v;

    read_into(r, &v, sizeof v);
    return v;
}

uint64_t sb_read_u64(struct sb_reader *r)
{
    uint64_t v;

    read_into(r, &v, sizeof v);
    return v;
}

double sb_read_f64(struct sb_reader *r)
{
    double v;

    read_into(r, &v, sizeof v);
    return v;
}

char *sb_read_text(struct sb_reader *r)
{
    const uint32_t n = sb_read_u32(r);
    const uint8_t *p = sb_read_bytes(r, n);
    char *text = p ? sb_strndup((const char *)p, n) : NULL;

    if (!text)
        r->failed = true;
    return text;
}
