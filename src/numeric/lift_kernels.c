/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one-dimensional gadgets of a lift on columns; compiled once for each instruction set. */
#include "numeric/kernels.h"
#include "numeric/lanes.h"

void SB_ISA_NAME(sb_lift_cells)(const struct sb_lift_column *column, double *out)
{
    for (uint64_t i = 0; i < column->n; i++) {
        double cell = 0;

        for (uint32_t k = 0; k < column->n_boundaries; k++)
            cell += column->t[i] > column->boundary[k].b ? 1 : 0;
        out[i] = cell;
    }
}

/* Quotients, and not products with inverses: they are 1 at the far ends, exactly. */
void SB_ISA_NAME(sb_lift_n1)(const struct sb_lift_column *column, double *out)
{
    for (uint64_t i = 0; i < column->n; i++) {
        const double t = column->t[i];
        double sum = 0;

        for (uint32_t k = 0; k < column->n_boundaries; k++) {
            const struct sb_lift_boundary *b = &column->boundary[k];
            const double up = (t - b->rl) / (b->rh - b->rl), low = up > 0 ? up : 0;

            sum += low < 1 ? low : 1;
        }
        out[i] = sum;
    }
}

void SB_ISA_NAME(sb_lift_n2)(const struct sb_lift_column *column, double *out)
{
    for (uint64_t i = 0; i < column->n; i++) {
        const double t = column->t[i];
        double sum = 0;

        for (uint32_t k = 0; k < column->n_boundaries; k++) {
            const struct sb_lift_boundary *b = &column->boundary[k];
            const double up = (t - b->sl) / (b->rl - b->sl), down = (b->sh - t) / (b->sh - b->rh);
            const double least = up < down ? up : down, low = least > 0 ? least : 0;

            sum += low < 1 ? low : 1;
        }
        out[i] = sum;
    }
}

/* in memory: aligned as a number is */
typedef double doubles_stored __attribute__((vector_size(8 * SB_LANES), aligned(8), may_alias));
typedef uint64_t words_stored __attribute__((vector_size(8 * SB_LANES), aligned(8), may_alias));

void SB_ISA_NAME(sb_lift_inside)(const struct sb_lift_column *column, uint64_t *out)
{
    for (uint32_t k = 0; k < column->n_boundaries; k++) {
        const double lo = column->boundary[k].sl, hi = column->boundary[k].sh;
        uint64_t i = 0;

        for (; i + SB_LANES <= column->n; i += SB_LANES) {
            const sb_doubles t = *(const doubles_stored *)(column->t + i);

            *(words_stored *)(out + i) |= (sb_words)(t > lo) & (sb_words)(t < hi);
        }
        for (; i < column->n; i++)
            out[i] |= column->t[i] > lo && column->t[i] < hi ? UINT64_MAX : 0;
    }
}

void SB_ISA_NAME(sb_lift_bit)(const struct sb_lift_column *column, uint64_t bit, uint64_t *out)
{
    const double b = column->boundary[0].b;
    uint64_t i = 0;

    for (; i + SB_LANES <= column->n; i += SB_LANES) {
        const sb_doubles t = *(const doubles_stored *)(column->t + i);

        *(words_stored *)(out + i) |= (sb_words)(t > b) & bit;
    }
    for (; i < column->n; i++)
        out[i] |= column->t[i] > b ? bit : 0;
}
