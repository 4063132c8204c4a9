/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text: strict numbers in, shortest exact numbers out, the nearest known name. */
#ifndef SB_BASE_TEXT_H
#define SB_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole of s must be one decimal number: no blanks, no "nan", "inf", "0x", leading '+', no
 * octal-looking "017", no overflow to infinity. Integers also take "1e6" where it is whole. Return
 * false, and leave *out alone, otherwise. */
bool sb_parse_real(const char *s, double *out);
bool sb_parse_int(const char *s, int64_t *out);
bool sb_parse_u64(const char *s, uint64_t *out);

/* The shortest decimal that reads back as exactly v; wholes below 1e15 without an exponent. v
 * finite. */
void sb_format_real(double v, char out[32]);

/* The name nearest to `found` by edit distance, else the only one that begins with it; NULL where none
 * is near. names: n strings. */
const char *sb_nearest(const char *found, const char *const *names, size_t n);

#endif
