/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family that states a law on the line: X = 2 (U + V + W - 3/2), uniform numbers, of variance 1, whose first three
 * moments are the Gaussian's; and the same with one mistake each. */
#include <statbed/family.h>

enum {
    NONE,
    TOO_MUCH,  /* the density integrates to 1.01 */
    NEGATIVE,  /* and is below 0 somewhere */
    MATCHED,   /* says that four moments match */
    NARROW,    /* draws with 0.95 times the deviation */
    LEANING,   /* draws of which one half is drawn twice as often */
    OUTSIDE,   /* draws outside of where it says that the law is */
    BY_BLOCK,  /* draws by the place in the block */
    NEIGHBOUR, /* the density looks at the point before */
    BACKWARDS, /* line_from above line_to */
    CUTS,      /* cuts that do not increase */
    BESIDE,    /* says weights, too */
    HALF,      /* does not draw */
    OWN        /* has a parameter that is statbed's */
};

static int32_t create(const struct sb_family_host *host, struct sb_family_facts *facts,
                      void **self_out)
{
    static const double cuts[2] = { -1, 1 }, wrong[2] = { 1, -1 };

    (void)host;
    (void)self_out;
    facts->line_from = FLAW == BACKWARDS ? 3 : -3;
    facts->line_to = FLAW == BACKWARDS ? -3 : 3;
    facts->line_cuts = FLAW == CUTS ? wrong : cuts;
    facts->n_line_cuts = 2;
    facts->line_matched = FLAW == MATCHED ? 4 : 3;
    return 0;
}

static double at(double t)
{
    const double s = t / 2 + 1.5;

    if (s < 0 || s > 3)
        return 0;
    return s < 1 ? s * s / 4 : s < 2 ? (6 * s - 2 * s * s - 3) / 4 : (3 - s) * (3 - s) / 4;
}

static void density(const void *self, uint64_t n, const double *t, double *out)
{
    (void)self;
    for (uint64_t i = 0; i < n; i++) {
        out[i] = at(t[i]);
        if (FLAW == TOO_MUCH)
            out[i] *= 1.01;
        if (FLAW == NEGATIVE && t[i] > 2.5)
            out[i] = -out[i];
        if (FLAW == NEIGHBOUR && i)
            out[i] *= 1 + 1e-15 * t[i - 1];
    }
}

static void draw(const void *self, const struct sb_stream *stream, uint64_t n, double *out)
{
    double u[3][1024];

    (void)self;
    for (uint64_t k = 0; k < 3; k++)
        stream->uniform(stream->self, k, u[k]);
    for (uint64_t i = 0; i < n; i++) {
        out[i] = 2 * (u[0][i] + u[1][i] + u[2][i] - 1.5);
        if (FLAW == NARROW)
            out[i] *= 0.95;
        if (FLAW == LEANING && u[0][i] < 0.25)
            out[i] = out[i] < 0 ? -out[i] : out[i];
        if (FLAW == OUTSIDE && u[0][i] > 0.999)
            out[i] = 3.5;
        if (FLAW == BY_BLOCK && i == 1 && u[1][i] < 2)
            out[i] = -out[i];
    }
}

static void weight(const void *self, uint64_t member, uint32_t l, const struct sb_block *block,
                   double *out)
{
    (void)self;
    (void)member;
    (void)l;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = 1;
}

static const struct sb_param params[] = {
    { FLAW == OWN ? "members" : "nothing", SB_INT, 0, "0", "[0,9]", "a number" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

SB_FAMILY(.name = "hall", .summary = "sums of three uniform numbers along a hidden direction",
          .source = "a test", .params = params, .create = create,
          .weight = FLAW == BESIDE ? weight : NULL, .line_density = density,
          .line_draw = FLAW == HALF ? NULL : draw);
