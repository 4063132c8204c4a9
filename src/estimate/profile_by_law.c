/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every member's value of a query on the cube by the weights of the members' laws: one pass of
 * multiply-adds. On a small cube the weights are kept, and a query asks the family nothing; elsewhere
 * they are made anew for each query, where that is less work than a sample. For families that know no
 * faster way. */
#include "estimate/profile_ways.h"

#include "base/memory.h"
#include "base/threads.h"
#include "estimate/table_pair.h"
#include "numeric/sum.h"
#include "numeric/table.h"

#include <errno.h>
#include <string.h>

/* Pr[label l | x] under member i at [(i * n_labels + l) * 2^dim + x]. */
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

static uint64_t numbers_of(const struct sb_family *family)
{
    return family->n_members * family->space.n_labels << family->space.dim;
}

bool sb_profile_has_law_table(const struct sb_family *family)
{
    const struct sb_space *space = &family->space;
    const uint64_t most = UINT64_C(1) << SB_PROFILE_LAW_BITS;

    return space->domain == SB_CUBE && space->dim <= SB_PROFILE_LAW_BITS && space->n_labels &&
           family->n_members <= most && space->n_labels <= most &&
           family->n_members * space->n_labels <= most >> space->dim;
}

/* Is each of them 0, 1/2 or 1? */
static bool are_halves(const double *w, uint64_t n)
{
    uint64_t others = 0;

    for (uint64_t i = 0; i < n; i++)
        others += w[i] != 0 && w[i] != 0.5 && w[i] != 1;
    return others == 0;
}

/* The weights of one member. */
static void fill(const struct sb_law *law, uint32_t n_labels, struct sb_law_table *table,
                 double *out)
{
    const uint64_t size = UINT64_C(1) << law->dim;
    uint64_t bits[SB_BLOCK];

    for (uint64_t start = 0; start < size; start += SB_BLOCK) {
        const uint64_t n = size - start < SB_BLOCK ? size - start : SB_BLOCK;
        const struct sb_block block = { sizeof block, law->dim, n, NULL, bits, NULL };

        for (uint64_t i = 0; i < n; i++)
            bits[i] = start + i;
        for (uint32_t l = 0; l < n_labels; l++) {
            double *w = out + l * size + start;

            sb_law_weights(law, &block, l, w);
            table->exact &= are_halves(w, n);
        }
    }
}

static int make(const struct sb_profile_task *task, struct sb_law_table **out)
{
    const struct sb_family *family = task->family;
    const uint64_t each = family->space.n_labels << family->space.dim;
    struct sb_law_table *table = SB_NEW(struct sb_law_table);
    uint32_t bits = 0;
    int error = table ? 0 : -ENOMEM;

    while (UINT64_C(1) << bits < numbers_of(family))
        bits++;
    if (!error)
        error = sb_table_new(bits, &table->weight, NULL);
    for (uint64_t i = 0; i < family->n_members && !error; i++) {
        struct sb_law law;

        table->family = family;
        table->clean = task->clean;
        table->exact = i ? table->exact : true;
        family->law(family, i, task->clean, &law);
        fill(&law, (uint32_t)family->space.n_labels, table, table->weight + i * each);
        if (sb_fuse_blown(task->fuse))
            error = -ETIME;
    }
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

/* Every member's mean of f (n_labels << dim numbers). */
struct means {
    const struct sb_profile_task *task;
    const struct sb_law_table *kept; /* NULL: weights are made anew */
    const double *f;
    double *value;
    uint8_t *rounds; /* of weights made anew, for each member: not all are 0, 1/2 or 1 */
};

static void add_anew(struct means *m, uint64_t i, struct sb_sum *sum)
{
    const struct sb_family *family = m->task->family;
    const uint64_t size = UINT64_C(1) << family->space.dim;
    uint64_t bits[SB_BLOCK];
    double w[SB_BLOCK];
    struct sb_law law;

    family->law(family, i, m->task->clean, &law);
    for (uint64_t start = 0; start < size; start += SB_BLOCK) {
        const uint64_t n = size - start < SB_BLOCK ? size - start : SB_BLOCK;
        const struct sb_block block = { sizeof block, law.dim, n, NULL, bits, NULL };

        for (uint64_t k = 0; k < n; k++)
            bits[k] = start + k;
        for (uint32_t l = 0; l < family->space.n_labels; l++) {
            sb_law_weights(&law, &block, l, w);
            m->rounds[i] |= !are_halves(w, n);
            add_products(sum, w, m->f + l * size + start, n);
        }
    }
}

static void add_member(struct means *m, uint64_t i)
{
    const struct sb_space *space = &m->task->family->space;
    const uint64_t each = space->n_labels << space->dim;
    struct sb_sum sum;
    double error;

    sb_sum_init(&sum);
    if (m->kept)
        add_products(&sum, m->kept->weight + i * each, m->f, each);
    else
        add_anew(m, i, &sum);
    m->value[i] = sb_sum_value(&sum, &error) / (double)(UINT64_C(1) << space->dim);
}

static void add_members(void *context, size_t part)
{
    struct means *m = context;
    const uint64_t n = m->task->family->n_members, from = part * MEMBERS_A_PART;

    if (sb_fuse_blown(m->task->fuse))
        return;
    for (uint64_t i = from; i < n && i < from + MEMBERS_A_PART; i++)
        add_member(m, i);
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
 * times in its piece, and the sum of pieces twice, each by 2^-53 of at most the mean of |f| <= 1; and the
 * weights of product laws once more. 0, -ENOMEM or -ETIME. */
static int find_means(const struct sb_profile_task *task, const struct sb_law_table *kept,
                      const double *f, double *value, double *half_width_out)
{
    const struct sb_family *family = task->family;
    const uint64_t each = family->space.n_labels << family->space.dim;
    uint8_t *rounds SB_FREE = kept ? NULL : SB_NEW_ARRAY(uint8_t, family->n_members);
    struct means m = { task, kept, f, value, rounds };
    bool exact;
    int bits = 0;

    if (!kept && !rounds)
        return -ENOMEM;
    run(&m);
    while (UINT64_C(1) << bits < each)
        bits++;
    exact = (kept ? kept->exact : !memchr(rounds, 1, family->n_members)) &&
            sb_table_on_grid(f, each, 51 - bits);
    *half_width_out = exact ? 0 : 0x1p-48;
    return sb_fuse_blown(task->fuse) ? -ETIME : 0;
}

/* Is it cheaper to go through the whole cube for every member than to draw a sample, and no work of
 * minutes? */
static bool is_worth_it(const struct sb_profile_task *task)
{
    const struct sb_space *space = &task->family->space;
    const uint64_t most = UINT64_C(1) << SB_PROFILE_WORK_BITS;
    uint64_t each;

    if (!sb_public_whole_domain(space) || space->n_labels > most >> space->dim)
        return false;
    each = space->n_labels << space->dim;
    return each <= UINT64_C(1) << SB_PROFILE_LAW_BITS &&
           task->family->n_members <= (most >> task->squares) / each &&
           (double)(UINT64_C(1) << space->dim) <= sb_profile_sample_points(task);
}

/* The values at every point into out->scratch, where they are not there already, and room for members'. */
static int make_room(const struct sb_profile_task *task, uint64_t each, struct sb_profile *out)
{
    int error = sb_profile_list(out, task->family->n_members, false, task->squares);

    if (error || !task->expr)
        return error;
    error = sb_profile_room(out, each, NULL);
    return error ? error
                 : sb_profile_tabulate(task, (UINT64_C(1) << task->family->space.dim) - 1,
                                       out->scratch);
}

int sb_profile_by_law(const struct sb_profile_task *task, struct sb_profile *out)
{
    const struct sb_family *family = task->family;
    const uint64_t each = family->space.n_labels << (family->space.dim & 63);
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
