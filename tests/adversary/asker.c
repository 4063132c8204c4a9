/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner that asks what its parameters say, for tests/adversary: `items` and `returns` are lists
 * separated by ';', of expressions, and of callbacks written "#K"; "@T" behind one asks for tolerance T. What
 * it asks next, and what it returns, hang on which answers so far lie above `threshold`:
 *
 *     s = 0; i = 0, 1, ..., count - 1: asks item (i + s) mod n, s = (2 s + [answer > threshold]) mod 61
 *     returns number s mod (their number)
 *
 * A return is an expression or callback (goal predict), numbers separated by ',' (recover), 0 or 1
 * (distinguish), or "none": nothing is returned. Callback K is, of the words z = splitmix64(K 2^32 + 2 bits + [y is the upper label]):
 *     K mod 3 = 0: (z mod 3) - 1      K mod 3 = 1: 2 (z / 2^11) / 2^53 - 1      K mod 3 = 2: 1 - 2 (z mod 2)
 * scaled to [lo, 1], lo = 0 or -1. A predictor is given no label: the lower one is taken. */
#include <statbed/learner.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct item {
    sb_expr expr; /* 0: callback number k */
    uint64_t k;
    char name[24];
    double lo, upper_label, tolerance;
};

static uint64_t mixed(uint64_t z)
{
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void phi(void *user, const struct sb_block *block, double *out)
{
    const struct item *item = user;

    for (uint64_t i = 0; i < block->n; i++) {
        const uint64_t upper = block->y ? block->y[i] == item->upper_label : 0;
        const uint64_t z = mixed((item->k << 32) + 2 * block->bits[i] + upper);
        const double v = item->k % 3 == 0   ? (double)(z % 3) - 1
                         : item->k % 3 == 1 ? 2 * ((double)(z >> 11) * 0x1p-53) - 1
                                            : 1 - 2 * (double)(z % 2);

        out[i] = item->lo < 0 ? v : (v + 1) / 2;
    }
}

/* Item number i of the list. */
static int item_of(const struct sb_host *h, const char *list, uint64_t i, struct item *out)
{
    char text[8192];
    size_t n;

    for (; i; i--)
        list = strchr(list, ';') + 1;
    n = strcspn(list, ";");
    if (n >= sizeof text)
        return 0;
    memcpy(text, list, n);
    text[n] = 0;
    memset(out, 0, sizeof *out);
    out->tolerance = strchr(text, '@') ? strtod(strchr(text, '@') + 1, NULL) : 0;
    text[strcspn(text, "@")] = 0;
    out->lo = h->param_real(h->self, "lo");
    out->upper_label = h->facts(h->self)->label_set[1];
    if (text[0] != '#') {
        out->expr = h->parse(h->self, text);
        return out->expr != 0;
    }
    out->k = strtoull(text + 1, NULL, 10);
    snprintf(out->name, sizeof out->name, "K%llu", (unsigned long long)out->k);
    return 1;
}

static uint64_t length(const char *list)
{
    uint64_t n = 1;

    for (; *list; list++)
        n += *list == ';';
    return n;
}

static int32_t give(const struct sb_host *h, uint64_t s)
{
    static struct item item; /* a predictor is called after run() */
    const char *list = h->param_text(h->self, "returns");
    double value[64];
    uint64_t n = 0;

    s %= length(list);
    if (h->facts(h->self)->goal == SB_PREDICT) {
        if (!item_of(h, list, s, &item))
            return strcmp(h->message(h->self), "") ? SB_SYNTAX : 0;
        return item.expr ? h->predict_expr(h->self, item.expr) : h->predict(h->self, phi, &item);
    }
    for (; s; s--)
        list = strchr(list, ';') + 1;
    if (strncmp(list, "none", 4) == 0)
        return 0;
    for (char *end; n < 64; list = end + 1) {
        value[n++] = strtod(list, &end);
        if (*end != ',')
            break;
    }
    return h->facts(h->self)->goal == SB_DISTINGUISH ? h->verdict(h->self, value[0] > 0)
                                                     : h->recovered(h->self, value, n);
}

static int32_t ask(const struct sb_host *h, struct item *item, double *answer_out)
{
    struct sb_query q;
    int32_t status = SB_STOP;

    memset(&q, 0, sizeof q);
    q.expr = item->expr;
    q.tolerance = item->tolerance;
    if (!item->expr) {
        q.phi = phi;
        q.user = item;
        q.name = item->name;
    }
    return h->ask(h->self, &q, 1, sizeof q, answer_out, &status);
}

static int32_t run(const struct sb_host *h, void *self)
{
    const char *list = h->param_text(h->self, "items");
    const uint64_t n = length(list), count = (uint64_t)h->param_int(h->self, "count");
    uint64_t s = 0;

    (void)self;
    for (uint64_t i = 0; i < count; i++) {
        const uint32_t mark = h->mark(h->self);
        struct item item;
        double answer = 0;
        int32_t status;

        if (!item_of(h, list, (i + s) % n, &item))
            return SB_SYNTAX;
        status = ask(h, &item, &answer);
        if (status < 0)
            return status;
        if (status == SB_BUDGET)
            break;
        h->forget(h->self, mark);
        s = (2 * s + (status == SB_OK && answer > h->param_real(h->self, "threshold"))) % 61;
    }
    return give(h, s);
}

static const struct sb_param params[] = {
    { "items", SB_TEXT, 0, NULL, NULL, "queries, separated by ;" },
    { "returns", SB_TEXT, 0, "none", NULL, "what may be returned, separated by ;" },
    { "count", SB_INT, 0, "8", "[0,100000]", "how many queries are asked" },
    { "threshold", SB_REAL, 0, "0.0123456789", NULL, "of answers" },
    { "lo", SB_REAL, 0, "-1", "[-1,0]", "least value of callbacks" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

SB_LEARNER(SB_STAT | SB_VSTAT | SB_CSQ, 0, "asker", "asks what its parameters say", "a test",
           params, NULL, run, NULL);
