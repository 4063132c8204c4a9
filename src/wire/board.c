/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The board's layout: block after block, each its points (a column of bits on the cube, a column a
 * coordinate elsewhere), then the labels that are possible there, then its columns of values. A column
 * has room for a full block. */
#include "wire/board.h"

enum { COLUMN_BYTES = SB_BLOCK * 8 };

static uint64_t point_columns(const struct sb_board *board)
{
    return board->cube ? 1 : board->dim;
}

static uint64_t block_bytes(const struct sb_board *board)
{
    return (point_columns(board) + board->n_shown + board->n_slots) * COLUMN_BYTES;
}

void sb_board_init(struct sb_board *board, void *base, const struct sb_space *space,
                   uint32_t n_shown)
{
    const uint64_t n_labels = space->n_labels < UINT32_MAX ? space->n_labels : UINT32_MAX;
    uint64_t fit;

    board->base = base;
    board->dim = space->dim;
    board->cube = space->domain == SB_CUBE;
    board->n_shown = n_labels ? 0 : n_shown;
    board->n_slots = n_labels ? (uint32_t)n_labels : n_shown ? n_shown : 1;
    fit = SB_BOARD_BYTES / block_bytes(board);
    board->n_blocks = fit < SB_CALL_BLOCKS ? (uint32_t)fit : SB_CALL_BLOCKS;
}

uint64_t sb_board_size(const struct sb_board *board)
{
    return board->n_blocks * block_bytes(board);
}

static void *column(const struct sb_board *board, uint32_t block, uint64_t c)
{
    return board->base + block * block_bytes(board) + c * COLUMN_BYTES;
}

uint64_t *sb_board_bits(const struct sb_board *board, uint32_t block)
{
    return column(board, block, 0);
}

double *sb_board_column(const struct sb_board *board, uint32_t block, uint32_t j)
{
    return column(board, block, j);
}

double *sb_board_label(const struct sb_board *board, uint32_t block, uint32_t l)
{
    return column(board, block, point_columns(board) + l);
}

double *sb_board_values(const struct sb_board *board, uint32_t block, uint32_t slot)
{
    return column(board, block, point_columns(board) + board->n_shown + slot);
}
