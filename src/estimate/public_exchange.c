/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One round trip with a callback. */
#include "estimate/public_exchange.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "estimate/table_pair.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int sb_exchange_init(struct sb_exchange *ex, const struct sb_public_task *task,
                     struct sb_public_result *result)
{
    const uint32_t n_labels = sb_space_n_slots(task->space);
    const uint32_t n_slots = task->without_label ? 1 : n_labels;

    *ex = (struct sb_exchange){
        .task = task, .result = result, .n_labels = n_labels, .n_slots = n_slots
    };
    for (size_t b = 0; b < SB_CALL_BLOCKS; b++)
        if (sb_point_room_init(&ex->room[b], task->space))
            return -ENOMEM;
    ex->slots = SB_NEW_ARRAY(double, (size_t)SB_CALL_BLOCKS *n_slots *SB_BLOCK);
    ex->block_hash = SB_NEW_ARRAY(uint64_t, (size_t)SB_CALL_BLOCKS * n_slots);
    ex->hash = SB_NEW_ARRAY(uint64_t, n_slots);
    ex->labels = SB_NEW_ARRAY(double, (size_t)n_labels *SB_BLOCK);
    sb_random_words(sb_key_derive("values", "", 0), 0, 0, SB_BLOCK, ex->hash_key);
    return ex->slots && ex->block_hash && ex->hash && ex->labels ? 0 : -ENOMEM;
}

void sb_exchange_fini(struct sb_exchange *ex)
{
    for (size_t b = 0; b < SB_CALL_BLOCKS; b++)
        sb_point_room_fini(&ex->room[b]);
    free(ex->slots);
    free(ex->block_hash);
    free(ex->hash);
    free(ex->labels);
}

const double *sb_exchange_slot(const struct sb_exchange *ex, size_t b, uint32_t l)
{
    return ex->slots + (b * ex->n_slots + l) * SB_BLOCK;
}

static uint64_t *block_hash(const struct sb_exchange *ex, size_t b, uint32_t l)
{
    return ex->block_hash + b * ex->n_slots + l;
}

/* Label number l at the points of a block. */
static double *label_column(struct sb_exchange *ex, const struct sb_block *block, uint32_t l)
{
    double *column = ex->labels + (size_t)l * SB_BLOCK;

    sb_space_label(ex->task->space, l, block, column);
    return column;
}

const double *sb_exchange_values(struct sb_exchange *ex, size_t b, uint32_t l)
{
    const double *g = sb_exchange_slot(ex, b, 0), *label;

    if (!ex->task->without_label)
        return sb_exchange_slot(ex, b, l);
    label = label_column(ex, &ex->block[b], l);
    for (uint64_t i = 0; i < ex->block[b].n; i++) {
        const double y = label[i] < -1 ? -1 : label[i] > 1 ? 1 : label[i];

        ex->scratch[i] = y * g[i];
    }
    return ex->scratch;
}

/* The callback's name comes from the learner: one line of it, if it has one. */
static void print_name(const struct sb_exchange *ex, char *out, size_t n_out)
{
    const char *name = ex->task->callback->name;

    if (!name || !*name) {
        snprintf(out, n_out, "the callback");
        return;
    }
    snprintf(out, n_out, "callback '%.40s'", name);
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
}

/* " with label -1", or nothing */
static void print_label(struct sb_exchange *ex, size_t b, uint32_t l, uint64_t i, char *out,
                        size_t n_out)
{
    *out = '\0';
    if (!ex->task->without_label)
        snprintf(out, n_out, ", label %g", label_column(ex, &ex->block[b], l)[i]);
}

static int out_of_range(struct sb_exchange *ex, size_t b, uint32_t l, uint64_t i)
{
    char point[288], name[64], label[40];

    sb_point_print(&ex->block[b], i, point, sizeof point);
    print_name(ex, name, sizeof name);
    print_label(ex, b, l, i, label, sizeof label);
    snprintf(ex->result->message, sizeof ex->result->message,
             "%s wrote %g at x = %s%s; a query must lie in [%g,%g] at every point", name,
             sb_exchange_slot(ex, b, l)[i], point, label, ex->task->lo, ex->task->hi);
    return SB_RANGE;
}

/* Labels number l and m at point i: the same label with two values is no function, two labels with values
 * too far apart are no gentle one. */
static int not_granted(struct sb_exchange *ex, size_t b, uint32_t l, uint32_t m, uint64_t i)
{
    const double v = sb_exchange_slot(ex, b, l)[i], w = sb_exchange_slot(ex, b, m)[i];
    const double y = label_column(ex, &ex->block[b], l)[i];
    const double z = label_column(ex, &ex->block[b], m)[i];
    char *message = ex->result->message;
    char point[288], name[64];

    sb_point_print(&ex->block[b], i, point, sizeof point);
    print_name(ex, name, sizeof name);
    if (y == z)
        snprintf(message, sizeof ex->result->message,
                 "the callback is not a pure function: at x = %s, label %g, it wrote %.17g, and "
                 "later %.17g",
                 point, y, v, w);
    else
        snprintf(message, sizeof ex->result->message,
                 "%s wrote %g and %g at x = %s, labels %g and %g: steeper in the label than the %g "
                 "granted",
                 name, v, w, point, y, z, ex->task->lipschitz);
    return SB_REFUSED;
}

static int find_out_of_range(struct sb_exchange *ex, size_t b, uint32_t l)
{
    const double *v = sb_exchange_slot(ex, b, l);

    for (uint64_t i = 0; i < ex->block[b].n; i++)
        if (!(v[i] >= ex->task->lo && v[i] <= ex->task->hi))
            return out_of_range(ex, b, l, i);
    return 0;
}

/* Every value in range; and the block's hashes on the way, for sb_exchange_count. */
static int check_range(struct sb_exchange *ex, size_t b)
{
    for (uint32_t l = 0; l < ex->n_slots; l++)
        if (!sb_values_look(sb_exchange_slot(ex, b, l), ex->hash_key, ex->block[b].n, ex->task->lo,
                            ex->task->hi, block_hash(ex, b, l)))
            return find_out_of_range(ex, b, l);
    return 0;
}

/* Is the callback steeper than granted between the labels y and z, at some point? Where they are one label
 * any difference is. A rounding of the difference is not the callback's. */
static bool is_steep(const struct sb_exchange *ex, uint64_t n, const double *restrict y,
                     const double *restrict z, const double *restrict v, const double *restrict w,
                     uint64_t *where_out)
{
    const double granted = ex->task->lipschitz * (1 + 0x1p-50);

    for (uint64_t i = 0; i < n; i++) {
        const double gap = y[i] < z[i] ? z[i] - y[i] : y[i] - z[i];
        const double step = v[i] < w[i] ? w[i] - v[i] : v[i] - w[i];

        if (gap == 0 ? step > 0 : step > granted * gap) {
            *where_out = i;
            return true;
        }
    }
    return false;
}

/* Labels of a set increase, so neighbours are enough; those at a point are in no order, and the same one
 * may stand there twice. */
static int check_labels(struct sb_exchange *ex, size_t b)
{
    const struct sb_space *space = ex->task->space;
    const bool of_set = space->n_labels > 0;
    uint64_t i;

    if (ex->task->without_label || (of_set && ex->task->lipschitz >= __builtin_inf()))
        return 0;
    for (uint32_t l = 0; l < ex->n_slots; l++) {
        const double *y = label_column(ex, &ex->block[b], l);

        for (uint32_t m = of_set && l ? l - 1 : 0; m < l; m++)
            if (is_steep(ex, ex->block[b].n, ex->labels + (size_t)m * SB_BLOCK, y,
                         sb_exchange_slot(ex, b, m), sb_exchange_slot(ex, b, l), &i))
                return not_granted(ex, b, m, l, i);
    }
    return 0;
}

int sb_exchange_run(struct sb_exchange *ex, size_t n_blocks)
{
    const struct sb_callback *callback = ex->task->callback;
    int status;

    if (sb_fuse_blown(ex->task->fuse))
        return -ETIME;
    for (size_t b = 0; b < n_blocks; b++)
        ex->block[b] = ex->room[b].block;
    status =
        callback->values(callback->self, ex->block, n_blocks, !ex->task->without_label, ex->slots);
    for (size_t b = 0; b < n_blocks && !status; b++) {
        status = check_range(ex, b);
        if (!status)
            status = check_labels(ex, b);
    }
    return status;
}

void sb_exchange_count(struct sb_exchange *ex, size_t b)
{
    for (uint32_t l = 0; l < ex->n_slots; l++) {
        const uint64_t mixed = (ex->hash[l] ^ *block_hash(ex, b, l)) * UINT64_C(0x9e3779b97f4a7c15);

        ex->hash[l] = mixed ^ mixed >> 32;
    }
}

struct sb_digest sb_exchange_digest(const struct sb_exchange *ex)
{
    struct sb_digest digest = { { 0 } };
    struct sb_buf bytes;

    sb_buf_init(&bytes);
    sb_buf_text(&bytes, ex->task->callback->name);
    sb_buf_u64(&bytes, ex->result->n_points);
    for (uint32_t l = 0; l < ex->n_slots; l++)
        sb_buf_u64(&bytes, ex->hash[l]);
    if (!bytes.failed)
        digest = sb_digest_of(bytes.data, bytes.n);
    sb_buf_fini(&bytes);
    return digest;
}
