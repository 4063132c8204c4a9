/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cholesky's factorisation, block by block, by loops that a compiler makes vector code of. Ours, not
 * LAPACK's: which LAPACK a system loads is its administrator's choice, and some start threads. */
#include "bounds/eigenvalue.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 64 };

size_t sb_cholesky_room(size_t n)
{
    return BLOCK * n;
}

/* Columns k0 .. k1-1, what lies left of them being done. */
static bool factor_columns(double *a, size_t n, size_t k0, size_t k1)
{
    double row[BLOCK];

    for (size_t k = k0; k < k1; k++) {
        double pivot = a[k * n + k];

        if (!(pivot > 0 && pivot < INFINITY))
            return false;
        pivot = a[k * n + k] = sqrt(pivot);
        for (size_t j = k + 1; j < k1; j++)
            row[j - k0] = a[j * n + k] / pivot;
        for (size_t i = k + 1; i < n; i++) {
            const double l = a[i * n + k] /= pivot;
            const size_t end = i + 1 < k1 ? i + 1 : k1;

            for (size_t j = k + 1; j < end; j++)
                a[i * n + j] -= l * row[j - k0];
        }
    }
    return true;
}

/* a_ij -= sum_k l_ik l_jk over the block's columns, for all j <= i from k1 on. panel: row k holds
 * column k0 + k, zero where the block is short. */
static void update_rest(double *a, size_t n, size_t k0, size_t k1, double *panel)
{
    memset(panel, 0, BLOCK * n * sizeof *panel);
    for (size_t i = k1; i < n; i++)
        for (size_t k = k0; k < k1; k++)
            panel[(k - k0) * n + i] = a[i * n + k];
    for (size_t i = k1; i < n; i++)
        for (size_t k = 0; k < BLOCK; k += 4) {
            const double *const p0 = panel + k * n, *const p1 = p0 + n, *const p2 = p1 + n,
                                *const p3 = p2 + n;
            const double l0 = p0[i], l1 = p1[i], l2 = p2[i], l3 = p3[i];
            double *restrict row = a + i * n;

            for (size_t j = k1; j <= i; j++)
                row[j] -= (l0 * p0[j] + l1 * p1[j]) + (l2 * p2[j] + l3 * p3[j]);
        }
}

bool sb_cholesky(double *a, size_t n, double *panel)
{
    for (size_t k0 = 0; k0 < n; k0 += BLOCK) {
        const size_t k1 = k0 + BLOCK < n ? k0 + BLOCK : n;

        if (!factor_columns(a, n, k0, k1))
            return false;
        if (k1 < n)
            update_rest(a, n, k0, k1, panel);
    }
    return true;
}
