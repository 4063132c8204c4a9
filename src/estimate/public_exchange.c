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
    const uint32_t n_labels = (uint32_t)task->space->n_labels;
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
    sb_random_words(sb_key_derive("values", "", 0), 0, 0, SB_BLOCK, ex->hash_key);
    return ex->slots && ex->block_hash && ex->hash ? 0 : -ENOMEM;
}

void sb_exchange_fini(struct sb_exchange *ex)
{
    for (size_t b = 0; b < SB_CALL_BLOCKS; b++)
        sb_point_room_fini(&ex->room[b]);
    free(ex->slots);
    free(ex->block_hash);
    free(ex->hash);
}

const double *sb_exchange_slot(const struct sb_exchange *ex, size_t b, uint32_t l)
{
    return ex->slots + (b * ex->n_slots + l) * SB_BLOCK;
}

static uint64_t *block_hash(const struct sb_exchange *ex, size_t b, uint32_t l)
{
    return ex->block_hash + b * ex->n_slots + l;
}

const double *sb_exchange_values(struct sb_exchange *ex, size_t b, uint32_t l)
{
    const double *g = sb_exchange_slot(ex, b, 0);
    const double label = ex->task->space->labels[l];

    if (!ex->task->without_label)
        return sb_exchange_slot(ex, b, l);
    for (uint64_t i = 0; i < ex->block[b].n; i++)
        ex->scratch[i] = label * g[i];
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
static void print_label(const struct sb_exchange *ex, uint32_t l, char *out, size_t n_out)
{
    *out = '\0';
    if (!ex->task->without_label)
        snprintf(out, n_out, ", label %g", ex->task->space->labels[l]);
}

static int out_of_range(struct sb_exchange *ex, size_t b, uint32_t l, uint64_t i)
{
    char point[288], name[64], label[40];

    sb_point_print(&ex->block[b], i, point, sizeof point);
    print_name(ex, name, sizeof name);
    print_label(ex, l, label, sizeof label);
    snprintf(ex->result->message, sizeof ex->result->message,
             "%s wrote %g at x = %s%s; a query must lie in [%g,%g] at every point", name,
             sb_exchange_slot(ex, b, l)[i], point, label, ex->task->lo, ex->task->hi);
    return SB_RANGE;
}

static int too_steep(struct sb_exchange *ex, size_t b, uint32_t l, uint64_t i)
{
    const double *labels = ex->task->space->labels;
    char point[288], name[64];

    sb_point_print(&ex->block[b], i, point, sizeof point);
    print_name(ex, name, sizeof name);
    snprintf(ex->result->message, sizeof ex->result->message,
             "%s wrote %g and %g at x = %s, labels %g and %g: steeper in the label than the %g "
             "granted",
             name, sb_exchange_slot(ex, b, l)[i], sb_exchange_slot(ex, b, l + 1)[i], point,
             labels[l], labels[l + 1], ex->task->lipschitz);
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

/* Labels increase, so neighbours are enough. A rounding of the difference is not the callback's. */
static int check_lipschitz(struct sb_exchange *ex, size_t b)
{
    const double *labels = ex->task->space->labels;

    if (ex->task->lipschitz >= __builtin_inf() || ex->task->without_label)
        return 0;
    for (uint32_t l = 0; l + 1 < ex->n_slots; l++) {
        const double most = ex->task->lipschitz * (labels[l + 1] - labels[l]) * (1 + 0x1p-50);
        const double *v = sb_exchange_slot(ex, b, l), *next = sb_exchange_slot(ex, b, l + 1);

        for (uint64_t i = 0; i < ex->block[b].n; i++)
            if (next[i] - v[i] > most || v[i] - next[i] > most)
                return too_steep(ex, b, l, i);
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
            status = check_lipschitz(ex, b);
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
