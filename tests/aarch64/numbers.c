/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints hashes of random numbers, of transforms and of the power sums that certificates are made of,
 * which must be the same on every machine: runs of numbers that begin and end anywhere. Needs no
 * library, so that it can be built for any machine. */
#include "estimate/betting.h"
#include "estimate/kernels.h"
#include "numeric/random.h"
#include "numeric/transform.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 5000, MOST_BITS = 15 };
static const struct sb_key keys[] = { { { 0, 0 } },
                                      { { UINT32_MAX, UINT32_MAX } },
                                      { { 20221, 7 } } };
static const uint64_t starts[] = { 0, 1, 1023, UINT64_C(0x1fffffff0) };
static const uint64_t lengths[] = { 1, 2, 3, 17, 1024, MOST };

/* FNV-1a, of whole words: the machine's order of bytes does not matter. */
static uint64_t add(uint64_t hash, const void *words, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        uint64_t word;

        memcpy(&word, (const char *)words + 8 * i, 8);
        hash = (hash ^ word) * UINT64_C(0x100000001b3);
        hash ^= hash >> 29;
    }
    return hash;
}

static void fill_words(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, void *out)
{
    sb_random_words(key, stream, start, n, out);
}

static void fill_uniform(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, void *out)
{
    sb_random_uniform(key, stream, start, n, out);
}

static void fill_gauss(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, void *out)
{
    sb_random_gauss(key, stream, start, n, out);
}

typedef void fill(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, void *out);

static void print_random(const char *name, fill *f)
{
    static uint64_t out[MOST];
    uint64_t hash = 1;

    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        for (size_t s = 0; s < sizeof starts / sizeof *starts; s++)
            for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
                f(keys[k], starts[s] * 3, starts[s], lengths[l], out);
                hash = add(hash, out, lengths[l]);
            }
    printf("%s %016llx\n", name, (unsigned long long)hash);
}

static void print_transforms(void)
{
    static double a[1 << MOST_BITS];
    uint64_t hash = 1;

    for (uint32_t n = 0; n <= MOST_BITS; n++) {
        sb_random_uniform(keys[2], n, 0, UINT64_C(1) << n, a);
        sb_walsh_hadamard(n, a);
        hash = add(hash, a, UINT64_C(1) << n);
    }
    printf("walsh-hadamard %016llx\n", (unsigned long long)hash);
}

static void print_powers(void)
{
    static void (*const variant[SB_ISAS])(uint64_t, const double *, const double *, double, double,
                                          double *) = SB_ISA_TABLE(sb_power_sums);
    static double f[MOST], weight[MOST];
    double sums[SB_BET_POWERS] = { 0 };
    uint64_t hash = 1;

    sb_random_gauss(keys[2], 1, 0, MOST, f);
    sb_random_uniform(keys[2], 2, 0, MOST, weight);
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        variant[sb_isa()](lengths[l], f, weight, 0.1, 0.2, sums);
        hash = add(hash, sums, SB_BET_POWERS);
    }
    printf("power-sums %016llx\n", (unsigned long long)hash);
}

int main(void)
{
    uint64_t known[2];

    sb_random_words(keys[0], 0, 0, 2, known); /* the published vector for zero */
    printf("philox %016llx %016llx\n", (unsigned long long)known[0], (unsigned long long)known[1]);
    print_random("words", fill_words);
    print_random("uniform", fill_uniform);
    print_random("gauss", fill_gauss);
    print_transforms();
    print_powers();
    return 0;
}
