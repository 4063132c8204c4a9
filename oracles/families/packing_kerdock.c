/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packing `kerdock`: in dim = 4^k dimensions dim/2 + 1 orthonormal bases, two vectors of different ones having overlap
 * 1/sqrt(dim): dim (dim/2 + 1) directions, as many as there can be of so little overlap [CCKS97; Kerdock72].
 *
 * The first is that of the coordinates, x in V = F x GF(2), F = GF(2^(2k-1)). Of basis s in F, vector a in V has at x
 * the sign of (-1)^(Q_s(x) + <a,x>), over sqrt(dim), Q_s a quadratic form whose bilinear form is
 *     B_s((x,e),(y,f)) = Tr(sx) Tr(sy) + Tr(s^2 x y) + e Tr(sy) + f Tr(sx):
 * B_s - B_t is nonsingular for s != t (Kerdock's set, in Kantor's form), so that the sum of the signs of Q_s - Q_t + <a,.> is
 * +- sqrt(dim). Q_s is what has this bilinear form and is 0 on the unit vectors; another choice adds a linear form, which
 * permutes the basis. */
#include "base/memory.h"
#include "oracles/families/packing.h"

#include <errno.h>
#include <math.h>

enum { MOST_BITS = 12 };

/* Irreducible polynomials over GF(2) of degree 1, 3, 5 ... 11. */
static const uint32_t modulus[] = { 0x3, 0xb, 0x25, 0x83, 0x211, 0x805 };

/* dim = 2^bits */
static uint32_t bits_of(uint32_t dim)
{
    return (uint32_t)__builtin_ctz(dim);
}

static uint32_t times(uint32_t a, uint32_t b, uint32_t degree)
{
    uint32_t product = 0;

    for (uint32_t i = 0; i < degree; i++) {
        product ^= b >> i & 1 ? a : 0;
        a <<= 1;
        a ^= a >> degree & 1 ? modulus[degree / 2] : 0;
    }
    return product;
}

/* a + a^2 + a^4 + ..., which is 0 or 1 */
static uint32_t trace(uint32_t a, uint32_t degree)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < degree; i++) {
        sum ^= a;
        a = times(a, a, degree);
    }
    return sum;
}

/* Bit i is the trace of the field's unit vector i: Tr(a) is the parity of a & this. */
static uint32_t traces(uint32_t degree)
{
    uint32_t of = 0;

    for (uint32_t i = 0; i < degree; i++)
        of |= trace(1u << i, degree) << i;
    return of;
}

/* B_s of unit vectors number i and j < i, of s times the field's: the last one is (0,1). */
static uint32_t bilinear(const uint32_t *sx, uint32_t i, uint32_t j, uint32_t degree,
                         uint32_t traces)
{
    const uint32_t of_j = (uint32_t)__builtin_parity(sx[j] & traces);

    if (i == degree)
        return of_j;
    return ((uint32_t)__builtin_parity(sx[i] & traces) & of_j) ^
           (uint32_t)__builtin_parity(times(sx[i], sx[j], degree) & traces);
}

static uint64_t kerdock_most(uint32_t dim)
{
    const bool power = !(dim & (dim - 1)) && dim >= 4 && bits_of(dim) <= MOST_BITS;

    return power && bits_of(dim) % 2 == 0 ? (uint64_t)dim * (dim / 2 + 1) : 0;
}

/* Row i of B_s, as a mask of j < i, in square[s bits + i]. */
static int kerdock_make(struct sb_packing *p, const char *where, struct sb_diag *diag)
{
    const uint32_t bits = bits_of(p->dim), degree = bits - 1, trace_mask = traces(degree);
    uint32_t sx[MOST_BITS];

    (void)where;
    (void)diag;
    p->overlap = p->n > p->dim ? 1 / sqrt(p->dim) : 0;
    p->square = SB_NEW_ARRAY(uint32_t, p->dim / 2 * bits);
    if (!p->square)
        return -ENOMEM;
    for (uint32_t s = 0; s < p->dim / 2; s++) {
        for (uint32_t i = 0; i < degree; i++)
            sx[i] = times(s, 1u << i, degree);
        for (uint32_t i = 0; i < bits; i++)
            for (uint32_t j = 0; j < i; j++)
                p->square[s * bits + i] |= bilinear(sx, i, j, degree, trace_mask) << j;
    }
    return 0;
}

/* Where x is of its highest bit i and of rest r, Q(x) = Q(r) + B(unit i, r). */
static void kerdock_direction(const struct sb_packing *p, uint64_t member, double *v)
{
    const uint64_t number = member - p->dim; /* of a vector with signs */
    const uint32_t bits = bits_of(p->dim), a = (uint32_t)number & (p->dim - 1);
    const uint32_t *row = p->square + (number >> bits) * bits;
    const double size = 1 / sqrt(p->dim);

    if (member < p->dim) {
        for (uint32_t x = 0; x < p->dim; x++)
            v[x] = x == member;
        return;
    }
    v[0] = size;
    for (uint32_t i = 0; i < bits; i++)
        for (uint32_t r = 0; r < 1u << i; r++) {
            const uint32_t sign = (uint32_t)__builtin_parity(row[i] & r) ^ (a >> i & 1);

            v[1u << i | r] = sign ? -v[r] : v[r];
        }
}

const struct sb_packing_class sb_packing_kerdock = {
    "kerdock",    kerdock_most,     UINT64_MAX, "dimension is to be 4, 16, 64, 256, 1024 or 4096",
    kerdock_make, kerdock_direction
};
