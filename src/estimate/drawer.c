/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A block of examples, and the power sums of queries over it. Where the label set is finite the points
 * are drawn from the marginal and every label is weighed by its probability; where labels are real, or x
 * has another law under each member, the examples are drawn as they are and count once each: so weights stay
 * within [0,1], whatever a likelihood ratio may be.
 *
 * A sheet of queries is cut into pages, each a program: the values of a page (COLUMNS columns of a
 * block) stay in a cache until they are summed, and a program of few expressions works on longer
 * pieces of the block. Nodes are shared within a page, the examples by all. */
#include "estimate/drawer.h"

#include "base/memory.h"
#include "estimate/kernels.h"
#include "estimate/points.h"
#include "query/eval.h"

#include <errno.h>

enum { COLUMNS = 16 };

struct page {
    size_t first, n; /* of the sheet's queries */
    struct sb_program *program;
};

struct sb_sheet {
    struct sb_sampled *queries;
    size_t n, *place;
    size_t n_pages;
    struct page *pages;
};

static uint32_t columns_of(const struct sb_space *space)
{
    return space->n_labels ? (uint32_t)space->n_labels : 1;
}

static bool draws_examples(const struct sb_drawer *d)
{
    return !d->space->n_labels || d->law->moves_x;
}

/* Of a query's values that are summed. */
static uint32_t columns_drawn(const struct sb_drawer *d)
{
    return draws_examples(d) ? 1 : columns_of(d->space);
}

static size_t page_size(const struct sb_space *space)
{
    return columns_of(space) < COLUMNS ? COLUMNS / columns_of(space) : 1;
}

static bool compile_page(struct sb_sheet *sheet, const struct sb_pool *pool, struct page *page)
{
    sb_expr exprs[COLUMNS];

    for (size_t i = 0; i < page->n; i++)
        exprs[i] = sheet->queries[sheet->place[page->first + i]].expr;
    page->program = sb_program_new_batch(pool, exprs, page->n);
    return page->program != NULL;
}

struct sb_sheet *sb_sheet_new(const struct sb_pool *pool, struct sb_sampled *queries, size_t n)
{
    const size_t most = page_size(sb_pool_space(pool));
    struct sb_sheet *sheet = SB_NEW(struct sb_sheet);
    bool good;

    if (!sheet)
        return NULL;
    sheet->queries = queries;
    sheet->place = SB_NEW_ARRAY(size_t, n);
    for (size_t i = 0; i < n && sheet->place; i++)
        if (!atomic_load(&queries[i].done))
            sheet->place[sheet->n++] = i;
    sheet->pages = SB_NEW_ARRAY(struct page, sheet->n / most + 1);
    good = sheet->place && sheet->pages;
    for (size_t first = 0; good && first < sheet->n; first += most) {
        struct page *page = &sheet->pages[sheet->n_pages++];

        *page = (struct page){ first, sheet->n - first < most ? sheet->n - first : most, NULL };
        good = compile_page(sheet, pool, page);
    }
    if (good)
        return sheet;
    sb_sheet_free(sheet);
    return NULL;
}

void sb_sheet_free(struct sb_sheet *sheet)
{
    if (!sheet)
        return;
    for (size_t i = 0; i < sheet->n_pages; i++)
        sb_program_free(sheet->pages[i].program);
    free(sheet->pages);
    free(sheet->place);
    free(sheet);
}

size_t sb_sheet_n(const struct sb_sheet *sheet)
{
    return sheet->n;
}

size_t sb_sheet_place(const struct sb_sheet *sheet, size_t i)
{
    return sheet->place[i];
}

/* A sample of examples is keyed, not streamed: a key for this stream of it. */
static struct sb_key example_key(struct sb_key key, uint64_t stream)
{
    const uint64_t material[2] = { (uint64_t)key.v[1] << 32 | key.v[0], stream };

    return sb_key_derive("examples", material, sizeof material);
}

/* For this sheet, and any that is smaller. */
static int make_room(struct sb_drawer *d, const struct sb_sheet *sheet)
{
    const uint32_t n_columns = columns_drawn(d);
    const size_t n_values = sheet->pages[0].n * n_columns;

    d->room = SB_NEW(struct sb_point_room);
    if (!d->room || sb_point_room_init(d->room, d->space))
        return -ENOMEM;
    d->examples = example_key(d->key, d->stream);
    d->values = SB_NEW_ARRAY(double, n_values *SB_BLOCK);
    d->columns = SB_NEW_ARRAY(double *, n_values);
    d->weights = SB_NEW_ARRAY(double, (size_t)n_columns *SB_BLOCK);
    if (!d->values || !d->columns || !d->weights)
        return -ENOMEM;
    for (size_t i = 0; i < n_values; i++)
        d->columns[i] = d->values + i * SB_BLOCK;
    return 0;
}

static void drop_programs(struct sb_drawer *d)
{
    for (size_t i = 0; d->programs && i < d->sheet->n_pages; i++)
        sb_program_free(d->programs[i]);
    free(d->programs);
    d->programs = NULL;
}

static int take_sheet(struct sb_drawer *d, const struct sb_sheet *sheet)
{
    drop_programs(d);
    d->sheet = sheet;
    d->programs = SB_NEW_ARRAY(struct sb_program *, sheet->n_pages);
    for (size_t i = 0; d->programs && i < sheet->n_pages; i++) {
        d->programs[i] = sb_program_clone(sheet->pages[i].program);
        if (!d->programs[i])
            return -ENOMEM;
    }
    return d->programs ? 0 : -ENOMEM;
}

static void draw_points(struct sb_drawer *d, uint64_t start, uint64_t n)
{
    sb_point_room_draw(d->room, d->law, d->key, d->stream, start, n);
    for (uint32_t l = 0; l < d->space->n_labels; l++)
        sb_law_weights(d->law, &d->room->block, l, d->weights + (size_t)l * SB_BLOCK);
}

/* With their labels, in y; each counts once. */
static void draw_examples(struct sb_drawer *d, uint64_t start, uint64_t n, double *y)
{
    sb_law_sample(d->law, d->examples, start, n, &d->room->points, y);
    d->room->block.n = n;
    d->room->block.y = y;
    for (uint64_t i = 0; i < n; i++)
        d->weights[i] = 1;
}

static void sum_powers(const struct sb_drawer *d, const struct sb_sampled *query,
                       double *const *columns, struct sb_powers *out)
{
    static void (*const variant[SB_ISAS])(uint64_t, const double *, const double *, double, double,
                                          double *) = SB_ISA_TABLE(sb_power_sums);
    const double scale = 1 / query->radius;
    const uint64_t n = d->room->block.n;

    *out = (struct sb_powers){ { (double)n } };
    for (uint32_t l = 0; l < columns_drawn(d); l++)
        variant[sb_isa()](n, columns[l], d->weights + (size_t)l * SB_BLOCK, query->middle, scale,
                          out->s + 1);
}

static void evaluate(struct sb_drawer *d, size_t i_page, struct sb_powers *powers)
{
    const struct page *page = &d->sheet->pages[i_page];
    const uint32_t n_columns = columns_drawn(d);

    sb_program_run_labels(d->programs[i_page], &d->room->block,
                          draws_examples(d) ? NULL : d->space->labels, n_columns, d->columns);
    for (size_t i = page->first; i < page->first + page->n; i++) {
        const struct sb_sampled *query = &d->sheet->queries[d->sheet->place[i]];

        if (!atomic_load_explicit(&query->done, memory_order_relaxed))
            sum_powers(d, query, d->columns + (i - page->first) * n_columns, &powers[i]);
    }
}

int sb_drawer_draw(struct sb_drawer *drawer, const struct sb_sheet *sheet, uint64_t start,
                   uint64_t n, struct sb_powers *powers)
{
    double y[SB_BLOCK];
    int error = 0;

    if (!drawer->room)
        error = make_room(drawer, sheet);
    if (!error && drawer->sheet != sheet)
        error = take_sheet(drawer, sheet);
    if (error)
        return error;
    if (draws_examples(drawer))
        draw_examples(drawer, start, n, y);
    else
        draw_points(drawer, start, n);
    for (size_t i = 0; i < sheet->n_pages; i++)
        evaluate(drawer, i, powers);
    return 0;
}

void sb_drawer_fini(struct sb_drawer *drawer)
{
    drop_programs(drawer);
    if (drawer->room)
        sb_point_room_fini(drawer->room);
    free(drawer->room);
    free(drawer->values);
    free(drawer->columns);
    free(drawer->weights);
}
