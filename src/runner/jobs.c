/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells in several worker processes at a time. This process hands them out in the order of the plan,
 * each with the id that its run is to have, and alone writes what comes back: so the results are the
 * same however many workers there are and whoever is faster. */
#include "runner/batch.h"

#include "base/fuse.h"
#include "base/memory.h"
#include "runner/interrupt.h"
#include "runner/relay.h"
#include "runner/worker.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum {
    ARRIVAL = 1 << 18, /* bytes taken from one worker at a time */
    TICK_MS = 1000     /* between two looks at the clock for who follows the run */
};
static const uint64_t grace_ns = UINT64_C(3000000000); /* for cells under way at a first signal */

struct slot {
    struct sb_worker worker;
    struct sb_store_writer writer;
    struct sb_sink sink;
    struct sb_relay_receiver receiver;
    bool busy;
    bool lost;   /* no worker can be had for it */
    size_t cell; /* the one under way: its place in the plan, and its run */
    int64_t run;
};

struct jobs {
    struct sb_batch *batch;
    struct slot *slots; /* owned */
    struct pollfd *fds; /* owned; for n of them */
    uint8_t *bytes;     /* owned; ARRIVAL of them */
    size_t n;
    size_t next;       /* the first of the plan that was not looked at */
    int error;         /* the first of a worker's: no further cell */
    uint64_t told;     /* when who follows the run was last told of it */
    uint64_t deadline; /* of the cells under way after a signal; 0: none */
};

static void jobs_fini(struct jobs *jobs)
{
    for (size_t i = 0; jobs->slots && i < jobs->n; i++) {
        sb_worker_end(&jobs->slots[i].worker, false);
        sb_relay_receiver_fini(&jobs->slots[i].receiver);
    }
    free(jobs->slots);
    free(jobs->fds);
    free(jobs->bytes);
}

/* fini in any case. */
static int jobs_init(struct jobs *jobs, struct sb_batch *batch)
{
    const uint64_t most = batch->options->jobs;

    *jobs = (struct jobs){ .batch = batch };
    jobs->n = most < batch->plan.n_todo ? most : batch->plan.n_todo;
    jobs->slots = SB_NEW_ARRAY(struct slot, jobs->n);
    jobs->fds = SB_NEW_ARRAY(struct pollfd, jobs->n);
    jobs->bytes = malloc(ARRIVAL);
    if (!jobs->slots || !jobs->fds || !jobs->bytes)
        return sb_diag_fail(batch->diag, -ENOMEM, "out of memory");
    for (size_t i = 0; i < jobs->n; i++) {
        struct slot *slot = &jobs->slots[i];

        slot->writer.store = batch->store;
        slot->sink = sb_store_sink(&slot->writer);
        sb_relay_receiver_init(&slot->receiver, &slot->sink);
    }
    return 0;
}

/* The cell under way in a slot is over, in whatever way. */
static void let_go(struct jobs *jobs, struct slot *slot)
{
    slot->busy = false;
    jobs->batch->out->n_under_way--;
}

/* Ends what is under way, and says so on record. */
static void discard(struct jobs *jobs, const char *why)
{
    for (size_t i = 0; i < jobs->n; i++) {
        struct slot *slot = &jobs->slots[i];

        if (!slot->busy)
            continue;
        sb_worker_end(&slot->worker, true);
        let_go(jobs, slot);
        sb_batch_discarded(jobs->batch, slot->run, why);
    }
}

/* Handing out. */

/* The next cell that is to be done; plan.n where there is none, or none is to be begun any more. */
static size_t next_cell(struct jobs *jobs)
{
    const struct sb_batch *batch = jobs->batch;

    if (jobs->error || sb_batch_stops(batch))
        return batch->plan.n;
    while (jobs->next < batch->plan.n &&
           !sb_planned_todo(&batch->plan.cells[jobs->next], batch->options))
        jobs->next++;
    return jobs->next;
}

/* To its worker, or where that has died since its last cell to a new one. */
static int give(struct jobs *jobs, size_t i, size_t cell, int64_t run, struct sb_diag *diag)
{
    struct slot *slot = &jobs->slots[i];
    int error = slot->worker.pid ? sb_worker_give(&slot->worker, cell, run) : -EPIPE;

    if (!error)
        return 0;
    sb_worker_end(&slot->worker, true);
    error = sb_worker_start(jobs->batch, i, jobs->n, &slot->worker, diag);
    if (!error && sb_worker_give(&slot->worker, cell, run))
        error = sb_diag_fail(diag, -EIO, "a worker process died at once");
    return error;
}

/* To whoever has nothing to do. Where no further worker can be had, those that there are go on. */
static int hand_out(struct jobs *jobs)
{
    struct sb_batch *batch = jobs->batch;

    for (size_t i = 0; i < jobs->n; i++) {
        struct slot *slot = &jobs->slots[i];
        const size_t cell = slot->busy || slot->lost ? batch->plan.n : next_cell(jobs);
        const bool alone = !batch->out->n_under_way;

        if (cell == batch->plan.n)
            continue;
        slot->lost = give(jobs, i, cell, batch->next_run, alone ? batch->diag : NULL) != 0;
        if (slot->lost && alone)
            return -EIO;
        if (slot->lost)
            continue;
        slot->busy = true;
        slot->cell = cell;
        slot->run = batch->next_run++;
        sb_relay_expect(&slot->receiver, slot->run);
        jobs->next++;
        batch->out->n_under_way++;
    }
    return 0;
}

/* Taking in. */

static char *how_it_ended(int status)
{
    if (!WIFSIGNALED(status))
        return sb_printf("its worker process exited with code %d", WEXITSTATUS(status));
    return sb_printf("its worker process was ended by signal %d (%s)", WTERMSIG(status),
                     sigdescr_np(WTERMSIG(status)) ? sigdescr_np(WTERMSIG(status)) : "unknown");
}

/* The worker is dead: its cell is cut short. */
static int bury(struct jobs *jobs, struct slot *slot)
{
    char *how SB_FREE = how_it_ended(sb_worker_end(&slot->worker, true));

    let_go(jobs, slot);
    return sb_batch_cut(jobs->batch, slot->cell, slot->run, how ? how : "its worker process died");
}

/* The worker could not go on; a fault of statbed's ends all at once, other errors begin no more. */
static int failed(struct jobs *jobs, struct slot *slot, int error)
{
    struct sb_batch *batch = jobs->batch;

    jobs->error = jobs->error ? jobs->error : error;
    sb_batch_discarded(batch, slot->run, sb_batch_last_line(batch));
    return error == -EFAULT ? error : 0;
}

/* What a worker has sent: 0, or a negative errno that ends all. */
static int take_in(struct jobs *jobs, struct slot *slot)
{
    const ssize_t n = recv(slot->worker.fd, jobs->bytes, ARRIVAL, MSG_DONTWAIT);
    struct sb_relay_news news;
    int error;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0)
        return bury(jobs, slot);
    error = sb_relay_receive(&slot->receiver, jobs->bytes, (size_t)n, &news, jobs->batch->diag);
    if (error || !news.over)
        return error;
    let_go(jobs, slot);
    if (news.error)
        return failed(jobs, slot, news.error);
    sb_batch_ended(jobs->batch, slot->cell, &news.outcome);
    return 0;
}

static int time_to_wait(const struct jobs *jobs)
{
    const uint64_t now = jobs->deadline ? sb_now_ns() : 0;
    const int most = jobs->batch->options->progress ? TICK_MS : -1;
    uint64_t left;

    if (!jobs->deadline)
        return most;
    left = jobs->deadline > now ? (jobs->deadline - now) / 1000000 + 1 : 0;
    return most >= 0 && left > TICK_MS ? most : (int)left;
}

/* About once a second, whether rows come in without a pause or none at all. */
static void tick(struct jobs *jobs)
{
    const uint64_t now = jobs->batch->options->progress ? sb_now_ns() : 0;

    if (now < jobs->told + TICK_MS * UINT64_C(1000000))
        return;
    jobs->told = now;
    sb_batch_tick(jobs->batch);
}

/* Sleeps until something has come, and takes it in. */
static int wait_and_take(struct jobs *jobs)
{
    int ready, error = 0;

    for (size_t i = 0; i < jobs->n; i++)
        jobs->fds[i] =
            (struct pollfd){ jobs->slots[i].busy ? jobs->slots[i].worker.fd : -1, POLLIN, 0 };
    ready = sb_interrupt_poll(jobs->fds, jobs->n, time_to_wait(jobs));
    if (ready < 0)
        return sb_diag_fail(jobs->batch->diag, -EIO, "waiting for worker processes: %s",
                            strerror(errno));
    for (size_t i = 0; i < jobs->n && ready && !error; i++)
        if (jobs->fds[i].revents)
            error = take_in(jobs, &jobs->slots[i]);
    return error;
}

/* A first signal gives the cells under way a little time; a second, or the time's end, none. */
static void look_at_signals(struct jobs *jobs)
{
    const int signal = sb_interrupt_signal();
    char *why SB_FREE = NULL;

    if (!signal)
        return;
    if (!jobs->deadline)
        jobs->deadline = sb_now_ns() + grace_ns;
    if (sb_interrupt_count() < 2 && sb_now_ns() < jobs->deadline)
        return;
    why = sb_printf("cut short: the run was stopped by SIG%s", sigabbrev_np(signal));
    discard(jobs, why ? why : "cut short");
}

int sb_batch_jobs(struct sb_batch *batch)
{
    struct jobs jobs;
    int error = jobs_init(&jobs, batch);

    while (!error) {
        const int64_t before = batch->next_run;

        error = hand_out(&jobs);
        if (batch->next_run > before)
            sb_batch_tick(batch);
        tick(&jobs);
        if (error || !batch->out->n_under_way)
            break;
        error = wait_and_take(&jobs);
        if (!error)
            look_at_signals(&jobs);
    }
    if (error)
        discard(&jobs, "cut short: the experiment was stopped");
    jobs_fini(&jobs);
    return error ? error : jobs.error;
}
