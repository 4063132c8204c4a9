/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading CONFIG. */
#include "host/told.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

/* n doubles, owned; NULL with r->failed where they are not there. */
static double *read_doubles(struct sb_reader *r, uint64_t n)
{
    double *v = n <= r->n / sizeof *v ? SB_NEW_ARRAY(double, n) : NULL;

    if (!v) {
        r->failed = true;
        return NULL;
    }
    for (uint64_t i = 0; i < n; i++)
        v[i] = sb_read_f64(r);
    return v;
}

static void read_value(struct sb_reader *r, struct sb_told_value *v)
{
    v->name = sb_read_text(r);
    v->type = sb_read_u32(r);
    v->i = (int64_t)sb_read_u64(r);
    v->r = sb_read_f64(r);
    v->text = sb_read_text(r);
    v->n_vector = sb_read_u32(r);
    v->vector = read_doubles(r, v->n_vector);
}

static void read_values(struct sb_reader *r, struct sb_told_values *values)
{
    const uint32_t n = sb_read_u32(r);

    values->items = n <= r->n ? SB_NEW_ARRAY(struct sb_told_value, n) : NULL;
    if (!values->items) {
        r->failed = true;
        return;
    }
    values->n = n;
    for (uint32_t i = 0; i < n && !r->failed; i++)
        read_value(r, &values->items[i]);
}

static void read_vectors(struct sb_reader *r, struct sb_told *told)
{
    const uint32_t n = sb_read_u32(r);

    told->vectors = n <= r->n ? SB_NEW_ARRAY(struct sb_told_vector, n) : NULL;
    if (!told->vectors) {
        r->failed = true;
        return;
    }
    told->n_vectors = n;
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        struct sb_told_vector *v = &told->vectors[i];

        v->name = sb_read_text(r);
        v->n = sb_read_u64(r);
        v->value = read_doubles(r, v->n);
    }
}

static void read_facts(struct sb_reader *r, struct sb_told *told)
{
    struct sb_facts *facts = &told->facts;

    facts->struct_size = (uint32_t)sizeof *facts;
    facts->domain = sb_read_u32(r);
    facts->dim = sb_read_u32(r);
    facts->modulus = sb_read_u32(r);
    facts->goal = sb_read_u32(r);
    facts->access = sb_read_u32(r);
    facts->n_queries = sb_read_u64(r);
    facts->n_candidates = sb_read_u64(r);
    facts->n_labels = sb_read_u64(r);
    told->labels = read_doubles(r, facts->n_labels);
    facts->label_set = told->labels;
    facts->goal_max = sb_read_f64(r);
    told->family_name = sb_read_text(r);
    facts->family = told->family_name;
    facts->n_label_queries = sb_read_u64(r);
    facts->n_samples = sb_read_u64(r);
}

int sb_told_read(struct sb_told *told, const struct sb_frame *config)
{
    struct sb_reader r = config->body;

    memset(told, 0, sizeof *told);
    if (config->type != SB_FRAME_CONFIG)
        return -EPROTO;
    read_facts(&r, told);
    for (size_t i = 0; i < SB_COUNT(told->tolerance); i++)
        told->tolerance[i] = sb_read_f64(&r);
    told->coins = sb_read_u64(&r);
    told->n_shown = sb_read_u32(&r);
    read_values(&r, &told->learner);
    read_values(&r, &told->family);
    read_vectors(&r, told);
    return r.failed || r.n ? -EPROTO : 0;
}

static void values_fini(struct sb_told_values *values)
{
    for (uint32_t i = 0; i < values->n; i++) {
        free(values->items[i].name);
        free(values->items[i].text);
        free(values->items[i].vector);
    }
    free(values->items);
}

void sb_told_fini(struct sb_told *told)
{
    values_fini(&told->learner);
    values_fini(&told->family);
    for (uint32_t i = 0; i < told->n_vectors; i++) {
        free(told->vectors[i].name);
        free(told->vectors[i].value);
    }
    free(told->vectors);
    free(told->labels);
    free(told->family_name);
    memset(told, 0, sizeof *told);
}

const struct sb_told_value *sb_told_find(const struct sb_told_values *values, const char *name)
{
    for (uint32_t i = 0; i < values->n; i++)
        if (strcmp(values->items[i].name, name) == 0)
            return &values->items[i];
    return NULL;
}

const struct sb_told_vector *sb_told_find_vector(const struct sb_told *told, const char *name)
{
    for (uint32_t i = 0; i < told->n_vectors; i++)
        if (strcmp(told->vectors[i].name, name) == 0)
            return &told->vectors[i];
    return NULL;
}
