/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doubles as the eight bytes that binary formats have, the least first. */
#ifndef SB_CLI_EXPORT_BYTES_H
#define SB_CLI_EXPORT_BYTES_H

#include <stdint.h>
#include <string.h>

enum { SB_EXPORT_PIECE = 512 };

static inline void sb_export_bytes(uint64_t n, const double *number, uint8_t *out /* 8 n */)
{
    for (uint64_t i = 0; i < n; i++) {
        uint64_t bits;

        memcpy(&bits, &number[i], sizeof bits);
        for (int b = 0; b < 8; b++)
            out[8 * i + (uint64_t)b] = (uint8_t)(bits >> (8 * b));
    }
}

#endif
