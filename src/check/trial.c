/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The learner under check, run once: the server that its calls reach, with counters. */
#include "check/trial.h"

#include "base/memory.h"
#include "query/reason.h"
#include "runner/known_family.h"
#include "runner/rows.h"
#include "runner/score.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    AMPLE = 100000,    /* of queries, labels, examples: more than small tasks take */
    OVER_MAX = 1000,   /* calls that meet a budget which is used up, before the run is cut off */
    MEMORY_MIB = 1024, /* as an experiment grants by default */
    OUTPUT_KIB = 64    /* likewise */
};

struct run {
    const struct sb_trial_setup *setup;
    struct sb_trial *out;
    struct sb_known_family known;
    const struct sb_family *family; /* that of known */
    struct sb_oracle *oracle;
    struct sb_pool *pool;
    struct sb_fuse fuse;
    struct sb_diag *diag;
    char message[512];
};

/* What is hidden, and what moves the answers: of the seed and of setup->secret. */
static struct sb_digest material(const struct sb_trial_setup *setup, uint64_t number)
{
    const struct sb_key key = sb_check_key(setup->context, "trial");
    uint64_t words[3] = { key.v[0], key.v[1], number };

    return sb_digest_of(words, sizeof words);
}

static int ready(void *self)
{
    struct run *run = self;
    const struct sb_digest secret = material(run->setup, run->setup->secret);
    const struct sb_key key = sb_key_derive("secret", &secret, sizeof secret);
    const struct sb_hidden hidden = { true, sb_random_below(key, 0, run->family->n_members) };

    sb_oracle_hide(run->oracle, hidden);
    return 0;
}

static char *text_of(const struct run *run, sb_expr expr)
{
    struct sb_buf text;
    char *copy;

    sb_buf_init(&text);
    sb_expr_print(run->pool, expr, NULL, &text);
    copy = sb_strdup(sb_buf_str(&text));
    sb_buf_fini(&text);
    return copy;
}

/* What one query's record adds to what was seen. */
static void note(struct run *run, const struct sb_asked *asked, sb_expr expr)
{
    struct sb_trial *t = run->out;

    t->n_queries++;
    t->n_answered += asked->status == SB_OK;
    t->cost += asked->cost;
    t->n_from_truth += asked->status == SB_OK && !asked->reply.from_null;
    t->n_clipped += asked->clipped;
    t->n_range += asked->status == SB_RANGE;
    if (asked->clipped && expr && !t->clipped)
        t->clipped = text_of(run, expr);
    if (asked->status == SB_RANGE && !t->range)
        t->range = sb_strdup(asked->message);
    if (asked->status != SB_OK && !run->message[0])
        snprintf(run->message, sizeof run->message, "%s", asked->message);
}

static int ask_one(struct run *run, const struct sb_wire_query *q, double *answer, int32_t *status)
{
    const uint32_t mark = sb_pool_mark(run->pool);
    struct sb_ask ask = { .pool = run->pool,
                          .callback = q->callback,
                          .cause = q->cause,
                          .access = q->access,
                          .tolerance = q->tolerance };
    struct sb_asked asked;
    int error = 0;

    if (q->callback && run->setup->look)
        error = run->setup->look(run->setup->self, q->callback, run->family,
                                 !run->setup->task->access->without_label);
    if (error)
        return error;
    if (q->expr) {
        sb_pool_clear_error(run->pool);
        ask.expr = sb_expr_decode(run->pool, q->expr, q->n_expr);
        ask.cause = sb_pool_error(run->pool);
    }
    error = sb_oracle_ask(run->oracle, &ask, &asked, run->diag);
    if (!error) {
        note(run, &asked, ask.expr);
        *status = asked.status;
        *answer = asked.status == SB_OK ? asked.reply.answer : 0;
    }
    sb_pool_forget(run->pool, mark);
    return error;
}

/* Before each call: is it to be stopped here, or does it not take no for an answer? */
static bool stops(struct run *run)
{
    run->message[0] = '\0';
    run->out->n_calls++;
    return run->setup->stop_at && run->out->n_calls >= run->setup->stop_at;
}

static int over(struct run *run, bool nothing_left)
{
    run->out->n_over += nothing_left;
    run->out->endless = run->out->n_over > OVER_MAX;
    return run->out->endless ? -ECANCELED : 0;
}

static int ask(void *self, const struct sb_wire_query *q, uint64_t n, double *answers,
               int32_t *status, const char **message_out)
{
    struct run *run = self;
    const bool stop = stops(run);
    uint64_t n_over = 0;

    for (uint64_t i = 0; i < n; i++) {
        int error = 0;

        if (stop)
            status[i] = SB_STOP;
        else if (sb_fuse_blown(&run->fuse))
            error = -ETIME;
        else
            error = ask_one(run, &q[i], &answers[i], &status[i]);
        if (error)
            return error;
        n_over += status[i] == SB_BUDGET;
    }
    *message_out = run->message[0] ? run->message : NULL;
    return over(run, n_over == n);
}

/* Labels and examples. */

static int handed(struct run *run, const struct sb_asked *asked, int32_t *status,
                  const char **message_out)
{
    note(run, asked, 0);
    *status = asked->status;
    *message_out = run->message[0] ? run->message : NULL;
    return over(run, asked->status == SB_BUDGET);
}

static int labels(void *self, uint64_t n, const uint64_t *bits, const double *x, double *y_out,
                  int32_t *status, const char **message_out)
{
    struct run *run = self;
    struct sb_asked asked;
    int error;

    if (stops(run)) {
        *status = SB_STOP;
        return 0;
    }
    error = sb_rows_labels(&(struct sb_reduction){ .oracle = run->oracle }, run->family->space.dim,
                           n, bits, x, y_out, &asked);
    return error ? error : handed(run, &asked, status, message_out);
}

static int samples(void *self, uint64_t n, uint64_t *bits_out, double *x_out, double *y_out,
                   int32_t *status, const char **message_out)
{
    struct run *run = self;
    struct sb_asked asked;
    int error;

    if (stops(run)) {
        *status = SB_STOP;
        return 0;
    }
    error = sb_rows_samples(&(struct sb_reduction){ .oracle = run->oracle }, run->family->space.dim,
                            n, bits_out, x_out, y_out, &asked);
    return error ? error : handed(run, &asked, status, message_out);
}

/* The predictor is looked at, and not scored. */
static int predictor(void *self, const struct sb_callback *callback)
{
    const struct run *run = self;

    return run->setup->look ? run->setup->look(run->setup->self, callback, run->family, false) : 0;
}

static void traffic(void *self, bool to_learner, uint32_t type, const void *payload, size_t n)
{
    struct run *run = self;
    const struct sb_digest digest = sb_digest_of(payload, n);

    (void)to_learner; /* the type says so */
    sb_buf_u32(&run->out->frames, type);
    sb_buf_bytes(&run->out->frames, digest.byte, sizeof(uint64_t));
}

/* The run. */

static uint64_t seconds_of(const struct sb_trial_setup *setup)
{
    const uint64_t quarter = setup->context->seconds / 4;

    return setup->seconds ? setup->seconds : quarter ? quarter : 1;
}

static int run_init(struct run *run, const struct sb_trial_setup *setup, struct sb_trial *out,
                    struct sb_diag *diag)
{
    const struct sb_trial_task *task = setup->task;
    const uint64_t budget = setup->budget ? setup->budget : AMPLE;
    struct sb_oracle_setup oracle = {
        .access = task->access,
        .policy = task->policy,
        .values = &task->oracle_values,
        .public_material = material(setup, 0),
        .secret_material = material(setup, setup->secret + 1),
        .budget = budget,
        .label_budget = budget,
        .sample_budget = budget,
        .fuse = &run->fuse,
    };
    int error;

    *run = (struct run){ .setup = setup, .out = out, .diag = diag };
    run->fuse.deadline_ns = sb_now_ns() + seconds_of(setup) * 1000000000u;
    error = sb_known_family_init(task->family, &task->family_values, NULL, NULL, &run->known, diag);
    oracle.family = run->family = run->known.family;
    if (!error)
        error = sb_oracle_new(&oracle, &run->oracle, diag);
    if (error)
        return error;
    run->pool = sb_pool_new(&run->family->space);
    return run->pool ? 0 : -ENOMEM;
}

static void run_fini(struct run *run)
{
    sb_pool_free(run->pool);
    sb_oracle_free(run->oracle);
    sb_known_family_fini(&run->known);
}

static int talk(struct run *run, struct sb_learner_process *process)
{
    const struct sb_trial_setup *setup = run->setup;
    const struct sb_trial_task *task = setup->task;
    const struct sb_space *space = &run->family->space;
    const uint64_t budget = setup->budget ? setup->budget : AMPLE;
    const bool examples = task->access->kind != SB_ACCESS_QUERY;
    struct sb_public_vector vectors[SB_VECTORS_MAX];
    const struct sb_facts facts = {
        .struct_size = sizeof facts,
        .domain = space->domain,
        .dim = space->dim,
        .modulus = space->modulus,
        .goal = task->goal,
        .access = task->access->bit,
        .n_queries = budget,
        .n_candidates = space->n_candidates,
        .n_labels = space->n_labels,
        .label_set = space->labels,
        .goal_max = 0.1,
        .family = task->family->name,
        .n_label_queries = task->access->bit == SB_LABEL ? budget : 0,
        .n_samples = examples && task->access->bit != SB_LABEL ? budget : 0,
    };
    struct sb_task told = {
        .facts = &facts,
        .learner = setup->learner,
        .family = &task->family_values,
        .coins = setup->coins ? setup->coins : 1 + setup->context->seed % (UINT64_C(1) << 32),
        .labelling = space->labelling,
        .vectors = vectors,
        .n_vectors = sb_family_vectors(run->family, vectors),
    };
    const struct sb_server server = { .self = run,
                                      .ready = ready,
                                      .ask = ask,
                                      .labels = labels,
                                      .samples = samples,
                                      .predictor = predictor,
                                      .traffic = traffic };

    for (int bit = 0; bit < SB_ACCESS_KINDS; bit++)
        told.tolerance[bit] = task->access->bit >> bit & 1 && task->access->granted
                                  ? task->access->granted(&task->oracle_values).value
                                  : NAN;
    return sb_learner_run(process, &told, &server, &run->out->end, run->diag);
}

/* What the end means. */
static void conclude(struct run *run)
{
    static const char misuse[] = "the learner called "; /* as the host's lines on misuse begin */
    struct sb_trial *t = run->out;
    struct sb_hypothesis hypothesis;

    t->misused = t->end.end == SB_END_FAILED && t->end.detail == 0 && t->end.text &&
                 strncmp(t->end.text, misuse, sizeof misuse - 1) == 0;
    sb_hypothesis_init(&hypothesis,
                       &(struct sb_hypothesis_setup){
                           run->setup->task->goal, run->family,
                           run->family->space.n_labels ? SB_LOSS_ZERO_ONE : SB_LOSS_SQUARED, 0.1 },
                       run->pool, &t->end, &t->why);
    t->returned = hypothesis.returned || t->end.returned == SB_RETURNED_CALLBACK;
}

int sb_trial_run(const struct sb_trial_setup *setup, struct sb_trial *out, struct sb_diag *diag)
{
    const struct sb_limits limits = {
        .memory_mib = setup->memory_mib ? setup->memory_mib : MEMORY_MIB,
        .output_kib = OUTPUT_KIB,
        .seconds = seconds_of(setup),
    };
    struct sb_learner_process *process = NULL;
    struct run run;
    int error;

    memset(out, 0, sizeof *out);
    sb_buf_init(&out->frames);
    error = run_init(&run, setup, out, diag);
    if (!error)
        error = sb_learner_start(setup->context->path, setup->isolation, &limits, &process, diag);
    if (!error)
        error = talk(&run, process);
    if (!error && out->end.end == SB_END_SERVER && !out->endless)
        error = out->end.detail;
    if (!error)
        conclude(&run);
    sb_learner_close(process);
    run_fini(&run);
    return error;
}

void sb_trial_fini(struct sb_trial *trial)
{
    sb_learner_end_fini(&trial->end);
    sb_buf_fini(&trial->frames);
    free(trial->clipped);
    free(trial->range);
    trial->clipped = trial->range = NULL;
}

bool sb_trial_polite(const struct sb_trial *trial)
{
    return !trial->misused && !trial->endless &&
           (trial->end.end == SB_END_FINISHED || trial->end.end == SB_END_FAILED);
}

bool sb_trial_same(const struct sb_trial *a, const struct sb_trial *b, uint64_t *frame_out)
{
    enum { FRAME = sizeof(uint32_t) + sizeof(uint64_t) };
    const size_t least = a->frames.n < b->frames.n ? a->frames.n : b->frames.n;
    size_t at = 0;

    while (at < least && memcmp(a->frames.data + at, b->frames.data + at, FRAME) == 0)
        at += FRAME;
    *frame_out = at / FRAME + 1;
    return at == a->frames.n && at == b->frames.n;
}
