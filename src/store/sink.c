/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's rows into a store of this process. */
#include "store/sink.h"

static int begin(void *self, const struct sb_store_run *run, struct sb_diag *diag)
{
    struct sb_store_writer *writer = self;

    return sb_store_run_begin(writer->store, run, &writer->run, diag);
}

static int vector(void *self, const struct sb_digest *digest, const double *u, size_t n,
                  struct sb_diag *diag)
{
    const struct sb_store_writer *writer = self;

    return sb_store_vector(writer->store, digest, u, n, diag);
}

static int query(void *self, const struct sb_store_query *given, const struct sb_store_text *text,
                 struct sb_diag *diag)
{
    const struct sb_store_writer *writer = self;
    struct sb_store_query row = *given;
    int error = 0;

    row.expression = 0;
    if (text)
        error = sb_store_expression(writer->store, text, &row.expression, diag);
    return error ? error : sb_store_query(writer->store, writer->run, &row, diag);
}

static int bound(void *self, const struct sb_store_bound *row, struct sb_diag *diag)
{
    const struct sb_store_writer *writer = self;

    return sb_store_bound(writer->store, writer->run, row, diag);
}

static int fact(void *self, const struct sb_store_fact *row, struct sb_diag *diag)
{
    const struct sb_store_writer *writer = self;

    return sb_store_fact(writer->store, writer->run, row, diag);
}

static int end(void *self, const struct sb_store_end *row, struct sb_diag *diag)
{
    const struct sb_store_writer *writer = self;

    return sb_store_run_end(writer->store, writer->run, row, diag);
}

struct sb_sink sb_store_sink(struct sb_store_writer *writer)
{
    return (struct sb_sink){ writer, begin, vector, query, bound, fact, end };
}
