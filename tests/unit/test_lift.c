/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lifts: points computed elsewhere (tests/data/lift.json), and what the gadgets promise, against the formulas
 * as they are printed (lifted.h). */
#include "unit.h"

#include "base/isa.h"
#include "lift_block.h"
#include "lift_golden.h"
#include "numeric/binomial_tail.h"

#include <math.h>

static const char *const marginal_names[] = { "gauss", "uniform", "laplace" };

/* sigma of a parity, or of LWR: round-half-up(p (t mod q)/q) mod p, over p. */
static double sigma_of(uint32_t q, uint32_t p, uint32_t t)
{
    return p ? (double)((2 * p * (t % q) + q) / (2 * q) % p) / p : t % 2;
}

static void check_golden_intervals(const struct lift_case *c, const struct sb_lift *lift)
{
    const double *r = c->ends, *s = c->ends + 2 * (c->q - 1);

    for (uint32_t k = 0; k + 1 < c->q; k++) {
        assert_near(lift->boundary[k].b, c->b[k], 1e-14);
        assert_near(lift->boundary[k].rl, r[2 * k], 1e-14);
        assert_near(lift->boundary[k].rh, r[2 * k + 1], 1e-14);
        assert_near(lift->boundary[k].sl, s[2 * k], 1e-14);
        assert_near(lift->boundary[k].sh, s[2 * k + 1], 1e-14);
    }
}

static void check_golden_point(const struct lift_case *c, const struct sb_lift *lift,
                               const struct lift_point *p)
{
    const struct sb_block block = block_of(c->d, 1);
    const struct sb_lift dv = lift_of(&(struct sb_lift_setup){ SB_LIFT_DV, SB_LIFT_BULK, c->d, c->q,
                                                               0, c->delta, lift->setup.marginal });
    double sigma[64], got, value;
    uint32_t h = 0, n = 0;
    uint8_t beyond;

    for (uint32_t t = 0; t < c->n_t; t++)
        sigma[t] = sigma_of(c->q, c->p, t);
    for (uint32_t j = 0; j < c->d; j++) {
        z[j][0] = p->z[j];
        sb_lift_n1(lift, 1, &p->z[j], &got);
        assert_near(got, p->n1[j], 1e-9);
        sb_lift_n2(lift, 1, &p->z[j], &got);
        assert_near(got, p->n2[j], 1e-9);
        sb_lift_cells(lift, 1, &p->z[j], &got);
        assert_same(got, p->thres[j]);
        h += (uint32_t)(c->w[j] * got);
        n += p->n2[j] > 1e-12; /* the file's own beyond_m counts 4e-16, too */
    }
    value = sigma[h];
    sb_lift_label(lift, c->w, c->n_t, sigma, &block, &value, &got);
    assert_near(got, p->label, 1e-9);
    sb_lift_beyond(lift, &block, &beyond);
    assert_int_equal(beyond, n > c->m);
    sb_lift_rule(lift, &block, &value, &got);
    assert_near(got, beyond ? 0 : p->label, 1e-9);
    if (p->has_dv) {
        sb_lift_rule(&dv, &block, &value, &got);
        assert_near(got, p->dv, 1e-9);
        sb_lift_label(&dv, NULL, 0, NULL, &block, &value, &got);
        assert_near(got, p->dv, 1e-9);
    }
    free(dv.boundary);
}

/* S0-E4/E5 */
static void test_golden(void **state)
{
    (void)state;
    for (size_t i = 0; i < SB_COUNT(lift_cases); i++) {
        const struct lift_case *c = &lift_cases[i];
        struct sb_lift lift = lift_of(
            &(struct sb_lift_setup){ SB_LIFT_COMPRESSED, c->edge ? SB_LIFT_EDGE : SB_LIFT_BULK,
                                     c->d, c->q, c->m, c->delta, sb_marginal_find("gauss") });

        check_golden_intervals(c, &lift);
        for (uint32_t p = 0; p < c->n_points; p++)
            check_golden_point(c, &lift, &c->points[p]);
        sb_lift_fini(&lift);
    }
}

static void check_masses(const struct sb_lift *lift)
{
    double (*const cdf)(double) = lift->setup.marginal->cdf;
    const double each = lift->setup.delta / lift->setup.q;
    double r = 0, s = 0;

    for (uint32_t k = 0; k + 1 < lift->setup.q; k++) {
        const struct sb_lift_boundary *b = &lift->boundary[k];

        assert_near(cdf(b->b), (k + 1.0) / lift->setup.q, 1e-14);
        assert_near(cdf(b->rh) - cdf(b->rl), each, 1e-14);
        assert_near(cdf(b->sh) - cdf(b->sl), 2 * each, 1e-14);
        assert_true(k == 0 || lift->boundary[k - 1].sh <= b->sl);
        r += cdf(b->rh) - cdf(b->rl);
        s += cdf(b->sh) - cdf(b->sl);
    }
    assert_near(r, lift->rho, 1e-14);
    assert_near(s, 2 * lift->rho, 1e-14);
}

/* 2^16 cells: chi^2 of q - 1 <= 6 degrees of freedom is above 45 with probability 1e-7. */
static void check_uniform(const struct sb_lift *lift)
{
    const double each = 65536.0 / lift->setup.q;
    double count[8] = { 0 }, cell[POINTS], chi = 0;

    for (uint64_t i = 0; i < 65536; i += POINTS) {
        lift->setup.marginal->draw(sb_key_derive("test", "thres", 5), lift->setup.q, i, POINTS,
                                   z[0]);
        sb_lift_cells(lift, POINTS, z[0], cell);
        for (int a = 0; a < POINTS; a++)
            count[(int)cell[a]]++;
    }
    for (uint32_t k = 0; k < lift->setup.q; k++)
        chi += (count[k] - each) * (count[k] - each) / each;
    assert_true(chi < 45);
}

/* S0-L2.4, S0-L2.5: N1 and N2 on blocks, against the sums of R, on a grid and near boundaries; where they are
 * whole numbers, exactly; the slopes. */
static void check_gadgets(const struct sb_lift *lift, struct rng *rng)
{
    const uint32_t q = lift->setup.q;
    const double kappa = lift->setup.marginal->density_ub;
    double n1[POINTS], n2[POINTS], cell[POINTS];

    lifted_points(lift, rng, POINTS, z);
    for (int i = 0; i < 256; i++)
        z[0][i] = -4 + i / 32.0;
    sb_lift_n1(lift, POINTS, z[0], n1);
    sb_lift_n2(lift, POINTS, z[0], n2);
    sb_lift_cells(lift, POINTS, z[0], cell);
    for (int i = 0; i < POINTS; i++) {
        bool in_r = false, in_s = false;

        assert_near(n1[i], lifted_n1(lift, z[0][i]), 1e-9);
        assert_near(n2[i], lifted_n2(lift, z[0][i]), 1e-9);
        for (uint32_t k = 0; k + 1 < q; k++) {
            in_r |= z[0][i] >= lift->boundary[k].rl && z[0][i] <= lift->boundary[k].rh;
            in_s |= z[0][i] > lift->boundary[k].sl && z[0][i] < lift->boundary[k].sh;
        }
        if (!in_r)
            assert_same(n1[i], cell[i]);
        assert_true(in_r ? n2[i] == 1 : in_s ? n2[i] > 0 && n2[i] <= 1 : n2[i] == 0);
    }
    for (uint32_t k = 0; k + 1 < q; k++) {
        const struct sb_lift_boundary *b = &lift->boundary[k];
        const double slope = q * kappa / lift->setup.delta * (1 + 1e-9);

        assert_true(1 / (b->rh - b->rl) <= slope);
        assert_true(1 / (b->rl - b->sl) <= 2 * slope);
        assert_true(1 / (b->sh - b->rh) <= 2 * slope);
    }
}

/* S0-2-I, S0-L2.4, S0-L2.5, S0-RC.5 */
static void test_intervals_and_gadgets(void **state)
{
    struct rng rng = { 24 };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(marginal_names); i++)
        for (uint32_t q = 2; q <= 7; q += getenv("STATBED_TEST_VALGRIND") ? 5 : 1) {
            struct sb_lift lift = lift_of(&(struct sb_lift_setup){
                SB_LIFT_COMPRESSED, SB_LIFT_BULK, 2, q, 1, q == 7 ? 0.5 : 0.02 * q,
                sb_marginal_find(marginal_names[i]) });

            check_masses(&lift);
            check_uniform(&lift);
            check_gadgets(&lift, &rng);
            sb_lift_fini(&lift);
        }
}

/* A function of the bits of d numbers. */
static double scramble(const double *s, uint32_t d)
{
    uint64_t h = 1;

    for (uint32_t j = 0; j < d; j++) {
        uint64_t bits;

        memcpy(&bits, &s[j], sizeof bits);
        h = (h ^ bits) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return (double)(h >> 32); /* whole: sums are exact */
}

/* S0-1.2: the sum over all F of (-1)^|F| psi(s with s_F := 1) is 0 if some s_j = 1. */
static void test_inclusion_exclusion(void **state)
{
    struct rng rng = { 12 };

    (void)state;
    for (uint32_t d = 1; d <= MOST_D; d++)
        for (int ones = 0; ones <= 1; ones++) {
            double s[MOST_D], sum = 0;
            const uint32_t one = rng_below(&rng, d);

            for (uint32_t j = 0; j < d; j++)
                s[j] = ones && j == one ? 1 : rng_uniform(&rng);
            for (uint32_t f = 0; f < 1u << d; f++) {
                double changed[MOST_D];

                for (uint32_t j = 0; j < d; j++)
                    changed[j] = f >> j & 1 ? 1 : s[j];
                sum += (__builtin_popcount(f) & 1 ? -1 : 1) * scramble(changed, d);
            }
            assert_true(ones ? sum == 0 : sum != 0);
        }
}

/* s of d numbers of which n are not 0, and at least `ones` of these are 1. */
static void draw_s(struct rng *rng, uint32_t d, uint32_t n, uint32_t ones, double *s)
{
    for (uint32_t j = 0; j < d; j++)
        s[j] = 0;
    while (n > 0) {
        const uint32_t j = rng_below(rng, d);

        if (s[j] != 0)
            continue;
        s[j] = ones > 0 ? 1 : 1 - rng_uniform(rng);
        ones -= ones > 0;
        n--;
    }
}

static double g(const struct sb_lift *lift, double sum)
{
    const double d = lift->setup.dim;

    if (lift->setup.profile == SB_LIFT_BULK)
        return sum < 1 ? 1 - sum : 0;
    return sum < 1 / d ? sum : sum < 1 ? (1 - sum) / (d - 1) : 0;
}

/* N3 at one s and t: as printed; (a), (b), (c) of lift.md. */
static void check_n3(const struct sb_lift *lift, uint32_t n, bool one, const double *s, double t)
{
    const double got = sb_lift_n3(lift, s, t);
    double sum = 0;

    for (uint32_t j = 0; j < lift->setup.dim; j++)
        sum += s[j];
    assert_near(got, lifted_n3(lift, s, t), 1e-9);
    if (one && n <= lift->setup.m)
        assert_near(got, 0, 1e-9);
    if (t == floor(t) && t != 0)
        assert_same(got, 0);
    if (t == 0 && n <= lift->setup.m) {
        assert_near(got, g(lift, sum), 1e-9);
        assert_near(sb_lift_profile(lift, sum), g(lift, sum), 1e-15);
    }
}

/* S0-L2.6 (a)(b)(d); also E4/E5's "any n if no N2 = 1" at whole t other than 0. */
static void check_one_n3(const struct sb_lift *lift, struct rng *rng)
{
    const uint32_t d = lift->setup.dim;
    double s[MOST_D];

    for (uint32_t n = 0; n <= d; n++)
        for (uint32_t ones = 0; ones <= 1 && ones <= n; ones++) {
            draw_s(rng, d, n, ones, s);
            for (int t = -2; t <= 2; t++)
                check_n3(lift, n, ones, s, t);
            for (int i = 0; i < 6; i++)
                check_n3(lift, n, ones, s, 3 * rng_uniform(rng) - 1.5);
        }
    for (int i = 0; i <= 8; i++) {
        draw_s(rng, d, 0, 0, s);
        s[d - 1] = i / 8.0 / d;
        assert_near(sb_lift_n3(lift, s, 0),
                    lift->setup.profile == SB_LIFT_EDGE ? s[d - 1] : 1 - s[d - 1], 1e-9);
    }
}

static void test_n3(void **state)
{
    struct rng rng = { 26 };

    (void)state;
    for (uint32_t d = 4; d <= MOST_D; d++)
        for (uint32_t m = 1; m <= 3; m++)
            for (int edge = 0; edge <= 1; edge++) {
                struct sb_lift lift = lift_of(
                    &(struct sb_lift_setup){ SB_LIFT_COMPRESSED, edge ? SB_LIFT_EDGE : SB_LIFT_BULK,
                                             d, 2, m, 0.1, sb_marginal_find("gauss") });

                check_one_n3(&lift, &rng);
                sb_lift_fini(&lift);
            }
}

/* S0-E2/E3/AppD: with more than m nonzero a coordinate with s_j = 1 does not make N3 zero, which an ideal
 * gadget, of at least 2^d units, would; a network of N3's size cannot. */
static void test_n3_is_not_ideal(void **state)
{
    (void)state;
    for (uint32_t d = 4; d <= MOST_D; d++)
        for (uint32_t m = 1; m <= 3 && m < d - 1; m++) {
            struct sb_lift lift = lift_of(&(struct sb_lift_setup){
                SB_LIFT_COMPRESSED, SB_LIFT_BULK, d, 2, m, 0.1, sb_marginal_find("gauss") });
            double s[MOST_D], most = 0, units = 0;

            for (uint32_t j = 0; j < d; j++)
                s[j] = j == 0 ? 1 : j < m ? 0.3 : 0;
            for (int t = -500; t <= 500; t++)
                most = fmax(most, fabs(sb_lift_n3(&lift, s, t / 500.0)));
            assert_near(most, 0, 1e-9);
            s[m] = 0.4;
            for (int t = -500; t <= 500; t++)
                most = fmax(most, fabs(sb_lift_n3(&lift, s, t / 500.0)));
            assert_true(most > 1e-3);
            for (uint32_t r = 0; r <= m; r++)
                units += 3 * lifted_choose((int)d, (int)r) * (m - r + 1);
            assert_true(m > 1 || d < 6 || units < ldexp(1, (int)d));
            sb_lift_fini(&lift);
        }
}

/* A compressible function of each kind, and its labels at a block's points. */
static void values_at(const struct sb_lift *lift, uint64_t n, const double *w, const double *sigma,
                      double *out)
{
    for (uint64_t i = 0; i < n; i++) {
        uint32_t h = 0;

        for (uint32_t j = 0; j < lift->setup.dim; j++) {
            double cell;

            sb_lift_cells(lift, 1, &z[j][i], &cell);
            h += (uint32_t)(w[j] * cell);
        }
        out[i] = sigma[h];
    }
}

/* Labels and rule 7 on one block; where n > m the printed network, and where n <= m both [S0-E4/E5, S0-E7/E8].
 * How many points are beyond. */
static uint64_t check_labels(const struct sb_lift *lift, struct rng *rng)
{
    const uint32_t d = lift->setup.dim, q = lift->setup.q;
    const struct sb_block block = block_of(d, 256);
    double w[MOST_D], sigma[MOST_D * 36 + 1], value[256], label[256], rule[256], at[MOST_D];
    uint32_t n_t = 1;
    uint8_t beyond[256];
    uint64_t n_beyond = 0;

    for (uint32_t j = 0; j < d; j++) {
        w[j] = rng_below(rng, q);
        n_t += (q - 1) * (uint32_t)w[j];
    }
    for (uint32_t t = 0; t < n_t; t++)
        sigma[t] = sigma_of(q, q > 2 ? q - 1 : 0, t);
    lifted_points(lift, rng, block.n, z);
    values_at(lift, block.n, w, sigma, value);
    sb_lift_label(lift, w, n_t, sigma, &block, value, label);
    sb_lift_rule(lift, &block, value, rule);
    sb_lift_beyond(lift, &block, beyond);
    for (uint64_t i = 0; i < block.n; i++) {
        uint32_t n = 0;

        for (uint32_t j = 0; j < d; j++) {
            at[j] = z[j][i];
            n += lifted_n2(lift, at[j]) > 1e-12;
        }
        assert_int_equal(beyond[i], n > lift->setup.m);
        n_beyond += beyond[i];
        assert_near(label[i], lifted_label(lift, w, n_t, sigma, at), 1e-9);
        assert_near(rule[i], beyond[i] ? 0 : label[i], 1e-9);
    }
    return n_beyond;
}

static void test_labels(void **state)
{
    const char *valgrind = getenv("STATBED_TEST_VALGRIND");
    struct rng rng = { 45 };
    uint64_t beyond = 0;

    (void)state;
    for (uint32_t q = 2; q <= (valgrind ? 3 : 7); q++)
        for (uint32_t m = 1; m <= 3; m++)
            for (int edge = 0; edge <= 1; edge++) {
                struct sb_lift lift = lift_of(&(struct sb_lift_setup){
                    SB_LIFT_COMPRESSED, edge ? SB_LIFT_EDGE : SB_LIFT_BULK, 4 + q % 3, q, m, 0.1,
                    sb_marginal_find(marginal_names[q % 3]) });

                beyond += check_labels(&lift, &rng);
                sb_lift_fini(&lift);
            }
    assert_true(beyond > 100);
}

/* S0-E6: d = 6, m = 1, delta = 1/36; Pr[n > m] <= C(d, m+1)(2 rho)^(m+1), and <= d^(-9 m^2) at the paper's
 * delta; against 2^18 draws, 6 standard deviations: 1e-8. */
static void test_miss(void **state)
{
    const struct sb_marginal *gauss = sb_marginal_find("gauss");
    struct sb_lift lift = lift_of(
        &(struct sb_lift_setup){ SB_LIFT_COMPRESSED, SB_LIFT_BULK, 6, 2, 1, 1.0 / 36, gauss });
    const uint64_t draws = getenv("STATBED_TEST_VALGRIND") ? 1 << 13 : 1 << 18;
    double count = 0;

    (void)state;
    for (uint64_t i = 0; i < draws; i += POINTS) {
        const struct sb_block block = block_of(6, POINTS);
        uint8_t beyond[POINTS];

        for (uint32_t j = 0; j < 6; j++)
            gauss->draw(sb_key_derive("test", "miss", 4), j, i, POINTS, z[j]);
        sb_lift_beyond(&lift, &block, beyond);
        for (int a = 0; a < POINTS; a++)
            count += beyond[a];
    }
    assert_near(lift.miss, 0.0107431324727545, 1e-12);
    assert_near(count / (double)draws, lift.miss, 6 * sqrt(lift.miss / (double)draws));
    sb_lift_fini(&lift);
    for (uint32_t d = 4; d <= 64; d *= 2)
        for (uint32_t m = 1; m <= 3; m++) {
            lift = lift_of(&(struct sb_lift_setup){ SB_LIFT_COMPRESSED, SB_LIFT_BULK, d, 2, m,
                                                    pow(d, -2), gauss });
            assert_true(lift.miss <=
                        lifted_choose((int)d, (int)m + 1) * pow(2 * lift.rho, m + 1) * (1 + 1e-9));
            sb_lift_fini(&lift);
            assert_true(sb_binomial_tail(d, pow(d, -10.0 * m), m) <= pow(d, -9.0 * m * m));
        }
}

/* S0-RC.5: given their cells, coordinates are in them, evenly: chi^2 of 63 degrees of freedom is above 147
 * with probability 1e-8. Blocks in parts are the same numbers. */
static void check_draw(const struct sb_lift *lift)
{
    double cell[POINTS], again[POINTS], count[64] = { 0 }, chi = 0;
    const double *const cells[2] = { cell, cell };
    const struct sb_key key = sb_key_derive("test", "draw", 4);
    const uint32_t q = lift->setup.q;
    double *const part[2] = { again, z[2] };

    for (uint64_t i = 0; i < 64 * POINTS; i += POINTS) {
        for (int a = 0; a < POINTS; a++)
            cell[a] = a % (int)q;
        sb_lift_draw(lift, key, 5, i, POINTS, cells, z);
        sb_lift_cells(lift, POINTS, z[1], again);
        for (int a = 0; a < POINTS; a++) {
            const double u = lift->setup.marginal->cdf(z[1][a]) * q - cell[a];

            assert_same(again[a], cell[a]);
            count[(int)fmin(63, fmax(0, u * 64))]++;
        }
    }
    for (int i = 0; i < 64; i++)
        chi += (count[i] - POINTS) * (count[i] - POINTS) / POINTS;
    assert_true(chi < 147);
    cell[0] = cell[3];
    sb_lift_draw(lift, key, 5, 63 * POINTS + 3, 1, cells, part);
    assert_same(again[0], z[0][3]);
}

static void test_draw(void **state)
{
    (void)state;
    for (size_t i = 0; i < SB_COUNT(marginal_names); i++)
        for (uint32_t q = 2; q <= 5; q += 3) {
            struct sb_lift lift = lift_of(&(struct sb_lift_setup){
                SB_LIFT_DV, SB_LIFT_BULK, 2, q, 0, 0.1, sb_marginal_find(marginal_names[i]) });

            check_draw(&lift);
            sb_lift_fini(&lift);
        }
}

/* Bits of cells, and the same bits of everything on every instruction set. */
static void test_instruction_sets(void **state)
{
    const enum sb_isa best = sb_isa();
    struct sb_lift lift = lift_of(&(struct sb_lift_setup){ SB_LIFT_COMPRESSED, SB_LIFT_BULK, 7, 2,
                                                           2, 0.2, sb_marginal_find("gauss") });
    const struct sb_block block = block_of(7, 1021);
    static double out[SB_ISAS][4][POINTS];
    static uint64_t bits[POINTS];
    struct rng rng = { 77 };

    (void)state;
    lifted_points(&lift, &rng, POINTS, z);
    for (enum sb_isa isa = SB_ISA_BASELINE; isa <= best; isa++) {
        sb_isa_limit(isa);
        sb_lift_n1(&lift, block.n, z[1], out[isa][0]);
        sb_lift_n2(&lift, block.n, z[1], out[isa][1]);
        sb_lift_bits(&lift, &block, bits);
        for (uint64_t i = 0; i < block.n; i++) {
            for (uint32_t j = 0; j < 7; j++)
                assert_int_equal(bits[i] >> j & 1, z[j][i] > 0);
            out[isa][2][i] = __builtin_parityll(bits[i]);
        }
        sb_lift_rule(&lift, &block, out[isa][2], out[isa][3]);
        assert_memory_equal(out[isa], out[0], sizeof out[0]);
    }
    sb_isa_limit(best);
    sb_lift_fini(&lift);
}

static void test_bad_input(void **state)
{
    const struct sb_marginal *gauss = sb_marginal_find("gauss");
    const struct {
        struct sb_lift_setup setup;
        const char *says;
    } bad[] = {
        { { SB_LIFT_COMPRESSED, SB_LIFT_BULK, 4, 1, 1, 0.1, gauss }, "q must be" },
        { { SB_LIFT_COMPRESSED, SB_LIFT_BULK, 4, 2, 4, 0.1, gauss }, "m = 4 in 4 coordinates" },
        { { SB_LIFT_COMPRESSED, SB_LIFT_BULK, 4, 2, 0, 0.1, gauss }, "at least 1" },
        { { SB_LIFT_DV, SB_LIFT_BULK, 4, 2, 0, 0.51, gauss }, "ramps overlap" },
        { { SB_LIFT_DV, SB_LIFT_BULK, 4, 2, 0, NAN, gauss }, "above 0" },
        { { SB_LIFT_DV, SB_LIFT_BULK, 4, 5, 0, 1e-17, gauss }, "too small" },
        { { SB_LIFT_DV, SB_LIFT_BULK, 5000, 2, 0, 0.1, gauss }, "1 .. 4096" },
        { { SB_LIFT_DV, SB_LIFT_EDGE, 4, 2, 0, 0.1, gauss }, "profile bulk" },
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(bad); i++) {
        struct sb_lift lift;
        struct sb_diag diag;

        sb_diag_init(&diag);
        assert_true(sb_lift_init(&lift, &bad[i].setup, &diag) < 0);
        assert_int_equal(diag.n_items, 1);
        if (!strstr(diag.items[0].text, bad[i].says))
            fail_msg("%s", diag.items[0].text);
        sb_diag_fini(&diag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_intervals_and_gadgets),
        cmocka_unit_test(test_inclusion_exclusion),
        cmocka_unit_test(test_n3),
        cmocka_unit_test(test_n3_is_not_ideal),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_miss),
        cmocka_unit_test(test_draw),
        cmocka_unit_test(test_instruction_sets),
        cmocka_unit_test(test_bad_input),
    };

    return cmocka_run_group_tests_name("lift", tests, NULL, NULL);
}
