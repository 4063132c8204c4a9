/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A batch of queries on its way to the oracle, and a row each. It goes there as a whole, so that one
 * sample serves it, or in parts where it is large: an expression's bytes become nodes of the pool. */
#include "base/memory.h"
#include "runner/cell_run.h"

#include <errno.h>
#include <string.h>

enum { PART_QUERIES = 1024, PART_BYTES = 1 << 20 };

/* Queries first .. first + n - 1 of the batch, as the oracle gets and leaves them. */
struct part {
    struct sb_ask *ask;
    struct sb_asked *asked;
    char **cause; /* why an expression could not be read; the oracle borrows it */
    uint64_t n, cap;
};

static void part_fini(struct part *part)
{
    for (uint64_t i = 0; part->cause && i < part->cap; i++)
        free(part->cause[i]);
    free(part->cause);
    free(part->asked);
    free(part->ask);
}

static int part_init(struct part *part, uint64_t n)
{
    part->cap = n < PART_QUERIES ? n : PART_QUERIES;
    part->ask = SB_NEW_ARRAY(struct sb_ask, part->cap);
    part->asked = SB_NEW_ARRAY(struct sb_asked, part->cap);
    part->cause = SB_NEW_ARRAY(char *, part->cap);
    return part->ask && part->asked && part->cause ? 0 : -ENOMEM;
}

/* How many queries from the first on make a part: one at least. */
static uint64_t measure(const struct sb_wire_query *q, uint64_t n)
{
    uint64_t count = 1;
    size_t bytes = q[0].n_expr;

    while (count < n && count < PART_QUERIES && bytes + q[count].n_expr <= PART_BYTES)
        bytes += q[count++].n_expr;
    return count;
}

/* *cause: of the last part, owned. */
static int read_query(struct sb_cell_run *run, const struct sb_wire_query *q, struct sb_ask *ask,
                      char **cause)
{
    *ask = (struct sb_ask){ .pool = run->pool,
                            .callback = q->callback,
                            .cause = q->cause,
                            .access = q->access,
                            .tolerance = q->tolerance };
    if (!q->expr)
        return 0;
    sb_pool_clear_error(run->pool);
    ask->expr = sb_expr_decode(run->pool, q->expr, q->n_expr);
    if (ask->expr)
        return 0;
    free(*cause);
    *cause = strdup(sb_pool_error(run->pool));
    ask->cause = *cause;
    return *cause ? 0 : -ENOMEM;
}

/* Errors of the oracle's that end the run, but leave the queries on record. */
static bool ends_run(int error)
{
    return error == -ETIME || error == -EFAULT || error == -ECONNABORTED;
}

/* 0 or what ends the run; *unstored: what a row met. */
static int ask_part(struct sb_cell_run *run, const struct sb_wire_query *q, struct part *part,
                    double *answers, int32_t *status)
{
    int error = 0, unstored = 0;

    for (uint64_t i = 0; i < part->n && !error; i++)
        error = read_query(run, &q[i], &part->ask[i], &part->cause[i]);
    if (!error)
        error = sb_reduction_ask_many(&run->through, part->ask, part->n, part->asked, run->diag);
    if (error && !ends_run(error))
        return error;
    for (uint64_t i = 0; i < part->n && !unstored; i++) {
        const struct sb_asked *asked = &part->asked[i];
        const struct sb_cell_query row = { part->ask[i].expr,
                                           q[i].callback ? q[i].callback->name : NULL };

        unstored = sb_cell_keep(run, asked, &row);
        status[i] = asked->status;
        answers[i] = asked->status == SB_OK ? asked->reply.answer : 0;
    }
    return unstored ? unstored : error;
}

/* Where the run ends in the middle of the batch, the rest has its rows, too. */
static int ask_parts(struct sb_cell_run *run, const struct sb_wire_query *q, uint64_t n,
                     struct part *part, double *answers, int32_t *status)
{
    int ended = 0;

    for (uint64_t start = 0; start < n; start += part->n) {
        const uint32_t mark = sb_pool_mark(run->pool);
        int error;

        if (!ended && sb_fuse_blown(&run->fuse))
            ended = -ETIME;
        if (ended)
            sb_oracle_stop(run->oracle);
        part->n = measure(q + start, n - start);
        error = ask_part(run, q + start, part, answers + start, status + start);
        sb_pool_forget(run->pool, mark);
        if (error && !ends_run(error))
            return error;
        ended = ended ? ended : error ? error : sb_cell_patience(run);
    }
    return ended;
}

int sb_cell_ask(void *self, const struct sb_wire_query *q, uint64_t n, double *answers,
                int32_t *status, const char **message_out)
{
    struct sb_cell_run *run = self;
    struct part part = { 0 };
    int ended;

    run->message[0] = '\0';
    ended = part_init(&part, n);
    if (!ended)
        ended = ask_parts(run, q, n, &part, answers, status);
    part_fini(&part);
    *message_out = run->message[0] ? run->message : NULL;
    return ended;
}
