/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a query costs: a trivial expression query through statbed-host and both filters to the
 * oracle under `reference` and its row in the database, against 8 bytes to and fro over a bare
 * socketpair; both pairs pinned to one CPU, timed turn about. The goal is 3 times the bare round
 * trip. Between them the same way to a server that answers 0: what the wire alone takes.
 *
 *     round_trip PLUGIN      (STATBED_HOST names statbed-host) */
#include "chain.h"
#include "runner/learner.h"

#include <math.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 9, TRIPS = 20000 };
static const double goal = 3.0;

/* Pins this process; children inherit it. */
static void pin(void)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((unsigned)sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
}

static void echo(int fd)
{
    char word[8];

    while (read(fd, word, sizeof word) == sizeof word)
        if (write(fd, word, sizeof word) != sizeof word)
            break;
    _exit(0);
}

/* Seconds a bare round trip; negative: trouble. */
static double bare(void)
{
    char word[8] = "";
    int pair[2];
    double start, seconds;
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        return -1;
    pid = fork();
    if (pid == 0) {
        close(pair[0]);
        echo(pair[1]);
    }
    close(pair[1]);
    start = bench_now();
    for (int i = 0; i < TRIPS; i++)
        if (write(pair[0], word, sizeof word) != sizeof word ||
            read(pair[0], word, sizeof word) != sizeof word)
            return -1;
    seconds = bench_now() - start;
    close(pair[0]);
    waitpid(pid, NULL, 0);
    return seconds / TRIPS;
}

/* The server's clock: from the first query to the last. */
struct meter {
    uint64_t n;
    double first, last;
};

static int answer(void *self, const struct sb_wire_query *q, uint64_t n, double *answers,
                  int32_t *status, const char **message_out)
{
    struct meter *m = self;

    (void)q;
    (void)message_out;
    if (m->n++ == 0)
        m->first = bench_now();
    for (uint64_t i = 0; i < n; i++) {
        answers[i] = 0;
        status[i] = m->n > TRIPS ? SB_BUDGET : SB_OK;
    }
    if (m->n == TRIPS + 1)
        m->last = bench_now();
    return 0;
}

static double through_statbed(const char *plugin)
{
    static const double labels[2] = { -1, 1 };
    const struct sb_limits limits = { 256, 64, 60 };
    const struct sb_facts facts = { .struct_size = sizeof facts,
                                    .domain = SB_CUBE,
                                    .dim = 8,
                                    .modulus = 2,
                                    .goal = SB_PREDICT,
                                    .access = SB_STAT,
                                    .n_labels = 2,
                                    .label_set = labels,
                                    .family = "parity" };
    const struct sb_task task = { .facts = &facts, .tolerance = { 0.1, NAN } };
    struct meter meter = { 0, 0, 0 };
    const struct sb_server server = { .self = &meter, .ask = answer };
    struct sb_learner_process *process;
    struct sb_learner_end end;
    struct sb_diag diag;

    sb_diag_init(&diag);
    if (sb_learner_start(plugin, SB_ISOLATION_SECCOMP, &limits, &process, &diag)) {
        printf("%s\n", diag.n_items ? diag.items[0].text : "the learner did not start");
        sb_diag_fini(&diag);
        return -1;
    }
    if (sb_learner_isolation(process) != SB_ISOLATION_SECCOMP)
        printf("no system-call filters here: a process without them\n");
    sb_learner_run(process, &task, &server, &end, &diag);
    sb_learner_end_fini(&end);
    sb_learner_close(process);
    sb_diag_fini(&diag);
    return meter.last > 0 ? (meter.last - meter.first) / TRIPS : -1;
}

/* Seconds a query with all that it is for. */
static double through_chain(const char *plugin)
{
    struct chain chain = {
        .plugin = plugin, .dimension = 8, .tolerance = 0.1, .n_queries = TRIPS + 1, .n_asks = TRIPS
    };

    if (chain_run(&chain) || chain.n_seen <= TRIPS)
        return -1;
    return (chain.last - chain.first) / TRIPS;
}

static int report(const char *what, double ours, double bare_trip)
{
    const bool met = ours <= goal * bare_trip;

    printf("%s: statbed %.2f us, bare socketpair %.2f us, ratio %.2f, goal <= %.1f: %s\n", what,
           ours * 1e6, bare_trip * 1e6, ours / bare_trip, goal, met ? "met" : "NOT met");
    return met ? 0 : 1;
}

int main(int argc, char **argv)
{
    double plain[ROUNDS], wire[ROUNDS], whole[ROUNDS], anchor;

    if (argc != 2) {
        printf("usage: round_trip PLUGIN\n");
        return 2;
    }
    pin();
    for (int i = 0; i < ROUNDS; i++) {
        plain[i] = bare();
        wire[i] = through_statbed(argv[1]);
        whole[i] = through_chain(argv[1]);
        if (plain[i] < 0 || wire[i] < 0 || whole[i] < 0)
            return 2;
    }
    anchor = bench_median(plain, ROUNDS);
    report("round trip, the wire alone", bench_median(wire, ROUNDS), anchor);
    return report("round trip with oracle and row", bench_median(whole, ROUNDS), anchor);
}
