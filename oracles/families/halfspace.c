/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Half-spaces: the label is + where <w,x> >= theta, flipped with probability eta (the noise rate).
 * The hidden direction w is a unit vector, theta is public. Over the Gaussian x ~ N(0, I_d); on the
 * cube x stands for the signs s_j = 1 - 2 x_j, as in chi. A control: SQ learns it, by one query a
 * coordinate (learners/halfspace.c), so no lower bound is claimed.
 *
 * Member i's direction is public: Gaussian number 0 .. d-1 of stream i under a fixed key, over their
 * length. So there may be any number of members: what is never drawn is never computed. Members are
 * directions; on a small cube several of them label alike.
 *
 * The null draws y independent of x with Pr[+] = eta + (1 - 2 eta) Phi(-theta): the labels' law of
 * every member over the Gaussian. On the cube the members' own rate is near it, not equal to it,
 * unless theta = 0: s and -s have opposite labels, so that it is 1/2.
 *
 * Seen along a unit vector u, with rho = <u,w>: <w,x> = rho <u,x> + |w - rho u| z, z a Gaussian
 * independent of <u,x>. So Pr[<w,x> >= theta | <u,x> = t] = Phi((rho t - theta) / |w - rho u|): a
 * sigmoid at theta/rho, and a jump where u = +-w. */
#include "base/memory.h"
#include "numeric/random.h"
#include "oracles/families/direction.h"
#include "oracles/families/families.h"

#include <errno.h>
#include <math.h>
#include <sleef.h>
#include <string.h>

enum {
    MOST_COORDINATES = 4096,
    LABELS = MOST_COORDINATES, /* stream 0's columns end here */
    SHOWN = 6                  /* coordinates of w in a description */
};

/* A sigmoid narrower than this is a jump: what they differ by has an integral of less than that. */
#define SHARP 0x1p-45

struct halfspace {
    struct sb_candidates candidates;
    uint32_t dim;
    bool gauss;
    double threshold;
    double label[2];     /* - and + */
    double right, wrong; /* 1 - eta and eta: they sum to 1 exactly */
    double null[2];      /* Pr[label l] under the null; they sum to 1 exactly */
    double reach;        /* a unit vector is within `angle` of w where |v - w|^2 is at most this */
    struct sb_key directions;
};

static double normal_cdf(double z)
{
    return 0.5 * Sleef_cinz_erfcd1_u15purec(-z * 0.70710678118654752440);
}

/* w: dim numbers. Cheap beside any block of points, so that nobody has to keep it. */
static void direction(const struct halfspace *h, uint64_t member, double *w)
{
    double square = 0, norm;

    sb_random_gauss(h->directions, member, 0, h->dim, w);
    for (uint32_t j = 0; j < h->dim; j++)
        square += w[j] * w[j];
    norm = sqrt(square);
    for (uint32_t j = 0; j < h->dim; j++)
        w[j] = norm > 0 ? w[j] / norm : j == 0;
}

/* out[i] += w s_j, s_j = 1 - 2 x_j: the bit is w's sign. */
static void add_sign(const uint64_t *bits, uint32_t j, double w, uint64_t n, double *restrict out)
{
    uint64_t w_bits;

    memcpy(&w_bits, &w, sizeof w);
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t signed_bits = w_bits ^ (bits[i] >> j & 1) << 63;
        double term;

        memcpy(&term, &signed_bits, sizeof term);
        out[i] += term;
    }
}

static void add_column(const double *x, double w, uint64_t n, double *restrict out)
{
    for (uint64_t i = 0; i < n; i++)
        out[i] += w * x[i];
}

/* out[i] = <w, x_i>, added up in the order of the coordinates */
static void project(const struct halfspace *h, uint64_t member, const struct sb_block *block,
                    double *out)
{
    double w[MOST_COORDINATES];

    direction(h, member, w);
    memset(out, 0, block->n * sizeof *out);
    for (uint32_t j = 0; j < h->dim; j++)
        if (h->gauss)
            add_column(block->x[j], w[j], block->n, out);
        else
            add_sign(block->bits, j, w[j], block->n, out);
}

static void halfspace_label(void *self, uint64_t index, const struct sb_block *block, double *out)
{
    const struct halfspace *h = self;

    project(h, index, block, out);
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = h->label[out[i] >= h->threshold];
}

/* The law */

static void gauss_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                         uint64_t start, uint64_t n, const struct sb_points *out)
{
    for (uint32_t j = 0; j < law->dim; j++)
        sb_random_gauss(key, stream * MOST_COORDINATES + j, start, n, out->x[j]);
}

/* As the product form's. */
static void cube_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                        uint64_t start, uint64_t n, const struct sb_points *out)
{
    const struct sb_law uniform = { .dim = law->dim };

    sb_law_points(&uniform, key, stream, start, n, out);
}

/* Pr[label l] where the label without noise is + (plus_out) and where it is -. */
static void label_rates(const struct sb_law *law, uint32_t l, double *plus_out, double *minus_out)
{
    const struct halfspace *h = law->self;
    const double right = law->clean ? 1 : h->right, wrong = law->clean ? 0 : h->wrong;

    *plus_out = !law->planted ? h->null[l] : l ? right : wrong;
    *minus_out = !law->planted ? h->null[l] : l ? wrong : right;
}

static void halfspace_weights(const struct sb_law *law, const struct sb_block *block, uint32_t l,
                              double *out)
{
    const struct halfspace *h = law->self;
    double plus, minus;

    label_rates(law, l, &plus, &minus);
    if (law->planted)
        project(h, law->member, block, out);
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = law->planted && out[i] >= h->threshold ? plus : minus;
}

static void halfspace_sample(const struct sb_law *law, struct sb_key key, uint64_t start,
                             uint64_t n, const struct sb_points *out, double *y)
{
    const struct halfspace *h = law->self;
    const struct sb_block block = { .struct_size = sizeof block,
                                    .dim = law->dim,
                                    .n = n,
                                    .x = (const double *const *)out->x,
                                    .bits = out->bits };
    double minus[SB_BLOCK];

    sb_law_points(law, key, 0, start, n, out);
    halfspace_weights(law, &block, 0, minus);
    sb_random_uniform(key, LABELS, start, n, y);
    for (uint64_t i = 0; i < n; i++)
        y[i] = h->label[y[i] < minus[i] ? 0 : 1];
}

/* How a member looks along u: <w,x> = rho <u,x> + side z. Without cancellation where u is near w. */
static void look_along(const struct sb_law *law, const double *u, double *rho_out, double *side_out)
{
    double w[MOST_COORDINATES], rho = 0, square = 0;

    direction(law->self, law->member, w);
    for (uint32_t j = 0; j < law->dim; j++)
        rho += w[j] * u[j];
    for (uint32_t j = 0; j < law->dim; j++)
        square += (w[j] - rho * u[j]) * (w[j] - rho * u[j]);
    *rho_out = rho;
    *side_out = sqrt(square);
}

static void halfspace_given(const struct sb_law *law, const double *u, uint32_t l, uint64_t n,
                            const double *t, double *out)
{
    const struct halfspace *h = law->self;
    double plus, minus, rho = 0, side = 1;

    label_rates(law, l, &plus, &minus);
    if (law->planted)
        look_along(law, u, &rho, &side);
    for (uint64_t i = 0; i < n; i++) {
        const double above = rho * t[i] - h->threshold;
        const double rate = side < SHARP ? above >= 0 : normal_cdf(above / side);

        out[i] = minus + (plus - minus) * rate;
    }
}

/* Around the sigmoid one cut each width, until it is flat: Phi(-9) is 1e-19. */
static size_t halfspace_cuts(const struct sb_law *law, const double *u, double out[])
{
    enum { WIDTHS = 9 };
    const struct halfspace *h = law->self;
    double rho, side, width;
    size_t n = 0;

    if (!law->planted)
        return 0;
    look_along(law, u, &rho, &side);
    if (side >= fabs(rho))
        return 0; /* wider than 1 */
    width = side / fabs(rho);
    if (side < SHARP)
        out[n++] = h->threshold / rho;
    for (int k = -WIDTHS; side >= SHARP && k <= WIDTHS; k++)
        out[n++] = h->threshold / rho + k * width;
    return n;
}

static const struct sb_law_class over_gauss = { .points = gauss_points,
                                                .weights = halfspace_weights,
                                                .sample = halfspace_sample,
                                                .gaussian = true,
                                                .given = halfspace_given,
                                                .cuts = halfspace_cuts };
static const struct sb_law_class over_cube = { .points = cube_points,
                                               .weights = halfspace_weights,
                                               .sample = halfspace_sample };

static void halfspace_law(const struct sb_family *family, uint64_t member, bool clean,
                          struct sb_law *out)
{
    const struct halfspace *h = family->self;

    *out = (struct sb_law){ .class = h->gauss ? &over_gauss : &over_cube,
                            .dim = h->dim,
                            .self = h,
                            .member = member,
                            .planted = true,
                            .clean = clean };
}

/* On the cube of product form, so that the exact routes serve it in every dimension. */
static void halfspace_null_law(const struct sb_family *family, struct sb_law *out)
{
    const struct halfspace *h = family->self;

    *out = (struct sb_law){ .class = h->gauss ? &over_gauss : NULL, .dim = h->dim, .self = h };
    for (int l = 0; l < 2; l++) {
        out->label[l] = h->label[l];
        out->alpha[l] = h->null[l];
    }
}

/* The rest */

/* Correlations */

/* The integral of 2 exp(-h^2 t^2 / 2) / (1 + t^2) from a to b, by the Gauss-Legendre rule of 8 nodes: exact
 * to rounding where b - a is well below a and 1/h, or below 1 and 1/h. */
static double owen_panel(double h, double a, double b)
{
    static const double node[4] = { 0.18343464249564980494, 0.52553240991632898582,
                                    0.79666647741362673959, 0.96028985649753623168 };
    static const double weight[4] = { 0.36268378337836198297, 0.31370664587788728734,
                                      0.22238103445337447054, 0.10122853629037625915 };
    double sum = 0;

    for (int k = 0; k < 8; k++) {
        const double t = (a + b) / 2 + (k & 1 ? 1 : -1) * node[k / 2] * (b - a) / 2;

        sum += weight[k / 2] * 2 * Sleef_cinz_expd1_u10purec(-h * h * t * t / 2) / (1 + t * t);
    }
    return sum * (b - a) / 2;
}

/* From t to 1; t may be infinite. Beyond 1 panels grow with t until what is left is next to nothing. */
static double owen_integral(double h, double t)
{
    enum { PANELS = 16 };
    const double grow = 1.125;
    const double end = t > 1 ? 10 / h + 1 : t;
    const double last = t < end ? t : end;
    double sum = 0;

    for (int k = 0; k < PANELS && t < 1; k++)
        sum += owen_panel(h, t + (1 - t) * k / PANELS, t + (1 - t) * (k + 1) / PANELS);
    for (double a = 1; a < last; a *= grow)
        sum -= owen_panel(h, a, a * grow < last ? a * grow : last);
    return sum;
}

/* With q = Phi(-theta), K = (1 - 2 eta)^2 (Pr[both +] - q^2) / (null_- null_+), since the null's labels are
 * independent of x with the members' own rates. At an angle a, t = tan(a/2), Plackett's formula in Owen's
 * variable gives
 *     Pr[both +] - q^2 = (exp(-theta^2/2) / 2 pi) (integral from t to 1 of 2 exp(-theta^2 s^2 / 2) / (1 + s^2) ds)
 * [Owen56], which is (1 - 2a/pi) / 4 at theta = 0. */
static double halfspace_correlation(const struct sb_family *family, uint64_t i, uint64_t j)
{
    const struct halfspace *h = family->self;
    const double signal = h->right - h->wrong, pi = 3.14159265358979323846;
    double v[MOST_COORDINATES], w[MOST_COORDINATES], apart = 0, together = 0, integral;

    direction(h, i, v);
    direction(h, j, w);
    for (uint32_t k = 0; k < h->dim; k++) {
        apart += (v[k] - w[k]) * (v[k] - w[k]);
        together += (v[k] + w[k]) * (v[k] + w[k]);
    }
    apart = sqrt(apart);
    together = sqrt(together);
    if (fabs(h->threshold) < 1e-13) /* what this leaves out is of its size */
        integral = pi / 2 - 2 * Sleef_cinz_atan2d1_u10purec(apart, together);
    else
        integral = owen_integral(fabs(h->threshold), apart / together);
    return signal * signal * Sleef_cinz_expd1_u10purec(-h->threshold * h->threshold / 2) *
           integral / (2 * pi * h->null[0] * h->null[1]);
}

/* |K_ij| <= K_ii, the same for all. */
static int halfspace_correlations(const struct sb_family *family, struct sb_correlations *out)
{
    const double k = halfspace_correlation(family, 0, 0);

    out->diagonal_ub = out->off_abs_ub = out->off_ub = k * (1 + 1e-11);
    out->lambda_lb = k * (1 - 1e-11);
    return 0;
}

static uint64_t halfspace_n_good(const struct sb_family *family, enum sb_loss loss, double max)
{
    (void)loss;
    (void)max;
    return family->n_members; /* two directions may be as near as one likes */
}

/* More than members within the angle a of one direction: of one such member, all are within 2a, that is,
 * at 4 sin(a)^2 = r (4 - r) squared, r = 4 sin(a/2)^2. */
static uint64_t most_near(const struct halfspace *h, uint64_t n, const double *w)
{
    const double reach = h->reach * (4 - h->reach) + 1e-9;
    uint64_t most = 1;

    for (uint64_t i = 0; i < n; i++) {
        uint64_t near = 0;

        for (uint64_t k = 0; k < n; k++) {
            double gap = 0;

            for (uint32_t j = 0; j < h->dim && gap <= reach; j++)
                gap += (w[i * h->dim + j] - w[k * h->dim + j]) *
                       (w[i * h->dim + j] - w[k * h->dim + j]);
            near += gap <= reach;
        }
        most = near > most ? near : most;
    }
    return most;
}

/* All of them where there are too many to look at in milliseconds. */
static uint64_t halfspace_n_recovered(const struct sb_family *family)
{
    enum { MOST_WORK = 1 << 25 };
    const struct halfspace *h = family->self;
    const uint64_t n = family->n_members;
    double *w;
    uint64_t most;

    if (n > MOST_WORK || n * n > MOST_WORK / h->dim)
        return n;
    w = SB_NEW_ARRAY(double, n * h->dim);
    if (!w)
        return n;
    for (uint64_t i = 0; i < n; i++)
        direction(h, i, w + i * h->dim);
    most = most_near(h, n, w);
    free(w);
    return most;
}

/* Within the angle a: |v/|v| - w| <= 2 sin(a/2). */
static bool halfspace_recovered(const struct sb_family *family, uint64_t member,
                                const double *value, uint64_t n)
{
    const struct halfspace *h = family->self;
    double w[MOST_COORDINATES], v[MOST_COORDINATES], gap = 0;

    if (n != h->dim)
        return false;
    memcpy(v, value, n * sizeof *v);
    if (!sb_direction_normalize(v, h->dim))
        return false;
    direction(h, member, w);
    for (uint32_t j = 0; j < h->dim; j++)
        gap += (v[j] - w[j]) * (v[j] - w[j]);
    return gap <= h->reach;
}

static char *halfspace_describe(const struct sb_family *family, uint64_t member)
{
    const struct halfspace *h = family->self;
    double w[MOST_COORDINATES];
    struct sb_buf text;

    direction(h, member, w);
    sb_buf_init(&text);
    sb_buf_puts(&text, "<w,");
    sb_buf_printf(&text, "%s> >= %g, w = (", h->gauss ? "x" : "s", h->threshold);
    for (uint32_t j = 0; j < h->dim && j < SHOWN; j++)
        sb_buf_printf(&text, j ? ", %.4f" : "%.4f", w[j]);
    sb_buf_puts(&text, h->dim > SHOWN ? ", ...)" : ")");
    if (!sb_buf_str(&text)) {
        sb_buf_fini(&text);
        return NULL;
    }
    return (char *)text.data;
}

static void set_labels(struct halfspace *h, const struct sb_values *params)
{
    h->label[0] = strcmp(sb_values_text(params, "labels"), "pm1") == 0 ? -1 : 0;
    h->label[1] = 1;
    h->threshold = sb_values_real(params, "threshold");
    h->right = 1 - sb_values_real(params, "noise");
    h->wrong = 1 - h->right;
    h->null[0] = 1 - (h->wrong + (h->right - h->wrong) * normal_cdf(-h->threshold));
    h->null[1] = 1 - h->null[0];
}

static int check(uint32_t dim, bool gauss, struct sb_diag *diag)
{
    if (!gauss && dim > 63)
        return sb_diag_fail(diag, -EINVAL,
                            "family halfspace: dimension = %u is above 63, the most of the cube; "
                            "lower it, or take domain = gauss",
                            dim);
    return 0;
}

static int halfspace_create(const struct sb_values *params, struct sb_family *out,
                            struct sb_diag *diag)
{
    const uint32_t dim = (uint32_t)sb_values_int(params, "dimension");
    const bool gauss = strcmp(sb_values_text(params, "domain"), "gauss") == 0;
    const int error = check(dim, gauss, diag);
    struct halfspace *h;
    double half_sine;

    if (error)
        return error;
    h = SB_NEW(struct halfspace);
    if (!h)
        return -ENOMEM;
    h->candidates = (struct sb_candidates){ .self = h, .label = halfspace_label };
    h->dim = dim;
    h->gauss = gauss;
    set_labels(h, params);
    half_sine = Sleef_cinz_sind1_u10purec(sb_values_real(params, "angle") / 2);
    h->reach = 4 * half_sine * half_sine;
    h->directions = sb_key_derive("halfspace directions", "", 0);
    out->self = h;
    out->n_members = (uint64_t)sb_values_int(params, "members");
    out->space = (struct sb_space){ .domain = gauss ? SB_GAUSS : SB_CUBE,
                                    .dim = dim,
                                    .modulus = gauss ? 0 : 2,
                                    .n_labels = 2,
                                    .labels = h->label,
                                    .n_candidates = out->n_members,
                                    .candidates = &h->candidates };
    out->law = halfspace_law;
    out->null_law = halfspace_null_law;
    out->no_profile = sb_family_no_profile(out);
    out->correlations = gauss ? halfspace_correlations : NULL;
    out->correlation = gauss ? halfspace_correlation : NULL;
    out->lambda_max_ub = INFINITY;
    out->n_good = halfspace_n_good;
    out->n_recovered = halfspace_n_recovered;
    out->recovered = halfspace_recovered;
    out->describe = halfspace_describe;
    return 0;
}

static void halfspace_destroy(struct sb_family *family)
{
    free(family->self);
}

static const struct sb_param params[] = {
    { "dimension", SB_INT, 0, NULL, "[1,4096]", "number of coordinates d, at most 63 on the cube" },
    { "domain", SB_TEXT, 0, "gauss", "gauss|cube",
      "x Gaussian, or uniform on the cube with signs s_j = 1 - 2 x_j in the place of x_j" },
    { "threshold", SB_REAL, 0, "0", "[-8,8]",
      "theta, public: the label is + where <w,x> >= theta" },
    { "noise", SB_REAL, 0, "0", "[0,0.5)", "rate eta at which labels are flipped" },
    { "labels", SB_TEXT, 0, "pm1", "pm1|01", "label set {-1,1} or {0,1}" },
    { "members", SB_INT, 0, "4294967296", "[1,9007199254740992]",
      "number of directions that one is drawn from" },
    { "angle", SB_REAL, 0, "0.1", "(0,1.5]",
      "goal recover: how far from w, in radians, what is returned may point" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_family_class sb_family_halfspace = {
    .name = "halfspace",
    .summary = "half-spaces over the Gaussian or the cube, with label noise: a control that SQ "
               "learns",
    .source = "[BFKV98]",
    .recover = "the direction w: d values of any length, within `angle` of it",
    .params = params,
    .create = halfspace_create,
    .destroy = halfspace_destroy,
};
