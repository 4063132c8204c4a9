/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws on the line: their pieces checked, and put together into terms and components. */
#include "numeric/line.h"

#include "base/memory.h"
#include "numeric/line_parts.h"
#include "numeric/marginal.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Of the weights' sum, and of coefficients that are said to be 0. */
static const double slack = 1e-9;

static const char *flaw_of(const struct sb_line_piece *p)
{
    if (!(p->weight >= 0) || !(p->weight <= 1))
        return "its weight is not in [0, 1]";
    if (!isfinite(p->offset) || !isfinite(p->slope))
        return "its offset or slope is not finite";
    if (!(p->lo <= p->hi))
        return "its ends are not in order";
    if (p->slope != 0 && (p->lo == -INFINITY) != (p->hi == INFINITY))
        return "it has a slope and one infinite end";
    return NULL;
}

/* Is piece i one that may stand there? */
static int check_piece(size_t n, const struct sb_line_piece *piece, size_t i, struct sb_diag *diag)
{
    const struct sb_line_piece *p = &piece[i], *before = i ? p - 1 : NULL;
    const bool first = !before || before->hi == INFINITY;
    const char *flaw = flaw_of(p);

    if (!flaw && first ? p->lo != -INFINITY : !flaw && p->lo != before->hi)
        flaw = "it does not begin where the one before it ends";
    if (!flaw && !first && p->weight != before->weight)
        flaw = "its weight is not that of its component's other pieces";
    if (!flaw && i + 1 == n && p->hi != INFINITY)
        flaw = "the last component does not reach +inf";
    return flaw ? sb_diag_fail(diag, -EINVAL, "piece %zu of %zu of a law on the line: %s", i + 1, n,
                               flaw)
                : 0;
}

static int check_pieces(size_t n, const struct sb_line_piece *piece, struct sb_diag *diag)
{
    double sum = 0;
    int error = 0;

    if (n < 1 || n > SB_LINE_PIECES)
        return sb_diag_fail(diag, -EINVAL, "a law on the line has 1 to %d pieces, not %zu",
                            SB_LINE_PIECES, n);
    for (size_t i = 0; i < n && !error; i++) {
        error = check_piece(n, piece, i, diag);
        sum += piece[i].hi == INFINITY ? piece[i].weight : 0;
    }
    if (!error && !(fabs(sum - 1) <= slack))
        return sb_diag_fail(
            diag, -EINVAL, "the weights of a law on the line sum to %.12g, which should be 1", sum);
    return error;
}

double sb_line_mass(double lo, double hi)
{
    return lo > 0 ? sb_gauss_cdf(-lo) - sb_gauss_cdf(-hi) : sb_gauss_cdf(hi) - sb_gauss_cdf(lo);
}

static bool is_flat(const struct sb_line_piece *p)
{
    return p->slope == 0;
}

/* Pieces that have the same law but for their mass. */
static bool same_law(const struct sb_line_piece *a, const struct sb_line_piece *b)
{
    return a->offset == b->offset && a->slope == b->slope &&
           ((is_flat(a) && is_flat(b)) || (sb_line_whole(a) && sb_line_whole(b)));
}

static void add_term(struct sb_line *line, const struct sb_line_piece *p)
{
    if (!(p->mass > 0))
        return;
    if (is_flat(p) || sb_line_whole(p))
        for (size_t k = 0; k < line->n_terms; k++)
            if (same_law(&line->term[k], p)) {
                line->term[k].mass += p->mass;
                return;
            }
    line->term[line->n_terms++] = *p;
}

static void put_pieces(struct sb_line *line, const struct sb_line_piece *piece)
{
    double sum = 0;

    for (size_t i = 0; i < line->n_pieces; i++) {
        struct sb_line_piece *p = &line->piece[i];

        *p = piece[i];
        if (p->mass == 0)
            p->mass = p->weight * sb_line_mass(p->lo, p->hi);
        if (p->lo == -INFINITY)
            line->first[line->n_components] = i;
        if (p->hi == INFINITY) {
            sum += p->weight;
            line->weight_up_to[line->n_components++] = sum;
            line->first[line->n_components] = i + 1;
        }
        add_term(line, p);
    }
}

/* The law of -X at -z: is it a term of X? */
static bool has_mirrored(const struct sb_line *line, const struct sb_line_piece *p)
{
    const bool bell = is_flat(p) || sb_line_whole(p);

    for (size_t k = 0; k < line->n_terms; k++) {
        const struct sb_line_piece *q = &line->term[k];

        if (q->offset == -p->offset && fabs(q->slope) == fabs(p->slope) &&
            fabs(q->mass - p->mass) <= 0x1p-50 * p->mass &&
            (bell ? is_flat(q) || sb_line_whole(q)
                  : q->lo == -p->hi && q->hi == -p->lo && q->slope == p->slope))
            return true;
    }
    return false;
}

static bool is_symmetric(const struct sb_line *line)
{
    for (size_t k = 0; k < line->n_terms; k++)
        if (!has_mirrored(line, &line->term[k]))
            return false;
    return true;
}

int sb_line_settle_matched(struct sb_line *line, uint32_t matched, struct sb_diag *diag)
{
    if (matched >= SB_LINE_COEFFICIENTS)
        return sb_diag_fail(diag, -EINVAL,
                            "a law on the line matches at most %d moments here, not %u",
                            SB_LINE_COEFFICIENTS - 1, matched);
    for (uint32_t k = 1; k <= matched; k++)
        if (!(fabs(line->coefficient[k]) <= slack))
            return sb_diag_fail(
                diag, -EINVAL,
                "the law is said to match %u moments, but E h_%u = %.3g, h_%u the Hermite "
                "polynomial of that degree, orthonormal: it should be 0 to %g",
                matched, k, line->coefficient[k], k, slack);
    line->matched = matched;
    line->coefficient[0] = 1;
    for (uint32_t k = 1; k < SB_LINE_COEFFICIENTS; k++)
        if (k <= matched || (line->symmetric && k % 2))
            line->coefficient[k] = 0;
    return 0;
}

static struct sb_line *line_new(size_t n)
{
    struct sb_line *line = SB_NEW(struct sb_line);

    if (!line)
        return NULL;
    line->n_pieces = n;
    line->piece = SB_NEW_ARRAY(struct sb_line_piece, n);
    line->term = SB_NEW_ARRAY(struct sb_line_piece, n);
    line->weight_up_to = SB_NEW_ARRAY(double, n);
    line->first = SB_NEW_ARRAY(size_t, n + 1);
    if (line->piece && line->term && line->weight_up_to && line->first)
        return line;
    sb_line_free(line);
    return NULL;
}

int sb_line_mixture(size_t n, const struct sb_line_piece *piece, double noise, uint32_t matched,
                    const double *coefficients, double error, struct sb_line **out,
                    struct sb_diag *diag)
{
    struct sb_line *line;
    int r = check_pieces(n, piece, diag);

    if (!r && !(noise >= 0 && noise < INFINITY))
        r = sb_diag_fail(diag, -EINVAL,
                         "the noise of a law on the line is %g, which should be >= 0", noise);
    if (r)
        return r;
    line = line_new(n);
    if (!line)
        return -ENOMEM;
    line->noise = noise;
    put_pieces(line, piece);
    line->symmetric = is_symmetric(line);
    if (coefficients) {
        memcpy(line->coefficient, coefficients, sizeof line->coefficient);
        line->coefficient_error = error;
    } else {
        sb_line_expand(line);
    }
    r = sb_line_settle_matched(line, matched, diag);
    if (!r)
        sb_line_measure_size(line);
    if (r)
        sb_line_free(line);
    else
        *out = line;
    return r;
}

void sb_line_free(struct sb_line *line)
{
    if (!line)
        return;
    free(line->piece);
    free(line->term);
    free(line->weight_up_to);
    free(line->first);
    free((void *)line->stated.cut);
    free(line);
}
