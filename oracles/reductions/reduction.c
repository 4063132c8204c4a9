/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reductions share: the inner oracle, and passing on where there is none. */
#include "oracles/reductions/reduction.h"

#include "base/memory.h"
#include "query/eval.h"

#include <errno.h>
#include <string.h>

const struct sb_reduction_class *sb_reduction_find(const struct sb_reduction_class *const *classes,
                                                   const char *name)
{
    for (; classes && *classes; classes++)
        if (strcmp((*classes)->name, name) == 0)
            return *classes;
    return NULL;
}

double sb_reduction_tolerance(const struct sb_reduction_class *class, double granted)
{
    return class ? granted * class->tolerance_part : granted;
}

const struct sb_family *sb_reduction_inner(const struct sb_reduction_class *class,
                                           const struct sb_family *family)
{
    return class ? class->inner(family) : family;
}

/* The oracle's parameters with the inner tolerance. Texts stay the outer one's: nothing prints these. */
static int inner_values(const struct sb_values *outer, double part, struct sb_values *out)
{
    out->items = SB_NEW_ARRAY(struct sb_value, outer->n);
    if (!out->items)
        return -ENOMEM;
    out->n = outer->n;
    for (size_t i = 0; i < outer->n; i++) {
        out->items[i] = outer->items[i];
        if (strcmp(outer->items[i].param->name, "tolerance") == 0)
            out->items[i].r *= part;
    }
    return 0;
}

static int make_oracle(const struct sb_reduction_setup *setup, struct sb_reduction *out,
                       struct sb_diag *diag)
{
    struct sb_oracle_setup oracle = *setup->oracle;
    int error = 0;

    oracle.family = out->inner;
    if (out->class) {
        error = inner_values(setup->oracle->values, out->class->tolerance_part, &out->values);
        oracle.values = &out->values;
    }
    return error ? error : sb_oracle_new(&oracle, &out->oracle, diag);
}

int sb_reduction_init(const struct sb_reduction_class *class,
                      const struct sb_reduction_setup *setup, struct sb_reduction *out,
                      struct sb_diag *diag)
{
    int error;

    *out = (struct sb_reduction){ .class = class,
                                  .outer = setup->family,
                                  .inner = sb_reduction_inner(class, setup->family) };
    if (!out->inner)
        return sb_diag_fail(diag, -EINVAL, "reduction %s: family %s is not %s", class->name,
                            setup->family->class->name, class->outer);
    error = make_oracle(setup, out, diag);
    return error || !class ? error : class->create(setup, out, diag);
}

void sb_reduction_fini(struct sb_reduction *reduction)
{
    if (reduction->class && reduction->self)
        reduction->class->destroy(reduction);
    sb_oracle_free(reduction->oracle);
    free(reduction->values.items);
    *reduction = (struct sb_reduction){ 0 };
}

int sb_reduction_ask_many(struct sb_reduction *reduction, const struct sb_ask *asks, size_t n,
                          struct sb_asked *out, struct sb_diag *diag)
{
    return reduction->class ? reduction->class->ask_many(reduction, asks, n, out, diag)
                            : sb_oracle_ask_many(reduction->oracle, asks, n, out, diag);
}

int sb_reduction_labels(struct sb_reduction *reduction, uint64_t n, const struct sb_points *points,
                        double *y_out, struct sb_asked *out)
{
    return reduction->class ? reduction->class->labels(reduction, n, points, y_out, out)
                            : sb_oracle_labels(reduction->oracle, n, points, y_out, out);
}

int sb_reduction_samples(struct sb_reduction *reduction, uint64_t n,
                         const struct sb_points *points_out, double *y_out, struct sb_asked *out)
{
    return reduction->class ? reduction->class->samples(reduction, n, points_out, y_out, out)
                            : sb_oracle_samples(reduction->oracle, n, points_out, y_out, out);
}

int sb_reduction_name_examples(uint32_t dim, uint64_t n, const struct sb_points *points,
                               const double *y, struct sb_asked *out)
{
    struct sb_buf bytes;
    int error;

    sb_buf_init(&bytes);
    sb_buf_u64(&bytes, n);
    for (uint64_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < dim; j++)
            sb_buf_f64(&bytes, points->x[j][i]);
        sb_buf_f64(&bytes, y[i]);
    }
    error = bytes.failed ? -ENOMEM : 0;
    if (!error)
        out->digest = sb_digest_of(bytes.data, bytes.n);
    sb_buf_fini(&bytes);
    return error;
}

int sb_reduction_predictor(struct sb_reduction *reduction, const struct sb_callback *predictor,
                           struct sb_hidden hidden)
{
    return reduction->class ? reduction->class->predictor(reduction, predictor, hidden) : 0;
}

static int run_program(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                       double *out)
{
    (void)labels; /* a predictor has none */
    for (size_t b = 0; b < n_blocks; b++)
        sb_program_run(self, &blocks[b], out + b * SB_BLOCK);
    return 0;
}

int sb_reduction_predictor_expr(struct sb_reduction *reduction, const struct sb_pool *pool,
                                sb_expr predictor, struct sb_hidden hidden)
{
    struct sb_program *program = reduction->class ? sb_program_new(pool, predictor) : NULL;
    const struct sb_callback callback = { program, "", run_program };
    int error;

    if (!reduction->class)
        return 0;
    error = program ? sb_reduction_predictor(reduction, &callback, hidden) : -ENOMEM;
    sb_program_free(program);
    return error;
}

size_t sb_reduction_facts(const struct sb_reduction *reduction, struct sb_hidden hidden,
                          struct sb_fact out[SB_FACTS_MAX])
{
    return reduction->class ? reduction->class->facts(reduction, hidden, out) : 0;
}
