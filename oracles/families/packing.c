/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packings of directions: independent ones, greedy selections of them, coordinate directions, one that a
 * user gives; and overlaps of lists.
 *
 * Overlaps are taken in tiles: eight directions side by side, transposed, against two others at a time, every product
 * added up in the order of the coordinates. */
#include "oracles/families/packing.h"

#include "base/memory.h"
#include "oracles/families/packing_kernels.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    TILE = SB_PACKING_TILE,
    TRIED = 1024,       /* greedy: candidates where no number of members is asked for */
    IN_A_ROW = 1 << 14, /* greedy: so many that do not fit are the end */
};
#define MOST_PRODUCTS 0x1p32 /* greedy: of numbers, until it gives up */

/* A length of 1 to so much is what a user's rounded numbers have. */
#define UNIT_LENGTH 1e-9

void sb_packing_uniform(struct sb_key key, uint32_t dim, uint64_t i, double *v)
{
    double square = 0, norm;

    sb_random_gauss(key, i, 0, dim, v);
    for (uint32_t j = 0; j < dim; j++)
        square += v[j] * v[j];
    norm = sqrt(square); /* no number is 0 */
    for (uint32_t j = 0; j < dim; j++)
        v[j] /= norm;
}

/* Tiles */

/* Row number `l` of the tile: tile[j TILE + l] = v[j]. */
static void put_in_tile(double *tile, uint32_t dim, uint64_t l, const double *v)
{
    for (uint32_t j = 0; j < dim; j++)
        tile[j * TILE + l] = v[j];
}

typedef void products_kernel(uint32_t dim, const double *tile, const double *v, const double *w,
                             double out[2][TILE]);
static products_kernel *const products_variant[SB_ISAS] = SB_ISA_TABLE(sb_packing_products);

static double largest_of(const double products[TILE], int n)
{
    double most = 0;

    for (int l = 0; l < n; l++)
        most = fabs(products[l]) > most ? fabs(products[l]) : most;
    return most;
}

/* Of the directions from number `first` on, at most TILE, with one another and with all before them. */
static double tile_overlap(const struct sb_packing *p, uint64_t first, double *tile)
{
    const uint64_t end = first + TILE < p->n ? first + TILE : p->n;
    double products[2][TILE], most = 0;

    memset(tile, 0, (size_t)p->dim * TILE * sizeof *tile);
    for (uint64_t i = first; i < end; i++)
        put_in_tile(tile, p->dim, i - first, p->list + i * p->dim);
    for (uint64_t i = 0; i < end; i += 2) { /* first is even */
        const uint64_t next = i + 1 < end ? i + 1 : i;

        products_variant[sb_isa()](p->dim, tile, p->list + i * p->dim, p->list + next * p->dim,
                                   products);
        for (uint64_t a = 0; a < 2; a++) {
            const int n = i + a < first ? TILE : (int)(i + a - first); /* with those before it */
            const double of = largest_of(products[a], n);

            most = of > most && i + a < end ? of : most;
        }
    }
    return most;
}

double sb_packing_overlap(const struct sb_packing *packing, double work)
{
    const double n = (double)packing->n;
    double *tile SB_FREE = NULL, most = 0;

    if (!isnan(packing->overlap))
        return packing->overlap;
    if (!packing->list || n * n / 2 * packing->dim > work)
        return NAN;
    tile = SB_NEW_ARRAY(double, (size_t)packing->dim *TILE);
    if (!tile)
        return NAN;
    for (uint64_t first = 0; first < packing->n; first += TILE) {
        const double of = tile_overlap(packing, first, tile);

        most = of > most ? of : most;
    }
    return most;
}

/* Sphere */

static uint64_t any_number(uint32_t dim)
{
    (void)dim;
    return UINT64_C(1) << 53;
}

static void sphere_direction(const struct sb_packing *p, uint64_t i, double *v)
{
    sb_packing_uniform(p->key, p->dim, i, v);
}

static const struct sb_packing_class sphere = { "sphere", any_number, UINT64_C(1) << 32,
                                                NULL,     NULL,       sphere_direction };

/* Greedy */

static uint64_t as_listed(uint32_t dim)
{
    return SB_PACKING_LISTED / dim;
}

/* Those that are kept, in tiles. */
struct kept {
    uint64_t n;
    double *tiles; /* room for all */
    double overlap, products;
};

/* Is v at most `allowed` from all that are kept? */
static bool fits(struct kept *kept, uint32_t dim, double allowed, const double *v)
{
    double most = 0, of, products[2][TILE];

    for (uint64_t first = 0; first < kept->n; first += TILE) {
        products_variant[sb_isa()](dim, kept->tiles + first * dim, v, v, products);
        of = largest_of(products[0], TILE); /* free places are 0 */
        most = of > most ? of : most;
        kept->products += TILE * (double)dim;
        if (!(most <= allowed))
            return false;
    }
    kept->overlap = most > kept->overlap ? most : kept->overlap;
    return true;
}

/* Tries candidates until `wanted` are kept, or hope is lost. Returns how many were tried. */
static uint64_t select_greedily(struct sb_packing *p, struct kept *kept, uint64_t wanted,
                                uint64_t most_tried)
{
    uint64_t tried = 0, last = 0;

    for (; kept->n < wanted && tried < most_tried && kept->products < MOST_PRODUCTS; tried++) {
        double *v = p->list + kept->n * p->dim;

        if (tried - last > IN_A_ROW)
            break;
        sb_packing_uniform(p->key, p->dim, tried, v);
        if (!fits(kept, p->dim, p->allowed, v))
            continue;
        put_in_tile(kept->tiles + kept->n / TILE * TILE * p->dim, p->dim, kept->n % TILE, v);
        kept->n++;
        last = tried;
    }
    return tried;
}

static int greedy_make(struct sb_packing *p, const char *where, struct sb_diag *diag)
{
    const uint64_t room = p->n ? p->n : TRIED, most = as_listed(p->dim);
    const uint64_t wanted = room < most ? room : most;
    struct kept kept = { 0 };
    double *tiles SB_FREE = SB_NEW_ARRAY(double, (wanted + TILE - 1) / TILE * TILE * p->dim);
    uint64_t tried;

    kept.tiles = tiles;
    p->list = SB_NEW_ARRAY(double, wanted * p->dim);
    if (!p->list || !tiles)
        return -ENOMEM;
    tried = select_greedily(p, &kept, wanted, p->n ? UINT64_MAX : TRIED);
    if (kept.n < p->n)
        return sb_diag_fail(diag, -EINVAL,
                            "%s: packing = greedy found %llu directions of overlap at most %g in "
                            "%u dimensions, among %llu random ones, and members = %llu: lower "
                            "members, or raise overlap",
                            where, (unsigned long long)kept.n, p->allowed, p->dim,
                            (unsigned long long)tried, (unsigned long long)p->n);
    p->n = kept.n;
    p->overlap = kept.overlap;
    return 0;
}

static const struct sb_packing_class greedy = { "greedy", as_listed, 0, NULL, greedy_make, NULL };

/* Basis */

static uint64_t as_coordinates(uint32_t dim)
{
    return dim;
}

static int basis_make(struct sb_packing *p, const char *where, struct sb_diag *diag)
{
    (void)where;
    (void)diag;
    p->overlap = 0;
    return 0;
}

static void basis_direction(const struct sb_packing *p, uint64_t i, double *v)
{
    for (uint32_t j = 0; j < p->dim; j++)
        v[j] = i == j;
}

static const struct sb_packing_class basis = { "basis", as_coordinates, UINT64_MAX,
                                               NULL,    basis_make,     basis_direction };

/* A user's */

static const struct sb_packing_class given = { .name = "given" };

static int take_direction(struct sb_packing *p, const struct sb_packing_wish *wish,
                          struct sb_diag *diag)
{
    double square = 0, length;

    if (wish->n_direction != p->dim)
        return sb_diag_fail(diag, -EINVAL,
                            "%s: direction has %llu numbers, dimension = %u: give as many",
                            wish->where, (unsigned long long)wish->n_direction, p->dim);
    if (wish->members > 1)
        return sb_diag_fail(diag, -EINVAL,
                            "%s: direction is the only member, and members = %llu: leave either "
                            "out",
                            wish->where, (unsigned long long)wish->members);
    for (uint32_t j = 0; j < p->dim; j++)
        square += wish->direction[j] * wish->direction[j];
    length = sqrt(square);
    if (!(fabs(length - 1) <= UNIT_LENGTH))
        return sb_diag_fail(diag, -EINVAL,
                            "%s: direction is no unit vector, |v| - 1 = %.3g: divide it by its "
                            "length %.17g",
                            wish->where, length - 1, length);
    p->class = &given;
    p->n = 1;
    p->overlap = 0;
    p->list = SB_NEW_ARRAY(double, p->dim);
    for (uint32_t j = 0; p->list && j < p->dim; j++)
        p->list[j] = wish->direction[j] / length;
    return p->list ? 0 : -ENOMEM;
}

/* All kinds */

static const struct sb_packing_class *const kinds[] = { &sphere, &greedy, &basis,
                                                        &sb_packing_binary, &sb_packing_kerdock };

static int refuse(const struct sb_packing *p, const struct sb_packing_wish *wish, uint64_t most,
                  struct sb_diag *diag)
{
    if (!most)
        return sb_diag_fail(diag, -EINVAL, "%s: packing = %s has none in %u dimensions: %s",
                            wish->where, wish->kind, p->dim, p->class->why);
    return sb_diag_fail(diag, -EINVAL,
                        "%s: members = %llu, and packing = %s has at most %llu in %u dimensions: "
                        "lower members, or raise dimension",
                        wish->where, (unsigned long long)wish->members, wish->kind,
                        (unsigned long long)most, p->dim);
}

/* The rows, one after the other, where there are few enough. */
static int list_all(struct sb_packing *p)
{
    if (p->list || p->n > SB_PACKING_LISTED / p->dim)
        return 0;
    p->list = SB_NEW_ARRAY(double, p->n * p->dim);
    for (uint64_t i = 0; p->list && i < p->n; i++)
        p->class->direction(p, i, p->list + i * p->dim);
    return p->list ? 0 : -ENOMEM;
}

int sb_packing_init(struct sb_packing *out, const struct sb_packing_wish *wish,
                    struct sb_diag *diag)
{
    uint64_t most;
    int error = 0;

    *out = (struct sb_packing){ .dim = wish->dim, .overlap = NAN, .allowed = wish->overlap };
    if (wish->n_direction)
        return take_direction(out, wish, diag);
    for (size_t i = 0; i < SB_COUNT(kinds); i++)
        if (strcmp(kinds[i]->name, wish->kind) == 0)
            out->class = kinds[i];
    if (!out->class)
        return sb_diag_fail(diag, -EINVAL, "%s: there is no packing '%s'", wish->where, wish->kind);
    out->key = sb_key_derive("packing directions", "", 0);
    most = out->class->most(out->dim);
    if (wish->members > most || !most)
        return refuse(out, wish, most, diag);
    out->n = wish->members ? wish->members : out->class->usual;
    out->n = out->n < most ? out->n : most;
    if (out->class->make)
        error = out->class->make(out, wish->where, diag);
    return error ? error : list_all(out);
}

void sb_packing_fini(struct sb_packing *packing)
{
    free(packing->list);
    free(packing->mask);
    free(packing->square);
}

void sb_packing_direction(const struct sb_packing *packing, uint64_t i, double *v)
{
    if (packing->list)
        memcpy(v, packing->list + i * packing->dim, packing->dim * sizeof *v);
    else
        packing->class->direction(packing, i, v);
}
