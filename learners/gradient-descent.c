/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fits a one-hidden-layer ReLU network by gradient descent on the squared loss, each coordinate of the
 * gradient a statistical query: what noisy gradient descent can do, and lower bounds for queries rule out.
 *
 *     h(x) = a_0 + sum over units j of a_j R(<w_j, s> + b_j),   s = x over the Gaussian, s = 1 - 2x on the cube
 * Each step asks in one batch for every parameter p, g_p the derivative of h in p,
 *     STAT, VSTAT   E[clip((h(x) - y) g_p(x), -B, B)]/B
 *     CSQ           E[y clip(g_p(x), -B, B)]/B, and adds E[h g_p] from public points of its own,
 * and moves p by -rate times B times the answer. Every `check` steps one more query compares the loss,
 * E[clip((h - y)^2, 0, B^2)]/B^2 (at CSQ E[y clip(h, -B, B)]/B, which with E h^2 gives the loss less E y^2),
 * and the network with the least is returned: the label nearest to h, or h itself where labels are real.
 *
 * Queries: steps (width (d + 2) + 1) + checks.
 * Tolerance: the gradient is known to B tau in each coordinate, whatever the answers; what is learnt that
 * way is for experiments to say. When the budget ends first, the best network so far is returned. */
#include <statbed/learner.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct net {
    const struct sb_host *h;
    const struct sb_facts *facts;
    uint32_t dim, width, access;
    double clip;
    uint64_t n;                      /* parameters: width rows of w (dim), b, a; then a_0 */
    double *theta, *best, *gradient; /* n each */
    double best_loss;
    struct sb_query *q;
    int32_t *status;
    uint64_t n_points;   /* CSQ: the public points' signs or coordinates, rows of dim */
    double *point, *own; /* own: n means of h g_p */
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "gradient-descent: %s\n", why);
    return 1;
}

static void fini(struct net *net)
{
    free(net->theta);
    free(net->best);
    free(net->gradient);
    free(net->q);
    free(net->status);
    free(net->point);
    free(net->own);
}

/* Public points, for CSQ */

/* ln x for 0 < x <= 1, by the series of atanh: + - * / alone. */
static double ln(double x)
{
    double sum = 0, power, t;
    int halvings = 0;

    for (; x < 0.70710678118654752; x *= 2)
        halvings++;
    t = (x - 1) / (x + 1);
    power = t;
    for (int k = 1; k < 24; k += 2, power *= t * t)
        sum += power / k;
    return 2 * sum - halvings * 0.69314718055994531;
}

/* Two Gaussians, by the polar form of Box and Muller. */
static void gauss_pair(const struct sb_host *h, double out[2])
{
    double u[2], square;

    do {
        h->uniform(h->self, 2, u);
        u[0] = 2 * u[0] - 1;
        u[1] = 2 * u[1] - 1;
        square = u[0] * u[0] + u[1] * u[1];
    } while (square >= 1 || square == 0);
    square = sqrt(-2 * ln(square) / square);
    out[0] = u[0] * square;
    out[1] = u[1] * square;
}

static void draw_points(struct net *net)
{
    const uint64_t n = net->n_points * net->dim;

    if (net->facts->domain == SB_CUBE) {
        net->h->uniform(net->h->self, n, net->point);
        for (uint64_t i = 0; i < n; i++)
            net->point[i] = net->point[i] < 0.5 ? 1 : -1;
        return;
    }
    for (uint64_t i = 0; i < n; i += 2) /* there is room for one more */
        gauss_pair(net->h, net->point + i);
}

/* The parameters of unit j: w, then b, then a. */
static double *unit(const struct net *net, double *of, uint32_t j)
{
    return of + (uint64_t)j * (net->dim + 2);
}

/* Adds h(s) dh/dtheta to own[], and returns h(s); along: width numbers. */
static double add_point(const struct net *net, const double *s, double *along)
{
    const uint32_t d = net->dim;
    double h = net->theta[net->n - 1];

    for (uint32_t j = 0; j < net->width; j++) {
        const double *w = unit(net, net->theta, j);

        along[j] = w[d];
        for (uint32_t i = 0; i < d; i++)
            along[j] += w[i] * s[i];
        h += along[j] > 0 ? w[d + 1] * along[j] : 0;
    }
    for (uint32_t j = 0; j < net->width; j++) {
        const double a = unit(net, net->theta, j)[d + 1];
        double *to = unit(net, net->own, j);

        if (along[j] < 0)
            continue;
        for (uint32_t i = 0; i < d; i++)
            to[i] += h * a * s[i];
        to[d] += h * a;
        to[d + 1] += h * along[j];
    }
    net->own[net->n - 1] += h;
    return h;
}

/* own[] = E[h g_p]; returns E h^2. */
static double own_means(struct net *net)
{
    double along[16], square = 0;

    memset(net->own, 0, net->n * sizeof *net->own);
    for (uint64_t i = 0; i < net->n_points; i++) {
        const double h = add_point(net, net->point + i * net->dim, along);

        square += h * h;
    }
    for (uint64_t p = 0; p < net->n; p++)
        net->own[p] /= (double)net->n_points;
    return square / (double)net->n_points;
}

/* Setting out */

/* Small weights in random directions; outer ones of either sign. */
static void start(struct net *net)
{
    const double size = sqrt(3.0 / net->dim); /* |w_j| is about 1 */

    net->h->uniform(net->h->self, net->n, net->theta);
    for (uint64_t p = 0; p < net->n; p++)
        net->theta[p] = size * (2 * net->theta[p] - 1);
    for (uint32_t j = 0; j < net->width; j++) {
        unit(net, net->theta, j)[net->dim] = 0;
        unit(net, net->theta, j)[net->dim + 1] = (j % 2 ? -1 : 1) / sqrt(net->width);
    }
    net->theta[net->n - 1] = 0;
    memcpy(net->best, net->theta, net->n * sizeof *net->best);
    net->best_loss = INFINITY;
}

static int32_t setup(const struct sb_host *h, struct net *net)
{
    const struct sb_facts *f = h->facts(h->self);

    *net = (struct net){ .h = h, .facts = f, .dim = f->dim };
    if ((f->domain != SB_GAUSS && f->domain != SB_CUBE) || f->goal != SB_PREDICT)
        return fail("predicts labels over the Gaussian or the cube only");
    net->access = f->access & SB_STAT ? SB_STAT : f->access & SB_VSTAT ? SB_VSTAT : SB_CSQ;
    net->width = (uint32_t)h->param_int(h->self, "width");
    net->clip = h->param_real(h->self, "clip");
    net->n = (uint64_t)net->width * (f->dim + 2) + 1;
    net->n_points = net->access == SB_CSQ ? (uint64_t)h->param_int(h->self, "points") : 0;
    net->theta = calloc(net->n, sizeof *net->theta);
    net->best = calloc(net->n, sizeof *net->best);
    net->gradient = calloc(net->n, sizeof *net->gradient);
    net->own = calloc(net->n, sizeof *net->own);
    net->q = calloc(net->n, sizeof *net->q);
    net->status = calloc(net->n, sizeof *net->status);
    net->point = calloc(net->n_points * f->dim + 1, sizeof *net->point);
    if (!net->theta || !net->best || !net->gradient || !net->own || !net->q || !net->status ||
        !net->point)
        return fail("out of memory");
    draw_points(net);
    start(net);
    return 0;
}

/* Queries */

/* <w, s> + b; on the cube <w,s> = (sum of w) - 2 <w,x>. */
static sb_expr along(const struct net *net, const double *w, double *room)
{
    const struct sb_host *h = net->h;
    const int cube = net->facts->domain == SB_CUBE;
    double b = w[net->dim];

    for (uint32_t i = 0; i < net->dim; i++) {
        room[i] = cube ? -2 * w[i] : w[i];
        b += cube ? w[i] : 0;
    }
    return sb_add(h, sb_op0(h, SB_DOT, room, net->dim), sb_num(h, b));
}

static sb_expr network(const struct net *net, double *theta, double *room)
{
    const struct sb_host *h = net->h;
    sb_expr e = sb_num(h, theta[net->n - 1]);

    for (uint32_t j = 0; j < net->width; j++) {
        const double *w = unit(net, theta, j);

        e = sb_add(h, e,
                   sb_mul(h, sb_num(h, w[net->dim + 1]), sb_op1(h, SB_RELU, along(net, w, room))));
    }
    return e;
}

static sb_expr coordinate(const struct net *net, uint32_t i)
{
    const double j = i;

    return net->facts->domain == SB_CUBE ? sb_chi(net->h, &j, 1) : sb_x(net->h, i);
}

/* e, times the residual unless that is 0 (CSQ), clipped to [-B,B], over B. */
static struct sb_query bounded(const struct net *net, sb_expr residual, sb_expr e)
{
    const struct sb_host *h = net->h;
    const double ends[2] = { -net->clip, net->clip };

    e = residual ? sb_mul(h, residual, e) : e;
    e = sb_op2(h, SB_DIV, h->op(h->self, SB_CLIP, ends, 2, &e, 1), sb_num(h, net->clip));
    if (net->access == SB_VSTAT)
        e = sb_mul(h, sb_num(h, 0.5), sb_add(h, sb_num(h, 1), e));
    return (struct sb_query){ .expr = e, .access = net->access };
}

static void gradient_queries(const struct net *net, sb_expr residual, double *room)
{
    const struct sb_host *h = net->h;
    struct sb_query *q = net->q;

    for (uint32_t j = 0; j < net->width; j++) {
        const double *w = unit(net, net->theta, j);
        const sb_expr u = along(net, w, room);
        const sb_expr gate = sb_mul(h, sb_num(h, w[net->dim + 1]), sb_step(h, u));

        for (uint32_t i = 0; i < net->dim; i++)
            *q++ = bounded(net, residual, sb_mul(h, gate, coordinate(net, i)));
        *q++ = bounded(net, residual, gate);
        *q++ = bounded(net, residual, sb_op1(h, SB_RELU, u));
    }
    *q = bounded(net, residual, sb_num(h, 1));
}

/* Answers become numbers times B; 0 where there is none. */
static int32_t ask(const struct net *net, uint64_t n, double *value)
{
    const struct sb_host *h = net->h;
    const int32_t end = h->ask(h->self, net->q, n, sizeof *net->q, value, net->status);

    if (end == SB_STOP)
        return end;
    for (uint64_t i = 0; i < n; i++) {
        if (net->status[i] != SB_OK)
            value[i] = 0;
        else
            value[i] = net->clip * (net->access == SB_VSTAT ? 2 * value[i] - 1 : value[i]);
    }
    if (end != SB_OK && end != SB_BUDGET)
        return fail(h->message(h->self));
    return end;
}

static int32_t step(struct net *net, double rate, double *room)
{
    const struct sb_host *h = net->h;
    const uint32_t mark = h->mark(h->self);
    const int csq = net->access == SB_CSQ;
    int32_t end;

    gradient_queries(net, csq ? 0 : sb_sub(h, network(net, net->theta, room), sb_y(h)), room);
    end = ask(net, net->n, net->gradient);
    h->forget(h->self, mark);
    if (end != SB_OK)
        return end;
    if (csq)
        own_means(net);
    for (uint64_t p = 0; p < net->n; p++)
        net->theta[p] -= rate * (csq ? net->own[p] - net->gradient[p] : net->gradient[p]);
    return SB_OK;
}

/* Keeps the network where its loss is the least so far. */
static int32_t check(struct net *net, double *room)
{
    const struct sb_host *h = net->h;
    const uint32_t mark = h->mark(h->self);
    sb_expr e = network(net, net->theta, room);
    const sb_expr gap = sb_sub(h, e, sb_y(h));
    double loss;
    int32_t end;

    if (net->access == SB_CSQ)
        net->q[0] = bounded(net, 0, e);
    else
        net->q[0] = bounded(net, 0, sb_op2(h, SB_DIV, sb_mul(h, gap, gap), sb_num(h, net->clip)));
    end = ask(net, 1, &loss);
    h->forget(h->self, mark);
    if (end != SB_OK)
        return end;
    if (net->access == SB_CSQ)
        loss = own_means(net) - 2 * loss;
    if (loss < net->best_loss) {
        net->best_loss = loss;
        memcpy(net->best, net->theta, net->n * sizeof *net->best);
    }
    return SB_OK;
}

static int32_t descend(struct net *net, double *room)
{
    const struct sb_host *h = net->h;
    const int64_t steps = h->param_int(h->self, "steps"), every = h->param_int(h->self, "check");
    const double rate = h->param_real(h->self, "rate");
    int32_t end = SB_OK;

    for (int64_t i = 1; i <= steps && end == SB_OK; i++) {
        end = step(net, rate, room);
        if (end == SB_OK && (i % every == 0 || i == steps))
            end = check(net, room);
    }
    if (end != SB_OK && end != SB_BUDGET)
        return end;
    return h->predict_expr(h->self, network(net, net->best, room));
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct net net;
    double *room = NULL;
    int32_t end = setup(h, &net);

    (void)self;
    if (end == 0) {
        room = calloc(net.dim, sizeof *room);
        end = room ? descend(&net, room) : fail("out of memory");
    }
    free(room);
    fini(&net);
    return end;
}

static const struct sb_param params[] = {
    { "width", SB_INT, 0, "4", "[1,16]", "units of the hidden layer" },
    { "steps", SB_INT, 0, "40", "[1,400]", "gradient steps" },
    { "rate", SB_REAL, 0, "0.5", "(0,100]", "a parameter moves by this times the gradient" },
    { "clip", SB_REAL, 0, "4", "[1,1e6]",
      "B: what is asked is clipped to [-B,B]; answers cost B tau" },
    { "check", SB_INT, 0, "10", "[1,100000]", "steps from one comparison of the loss to the next" },
    { "points", SB_INT, 0, "2048", "[1,65536]",
      "CSQ: public points that the means without the label are over" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

SB_LEARNER(SB_STAT | SB_VSTAT | SB_CSQ, 0, "gradient-descent",
           "fits a one-hidden-layer ReLU network by gradients whose coordinates are queries",
           "noisy gradient descent, docs/theorems.md D5", params, NULL, run, NULL);
