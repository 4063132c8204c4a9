/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a learner do the same again? The second run of a task is in another process, at other
 * addresses, in a later second, with more in its environment; the third in a process whose fresh
 * memory is not 0. */
#include "base/memory.h"
#include "check/shared_object.h"
#include "check/subject.h"

#include <malloc.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 3 };

struct rounds {
    struct sb_trial first[SB_TASKS_MAX];
    size_t n; /* first trials kept */
    size_t at;
    int round;
};

static const char *const differences[ROUNDS] = {
    "",
    "run again a second later, at other addresses",
    "run where fresh memory is not 0 (it reads what it never wrote)",
};

/* Fresh memory that is not 0, on the stack and on the heap. */
static __attribute__((noinline)) void spoil(uint8_t byte)
{
    volatile uint8_t stack[1 << 18];

    for (size_t i = 0; i < sizeof stack; i++)
        stack[i] = byte;
    mallopt(M_PERTURB, (uint8_t)~byte); /* which is what malloc then fills with `byte` */
}

static void later_second(void)
{
    const time_t now = time(NULL);
    const struct timespec nap = { 0, 20000000 };

    while (time(NULL) == now)
        nanosleep(&nap, NULL);
}

static int again(struct sb_subject *s, const struct sb_trial_task *task, void *self)
{
    struct rounds *r = self;
    const struct sb_trial_setup setup = { .task = task,
                                          .isolation = r->round == ROUNDS - 1
                                                           ? (uint32_t)SB_ISOLATION_NONE
                                                           : s->context->isolation };
    struct sb_trial trial;
    uint64_t frame;
    int result;

    if (r->round == ROUNDS - 1)
        spoil(0xa5);
    result = sb_subject_try(s, setup, &trial);
    if (result)
        return result;
    if (r->round == 0) {
        r->first[r->n++] = trial;
        return 0;
    }
    if (!sb_subject_alike(s, &r->first[r->at++], &trial, &frame))
        result = sb_check_fail(s->context,
                               "task %s: %s, message %llu of the conversation was another one; "
                               "draw random numbers from uniform() alone, and let nothing hang on "
                               "time, addresses or uninitialised memory",
                               task->name, differences[r->round], (unsigned long long)frame);
    sb_trial_fini(&trial);
    return result;
}

/* Functions whose last bits differ between two CPUs, or two versions of a library; with an f or an l
 * behind for other types. */
static bool is_listed(const char *name, size_t n)
{
    static const char *const listed[] = {
        "exp",   "exp2",  "exp10", "expm1", "log",  "log2",  "log10",  "log1p",  "pow",    "sin",
        "cos",   "tan",   "asin",  "acos",  "atan", "atan2", "sinh",   "cosh",   "tanh",   "asinh",
        "acosh", "atanh", "cbrt",  "hypot", "erf",  "erfc",  "tgamma", "lgamma", "sincos",
    };

    for (size_t i = 0; i < SB_COUNT(listed); i++)
        if (strlen(listed[i]) == n && memcmp(listed[i], name, n) == 0)
            return true;
    return false;
}

static bool is_inexact(const char *name)
{
    const size_t n = strlen(name);

    return is_listed(name, n) || (n && strchr("fl", name[n - 1]) && is_listed(name, n - 1)) ||
           strncmp(name, "cblas_", 6) == 0 || strncmp(name, "LAPACKE_", 8) == 0 ||
           strncmp(name, "gsl_", 4) == 0;
}

/* It did the same here; would it on another machine? */
static int judge_mathematics(struct sb_subject *s)
{
    struct sb_elf elf;
    int result = sb_elf_read(s->context->path, &elf, &s->diag);

    if (result)
        return result;
    for (size_t i = 0; i < elf.n_undefined && !result; i++)
        if (is_inexact(elf.undefined[i].name))
            result = sb_check_warn(s->context,
                                   "it calls %s(), whose last bits differ between machines; do "
                                   "without, or say SB_NOT_BITWISE in SB_LEARNER(...)",
                                   elf.undefined[i].name);
    sb_elf_fini(&elf);
    return result;
}

int sb_check_determinism(struct sb_check_context *context)
{
    struct sb_subject subject;
    struct rounds r = { .n = 0 };
    char more[2048];
    int result = sb_subject_init(&subject, context, false);

    for (r.round = 0; r.round < ROUNDS && !result; r.round++) {
        r.at = 0;
        result = sb_subject_each(&subject, again, &r);
        if (r.round)
            continue;
        later_second();
        memset(more, 'x', sizeof more - 1); /* the one variable that learners are handed on */
        more[sizeof more - 1] = '\0';
        setenv("OPENBLAS_STATBED_CHECK", more, 1);
    }
    if (!result && !(subject.descriptor->flags & SB_NOT_BITWISE))
        result = judge_mathematics(&subject);
    if (!result)
        result =
            sb_check_ok(context, "%d runs of %zu task%s%s", ROUNDS, r.n, r.n == 1 ? "" : "s",
                        subject.descriptor->flags & SB_NOT_BITWISE ? ", compared by counts" : "");
    for (size_t i = 0; i < r.n; i++)
        sb_trial_fini(&r.first[i]);
    sb_subject_fini(&subject);
    return result;
}
