/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families of a hidden direction: parameters, scoring, descriptions, facts and public vectors, all of the law A on the
 * line and the packing. */
#include "oracles/families/hidden_direction.h"

#include "base/memory.h"
#include "numeric/line_distance.h"
#include "oracles/families/direction.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <sleef.h>
#include <string.h>

enum {
    SHOWN = 6,         /* coordinates of v in a description */
    OWN_FACTS = 16,    /* at most */
    TOLD = 1 << 20,    /* numbers of directions that learners are told, at most */
    COUNTED = 1 << 25, /* products of numbers for which near directions are counted */
};
/* Products for an overlap: in creation, where runs wait for it, and as a fact. */
#define QUICK_OVERLAP 0x1p26
#define LONG_OVERLAP 0x1p32
#define ROUNDING 1e-11 /* of inner products, and what is made of them */

struct hidden {
    struct sb_ngca ngca;
    struct sb_line *line;
    struct sb_packing packing;
    double reach; /* a unit vector is within `angle` of v where |u - v|^2 is at most this */
    double matched;
    struct sb_fact own[OWN_FACTS];
    size_t n_own;
};

static void direction(const struct sb_ngca *ngca, uint64_t member, double *v)
{
    const struct hidden *h = ngca->self;

    sb_packing_direction(&h->packing, member, v);
}

/* Scoring */

/* Within the angle a: |u - v| <= 2 sin(a/2). */
static bool recovered(const struct sb_family *family, uint64_t member, const double *value,
                      uint64_t n)
{
    const struct hidden *h = family->self;
    const uint32_t dim = h->packing.dim;
    double v[SB_NGCA_DIM], u[SB_NGCA_DIM], apart = 0, together = 0;

    if (n != dim)
        return false;
    memcpy(u, value, n * sizeof *u);
    if (!sb_direction_normalize(u, dim))
        return false;
    sb_packing_direction(&h->packing, member, v);
    for (uint32_t j = 0; j < dim; j++) {
        apart += (u[j] - v[j]) * (u[j] - v[j]);
        together += (u[j] + v[j]) * (u[j] + v[j]);
    }
    return apart <= h->reach || (h->line->symmetric && together <= h->reach);
}

static double cosine(const struct hidden *h)
{
    return 1 - h->reach / 2;
}

/* The most members, of a list, that are within twice the angle of one of them: all that one value recovers are of
 * each of them. */
static uint64_t most_near(const struct hidden *h, uint64_t n)
{
    const struct sb_packing *p = &h->packing;
    const double least = 2 * cosine(h) * cosine(h) - 1 - ROUNDING;
    uint64_t most = 1;

    for (uint64_t i = 0; i < n; i++) {
        uint64_t near = 0;

        for (uint64_t k = 0; k < n; k++) {
            double product = 0;

            for (uint32_t j = 0; j < p->dim; j++)
                product += p->list[i * p->dim + j] * p->list[k * p->dim + j];
            near += (h->line->symmetric ? fabs(product) : product) >= least;
        }
        most = near > most ? near : most;
    }
    return most;
}

/* Where |<v_i,v_j>| <= m: a unit vector z recovers s of them, with signs such that <z,v_i> >= c = cos(angle). Then
 *      (s c)^2 <= <z, sum of the v_i>^2 <= |sum|^2 <= s + s (s - 1) m,  s <= (1 - m)/(c^2 - m) where c^2 > m. */
static uint64_t n_recovered(const struct sb_family *family)
{
    const struct hidden *h = family->self;
    const uint64_t n = family->n_members;
    const double m = h->ngca.overlap_ub, room = cosine(h) * cosine(h) - m - ROUNDING;
    const double most = room > 0 ? (1 - m + ROUNDING) / room : (double)n;
    const bool few = n <= COUNTED && n * n <= COUNTED / h->packing.dim;
    const uint64_t counted = h->packing.list && few ? most_near(h, n) : n;

    return most < (double)counted ? most > 1 ? (uint64_t)most : 1 : counted;
}

/* A density may have the law A along many directions: the product of A along some that are at right angles has it
 * along all of them. */
static uint64_t n_good(const struct sb_family *family, enum sb_loss loss, double max)
{
    (void)loss;
    (void)max;
    return family->n_members;
}

/* What is said of a family */

static char *describe(const struct sb_family *family, uint64_t member)
{
    const struct hidden *h = family->self;
    const uint32_t dim = h->packing.dim;
    double v[SB_NGCA_DIM];
    struct sb_buf text;

    sb_packing_direction(&h->packing, member, v);
    sb_buf_init(&text);
    sb_buf_puts(&text, "v = (");
    for (uint32_t j = 0; j < dim && j < SHOWN; j++)
        sb_buf_printf(&text, j ? ", %.4f" : "%.4f", v[j]);
    sb_buf_puts(&text, dim > SHOWN ? ", ...)" : ")");
    if (!sb_buf_str(&text)) {
        sb_buf_fini(&text);
        return NULL;
    }
    return (char *)text.data;
}

/* The first k >= 1 with c_k != 0; 0: none of those that are known. */
static uint32_t first_degree(const struct sb_line *line)
{
    const double noise = line->coefficient_error > 1e-13 ? line->coefficient_error : 1e-13;
    uint32_t k = line->matched + 1;

    while (k < SB_LINE_COEFFICIENTS && !(fabs(line->coefficient[k]) > noise))
        k++;
    return k < SB_LINE_COEFFICIENTS ? k : 0;
}

static size_t facts(const struct sb_family *family, struct sb_fact *out, size_t most)
{
    const struct hidden *h = family->self;
    const uint32_t first = first_degree(h->line);
    const double overlap = sb_packing_overlap(&h->packing, LONG_OVERLAP);
    const struct sb_fact common[] = {
        { "matched", h->line->matched, "E h_k(X) = 0 for k = 1 .. this, X of the law along v" },
        { "first-degree", first ? (double)first : NAN, "the first k with c_k = E h_k(X) not 0" },
        { "first-coefficient", first ? h->line->coefficient[first] : (double)NAN,
          "c_k of this degree k" },
        { "chi2", h->line->chi2,
          "chi^2 of the law along v against N(0,1), at most; of a member "
          "against the null, too" },
        { "most-weight", h->line->ratio_ub, "a member's density over the null's is at most this" },
        { "tv-gauss", sb_line_tv_to_gauss(h->line),
          "total variation between the law along v and "
          "N(0,1); of a member and the null, too" },
        { "wasserstein", sb_line_wasserstein(h->line),
          "Wasserstein-1 distance between the law along v and N(0,1)" },
        { "pair-tv", sb_line_tv_pair_lb(h->line, overlap),
          "total variation of two members is at least this, by what `overlap` is" },
        { "overlap", overlap,
          "the greatest |<v,w>| of two directions, by going through them or by construction" },
    };
    size_t n = 0;

    for (size_t i = 0; i < h->n_own && n < most; i++)
        out[n++] = h->own[i];
    for (size_t i = 0; i < SB_COUNT(common) && n < most; i++)
        out[n++] = common[i];
    return n;
}

/* Of a mixture, rows of lo, hi, offset, slope, weight, mass. */
static struct sb_public_vector pieces(const struct sb_line *line)
{
    static_assert(sizeof(struct sb_line_piece) == 6 * sizeof(double), "six numbers a piece");

    return (struct sb_public_vector){ "pieces", (const double *)line->piece, 6 * line->n_pieces };
}

static size_t vectors(const struct sb_family *family, struct sb_public_vector *out, size_t most)
{
    const struct hidden *h = family->self;
    const uint64_t n_numbers = h->packing.list ? h->packing.n * h->packing.dim : UINT64_MAX;
    const bool mixture = h->line->n_pieces > 0;
    const struct sb_public_vector all[] = {
        { "coefficients", h->line->coefficient, SB_LINE_COEFFICIENTS },
        { "matched", &h->matched, 1 },
        mixture ? pieces(h->line) : (struct sb_public_vector){ .value = NULL },
        { "noise", mixture ? &h->line->noise : NULL, 1 },
        { "chi2", h->line->chi2 < INFINITY ? &h->line->chi2 : NULL, 1 },
        { "most-weight", h->line->ratio_ub < INFINITY ? &h->line->ratio_ub : NULL, 1 },
        { "directions", n_numbers <= TOLD ? h->packing.list : NULL, n_numbers },
    };
    size_t n = 0;

    for (size_t i = 0; i < SB_COUNT(all) && n < most; i++)
        if (all[i].value)
            out[n++] = all[i];
    return n;
}

/* Making */

static const char *text_or(const struct sb_values *params, const char *name, const char *otherwise)
{
    return sb_values_find(params, name) ? sb_values_text(params, name) : otherwise;
}

static double real_or(const struct sb_values *params, const char *name, double otherwise)
{
    return sb_values_find(params, name) ? sb_values_real(params, name) : otherwise;
}

struct sb_hidden_direction_wish sb_hidden_direction_wish(const char *where,
                                                         const struct sb_values *params)
{
    const struct sb_value *given = sb_values_find(params, "direction");

    return (struct sb_hidden_direction_wish){
        .packing = { .where = where,
                     .kind = text_or(params, "packing", "sphere"),
                     .dim = (uint32_t)sb_values_int(params, "dimension"),
                     .members = (uint64_t)sb_values_int(params, "members"),
                     .overlap = real_or(params, "overlap", 0.5),
                     .direction = given ? given->vector : NULL,
                     .n_direction = given ? given->n_vector : 0 },
        .angle = real_or(params, "angle", 0.1)
    };
}

static void set_family(struct hidden *h, double angle, struct sb_family *out)
{
    const double overlap = sb_packing_overlap(&h->packing, QUICK_OVERLAP);
    const double overlap_ub = isnan(overlap) ? 1 : overlap > 0 ? overlap + ROUNDING : 0;

    h->ngca = (struct sb_ngca){ .line = h->line,
                                .dim = h->packing.dim,
                                .directions = h->packing.list,
                                .direction = direction,
                                .sphere = strcmp(h->packing.class->name, "sphere") == 0,
                                .overlap_ub = overlap_ub < 1 ? overlap_ub : 1,
                                .angle = angle,
                                .self = h };
    out->self = h;
    out->n_members = h->packing.n;
    sb_ngca_init(&h->ngca, out);
    out->n_good = n_good;
    out->n_recovered = n_recovered;
    out->recovered = recovered;
    out->describe = describe;
    out->facts = facts;
    out->vectors = vectors;
}

static void free_hidden(struct hidden *h)
{
    sb_packing_fini(&h->packing);
    sb_line_free(h->line);
    free(h);
}

int sb_hidden_direction_new(const struct sb_hidden_direction_wish *wish, struct sb_line *line,
                            struct sb_family *out, struct sb_diag *diag)
{
    const double half_sine = Sleef_cinz_sind1_u10purec(wish->angle / 2);
    struct hidden *h = SB_NEW(struct hidden);
    int error;

    if (!h) {
        sb_line_free(line);
        return -ENOMEM;
    }
    h->line = line;
    h->reach = 4 * half_sine * half_sine;
    h->matched = line->matched;
    for (size_t i = 0; i < wish->n_own && i < OWN_FACTS; i++)
        h->own[h->n_own++] = wish->own[i];
    error = sb_packing_init(&h->packing, &wish->packing, diag);
    if (error) {
        free_hidden(h);
        return error;
    }
    set_family(h, wish->angle, out);
    return 0;
}

void sb_hidden_direction_destroy(struct sb_family *family)
{
    if (family->self)
        free_hidden(family->self);
}

int sb_hidden_direction_says(const char *where, size_t from, int error, struct sb_diag *diag)
{
    for (size_t i = from; diag && i < diag->n_items; i++) {
        char *text = sb_printf("%s: %s", where, diag->items[i].text);

        if (!text)
            return -ENOMEM;
        free(diag->items[i].text);
        diag->items[i].text = text;
    }
    return error;
}
