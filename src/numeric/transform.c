/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms over {0,1}^n. */
#include "numeric/transform.h"

#include "base/threads.h"
#include "numeric/kernels.h"

/* Below it a transform takes less time than to make threads for it. */
enum { THREADS_FROM_BITS = 18, PARTS = 8 };

typedef void transform(uint32_t n, double *a);
typedef void top_levels(uint32_t n, double *a, uint64_t from, uint64_t to);

static transform *const variant[SB_ISAS] = SB_ISA_TABLE(sb_walsh_hadamard);
static top_levels *const top_variant[SB_ISAS] = SB_ISA_TABLE(sb_walsh_hadamard_top);

struct shared {
    uint32_t n;
    double *a;
    enum sb_isa isa;
};

static void eighth(void *context, size_t part)
{
    const struct shared *s = context;

    variant[s->isa](s->n - 3, s->a + ((uint64_t)part << (s->n - 3)));
}

static void columns(void *context, size_t part)
{
    const struct shared *s = context;
    const uint64_t n_columns = UINT64_C(1) << (s->n - 3);

    top_variant[s->isa](s->n, s->a, n_columns / PARTS * part, n_columns / PARTS * (part + 1));
}

void sb_walsh_hadamard(uint32_t n, double *a)
{
    variant[sb_isa()](n, a);
}

void sb_walsh_hadamard_threads(uint32_t n, double *a, size_t n_threads)
{
    struct shared shared = { n, a, sb_isa() };

    if (n < THREADS_FROM_BITS || n_threads < 2) {
        sb_walsh_hadamard(n, a);
        return;
    }
    sb_threads_run(n_threads, PARTS, eighth, &shared);
    sb_threads_run(n_threads, PARTS, columns, &shared);
}
