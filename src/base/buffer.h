/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Byte buffers: growing output and bounds-checked input, little-endian. Errors are sticky: check
 * `failed` once at the end. Digests, messages and stored expressions are all written with this. */
#ifndef SB_BASE_BUFFER_H
#define SB_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sb_buf {
    uint8_t *data; /* owned */
    size_t n, cap;
    bool failed; /* out of memory */
};

void sb_buf_init(struct sb_buf *b);
void sb_buf_fini(struct sb_buf *b);
void sb_buf_clear(struct sb_buf *b); /* keeps the memory, clears `failed` */
void sb_buf_bytes(struct sb_buf *b, const void *p, size_t n);
void sb_buf_u8(struct sb_buf *b, uint8_t v);
void sb_buf_u32(struct sb_buf *b, uint32_t v);
void sb_buf_u64(struct sb_buf *b, uint64_t v);
void sb_buf_f64(struct sb_buf *b, double v);       /* -0.0 is written as 0.0 */
void sb_buf_text(struct sb_buf *b, const char *s); /* u32 length and bytes; NULL as "" */
void sb_buf_puts(struct sb_buf *b, const char *s); /* the bytes of s alone */
void sb_buf_printf(struct sb_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The content as a C string (a terminator is kept behind it); NULL if `failed`. Borrowed. */
const char *sb_buf_str(struct sb_buf *b);

struct sb_reader {
    const uint8_t *p;
    size_t n;    /* bytes left */
    bool failed; /* read past the end; every later read gives 0 */
};

void sb_reader_init(struct sb_reader *r, const void *p, size_t n);
const uint8_t *sb_read_bytes(struct sb_reader *r, size_t n); /* borrowed; NULL past the end */
uint8_t sb_read_u8(struct sb_reader *r);
uint32_t sb_read_u32(struct sb_reader *r);
uint64_t sb_read_u64(struct sb_reader *r);
double sb_read_f64(struct sb_reader *r);
/* A text written by sb_buf_text, copied; NULL past the end or out of memory (sets failed). */
char *sb_read_text(struct sb_reader *r);

#endif
