/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows as bytes. A field that store/store.h gains is added to its list here. */
#include "runner/relay_rows.h"

#include "runner/cell.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define RAW(type, name)                                                                            \
    {                                                                                              \
        SB_RELAY_RAW, offsetof(struct type, name), sizeof(((struct type *)0)->name), 0             \
    }
#define FLAG(type, name)                                                                           \
    {                                                                                              \
        SB_RELAY_BOOL, offsetof(struct type, name), sizeof(bool), 0                                \
    }
#define TEXT(type, name)                                                                           \
    {                                                                                              \
        SB_RELAY_TEXT, offsetof(struct type, name), sizeof(char *), 0                              \
    }
#define BLOB(type, name, n)                                                                        \
    {                                                                                              \
        SB_RELAY_BLOB, offsetof(struct type, name), sizeof(char *), offsetof(struct type, n)       \
    }
#define LAST                                                                                       \
    {                                                                                              \
        SB_RELAY_LAST, 0, 0, 0                                                                     \
    }

const struct sb_relay_field sb_relay_run[] = {
    RAW(sb_store_run, id),
    RAW(sb_store_run, experiment),
    RAW(sb_store_run, cell),
    RAW(sb_store_run, cell_key),
    RAW(sb_store_run, learner_digest),
    RAW(sb_store_run, repeat),
    TEXT(sb_store_run, label),
    TEXT(sb_store_run, family),
    TEXT(sb_store_run, family_params),
    TEXT(sb_store_run, family_digest),
    RAW(sb_store_run, dimension),
    RAW(sb_store_run, log2_members),
    TEXT(sb_store_run, oracle),
    TEXT(sb_store_run, rule),
    TEXT(sb_store_run, policy),
    TEXT(sb_store_run, oracle_params),
    RAW(sb_store_run, tolerance),
    TEXT(sb_store_run, learner),
    TEXT(sb_store_run, learner_params),
    RAW(sb_store_run, coins),
    TEXT(sb_store_run, goal),
    TEXT(sb_store_run, goal_params),
    RAW(sb_store_run, success_wanted),
    RAW(sb_store_run, budget_queries),
    TEXT(sb_store_run, grants),
    RAW(sb_store_run, budget_labels),
    RAW(sb_store_run, budget_samples),
    TEXT(sb_store_run, reduction),
    TEXT(sb_store_run, isolation),
    FLAG(sb_store_run, summary),
    LAST,
};

/* Without the id of its expression: that is the database's. */
const struct sb_relay_field sb_relay_query[] = {
    RAW(sb_store_query, seq),        TEXT(sb_store_query, oracle),
    RAW(sb_store_query, tolerance),  FLAG(sb_store_query, answered),
    RAW(sb_store_query, answer),     RAW(sb_store_query, truth),
    RAW(sb_store_query, half_width), RAW(sb_store_query, status),
    TEXT(sb_store_query, method),    RAW(sb_store_query, samples),
    RAW(sb_store_query, cost),       FLAG(sb_store_query, clipped),
    FLAG(sb_store_query, from_null), RAW(sb_store_query, eliminated),
    RAW(sb_store_query, dropped),    LAST,
};

const struct sb_relay_field sb_relay_bound[] = {
    TEXT(sb_store_bound, name),
    TEXT(sb_store_bound, theorem),
    FLAG(sb_store_bound, applies),
    TEXT(sb_store_bound, why),
    RAW(sb_store_bound, log2_queries),
    RAW(sb_store_bound, success_probability),
    RAW(sb_store_bound, success_ub),
    RAW(sb_store_bound, success_at_zero),
    RAW(sb_store_bound, success_per_query),
    RAW(sb_store_bound, at_tolerance),
    TEXT(sb_store_bound, prior),
    TEXT(sb_store_bound, problem),
    TEXT(sb_store_bound, convention),
    FLAG(sb_store_bound, subset),
    LAST,
};

const struct sb_relay_field sb_relay_fact[] = {
    TEXT(sb_store_fact, name),
    RAW(sb_store_fact, value),
    TEXT(sb_store_fact, help),
    LAST,
};

const struct sb_relay_field sb_relay_end[] = {
    TEXT(sb_store_end, status),
    RAW(sb_store_end, detail),
    TEXT(sb_store_end, text),
    FLAG(sb_store_end, compared),
    RAW(sb_store_end, transcript),
    RAW(sb_store_end, certificates),
    RAW(sb_store_end, n_queries),
    RAW(sb_store_end, n_answered),
    RAW(sb_store_end, n_sampled),
    RAW(sb_store_end, samples),
    RAW(sb_store_end, n_labels),
    RAW(sb_store_end, n_examples),
    RAW(sb_store_end, equivalent_samples),
    RAW(sb_store_end, max_eliminated),
    RAW(sb_store_end, max_dropped),
    RAW(sb_store_end, n_left_null),
    RAW(sb_store_end, n_live),
    RAW(sb_store_end, n_right),
    RAW(sb_store_end, at_tolerance),
    RAW(sb_store_end, success),
    RAW(sb_store_end, loss),
    RAW(sb_store_end, loss_half_width),
    TEXT(sb_store_end, hypothesis),
    TEXT(sb_store_end, hidden),
    BLOB(sb_store_end, output, n_output),
    FLAG(sb_store_end, output_cut),
    TEXT(sb_store_end, isolation),
    RAW(sb_store_end, seconds),
    LAST,
};

const struct sb_relay_field sb_relay_cell[] = {
    TEXT(sb_cell_outcome, end),       RAW(sb_cell_outcome, success),
    RAW(sb_cell_outcome, n_queries),  RAW(sb_cell_outcome, n_labels),
    RAW(sb_cell_outcome, n_examples), LAST,
};

void sb_relay_put_text(struct sb_buf *b, const char *s)
{
    const size_t n = s ? strlen(s) + 1 : 0;

    b->failed |= n > UINT32_MAX;
    sb_buf_u32(b, (uint32_t)n);
    sb_buf_bytes(b, s, n);
}

const char *sb_relay_get_text(struct sb_reader *r)
{
    const uint32_t n = sb_read_u32(r);
    const uint8_t *p = sb_read_bytes(r, n);

    if (!n || !p)
        return NULL;
    if (memchr(p, '\0', n) != p + n - 1) {
        r->failed = true;
        return NULL;
    }
    return (const char *)p;
}

static void put_blob(struct sb_buf *b, const void *data, uint64_t n)
{
    sb_buf_u64(b, data ? n : UINT64_MAX);
    sb_buf_bytes(b, data, data ? n : 0);
}

/* No blob is none, and not an empty one. */
static const void *get_blob(struct sb_reader *r, size_t *n_out)
{
    const uint64_t n = sb_read_u64(r);

    *n_out = 0;
    if (n == UINT64_MAX)
        return NULL;
    *n_out = n;
    return sb_read_bytes(r, n);
}

static bool get_flag(struct sb_reader *r)
{
    const uint8_t v = sb_read_u8(r);

    r->failed |= v > 1;
    return v == 1;
}

static void put_field(struct sb_buf *b, const struct sb_relay_field *f, const char *row)
{
    const void *at = row + f->offset;
    const char *text;
    size_t n;

    switch (f->kind) {
    case SB_RELAY_RAW:
        sb_buf_bytes(b, at, f->size);
        break;
    case SB_RELAY_BOOL:
        sb_buf_u8(b, *(const bool *)at);
        break;
    case SB_RELAY_TEXT:
        memcpy(&text, at, sizeof text);
        sb_relay_put_text(b, text);
        break;
    default:
        memcpy(&text, at, sizeof text);
        memcpy(&n, row + f->length, sizeof n);
        put_blob(b, text, n);
    }
}

void sb_relay_put(struct sb_buf *b, const struct sb_relay_field *fields, const void *row)
{
    for (const struct sb_relay_field *f = fields; f->kind != SB_RELAY_LAST; f++)
        put_field(b, f, row);
}

static void get_field(struct sb_reader *r, const struct sb_relay_field *f, char *row)
{
    const void *text;
    size_t n;

    switch (f->kind) {
    case SB_RELAY_RAW:
        text = sb_read_bytes(r, f->size);
        if (text)
            memcpy(row + f->offset, text, f->size);
        break;
    case SB_RELAY_BOOL:
        *(bool *)(row + f->offset) = get_flag(r);
        break;
    case SB_RELAY_TEXT:
        text = sb_relay_get_text(r);
        memcpy(row + f->offset, &text, sizeof text);
        break;
    default:
        text = get_blob(r, &n);
        memcpy(row + f->offset, &text, sizeof text);
        memcpy(row + f->length, &n, sizeof n);
    }
}

int sb_relay_get(struct sb_reader *r, const struct sb_relay_field *fields, void *row_out)
{
    for (const struct sb_relay_field *f = fields; f->kind != SB_RELAY_LAST && !r->failed; f++)
        get_field(r, f, row_out);
    return r->failed ? -EPROTO : 0;
}
