/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker's life. Why each step is here:
 *
 *   fork, no exec       what was read and checked (the experiment, family plugins, the plan) is there
 *                       as it is; this process has one thread.
 *   PR_SET_PDEATHSIG    a parent that dies by SIGKILL leaves no worker behind; its learner dies with
 *                       the worker in the same way.
 *   descriptors         all but the standard ones and the channel are closed: of the parent's lock
 *                       file above all, which must not stay held by a child that outlives it.
 *   signals             Ctrl-C goes to the whole process group; the parent decides.
 *   _exit               nothing of the parent's is run or freed here: no exit handlers, no buffers.
 *   CPUs                the learner runs on the CPU where its worker is (learner_process.c). Two
 *                       workers that chose the same one would keep it for a whole cell. Threads
 *                       that share a cell's work keep to its worker's CPUs.
 */
#include "runner/worker.h"

#include "base/memory.h"
#include "base/threads.h"
#include "runner/interrupt.h"
#include "runner/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHANNEL_FD = 3, ORDER_MAX = 64 };

/* A cell for the worker: u64 its place in the plan, u64 the id of its run. */
enum { ORDER = 1 };

/* Every n-th of the CPUs that are allowed, from the i-th: with fewer CPUs than slots one CPU. */
static void take_cpus(size_t i, size_t n)
{
    cpu_set_t allowed, ours;
    size_t place = 0, count;

    if (n < 2 || sched_getaffinity(0, sizeof allowed, &allowed))
        return;
    count = (size_t)CPU_COUNT(&allowed);
    n = n < count ? n : count;
    CPU_ZERO(&ours);
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && place++ % n == i % n)
            CPU_SET(cpu, &ours);
    sched_setaffinity(0, sizeof ours, &ours);
}

/* From the fork to the first cell. */
static void settle(int fd, pid_t parent, size_t i, size_t n)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent || (fd != CHANNEL_FD && dup2(fd, CHANNEL_FD) < 0))
        _exit(1);
    closefrom(CHANNEL_FD + 1);
    fcntl(CHANNEL_FD, F_SETFD, FD_CLOEXEC); /* dup2 leaves it open in learners */
    sb_interrupt_ignore();
    take_cpus(i, n);
    sb_threads_keep_cpus();
}

/* One cell, from its order to its outcome on the way. */
static int run_cell(const struct sb_batch *batch, struct sb_frame *order,
                    struct sb_kept_correlations *kept, struct sb_relay_sender *sender)
{
    const size_t i = sb_read_u64(&order->body);
    const int64_t run = (int64_t)sb_read_u64(&order->body);
    const struct sb_sink sink = sb_relay_sink(sender);
    struct sb_cell_outcome outcome;
    struct sb_cell cell;
    struct sb_diag told;
    int error;

    if (order->body.failed || i >= batch->plan.n)
        return -EPROTO;
    sb_diag_init(&told);
    cell = sb_batch_cell(batch, i, run);
    cell.kept = kept;
    error = sb_cell_run(&cell, &sink, &outcome, &told);
    error = error ? sb_relay_failure(sender, error, &told) : sb_relay_outcome(sender, &outcome);
    sb_diag_fini(&told);
    return error;
}

_Noreturn static void work(const struct sb_batch *batch)
{
    struct sb_kept_correlations kept = { 0 };
    struct sb_relay_sender sender;
    struct sb_link orders;
    struct sb_frame order;
    int error = sb_relay_sender_init(&sender, CHANNEL_FD);

    sb_link_init(&orders, CHANNEL_FD);
    while (!error) {
        error = sb_link_read(&orders, ORDER_MAX, &order);
        if (!error)
            error = run_cell(batch, &order, &kept, &sender);
    }
    _exit(error != -EPIPE); /* the channel was closed: there is no more to do */
}

int sb_worker_start(const struct sb_batch *batch, size_t i, size_t n, struct sb_worker *out,
                    struct sb_diag *diag)
{
    const pid_t parent = getpid();
    int pair[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return sb_diag_fail(diag, -EIO, "a worker process cannot be had: %s", strerror(errno));
    pid = fork();
    if (pid == 0) {
        settle(pair[1], parent, i, n);
        work(batch);
    }
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return sb_diag_fail(diag, -EIO, "a worker process cannot be had: %s", strerror(errno));
    }
    *out = (struct sb_worker){ pid, pair[0] };
    return 0;
}

int sb_worker_give(const struct sb_worker *worker, size_t cell, int64_t run)
{
    struct sb_link line;
    struct sb_buf order;
    int error;

    sb_link_init(&line, worker->fd);
    line.quiet = true;
    sb_buf_init(&order);
    sb_frame_begin(&order, ORDER);
    sb_buf_u64(&order, cell);
    sb_buf_u64(&order, (uint64_t)run);
    error = sb_frame_end(&order);
    if (!error)
        error = sb_link_write(&line, &order);
    sb_buf_fini(&order);
    return error;
}

int sb_worker_end(struct sb_worker *worker, bool with_force)
{
    int status = 0;

    if (!worker->pid)
        return 0;
    close(worker->fd);
    if (with_force)
        kill(worker->pid, SIGKILL);
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    *worker = (struct sb_worker){ 0, -1 };
    return status;
}
