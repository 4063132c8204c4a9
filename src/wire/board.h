/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The board: memory that runner and learner's process share, for blocks of public points, for the labels
 * that are possible there where that is a function of the point, and for what a callback wrote about them. Everything on it is public, and the learner can change all of it at any
 * time: the runner keeps points of its own and copies values before it uses them. A memfd of fixed
 * size, sealed against shrinking (a shorter file would be a SIGBUS for the runner), mapped by the
 * host before its first filter. With isolation none it is plain memory. */
#ifndef SB_WIRE_BOARD_H
#define SB_WIRE_BOARD_H

#include "query/callback.h"

#define SB_BOARD_BYTES (UINT64_C(64) << 20) /* of addresses; pages come as they are touched */

struct sb_board {
    uint8_t *base;
    uint32_t dim;
    bool cube;         /* points as bits; otherwise as columns */
    uint32_t n_shown;  /* columns of labels a block; 0: they are those of a set */
    uint32_t n_slots;  /* columns of values a block: labels, at least 1 */
    uint32_t n_blocks; /* that fit, at most SB_CALL_BLOCKS; 0: not even one */
};

/* Lays a board out over SB_BOARD_BYTES at `base`, of which it uses sb_board_size(). n_shown: how many real
 * labels are possible at a point; 0 where labels are of a set, or nothing is known. */
void sb_board_init(struct sb_board *board, void *base, const struct sb_space *space,
                   uint32_t n_shown);
uint64_t sb_board_size(const struct sb_board *board);
uint64_t *sb_board_bits(const struct sb_board *board, uint32_t block);             /* the cube's */
double *sb_board_column(const struct sb_board *board, uint32_t block, uint32_t j); /* elsewhere */
double *sb_board_label(const struct sb_board *board, uint32_t block, uint32_t l);  /* l < n_shown */
double *sb_board_values(const struct sb_board *board, uint32_t block, uint32_t slot);

#endif
