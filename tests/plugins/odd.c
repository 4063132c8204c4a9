/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plugins whose descriptor is odd in one way; ODD names it. */
#include <statbed/learner.h>

#define NEWER 1 /* nothing wrong: a longer descriptor and longer parameters */
#define MAJOR 2
#define TOO_OLD 3
#define NO_SYMBOL 4
#define NO_NAME 5
#define NO_RUN 6
#define BAD_TYPE 7
#define TWICE 8
#define BAD_DEFAULT 9
#define BAD_NAME 10

__attribute__((unused)) static int32_t run(const struct sb_host *h, void *self)
{
    (void)self;
    return h->param_int(h->self, "second") == 22 ? 0 : 1;
}

/* A parameter as a later minor version would have it. */
struct longer_param {
    struct sb_param now;
    double later[2];
};
static const struct longer_param params[] = {
    { { "first", SB_INT, 0, "11", NULL, "one" }, { 1, 2 } },
    { { "second", SB_INT, 0, "22", NULL, "two" }, { 3, 4 } },
#if ODD == BAD_TYPE
    { { "third", 77, 0, "1", NULL, "three" }, { 0, 0 } },
#elif ODD == TWICE
    { { "first", SB_INT, 0, "1", NULL, "three" }, { 0, 0 } },
#elif ODD == BAD_DEFAULT
    { { "third", SB_INT, 0, "100", "[1,63]", "three" }, { 0, 0 } },
#elif ODD == BAD_NAME
    { { "Third one", SB_INT, 0, "1", NULL, "three" }, { 0, 0 } },
#endif
    { { NULL, 0, 0, NULL, NULL, NULL }, { 0, 0 } },
};

/* A descriptor as a later minor version would have it. */
struct longer_learner {
    struct sb_learner now;
    void (*later[4])(void);
};
#define HEAD(major, size) major, 7, (uint32_t)(size), (uint32_t)sizeof *params
#define REST(name, run)                                                                            \
    SB_STAT, 0, name, "odd in one way", "a test", &params[0].now, NULL, run, NULL
#define SIZE sizeof(struct longer_learner)

#if ODD == NO_SYMBOL
SB_EXPORT const struct longer_learner statbed_learner_by_another_name;
const struct longer_learner statbed_learner_by_another_name = {
#else
SB_EXPORT const struct longer_learner statbed_learner;
const struct longer_learner statbed_learner = {
#endif
#if ODD == MAJOR
    { HEAD(2, SIZE), REST("odd", run) },
#elif ODD == TOO_OLD
    { HEAD(1, 64), REST("odd", run) },
#elif ODD == NO_NAME
{ HEAD(1, SIZE), REST("", run) },
#elif ODD == NO_RUN
{ HEAD(1, SIZE), REST("odd", NULL) },
#else
{ HEAD(1, SIZE), REST("odd", run) },
#endif
    { NULL, NULL, NULL, NULL }
};
