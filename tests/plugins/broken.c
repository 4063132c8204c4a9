/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner that breaks: `how`, and `where` it does. In its constructor where its file is called
 * "early-HOW.so" (attack.c says how it knows). */
#include <statbed/learner.h>

#include <errno.h>
#include <linux/futex.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile int zero;
/* copies: the host's strings live until run() returns */
static char how[64], where[64];

static void crash(void)
{
    *(volatile int *)(uintptr_t)zero = 1;
}

static void loop(void)
{
    while (!zero)
        continue;
}

static void exit_3(void)
{
    exit(3);
}

/* To the end of its memory, and then not one step further. */
static void hungry(void)
{
    for (;;) {
        char *p = malloc(1 << 20);

        if (!p)
            abort();
        memset(p, 1, 1 << 20);
        if (zero)
            free(p);
    }
}

static int deep(volatile char *above)
{
    volatile char frame[4096];

    frame[0] = above[0];
    return zero ? 0 : deep(frame) + frame[0];
}

static void stack(void)
{
    volatile char c = 1;

    deep(&c);
}

/* Refused behind the second filter: then it is the learner that is left. */
static void close_channel(void)
{
    if (close(3) == 0)
        loop();
}

static void shut_down(void)
{
    if (shutdown(3, SHUT_RDWR) == 0)
        loop();
}

static void put(const void *bytes, size_t n)
{
    if (write(3, bytes, n) != (ssize_t)n)
        abort();
}

static void garbage(void)
{
    put("garbage, garbage, garbage", 25);
}

/* Frames of the protocol that no host would send now; each is a length, a type, a payload. */

static void put_frame(uint32_t type, const void *payload, uint32_t n)
{
    uint8_t frame[256] = { 0 };
    const uint32_t head[2] = { n, type };

    memcpy(frame, head, sizeof head);
    if (n)
        memcpy(frame + sizeof head, payload, n);
    put(frame, sizeof head + n);
}

enum { READY = 3, ASK = 5, ANSWERS = 6, DONE = 7, VALUES = 13, BLOCK = 1024 };

/* Half of a frame, and then silence. */
static void half(void)
{
    const uint32_t head[2] = { 100, ASK };

    put(head, sizeof head);
    loop();
}

/* A frame longer than any may be. */
static void endless(void)
{
    const uint32_t head[2] = { UINT32_MAX, ASK };

    put(head, sizeof head);
    loop();
}

static void ready_again(void)
{
    put_frame(READY, NULL, 0);
    loop();
}

static void answers(void)
{
    static const uint8_t one[8 + 12 + 4] = { 1 };

    put_frame(ANSWERS, one, sizeof one);
    loop();
}

/* Values that nobody asked for. */
static void values(void)
{
    put_frame(VALUES, NULL, 0);
    loop();
}

/* A batch of 2^60 queries in a few bytes. */
static void huge_batch(void)
{
    static const uint8_t n[8 + 24] = { [7] = 16 };

    put_frame(ASK, n, sizeof n);
    loop();
}

static void put_query_of_no_kind(void)
{
    static const uint8_t one[8 + 4 + 8 + 4 + 4] = { 1 };

    put_frame(ASK, one, sizeof one);
}

/* A query behind the host's back, which then finds two frames where it takes one. */
static void ask_twice(void)
{
    put_query_of_no_kind();
}

/* The same, and the reply is read here. */
static void ask_behind(void)
{
    char reply[4096];

    put_query_of_no_kind();
    if (read(3, reply, sizeof reply) <= 0)
        abort();
}

/* The end, from the middle of the run. */
static void done(void)
{
    static const uint8_t nothing[5 * 4] = { 0 };

    put_frame(DONE, nothing, sizeof nothing);
    loop();
}

static const struct {
    const char *how;
    void (*act)(void);
} acts[] = {
    { "crash", crash },         { "abort", abort },           { "exit", exit_3 },
    { "loop", loop },           { "hungry", hungry },         { "stack", stack },
    { "close", close_channel }, { "shutdown", shut_down },    { "garbage", garbage },
    { "half", half },           { "endless", endless },       { "ready", ready_again },
    { "answers", answers },     { "values", values },         { "huge-batch", huge_batch },
    { "ask-twice", ask_twice }, { "ask-behind", ask_behind }, { "done", done },
};

static void act(const char *now)
{
    if (strcmp(now, where) != 0)
        return;
    printf("# %s in %s\n", how, where);
    fflush(stdout);
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (strcmp(acts[i].how, how) == 0)
            acts[i].act();
}

__attribute__((constructor)) static void load(int argc, char **argv)
{
    const char *name = argc == 6 ? strrchr(argv[1], '/') : NULL;

    if (!name || sscanf(name, "/early-%63[a-z-].so", how) != 1)
        return;
    strcpy(where, "constructor");
    act("constructor");
}

static int32_t create(const struct sb_host *h, void **self_out)
{
    *self_out = NULL;
    snprintf(how, sizeof how, "%s", h->param_text(h->self, "how"));
    snprintf(where, sizeof where, "%s", h->param_text(h->self, "where"));
    act("create");
    return 0;
}

/* The board: points lie there, and what is written about them. It is found by the points. */

static bool is_readable(const char *page)
{
    const struct timespec at_once = { 0, 0 };

    return syscall(SYS_futex, page, FUTEX_WAIT_PRIVATE, 0x5eac0deu, &at_once, NULL, 0) == 0 ||
           errno == EAGAIN || errno == ETIMEDOUT;
}

static double *find_board(const struct sb_block *block)
{
    const uintptr_t page = 4096, mib = 1 << 20;
    const uintptr_t here = (uintptr_t)printf & ~(page - 1);

    for (uintptr_t at = here - 256 * mib; at < here + 64 * mib; at += page)
        if (is_readable((const char *)at) && memcmp((const char *)at, block->bits, 512) == 0)
            return (double *)at;
    return NULL;
}

static void fill(double *values, double value)
{
    for (int i = 0; i < 2 * BLOCK; i++) /* two labels */
        values[i] = value;
}

/* Hands values over, as the host would, and changes them, and the points, behind that. */
static void scribble(const struct sb_block *block)
{
    static bool did;
    struct timespec start, now;
    double *board;

    if (did || strcmp(how, "scribble") != 0 || strcmp(where, "callback") != 0)
        return;
    did = true;
    board = find_board(block);
    printf("# board %s\n", board ? "found" : "not found");
    fflush(stdout);
    if (!board)
        return;
    fill(board + BLOCK, 0.25);
    put_frame(VALUES, NULL, 0);
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        fill(board + BLOCK, 1e300);
        fill(board + BLOCK, NAN);
        memset(board, 0x55, BLOCK * sizeof *board);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < 50);
}

static void phi(void *user, const struct sb_block *block, double *out)
{
    (void)user;
    act("callback");
    scribble(block);
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = 0;
}

static int32_t run(const struct sb_host *h, void *self)
{
    double answer;

    (void)self;
    sb_ask1(h, sb_chi_mask(h, 1), &answer);
    act("run");
    if (strcmp(where, "callback") == 0)
        sb_ask_phi(h, phi, NULL, "phi", &answer);
    sb_ask1(h, sb_chi_mask(h, 2), &answer);
    return h->predict_expr(h->self, sb_num(h, 1)) == SB_OK ? 0 : 9;
}

static void destroy(void *self)
{
    (void)self;
    act("destroy");
}

static const struct sb_param params[] = {
    { "how", SB_TEXT, 0, "", NULL, "what to do" },
    { "where", SB_TEXT, 0, "", NULL, "create, run, callback or destroy" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

SB_LEARNER(SB_STAT, 0, "broken", "breaks", "a test", params, create, run, destroy);
