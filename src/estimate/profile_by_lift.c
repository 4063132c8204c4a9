/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every member's value of a query of a lifted family, by way of its base. A member's value is the mean over x of
 * sum_l Pr_i[label l | x] phi'(x, l), phi' the query's mean given thres(z) = x and the base's label: phi' is public,
 * and the base, given it as a table over its own points, knows all of its members at once. Two ways to phi':
 *
 *   the table of lift_table.h   for queries that see z through signs; estimated, as all quadrature is.
 *   a sample                    for any other, callbacks too: values at random z with every label, gathered by the
 *                               cell that z lies in. What the base then makes of the table is, member by member,
 *                               the mean of sum_l Pr_i[l | z] f(z, l) over the sample: the half-width is that of
 *                               profile_by_sample.c, at no cost a member. */
#include "estimate/profile_ways.h"

#include "base/memory.h"
#include "estimate/lift_table.h"
#include "estimate/profile_values.h"
#include "numeric/lift.h"

#include <errno.h>
#include <string.h>

/* The base's profile from the table in out->scratch, n points a label. */
static int of_base(const struct sb_profile_task *task, struct sb_profile *out)
{
    const struct sb_profile_task base = { .family = task->family->lifting->base,
                                          .lo = -1,
                                          .hi = 1,
                                          .clean = task->clean,
                                          .most_bits = task->most_bits,
                                          .delta = task->delta,
                                          .fuse = task->fuse };

    const int status = sb_profile_of(&base, out);

    out->refused[0] = '\0';
    return status == SB_REFUSED
               ? 1
               : status; /* the members may be few enough to be sampled one by one */
}

/* ---- second moments: another profile, whose values they are ---- */

/* Members that either of two profiles lists, in order; NULL member: all n. */
struct both {
    uint64_t *member;
    double *value, *second;
    uint64_t n;
};

static uint64_t listed(const struct sb_profile *p, uint64_t k)
{
    return k < p->n ? p->member[k] : UINT64_MAX;
}

static int list_both(const struct sb_profile *p, const struct sb_profile *squares, struct both *b)
{
    const uint64_t most = p->n + squares->n;

    b->member = SB_NEW_ARRAY(uint64_t, most);
    b->value = SB_NEW_ARRAY(double, most);
    b->second = SB_NEW_ARRAY(double, most);
    if (!b->member || !b->value || !b->second)
        return -ENOMEM;
    for (uint64_t i = 0, k = 0; i < p->n || k < squares->n; b->n++) {
        const uint64_t one = listed(p, i), other = listed(squares, k);
        const uint64_t member = one < other ? one : other;

        b->member[b->n] = member;
        b->value[b->n] = one == member ? p->value[i++] : p->base;
        b->second[b->n] = other == member ? squares->value[k++] : squares->base;
    }
    return 0;
}

static void fini_both(struct both *b)
{
    free(b->member);
    free(b->value);
    free(b->second);
}

/* The values of `squares` become the second moments of *out. */
static int join(const struct sb_profile *squares, struct sb_profile *out)
{
    const bool named = out->member;
    struct both b = { 0 };
    int error = named ? list_both(out, squares, &b) : 0;

    if (!error)
        error = sb_profile_list(out, named ? b.n : out->n, named, true);
    if (!error && named) {
        memcpy(out->member, b.member, b.n * sizeof *b.member);
        memcpy(out->value, b.value, b.n * sizeof *b.value);
        memcpy(out->second, b.second, b.n * sizeof *b.second);
    } else if (!error) {
        memcpy(out->second, squares->value, out->n * sizeof *out->second);
    }
    fini_both(&b);
    out->base_second = squares->base;
    if (squares->half_width > out->half_width)
        out->half_width = squares->half_width;
    return error;
}

/* A way to one profile from `self`: of the values, or of the squares. */
typedef int make_one(void *self, bool squares, struct sb_profile *out);

/* Both where both are asked for. What the base keeps between queries is handed on. */
static int make_both(const struct sb_profile_task *task, make_one *make, void *self,
                     struct sb_profile *out)
{
    struct sb_profile squares;
    int status = make(self, false, out);

    if (status || !task->squares)
        return status;
    sb_profile_init(&squares);
    squares.law_table = out->law_table;
    status = make(self, true, &squares);
    out->law_table = squares.law_table;
    squares.law_table = NULL;
    if (!status)
        status = join(&squares, out);
    sb_profile_fini(&squares);
    return status;
}

/* ---- by the table ---- */

struct by_table {
    const struct sb_profile_task *task;
    struct sb_lift_table table[2]; /* of the query, of its square */
};

static uint64_t union_of(const struct sb_forms *forms)
{
    uint64_t mask = 0;

    for (uint32_t j = 0; j < forms->n; j++)
        mask |= forms->form[j];
    return mask;
}

/* Over which forms the base takes its table: those there are, single coordinates, or all coordinates. False: more
 * than it takes. */
static bool forms_for(const struct sb_family *base, const struct sb_forms *seen,
                      struct sb_forms *out)
{
    const bool own = base->profile && base->space.n_labels == 2;

    *out = *seen;
    if (own && base->sight == SB_SIGHT_COORDINATES)
        sb_forms_of_coordinates(union_of(seen), out);
    if (!own)
        sb_forms_of_coordinates((UINT64_C(1) << base->space.dim) - 1, out);
    return out->n <= (own ? base->most_seen : SB_WHOLE_DOMAIN_BITS);
}

/* The table over other forms, of which its own are sums. */
static void spread(const struct sb_lift_table *t, const struct sb_forms *forms, double *out)
{
    const uint64_t size = UINT64_C(1) << forms->n;
    uint64_t x = 0;

    for (uint64_t a = 0; a < size; a++, x = (x - forms->pivots) & forms->pivots) {
        const uint64_t own = sb_lift_table_pattern(&t->forms, x);

        for (uint32_t l = 0; l < t->n_labels; l++)
            out[l * size + a] = t->value[((uint64_t)l << t->forms.n) + own];
    }
}

static int of_table(void *self, bool squares, struct sb_profile *out)
{
    const struct by_table *b = self;
    const struct sb_family *base = b->task->family->lifting->base;
    const struct sb_lift_table *t = &b->table[squares];
    struct sb_forms forms;
    struct sb_seen seen = { .forms = &forms, .clean = b->task->clean };
    int error;

    if (!forms_for(base, &t->forms, &forms) ||
        !sb_profile_is_cheap(b->task, (uint64_t)t->n_labels << forms.n))
        return 1;
    error = sb_profile_room(out, (uint64_t)t->n_labels << forms.n, NULL);
    if (error)
        return error;
    spread(t, &forms, out->scratch);
    seen.f[0] = out->scratch;
    seen.f[1] = out->scratch + (UINT64_C(1) << forms.n);
    error =
        base->profile && t->n_labels == 2 ? base->profile(base, &seen, out) : of_base(b->task, out);
    out->half_width += t->half_width;
    return error;
}

static int make_tables(struct by_table *b)
{
    const struct sb_profile_task *task = b->task;
    const sb_expr pair[2] = { task->expr, task->expr };
    struct sb_lift_query query = { .lifting = task->family->lifting,
                                   .pool = task->pool,
                                   .expr = task->expr,
                                   .size = task->hi > -task->lo ? task->hi : -task->lo,
                                   .most_lines = task->most_bits ? 0 : SB_LIFT_MOST_LINES,
                                   .fuse = task->fuse };
    int r = sb_lift_table_new(&query, &b->table[0]);

    if (r || !task->squares)
        return r;
    query.expr = sb_pool_op(task->pool, SB_MUL, NULL, 0, pair, 2);
    query.size *= query.size;
    return query.expr ? sb_lift_table_new(&query, &b->table[1]) : 1;
}

int sb_profile_by_lift(const struct sb_profile_task *task, struct sb_profile *out)
{
    struct by_table b = { .task = task };
    int r;

    if (!task->family->lifting || !task->expr)
        return 1;
    r = make_tables(&b);
    if (!r)
        r = make_both(task, of_table, &b, out);
    if (!r) {
        out->half_width += b.table[0].label ? sb_profile_missed(task) : 0;
        out->method = SB_QUADRATURE;
        r = out->half_width <= task->half_width ? 0 : 1; /* by the sample, which says why not */
    }
    sb_lift_table_fini(&b.table[0]);
    sb_lift_table_fini(&b.table[1]);
    return r;
}

/* ---- by a sample ---- */

struct by_sample {
    const struct sb_profile_task *task;
    const struct sb_lift *lift;
    struct sb_profile_values values;
    uint64_t size, n; /* the base's points; those that are drawn */
    double *f;        /* of a group of blocks */
    double *cell;     /* of one coordinate of one block */
    double *table[2]; /* n_labels x size: sums of values, of their squares */
};

/* The number of the base's point that each point of the block lies at. */
static void cells_of(const struct by_sample *s, const struct sb_block *block, uint64_t *out)
{
    const struct sb_lift_setup *setup = &s->lift->setup;
    struct sb_block z = *block;
    uint64_t digit = 1;

    z.dim = setup->dim;
    memset(out, 0, block->n * sizeof *out);
    if (setup->q == 2) {
        sb_lift_bits(s->lift, &z, out);
        return;
    }
    for (uint32_t j = 0; j < setup->dim; j++, digit *= setup->q) {
        sb_lift_cells(s->lift, block->n, block->x[j], s->cell);
        for (uint64_t i = 0; i < block->n; i++)
            out[i] += (uint64_t)s->cell[i] * digit;
    }
}

static void gather(struct by_sample *s, size_t b)
{
    uint64_t at[SB_BLOCK];

    cells_of(s, &s->values.ex.room[b].block, at);
    for (uint32_t l = 0; l < s->values.n_labels; l++) {
        const double *f = s->f + (b * s->values.n_labels + l) * SB_BLOCK;

        for (uint64_t i = 0; i < SB_BLOCK; i++)
            s->table[0][l * s->size + at[i]] += f[i];
        for (uint64_t i = 0; i < SB_BLOCK && s->table[1]; i++)
            s->table[1][l * s->size + at[i]] += f[i] * f[i];
    }
}

static int draw_all(struct by_sample *s)
{
    int status = 0;

    for (uint64_t start = 0; start < s->n && !status;) {
        const uint64_t left = (s->n - start) / SB_BLOCK;
        const size_t n_blocks = left < SB_CALL_BLOCKS ? left : SB_CALL_BLOCKS;

        status = sb_fuse_blown(s->task->fuse)
                     ? -ETIME
                     : sb_profile_values_draw(&s->values, start, n_blocks, s->f);
        for (size_t b = 0; b < n_blocks && !status; b++)
            gather(s, b);
        start += n_blocks * SB_BLOCK;
    }
    return status ? status : sb_profile_values_end(&s->values, s->n);
}

/* Means given the cell times how often it came, which is what the base's own means then weigh evenly. */
static int of_sums(void *self, bool squares, struct sb_profile *out)
{
    const struct by_sample *s = self;
    const uint64_t n_values = s->values.n_labels * s->size;
    const double scale = (double)s->size / (double)s->n;
    const int error = sb_profile_room(out, n_values, NULL);

    for (uint64_t i = 0; i < n_values && !error; i++)
        out->scratch[i] = s->table[squares][i] * scale;
    return error ? error : of_base(s->task, out);
}

/* 0, or 1: not by this way, by public numbers alone. */
static int find_n(const struct sb_profile_task *task, struct by_sample *s)
{
    const struct sb_lifting *lifting = task->family->lifting;
    const double n = sb_profile_sample_points(task) * (1 + 0x1p-40);
    const double work = n * sb_space_n_slots(&task->family->space) * task->family->space.dim;

    if (!lifting || lifting->base->no_profile)
        return 1;
    s->size = sb_space_size(&lifting->base->space);
    if (!s->size || !sb_profile_is_cheap(task, sb_space_n_slots(&task->family->space) * s->size) ||
        work > (double)(UINT64_C(1) << SB_PROFILE_WORK_BITS))
        return 1;
    s->n = ((uint64_t)n / SB_BLOCK + 1) * SB_BLOCK;
    return 0;
}

static int open_sample(struct by_sample *s)
{
    const struct sb_profile_task *task = s->task;
    const int error = sb_profile_values_open(&s->values, task, NULL);
    const uint64_t n_labels = s->values.n_labels;

    s->lift = task->family->lifting->lift;
    s->f = SB_NEW_ARRAY(double, (size_t)SB_CALL_BLOCKS *n_labels *SB_BLOCK);
    s->cell = SB_NEW_ARRAY(double, SB_BLOCK);
    for (int k = 0; k < 1 + task->squares; k++)
        s->table[k] = SB_NEW_ARRAY(double, n_labels * s->size);
    return error || !s->f || !s->cell || !s->table[0] || (task->squares && !s->table[1]) ? -ENOMEM
                                                                                         : 0;
}

static void close_sample(struct by_sample *s)
{
    sb_profile_values_close(&s->values);
    free(s->f);
    free(s->cell);
    free(s->table[0]);
    free(s->table[1]);
    free(s);
}

static int run_sample(struct by_sample *s, struct sb_profile *out)
{
    int status = open_sample(s);

    if (!status)
        status = draw_all(s);
    if (status > 0)
        memcpy(out->refused, s->values.result.message, sizeof out->refused);
    if (!status)
        status = make_both(s->task, of_sums, s, out);
    out->method = s->task->expr ? SB_MONTE_CARLO : SB_PUBLIC_POINTS;
    out->half_width = s->task->half_width;
    out->samples = s->n;
    return status;
}

int sb_profile_by_lift_sample(const struct sb_profile_task *task, struct sb_profile *out)
{
    struct by_sample plan = { .task = task }, *s;
    int status = find_n(task, &plan);

    if (status)
        return status;
    s = SB_NEW(struct by_sample);
    if (!s)
        return -ENOMEM;
    *s = plan;
    status = run_sample(s, out);
    close_sample(s);
    return status;
}
