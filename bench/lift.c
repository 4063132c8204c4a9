/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels of a lifted parity on blocks beside drawing their points: d = 32, m = 2, delta = d^-2, either
 * profile, the secret's parity by bits included. Goal: labels in 1.5 times the draws' time. */
#include "bench.h"

#include "base/isa.h"
#include "numeric/lift.h"

enum { D = 32, POINTS = 1024, ROUNDS = 101, BLOCKS = 16 };

static double columns[D][POINTS], label[POINTS];
static uint64_t bits[POINTS];

static void draw(const struct sb_lift *lift, uint64_t start)
{
    const struct sb_key key = { { 2022, 7 } };

    for (uint32_t j = 0; j < D; j++)
        lift->setup.marginal->draw(key, j, start, POINTS, columns[j]);
}

static void labels(const struct sb_lift *lift)
{
    static const double sigma[D + 1] = { 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0 };
    const uint64_t secret = 0x9b3d62f5;
    const double *x[D];
    struct sb_block block = { .struct_size = sizeof block, .dim = D, .n = POINTS, .x = x };
    double w[D];
    uint32_t size = 0;

    for (uint32_t j = 0; j < D; j++) {
        x[j] = columns[j];
        w[j] = (double)(secret >> j & 1);
        size += (uint32_t)(secret >> j & 1);
    }
    sb_lift_bits(lift, &block, bits);
    for (int i = 0; i < POINTS; i++)
        label[i] = __builtin_parityll(bits[i] & secret);
    sb_lift_label(lift, w, size + 1, sigma, &block, label, label);
}

static int compare(enum sb_lift_profile profile, const char *name)
{
    const struct sb_lift_setup setup = { SB_LIFT_COMPRESSED,       profile, D, 2, 2, 1.0 / (D * D),
                                         sb_marginal_find("gauss") };
    double drawing[ROUNDS], labelling[ROUNDS];
    struct sb_lift lift;
    double ratio;

    if (sb_lift_init(&lift, &setup, NULL))
        return 1;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        drawing[round] = labelling[round] = 0;
        for (uint64_t b = 0; b < BLOCKS; b++) {
            const double begin = bench_now();
            double drawn;

            draw(&lift, (round * BLOCKS + b) * POINTS);
            drawn = bench_now();
            drawing[round] += drawn - begin;
            labels(&lift);
            labelling[round] += bench_now() - drawn;
        }
    }
    sb_lift_fini(&lift);
    ratio = bench_median(labelling, ROUNDS) / bench_median(drawing, ROUNDS);
    printf("%s: drawing %.1f ns a point, labels %.1f ns: %.3f times, goal <= 1.5: %s\n", name,
           1e9 * bench_median(drawing, ROUNDS) / (BLOCKS * POINTS),
           1e9 * bench_median(labelling, ROUNDS) / (BLOCKS * POINTS), ratio,
           ratio <= 1.5 ? "met" : "NOT met");
    return ratio <= 1.5 ? 0 : 1;
}

int main(void)
{
    printf("variant %s\n", sb_isa_name(sb_isa()));
    return compare(SB_LIFT_BULK, "lifted parity, bulk") +
                   compare(SB_LIFT_EDGE, "lifted parity, edge")
               ? 1
               : 0;
}
