/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every member's value of a query on a finite domain by the weights of the members' laws: one pass of
 * multiply-adds. On a small one the weights are kept, and a query asks the family nothing; elsewhere
 * they are made anew for each query, where that is less work than a sample. For families that know no
 * faster way. */
#include "estimate/profile_ways.h"

#include "base/memory.h"
#include "base/threads.h"
#include "estimate/points.h"
#include "estimate/table_pair.h"
#include "numeric/sum.h"
#include "numeric/table.h"
#include "query/eval.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

/* Pr[label l | x] under member i at [(i * n_labels + l) * size + x]. */
struct sb_law_table {
    const struct sb_family *family;
    bool clean, exact; /* exact: every weight is 0, 1/2 or 1 */
    double *weight;
};

void sb_law_table_free(struct sb_law_table *table)
{
    if (table)
        free(table->weight);
    free(table);
}

/* Values of one query, or weights of one member. */
static uint64_t numbers_each(const struct sb_family *family)
{
    return family->space.n_labels * sb_space_size(&family->space);
}

bool sb_profile_has_law_table(const struct sb_family *family)
{
    const struct sb_space *space = &family->space;
    const uint64_t most = UINT64_C(1) << SB_PROFILE_LAW_BITS, size = sb_space_size(space);

    return size && space->n_labels && family->n_members <= most && space->n_labels <= most &&
           family->n_members * space->n_labels <= most / size;
}

/* Is each of them 0, 1/2 or 1? */
static bool are_halves(const double *w, uint64_t n)
{
    uint64_t others = 0;

    for (uint64_t i = 0; i < n; i++)
        others += w[i] != 0 && w[i] != 0.5 && w[i] != 1;
    return others == 0;
}

/* The weights of every member at n points, the first of which is number `start`. */
static void fill(const struct sb_profile_task *task, const struct sb_block *block, uint64_t start,
                 struct sb_law_table *table)
{
    const struct sb_family *family = task->family;
    const uint64_t size = sb_space_size(&family->space);
    struct sb_law law;

    for (uint64_t i = 0; i < family->n_members; i++) {
        family->law(family, i, task->clean, &law);
        for (uint64_t l = 0; l < family->space.n_labels; l++) {
            double *w = table->weight + (i * family->space.n_labels + l) * size + start;

            sb_law_weights(&law, block, (uint32_t)l, w);
            table->exact &= are_halves(w, block->n);
        }
    }
}

static int make(const struct sb_profile_task *task, struct sb_law_table **out)
{
    const struct sb_family *family = task->family;
    const uint64_t size = sb_space_size(&family->space);
    struct sb_law_table *table = SB_NEW(struct sb_law_table);
    struct sb_point_room room = { 0 };
    uint32_t bits = 0;
    int error = table ? sb_point_room_init(&room, &family->space) : -ENOMEM;

    while (UINT64_C(1) << bits < family->n_members * numbers_each(family))
        bits++;
    if (!error)
        error = sb_table_new(bits, &table->weight, NULL);
    for (uint64_t start = 0; start < size && !error; start += SB_BLOCK) {
        table->family = family;
        table->clean = task->clean;
        table->exact = start ? table->exact : true;
        sb_point_room_domain(&room, start, size - start < SB_BLOCK ? size - start : SB_BLOCK);
        fill(task, &room.block, start, table);
        if (sb_fuse_blown(task->fuse))
            error = -ETIME;
    }
    sb_point_room_fini(&room);
    if (error)
        sb_law_table_free(table);
    else
        *out = table;
    return error;
}

static int find_table(const struct sb_profile_task *task, struct sb_profile *out)
{
    const struct sb_law_table *kept = out->law_table;

    if (kept && kept->family == task->family && kept->clean == task->clean)
        return 0;
    sb_law_table_free(out->law_table);
    out->law_table = NULL;
    return make(task, &out->law_table);
}

enum { PIECE = 64, LANES = 8, MEMBERS_A_PART = 4 };

/* Adds w[i] f[i], i < n: in eight columns, then in threes; sb_sum over pieces. */
static void add_products(struct sb_sum *sum, const double *w, const double *f, uint64_t n)
{
    for (uint64_t start = 0; start < n; start += PIECE) {
        const uint64_t end = n - start < PIECE ? n : start + PIECE;
        double lane[LANES] = { 0 };

        for (uint64_t i = start; i + LANES <= end; i += LANES)
            for (int k = 0; k < LANES; k++)
                lane[k] += w[i + (uint64_t)k] * f[i + (uint64_t)k];
        for (uint64_t i = end - (end - start) % LANES; i < end; i++)
            lane[i % LANES] += w[i] * f[i];
        sb_sum_add(sum, ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
                            ((lane[1] + lane[5]) + (lane[3] + lane[7])));
    }
}

/* Every member's mean of f (n_labels numbers a point). */
struct means {
    const struct sb_profile_task *task;
    const struct sb_law_table *kept; /* NULL: weights are made anew */
    const double *f;
    double *value;
    uint8_t *rounds; /* of weights made anew, for each member: not all are 0, 1/2 or 1 */
    atomic_bool no_memory;
};

/* One block of members from .. to-1, whose first point is number `start`. */
static void add_block(struct means *m, const struct sb_block *block, uint64_t start, uint64_t from,
                      uint64_t to, struct sb_sum *sums)
{
    const struct sb_space *space = &m->task->family->space;
    const uint64_t size = sb_space_size(space);
    double w[SB_BLOCK];
    struct sb_law law;

    for (uint64_t i = from; i < to; i++) {
        m->task->family->law(m->task->family, i, m->task->clean, &law);
        for (uint32_t l = 0; l < space->n_labels; l++) {
            sb_law_weights(&law, block, l, w);
            m->rounds[i] |= !are_halves(w, block->n);
            add_products(&sums[i - from], w, m->f + l * size + start, block->n);
        }
    }
}

static int add_anew(struct means *m, uint64_t from, uint64_t to, struct sb_sum *sums)
{
    const struct sb_space *space = &m->task->family->space;
    const uint64_t size = sb_space_size(space);
    struct sb_point_room room;
    const int error = sb_point_room_init(&room, space);

    for (uint64_t start = 0; start < size && !error; start += SB_BLOCK) {
        sb_point_room_domain(&room, start, size - start < SB_BLOCK ? size - start : SB_BLOCK);
        add_block(m, &room.block, start, from, to, sums);
    }
    sb_point_room_fini(&room);
    return error;
}

static void add_members(void *context, size_t part)
{
    struct means *m = context;
    const struct sb_family *family = m->task->family;
    const uint64_t from = part * MEMBERS_A_PART, left = family->n_members - from;
    const uint64_t to = from + (left < MEMBERS_A_PART ? left : MEMBERS_A_PART);
    const uint64_t each = numbers_each(family);
    struct sb_sum sums[MEMBERS_A_PART];
    double error;

    if (sb_fuse_blown(m->task->fuse))
        return;
    for (uint64_t i = from; i < to; i++) {
        sb_sum_init(&sums[i - from]);
        if (m->kept)
            add_products(&sums[i - from], m->kept->weight + i * each, m->f, each);
    }
    if (!m->kept && add_anew(m, from, to, sums))
        atomic_store(&m->no_memory, true);
    for (uint64_t i = from; i < to; i++)
        m->value[i] = sb_sum_value(&sums[i - from], &error) / (double)sb_space_size(&family->space);
}

/* A member's sums are one thread's, so that they are the same for every number of threads. */
static void run(struct means *m)
{
    const struct sb_family *family = m->task->family;
    struct sb_law null;

    family->null_law(family, &null);
    sb_threads_run(m->kept || sb_law_wants_one_thread(&null) ? 1 : sb_threads_count(),
                   (family->n_members + MEMBERS_A_PART - 1) / MEMBERS_A_PART, add_members, m);
}

/* *half_width_out: 0 where every product and sum is exact; else each term is rounded once itself, 12
 * times in its piece, the sum of pieces twice, and the mean once, each by 2^-53 of at most the mean of |f| <= 1; and the
 * weights of product laws once more. 0, -ENOMEM or -ETIME. */
static int find_means(const struct sb_profile_task *task, const struct sb_law_table *kept,
                      const double *f, double *value, double *half_width_out)
{
    const struct sb_family *family = task->family;
    const uint64_t each = numbers_each(family), size = sb_space_size(&family->space);
    uint8_t *rounds SB_FREE = kept ? NULL : SB_NEW_ARRAY(uint8_t, family->n_members);
    struct means m = { .task = task, .kept = kept, .f = f, .value = value, .rounds = rounds };
    bool exact;
    int bits = 0;

    if (!kept && !rounds)
        return -ENOMEM;
    run(&m);
    if (atomic_load(&m.no_memory))
        return -ENOMEM;
    while (UINT64_C(1) << bits < each)
        bits++;
    exact = (kept ? kept->exact : !memchr(rounds, 1, family->n_members)) &&
            sb_table_on_grid(f, each, 51 - bits) && (size & (size - 1)) == 0;
    *half_width_out = exact ? 0 : 0x1p-48;
    return sb_fuse_blown(task->fuse) ? -ETIME : 0;
}

/* Is it cheaper to go through the whole domain for every member than to draw a sample, and no work of
 * minutes? */
static bool is_worth_it(const struct sb_profile_task *task)
{
    const uint64_t most = UINT64_C(1) << SB_PROFILE_WORK_BITS, each = numbers_each(task->family);

    return each && each <= UINT64_C(1) << SB_PROFILE_LAW_BITS &&
           task->family->n_members <= (most >> task->squares) / each &&
           (double)sb_space_size(&task->family->space) <= sb_profile_sample_points(task);
}

/* The query's values at every point. */
static int tabulate(const struct sb_profile_task *task, double *out)
{
    const struct sb_space *space = &task->family->space;
    const uint64_t size = sb_space_size(space);
    const uint32_t n_labels = (uint32_t)space->n_labels;
    struct sb_program *program = sb_program_new(task->pool, task->expr);
    double **f SB_FREE = SB_NEW_ARRAY(double *, n_labels);
    struct sb_point_room room;
    int error = sb_point_room_init(&room, space);

    if (!program || !f)
        error = -ENOMEM;
    for (uint64_t start = 0; start < size && !error; start += SB_BLOCK) {
        sb_point_room_domain(&room, start, size - start < SB_BLOCK ? size - start : SB_BLOCK);
        for (uint32_t l = 0; l < n_labels; l++)
            f[l] = out + l * size + start;
        sb_program_run_labels(program, &room.block, space->labels, n_labels, f);
        if (sb_fuse_blown(task->fuse))
            error = -ETIME;
    }
    sb_point_room_fini(&room);
    sb_program_free(program);
    return error;
}

/* The values at every point into out->scratch, where they are not there already, and room for members'. */
static int make_room(const struct sb_profile_task *task, uint64_t each, struct sb_profile *out)
{
    int error = sb_profile_list(out, task->family->n_members, false, task->squares);

    if (error || !task->expr)
        return error;
    error = sb_profile_room(out, each, NULL);
    return error ? error : tabulate(task, out->scratch);
}

int sb_profile_by_law(const struct sb_profile_task *task, struct sb_profile *out)
{
    const struct sb_family *family = task->family;
    const uint64_t each = numbers_each(family);
    const bool keeps = sb_profile_has_law_table(family);
    double second = 0;
    int error = 0;

    if ((!keeps && !is_worth_it(task)) || !sb_profile_is_cheap(task, family->n_members * each))
        return 1;
    if (keeps)
        error = find_table(task, out);
    if (!error)
        error = make_room(task, each, out);
    out->method = SB_TRANSFORM;
    if (!error)
        error = find_means(task, keeps ? out->law_table : NULL, out->scratch, out->value,
                           &out->half_width);
    if (!error && task->squares) {
        const bool exact = sb_table_square(out->scratch, each);

        error = find_means(task, keeps ? out->law_table : NULL, out->scratch, out->second, &second);
        second += exact ? 0 : 0x1p-53;
    }
    if (second > out->half_width)
        out->half_width = second;
    return error;
}
