/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Route: Monte Carlo until a confidence sequence (betting.h) is narrow enough.
 *
 * One sample serves all queries of a batch. Of each point the label set is weighed, so that an example
 * is worth the mean over its labels; where labels are real, or members move x, the examples are drawn. Each
 * query bets on its own and stops at its own look: its certificate holds at all times at once with
 * probability 1 - delta_i, whatever the others do, so that all hold jointly with probability 1 -
 * sum delta_i, however much they depend on one another. The labels are weighed within the power sums: a
 * member that cannot be told from the null has nearly the null's sums in all powers, so that how long
 * it takes does not tell them apart either. Of drawn examples that holds as far as their own sums go: the powers
 * of a query are queries, too, and the examples are as many as some rule that sees nothing else asks for.
 *
 * Threads. The sample is cut into blocks at fixed places, up to SB_BLOCK examples that end at every look
 * of the grid, and a block's sums depend on nothing else. Each thread takes the next block, draws
 * it, and hands in its sums; who hands in adds up what is there, in the order of the blocks, and looks. What
 * was drawn beyond the last look needed is left. So values, certificates and numbers of
 * examples are the same for every number of threads. One thread begins; the others are made
 * when it turns out that the sample takes longer than they cost. */
#include "base/memory.h"
#include "base/threads.h"
#include "estimate/drawer.h"

#include <errno.h>
#include <pthread.h>

enum {
    TOGETHER = 1024,   /* queries that share a sample, at most: it bounds the memory */
    ALONE_NS = 200000, /* for so long one thread draws: four times what it takes to make others */
    AHEAD = 2,         /* blocks that a thread may be ahead of the looks */
};

struct query {
    struct sb_estimate *out;
    struct sb_bets bets;
};

/* A sheet, and those before it: blocks may be under way for any of them. */
struct sheets {
    struct sb_sheet *sheet;
    struct sheets *before;
};

/* A block's examples, and where its sums are handed in. */
struct block {
    uint64_t number, start, n;
    const struct sb_sheet *sheet;
    struct sb_powers *powers; /* room for all queries */
    bool there;
};

struct sampler {
    const struct sb_estimate_task *first; /* law, key, stream and fuse of all */
    struct query *queries;
    struct sb_sampled *sampled; /* n, as queries */
    size_t n, n_open;
    struct sheets *sheets;     /* the newest first */
    struct sb_drawer *drawers; /* one a thread */
    struct sb_powers *powers;  /* of the ring's blocks */
    uint64_t alone_until;      /* by the clock; 0: not any more */

    pthread_mutex_t lock; /* of all below */
    pthread_cond_t moved; /* n_added grew, or it is over */
    struct block *ring;   /* block k is at k mod n_ring until it is added */
    uint64_t n_ring, n_taken, n_added;
    uint64_t drawn, next_look; /* examples of the blocks taken; where the grid's next look is */
    uint64_t added, look;      /* the same of what is added up */
    bool adding, over;
    int error;
};

static void end(struct sampler *s, int error)
{
    s->over = true;
    if (!s->error)
        s->error = error;
}

/* ---- what is handed in ---- */

static void add_powers(struct sampler *s, const struct block *block)
{
    for (size_t i = 0; i < sb_sheet_n(block->sheet); i++) {
        const size_t place = sb_sheet_place(block->sheet, i);

        if (!atomic_load(&s->sampled[place].done))
            sb_bets_add(&s->queries[place].bets, &block->powers[i]);
    }
}

/* Evaluates from now on those only that are not done. */
static int take_new_sheet(struct sampler *s)
{
    struct sheets *new = SB_NEW(struct sheets);

    if (!new)
        return -ENOMEM;
    *new = (struct sheets){ sb_sheet_new(s->first->pool, s->sampled, s->n), s->sheets };
    if (!new->sheet) {
        free(new);
        return -ENOMEM;
    }
    s->sheets = new;
    return 0;
}

static void look(struct sampler *s)
{
    for (size_t i = 0; i < s->n; i++) {
        struct query *q = &s->queries[i];

        if (atomic_load(&s->sampled[i].done) || !sb_bets_look(&q->bets, q->out))
            continue;
        atomic_store(&s->sampled[i].done, true);
        s->n_open--;
    }
}

/* Block n_added, which is there. Without the lock; nobody else adds. */
static void add_block(struct sampler *s)
{
    const struct block *block = &s->ring[s->n_added % s->n_ring];

    add_powers(s, block);
    s->added += block->n;
    if (s->added == s->look) {
        look(s);
        s->look = sb_bets_next_look(s->look);
    }
}

/* Adds up what is there, unless somebody does so already. */
static void add_blocks(struct sampler *s)
{
    if (s->adding)
        return;
    s->adding = true;
    while (!s->over && s->ring[s->n_added % s->n_ring].there) {
        pthread_mutex_unlock(&s->lock);
        add_block(s);
        pthread_mutex_lock(&s->lock);
        s->ring[s->n_added % s->n_ring].there = false;
        s->n_added++;
        if (!s->n_open)
            end(s, 0);
        else if (sb_fuse_blown(s->first->fuse))
            end(s, -ETIME);
        else if (s->n_open <= sb_sheet_n(s->sheets->sheet) / 2 && take_new_sheet(s))
            end(s, -ENOMEM);
        pthread_cond_broadcast(&s->moved);
    }
    s->adding = false;
}

/* ---- a thread ---- */

/* The next block, or NULL where there is none to do. */
static struct block *take_block(struct sampler *s)
{
    struct block *block;

    while (!s->over && s->n_taken - s->n_added >= s->n_ring)
        pthread_cond_wait(&s->moved, &s->lock);
    if (s->over || (s->alone_until && sb_now_ns() >= s->alone_until))
        return NULL;
    block = &s->ring[s->n_taken % s->n_ring];
    block->start = s->drawn;
    block->n = s->next_look - s->drawn < SB_BLOCK ? s->next_look - s->drawn : SB_BLOCK;
    block->sheet = s->sheets->sheet;
    s->n_taken++;
    s->drawn += block->n;
    if (s->drawn == s->next_look)
        s->next_look = sb_bets_next_look(s->next_look);
    return block;
}

static void draw_blocks(void *self, size_t part)
{
    struct sampler *s = self;
    struct block *block;

    pthread_mutex_lock(&s->lock);
    while ((block = take_block(s))) {
        int error;

        pthread_mutex_unlock(&s->lock);
        error =
            sb_drawer_draw(&s->drawers[part], block->sheet, block->start, block->n, block->powers);
        pthread_mutex_lock(&s->lock);
        block->there = true;
        if (error)
            end(s, error);
        add_blocks(s);
    }
    pthread_cond_broadcast(&s->moved);
    pthread_mutex_unlock(&s->lock);
}

/* ---- the whole ---- */

static bool may_share(const struct sb_estimate_task *task)
{
    const struct sb_space *space = sb_pool_space(task->pool);

    return !sb_law_wants_one_thread(task->law) &&
           !(space->candidates && space->candidates->one_thread);
}

/* n queries: of these tasks with status 1 the first. Room for what n_threads do. */
static int open_sampler(struct sampler *s, size_t n, uint32_t n_threads)
{
    struct sb_powers *powers;

    s->n_ring = (uint64_t)AHEAD * n_threads;
    s->queries = SB_NEW_ARRAY(struct query, n);
    s->sampled = SB_NEW_ARRAY(struct sb_sampled, n);
    s->drawers = SB_NEW_ARRAY(struct sb_drawer, n_threads);
    s->ring = SB_NEW_ARRAY(struct block, s->n_ring);
    s->powers = powers = SB_NEW_ARRAY(struct sb_powers, s->n_ring * n);
    if (!s->queries || !s->sampled || !s->drawers || !s->ring || !powers)
        return -ENOMEM;
    for (uint64_t k = 0; k < s->n_ring; k++)
        s->ring[k].powers = powers + k * n;
    for (uint32_t t = 0; t < n_threads; t++)
        s->drawers[t] = (struct sb_drawer){ .law = s->first->law,
                                            .space = sb_pool_space(s->first->pool),
                                            .key = s->first->key,
                                            .stream = s->first->stream };
    return 0;
}

static void close_sampler(struct sampler *s, uint32_t n_threads)
{
    struct sheets *before;

    for (uint32_t t = 0; s->drawers && t < n_threads; t++)
        sb_drawer_fini(&s->drawers[t]);
    for (; s->sheets; s->sheets = before) {
        before = s->sheets->before;
        sb_sheet_free(s->sheets->sheet);
        free(s->sheets);
    }
    free(s->queries);
    free(s->sampled);
    free(s->drawers);
    free(s->ring);
    free(s->powers);
}

static void add_query(struct sampler *s, const struct sb_estimate_task *task,
                      struct sb_estimate *out)
{
    struct query *q = &s->queries[s->n];

    q->out = out;
    sb_bets_init(&q->bets, task->lo, task->hi, task->delta, task->tolerance, task->share);
    s->sampled[s->n].expr = task->expr;
    s->sampled[s->n].middle = q->bets.middle;
    s->sampled[s->n].radius = q->bets.radius;
    s->n++;
    s->n_open++;
}

static int run(struct sampler *s, uint32_t n_threads)
{
    s->look = s->next_look = sb_bets_next_look(0);
    if (take_new_sheet(s))
        return -ENOMEM;
    if (n_threads > 1)
        s->alone_until = sb_now_ns() + ALONE_NS;
    draw_blocks(s, 0);
    s->alone_until = 0;
    if (!s->over)
        sb_threads_run(n_threads, n_threads, draw_blocks, s);
    return s->error;
}

/* Those of tasks from .. n-1 that are to be sampled, TOGETHER of them at most; *next_out gets where to go
 * on. */
static int sample_some(const struct sb_estimate_task *tasks, size_t n, size_t from,
                       struct sb_estimate *out, int *status, size_t *next_out)
{
    struct sampler s = { .first = tasks,
                         .lock = PTHREAD_MUTEX_INITIALIZER,
                         .moved = PTHREAD_COND_INITIALIZER };
    const uint32_t n_threads = may_share(tasks) ? sb_threads_count() : 1;
    const size_t most = n - from < TOGETHER ? n - from : TOGETHER;
    int error = open_sampler(&s, most, n_threads);

    for (; !error && from < n && s.n < most; from++)
        if (status[from] == 1) {
            add_query(&s, &tasks[from], &out[from]);
            status[from] = 0;
        }
    *next_out = from;
    if (!error && s.n)
        error = run(&s, n_threads);
    close_sampler(&s, n_threads);
    return error;
}

int sb_estimate_monte_carlo_many(const struct sb_estimate_task *tasks, size_t n,
                                 struct sb_estimate *out, int *status)
{
    int error = 0;

    for (size_t i = 0; i < n; i++)
        if (status[i] == 1 &&
            !(sb_bets_worst(tasks[i].tolerance, tasks[i].hi - tasks[i].lo, tasks[i].share,
                            tasks[i].delta) <= (double)SB_SAMPLES_MAX))
            status[i] = SB_REFUSED;
    for (size_t from = 0; from < n && !error;)
        if (status[from] == 1)
            error = sample_some(tasks, n, from, out, status, &from);
        else
            from++;
    return error;
}

int sb_estimate_monte_carlo(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    int status = 1;
    const int error = sb_estimate_monte_carlo_many(task, 1, out, &status);

    return error ? error : status;
}
