/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner that does what its parameter `how` says, most of it bad. run() returns 0 where what it
 * tried had the outcome that the interface promises, and another number otherwise. */
#include <statbed/learner.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile int zero;

static int32_t answers(const struct sb_host *h)
{
    const sb_expr e[3] = { sb_y(h), sb_mul(h, sb_y(h), sb_chi_mask(h, 5)), sb_x(h, 1) };
    struct sb_query q[3];
    double u[2], answer[3] = { -1, -1, -1 }, one = -1;
    int32_t status[3];

    memset(q, 0, sizeof q);
    h->uniform(h->self, 2, u);
    for (int i = 0; i < 3; i++)
        q[i].expr = e[i];
    q[2].tolerance = u[1];
    if (h->ask(h->self, q, 3, sizeof *q, answer, status) != SB_OK)
        return 10;
    for (int i = 0; i < 3; i++)
        if (status[i] != SB_OK || answer[i] != (i + 1) / 64.0)
            return 11;
    if (sb_ask1(h, h->parse(h->self, "chi(0, 2)*y"), &one) != SB_OK || one != 4 / 64.0)
        return 12;
    printf("# four answers\n");
    return h->predict_expr(h->self, sb_chi_mask(h, 5)) == SB_OK ? 0 : 13;
}

/* The server answers the second of three with SB_BUDGET. */
static int32_t half(const struct sb_host *h)
{
    const struct sb_query q[3] = { { .expr = sb_y(h) },
                                   { .expr = sb_x(h, 0), .tolerance = 0.5 },
                                   { .expr = sb_y(h) } };
    double answer[3] = { 7, 7, 7 };
    int32_t status[3];

    if (h->ask(h->self, q, 3, sizeof *q, answer, status) != SB_BUDGET)
        return 10;
    if (status[0] != SB_OK || status[1] != SB_BUDGET || status[2] != SB_BUDGET)
        return 11;
    if (answer[1] != 7 || answer[2] != 7)
        return 12;
    return strstr(h->message(h->self), "no more") ? 0 : 13;
}

static int32_t syntax(const struct sb_host *h)
{
    double answer = 7;

    if (h->parse(h->self, "chi(0, 2)*") != 0 || !*h->message(h->self))
        return 10;
    if (sb_ask1(h, sb_x(h, 99), &answer) != SB_SYNTAX || answer != 7)
        return 11;
    return sb_ask1(h, 12345, &answer) == SB_SYNTAX ? 0 : 12;
}

/* A stride that is longer than today's struct sb_query, as a later header would give. */
static int32_t stride(const struct sb_host *h)
{
    struct longer {
        struct sb_query q;
        double later[3];
    } q[2] = { { { .expr = sb_y(h) }, { 1, 2, 3 } }, { { .expr = sb_y(h) }, { 4, 5, 6 } } };
    double answer[2];
    int32_t status[2];

    return h->ask(h->self, &q[0].q, 2, sizeof q[0], answer, status) == SB_OK && answer[1] > 0 ? 0
                                                                                              : 10;
}

static int32_t marks(const struct sb_host *h)
{
    const uint32_t mark = h->mark(h->self);
    const sb_expr e = sb_x(h, 3);
    double answer;

    h->forget(h->self, mark);
    if (sb_ask1(h, e, &answer) != SB_SYNTAX)
        return 10;
    h->forget(h->self, 4000000000u);
    return sb_ask1(h, sb_y(h), &answer) == SB_OK ? 0 : 11;
}

static int32_t large(const struct sb_host *h)
{
    enum { N = 3000000 };
    struct sb_query *q = calloc(N, sizeof *q);
    double *answer = calloc(N, sizeof *answer);
    int32_t *status = calloc(N, sizeof *status), got;

    if (!q || !answer || !status)
        return 10;
    for (int i = 0; i < N; i++)
        q[i].expr = sb_chi_mask(h, 7);
    got = h->ask(h->self, q, N, sizeof *q, answer, status);
    for (int i = 0; i < N; i++)
        if (status[i] != SB_SYNTAX || answer[i] != 0)
            return 12;
    free(q);
    free(answer);
    free(status);
    return got == SB_SYNTAX && *h->message(h->self) ? 0 : 11;
}

static int32_t unfit(const struct sb_host *h)
{
    const double v = 1;

    if (h->verdict(h->self, 1) != SB_REFUSED || h->recovered(h->self, &v, 1) != SB_REFUSED)
        return 10;
    if (h->predict_expr(h->self, sb_y(h)) != SB_SYNTAX)
        return 11;
    return h->predict_expr(h->self, 0) == SB_SYNTAX ? 0 : 12;
}

/* Public vectors by name, and nothing where there is none of it; a parameter that is a vector is one. */
static int32_t vectors(const struct sb_host *h)
{
    uint64_t n = 77;
    const double *v;

    if (!SB_HAS(h, family_vector))
        return 10;
    v = h->family_vector(h->self, "angles", &n);
    if (n != 3 || v[0] != 0.25 || v[2] != -4)
        return 11;
    v = h->family_vector(h->self, "empty", &n);
    if (!v || n != 0)
        return 12;
    v = h->family_vector(h->self, "corner", &n);
    if (n != 2 || v[1] != 5)
        return 13;
    n = 77;
    v = h->family_vector(h->self, "angle", &n);
    if (v || n != 0 || h->family_vector(h->self, "rate", NULL))
        return 14;
    return h->family_vector(h->self, "angles", NULL)[1] == 8 ? 0 : 15;
}

static int32_t facts(const struct sb_host *h)
{
    const struct sb_facts *f = h->facts(h->self);
    uint64_t n = 0;
    const double *v = h->param_vector(h->self, "vector", &n);

    if (f->struct_size < sizeof *f || f->dim != 8 || f->n_labels != 2 || f->label_set[0] != -1.0 ||
        strcmp(f->family, "parity") != 0)
        return 10;
    if (h->tolerance(h->self, 0) != 0.125 || h->tolerance(h->self, SB_STAT) != 0.125 ||
        !isnan(h->tolerance(h->self, SB_VSTAT)))
        return 11;
    if (n != 3 || v[2] != 0.5 || h->param_int(h->self, "count") != 7 ||
        h->param_real(h->self, "rate") != 0.25 || h->param_int(h->self, "flag") != 1)
        return 12;
    return 0;
}

static int32_t undeclared(const struct sb_host *h)
{
    double answer;

    if (strcmp(h->param_text(h->self, "nonesuch"), "") != 0)
        return 10;
    return sb_ask1(h, sb_y(h), &answer) == SB_STOP ? 0 : 11;
}

static int32_t wrong_type(const struct sb_host *h)
{
    h->param_int(h->self, "rate");
    return 0;
}

static int32_t no_queries(const struct sb_host *h)
{
    double answer;
    int32_t status;

    if (h->ask(h->self, NULL, 0, 0, NULL, NULL) != SB_OK)
        return 10;
    return h->ask(h->self, NULL, 1, sizeof(struct sb_query), &answer, &status);
}

static int32_t short_stride(const struct sb_host *h)
{
    const struct sb_query q = { .expr = sb_y(h) };
    double answer;
    int32_t status;

    return h->ask(h->self, &q, 1, 4, &answer, &status);
}

static int32_t returns_5(const struct sb_host *h)
{
    (void)h;
    return 5;
}

/* Bad ends. */

static int32_t crash(const struct sb_host *h)
{
    (void)h;
    printf("last words\n");
    *(volatile int *)(uintptr_t)zero = 1;
    return 10;
}

static int32_t loop(const struct sb_host *h)
{
    (void)h;
    while (!zero)
        continue;
    return 10;
}

static int32_t exit_3(const struct sb_host *h)
{
    (void)h;
    exit(3);
}

static int32_t abort_now(const struct sb_host *h)
{
    (void)h;
    abort();
}

static int32_t killed(const struct sb_host *h)
{
    (void)h;
    raise(SIGKILL);
    return 10;
}

static int32_t hungry(const struct sb_host *h)
{
    (void)h;
    for (;;) {
        char *p = malloc(1 << 20);

        memset(p, 1, 1 << 20); /* NULL one day */
        if (zero)
            return 10;
    }
}

static int depth(volatile char *above)
{
    volatile char frame[4096];

    frame[0] = above[0];
    return zero ? 0 : depth(frame) + frame[0];
}

static int32_t stack(const struct sb_host *h)
{
    volatile char c = 1;

    (void)h;
    return depth(&c);
}

static int32_t flood(const struct sb_host *h)
{
    (void)h;
    for (int i = 0; i < 100000; i++)
        printf("0123456789 0123456789 0123456789\n");
    return 0;
}

static int32_t garbage(const struct sb_host *h)
{
    double answer;

    if (write(3, "garbage, garbage", 16) != 16)
        return 10;
    return sb_ask1(h, sb_y(h), &answer);
}

static int32_t drip(const struct sb_host *h)
{
    (void)h;
    for (;;)
        if (write(3, "\0", 1) != 1) /* zero bytes: a frame of no type */
            return 10;
}

/* What the second filter refuses. */

static int32_t refused(long got)
{
    return got == -1 && errno == EPERM ? 0 : 20;
}

static void *thread(void *p)
{
    return p;
}

static int32_t confined(const struct sb_host *h)
{
    const size_t page = 4096;
    static uint32_t word;
    pthread_t id;
    char byte;

    (void)h;
    errno = 0;
    if (refused(fork()))
        return 21;
    if (pthread_create(&id, NULL, thread, NULL) == 0)
        return 22;
    if (refused(open("/etc/passwd", O_RDONLY)) || refused(open("/proc/self/mem", O_RDONLY)))
        return 23;
    if (refused(socket(AF_INET, SOCK_STREAM, 0)))
        return 24;
    if (refused(read(1, &byte, 1)) || refused(pread(1, &byte, 1, 0)) || refused(read(0, &byte, 1)))
        return 25;
    if (mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
        return 26;
    if (mmap(NULL, page, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
        return 27;
    if (mmap(NULL, page, PROT_READ, MAP_PRIVATE, 1, 0) != MAP_FAILED)
        return 28;
    if (mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1,
             0) != MAP_FAILED)
        return 33;
    if (refused(syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0)))
        return 29;
    if (refused(kill(1, 0)) || refused(syscall(SYS_getppid)) || refused(dup(3)))
        return 30;
    if (refused(syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0)))
        return 31;
    return refused(mprotect(&word, 1, PROT_READ)) ? 32 : 0;
}

/* Memory that is only read is no data, but its page tables are the machine's memory. */
static int32_t reserve(const struct sb_host *h)
{
    const size_t large = (size_t)1 << 40;

    (void)h;
    if (mmap(NULL, large, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
        return 10;
    return errno == ENOMEM ? 0 : 11;
}

static int by_value(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

/* What it must still be able to do: memory, qsort, printf. */
static int32_t ordinary(const struct sb_host *h)
{
    enum { N = 1 << 20 };
    int *v = malloc(N * sizeof *v);

    (void)h;
    if (!v)
        return 10;
    for (int i = 0; i < N; i++)
        v[i] = (int)((uint32_t)i * 2654435761u >> 2);
    qsort(v, N, sizeof *v, by_value);
    for (int i = 1; i < N; i++)
        if (v[i - 1] > v[i])
            return 11;
    free(v);
    fprintf(stderr, "to stderr %d\n", 1);
    printf("unfinished");
    return 0;
}

static const struct {
    const char *how;
    int32_t (*run)(const struct sb_host *h);
} table[] = {
    { "answers", answers },
    { "half", half },
    { "syntax", syntax },
    { "stride", stride },
    { "marks", marks },
    { "large", large },
    { "unfit", unfit },
    { "facts", facts },
    { "vectors", vectors },
    { "undeclared", undeclared },
    { "wrong-type", wrong_type },
    { "no-queries", no_queries },
    { "short-stride", short_stride },
    { "returns-5", returns_5 },
    { "crash", crash },
    { "loop", loop },
    { "exit-3", exit_3 },
    { "killed", killed },
    { "abort", abort_now },
    { "hungry", hungry },
    { "stack", stack },
    { "flood", flood },
    { "garbage", garbage },
    { "drip", drip },
    { "confined", confined },
    { "reserve", reserve },
    { "ordinary", ordinary },
};

static int32_t create(const struct sb_host *h, void **self_out)
{
    const char *how = h->param_text(h->self, "how");
    double answer = 0;

    *self_out = NULL;
    if (strcmp(how, "create-3") == 0)
        return 3;
    if (strcmp(how, "early") == 0)
        return sb_ask1(h, 1, &answer) == SB_STOP ? 0 : 9;
    return 0;
}

static int32_t run(const struct sb_host *h, void *self)
{
    const char *how = h->param_text(h->self, "how");

    (void)self;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].how, how) == 0)
            return table[i].run(h);
    return 99;
}

static const struct sb_param params[] = {
    { "how", SB_TEXT, 0, NULL, NULL, "what to do" },
    { "count", SB_INT, 0, "7", "[1,63]", "an integer" },
    { "rate", SB_REAL, 0, "0.25", "[0,1]", "a real number" },
    { "flag", SB_BOOL, 0, "true", NULL, "a truth value" },
    { "vector", SB_VECTOR, 0, "1, 2, 0.5", NULL, "some numbers" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

SB_LEARNER(SB_STAT | SB_VSTAT, 0, "behave", "does what it is told", "a test", params, create, run,
           NULL);
