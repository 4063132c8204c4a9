/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner that asks a fixed mixture of queries, good and bad, whatever the answers are: exact and
 * sampled ones, some whose range cannot be proven, some that are no expressions, tolerances and
 * oracles that are not granted, batches, and more than the budget. */
#include <statbed/learner.h>

#include <string.h>

/* Of STAT; VSTAT is asked (1 + q)/2 too, so that most are in its range. */
static const char *const texts[] = {
    "y",
    "y*chi(0,1,2)",
    "x(3)",
    "chi(1,4)*0.5",
    "3*y*chi(0,2)+0.25",       /* clipped */
    "exp(y*x(0)+x(5))-1",      /* clipped */
    "y/(x(1)+x(2)-0.5)",       /* clipped */
    "2*chi(3)",                /* clipped */
    "near(x(0)+x(1),y,0.5)*y", /* a few coordinates */
    "sin(3*x(0)+x(7))*y",
    "min(x(0),max(x(1),y))",
    "chi(0,2)*",      /* syntax */
    "x(900)",         /* syntax */
    "unheard-of(1)",  /* syntax */
    "clip(y*3,-1,1)", /* a range that is proven */
};
enum { TEXTS = sizeof texts / sizeof *texts, OVER = 5 };

static sb_expr halved(const struct sb_host *h, sb_expr e)
{
    return sb_mul(h, sb_num(h, 0.5), sb_add(h, sb_num(h, 1), e));
}

static void one_by_one(const struct sb_host *h)
{
    double answer = 0;

    for (int i = 0; i < TEXTS; i++) {
        const sb_expr e = h->parse(h->self, texts[i]);

        sb_ask1(h, e, &answer);
        sb_ask1(h, halved(h, e), &answer);
    }
}

/* All coordinates matter, and nothing factors: no exact route in 30 dimensions. */
static sb_expr everywhere(const struct sb_host *h, double threshold)
{
    const uint32_t dim = h->facts(h->self)->dim;
    sb_expr sum = sb_y(h);

    for (uint32_t j = 0; j < dim; j++)
        sum = sb_add(h, sum, sb_mul(h, sb_num(h, 1 + 0.125 * j), sb_x(h, j)));
    return sb_step(h, sb_sub(h, sum, sb_num(h, threshold)));
}

static void sampled(const struct sb_host *h)
{
    const sb_expr large = everywhere(h, 40);
    struct sb_query q[3];
    double answer[3];
    int32_t status[3];

    memset(q, 0, sizeof q);
    q[0].expr = large;
    q[1].expr = sb_mul(h, sb_num(h, 1.5), large); /* clipped */
    q[2].expr = everywhere(h, 52);
    h->ask(h->self, q, 3, sizeof *q, answer, status);
}

/* Tolerances and oracles, most of them not granted. */
static void odd(const struct sb_host *h)
{
    static const double tolerances[] = { 0, 1, 2, -1, 1e-12, 1e300, 5 };
    struct sb_query q[16];
    double answer[16];
    int32_t status[16];
    uint64_t n = 0;

    memset(q, 0, sizeof q);
    for (uint32_t access = 0; access < 2; access++)
        for (size_t i = 0; i < sizeof tolerances / sizeof *tolerances; i++) {
            q[n].expr = i == 4 ? 0 : sb_x(h, 0);
            q[n].access = access ? SB_VSTAT : SB_STAT;
            q[n++].tolerance = tolerances[i];
        }
    h->ask(h->self, q, n, sizeof *q, answer, status);
}

/* The last of them meet the budget. */
static int32_t rest(const struct sb_host *h)
{
    double answer;
    uint32_t over = 0;

    for (uint64_t i = 1; over < OVER; i++) {
        const int32_t status = sb_ask1(h, halved(h, sb_chi_mask(h, 2 * i + 1)), &answer);

        if (status == SB_BUDGET)
            over++;
        else if (status != SB_OK)
            return 1;
    }
    return 0;
}

static int32_t run(const struct sb_host *h, void *self)
{
    const double value[1] = { 0 };

    (void)self;
    one_by_one(h);
    sampled(h);
    odd(h);
    if (rest(h) != 0)
        return 1;
    h->recovered(h->self, value, 1); /* does not fit the goal: refused */
    return h->predict_expr(h->self, sb_chi_mask(h, 6)) == SB_OK ? 0 : 2;
}

SB_LEARNER(SB_STAT | SB_VSTAT, 0, "asks", "asks a mixture of queries", "a test", NULL, NULL, run,
           NULL);
