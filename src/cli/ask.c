/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One query from the command line: the oracle set up, asked, and what it said in words. */
#include "cli/ask.h"

#include "query/reason.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const char *default_policy(const struct sb_access_class *access)
{
    return access && access->kind != SB_ACCESS_QUERY ? "fresh" : "exact";
}

static int find_classes(struct sb_asking *a, const struct sb_args *args, struct sb_diag *diag)
{
    const void *oracle = NULL, *policy = NULL;
    const char *given = sb_args_value(args, "policy");
    const int errors[2] = { sb_named_family_find(&a->named, args, args->operands[0], diag),
                            sb_class_find(args, "oracle", sb_args_value(args, "oracle"), &oracle,
                                          diag) };
    int error;

    a->access = oracle;
    error = sb_class_find(args, "policy", given ? given : default_policy(a->access), &policy, diag);
    a->policy = policy;
    return errors[0] ? errors[0] : errors[1] ? errors[1] : error;
}

static int check_oracle(const struct sb_asking *a, struct sb_diag *diag)
{
    if (a->access->kind != SB_ACCESS_EXAMPLES)
        return 0;
    return sb_diag_fail(diag, -EINVAL, "ask: oracle %s answers no queries (%s); name one that does",
                        a->access->name, a->access->summary);
}

/* The oracle section. */
static int parse_oracle(struct sb_asking *a, const struct sb_args *args, struct sb_diag *diag)
{
    static const char *const names[] = {
        "tolerance", "t", "m", "lambda", "rule", "delta", "slack"
    };
    const struct sb_param *const tables[] = { a->access->params, a->policy->params,
                                              sb_oracle_params };
    char *where SB_FREE = sb_printf("oracle %s", a->access->name);
    char *what SB_FREE = sb_printf("oracle %s with policy %s", a->access->name, a->policy->name);
    const struct sb_option_section section = { where, what,           tables, SB_COUNT(tables),
                                               names, SB_COUNT(names) };

    return where && what ? sb_options_values(args, &section, &a->oracle_values, diag) : -ENOMEM;
}

/* --member, else a draw by the seed. */
static int choose_hidden(struct sb_asking *a, const struct sb_args *args,
                         const struct sb_digest *material, struct sb_diag *diag)
{
    const char *member = sb_args_value(args, "member");
    const struct sb_key key = sb_key_derive("secret", material, sizeof *material);

    if (member && a->policy->lazy)
        return sb_diag_fail(diag, -EINVAL,
                            "ask: policy %s hides no member, so leave out --member=%s",
                            a->policy->name, member);
    a->hidden = (struct sb_hidden){ true, sb_random_below(key, 0, a->named.family->n_members) };
    return sb_named_member(args, a->named.family, &a->hidden, diag);
}

static int make_oracle(struct sb_asking *a, const struct sb_digest *material, struct sb_diag *diag)
{
    const struct sb_oracle_setup setup = {
        .access = a->access,
        .policy = a->policy,
        .values = &a->oracle_values,
        .family = a->named.family,
        .public_material = *material,
        .secret_material = *material,
        .budget = 1,
        .sample_budget = UINT64_MAX,
    };

    return sb_oracle_new(&setup, &a->oracle, diag);
}

static int set_up(struct sb_asking *a, const struct sb_args *args, const struct sb_given *given,
                  size_t n_given, struct sb_diag *diag)
{
    const char *seed = sb_args_value(args, "seed");
    const struct sb_digest material = sb_digest_of(seed, strlen(seed));
    uint64_t number;
    int error = find_classes(a, args, diag);

    if (!error)
        error = check_oracle(a, diag);
    if (!error && !sb_parse_u64(seed, &number))
        error = sb_diag_fail(diag, -EINVAL, "ask: --seed=%s is not a whole number", seed);
    if (!error)
        error = sb_named_family_make(&a->named, given, n_given, diag);
    if (!error)
        error = parse_oracle(a, args, diag);
    if (!error)
        error = choose_hidden(a, args, &material, diag);
    if (!error)
        error = make_oracle(a, &material, diag);
    if (error)
        return error;
    sb_oracle_hide(a->oracle, a->hidden);
    a->pool = sb_pool_new(&a->named.family->space);
    return a->pool ? 0 : -ENOMEM;
}

int sb_asking_init(struct sb_asking *asking, const struct sb_args *args,
                   const struct sb_given *given, size_t n_given, struct sb_diag *diag)
{
    const int error = set_up(asking, args, given, n_given, diag);

    return error == -ENOMEM ? sb_diag_fail(diag, error, "out of memory") : error;
}

void sb_asking_fini(struct sb_asking *asking)
{
    sb_pool_free(asking->pool);
    sb_oracle_free(asking->oracle);
    sb_values_fini(&asking->oracle_values);
    sb_named_family_fini(&asking->named);
}

int sb_asking_ask(struct sb_asking *asking, const char *expression, struct sb_asked *out,
                  struct sb_diag *diag)
{
    struct sb_ask ask = { .pool = asking->pool };
    int error;

    asking->expr = ask.expr = sb_expr_parse(asking->pool, expression, diag);
    if (!asking->expr)
        return -EINVAL;
    error = sb_oracle_ask(asking->oracle, &ask, out, diag);
    if (!error && out->status != SB_OK)
        error = sb_diag_fail(diag, -EINVAL, "ask: %s", out->message);
    return error;
}

static void print_number(double v, struct sb_buf *out)
{
    char text[32];

    sb_format_real(v, text);
    sb_buf_puts(out, text);
}

/* Where the answer came from. */
static const char *route(const struct sb_reply *r)
{
    if (r->truth.method == SB_FRESH_EXAMPLES)
        return "the mean over the hidden law's own examples, drawn for this answer";
    if (r->from_null)
        return "the null distribution's value";
    if (!isfinite(r->truth.value)) /* a lazy policy: there is no truth yet */
        return "the value that leaves the most members";
    return r->answer < r->truth.value || r->answer > r->truth.value
               ? "the hidden member's value, moved within the tolerance"
               : "the hidden member's value";
}

static void print_width(const struct sb_reply *r, struct sb_buf *out)
{
    if (isfinite(r->truth.value)) {
        print_number(r->truth.value, out);
        sb_buf_puts(out, " +- ");
    } else {
        sb_buf_puts(out, "every member's value, half-width ");
    }
    print_number(r->truth.half_width, out);
    sb_buf_printf(out, " by %s, %llu samples, %s\n", sb_method_name(r->truth.method),
                  (unsigned long long)r->truth.samples, sb_method_tag(r->truth.method));
}

static void print_certificate(const struct sb_reply *r, struct sb_buf *out)
{
    sb_buf_puts(out, "certificate  ");
    if (r->truth.method == SB_FRESH_EXAMPLES)
        sb_buf_printf(out, "none: %s, whose error is that of sampling\n",
                      sb_method_name(r->truth.method));
    else
        print_width(r, out);
    sb_buf_printf(out, "route        %s\n", route(r));
    if (r->n_eliminated >= 0)
        sb_buf_printf(out, "eliminated   %lld members\n", (long long)r->n_eliminated);
    if (r->n_live >= 0)
        sb_buf_printf(out, "live         %lld members\n", (long long)r->n_live);
}

static void print_range(const struct sb_asking *a, const struct sb_asked *asked, struct sb_buf *out)
{
    const struct sb_interval range = sb_expr_range(a->pool, a->expr);

    sb_buf_puts(out, "range        [");
    print_number(range.lo, out);
    sb_buf_puts(out, ", ");
    print_number(range.hi, out);
    if (asked->clipped)
        sb_buf_printf(out, "], not proven to lie in [%g, %g]: clip(query, %g, %g) was asked\n",
                      a->access->lo, a->access->hi, a->access->lo, a->access->hi);
    else
        sb_buf_puts(out, "], proven\n");
}

/* "x0, x3 to x9, 2 dots", or "no coordinate" */
static void print_coordinates(uint64_t mask, size_t n_dots, struct sb_buf *out)
{
    const char *between = "";

    if (!mask && !n_dots)
        sb_buf_puts(out, "no coordinate");
    for (unsigned j = 0, last; j < 64; j = last + 1) {
        last = j;
        if (!(mask >> j & 1))
            continue;
        while (last < 63 && (mask >> (last + 1) & 1))
            last++;
        if (last < j + 2) /* two are as short as a range */
            last = j;
        sb_buf_printf(out, "%sx%u", between, j);
        if (last > j)
            sb_buf_printf(out, " to x%u", last);
        between = ", ";
    }
    if (n_dots)
        sb_buf_printf(out, "%s%zu dot%s", between, n_dots, n_dots == 1 ? "" : "s");
}

static int print_support(const struct sb_asking *a, struct sb_buf *out)
{
    struct sb_support support = { 0 };
    const int error = sb_expr_support(a->pool, a->expr, &support);

    if (error)
        return error;
    sb_buf_puts(out, "depends on   ");
    if (support.everything)
        sb_buf_puts(out, "all coordinates");
    else
        print_coordinates(support.mask, support.n_dots, out);
    sb_buf_puts(out, support.label ? " and the label\n" : ", not on the label\n");
    sb_support_fini(&support);
    return 0;
}

static int print_hidden(const struct sb_asking *a, struct sb_buf *out)
{
    const unsigned long long member = a->hidden.member, n = a->named.family->n_members;
    char *text SB_FREE = NULL;

    if (a->policy->lazy) {
        sb_buf_printf(out, "hidden       nothing yet: policy %s decides at the end\n",
                      a->policy->name);
        return 0;
    }
    if (!a->hidden.planted) {
        sb_buf_puts(out, "hidden       the null distribution\n");
        return 0;
    }
    text = a->named.family->describe(a->named.family, a->hidden.member);
    if (!text)
        return -ENOMEM;
    sb_buf_printf(out, "hidden       %s (member %llu of %llu)\n", text, member, n);
    return 0;
}

int sb_asking_print(const struct sb_asking *asking, const struct sb_asked *asked,
                    struct sb_buf *out, struct sb_diag *diag)
{
    char digest[65];
    int error;

    sb_buf_puts(out, "answer       ");
    print_number(asked->reply.answer, out);
    sb_buf_printf(out, "\noracle       %s, %s ", asking->access->name,
                  asking->access->kind == SB_ACCESS_FRESH ? "examples" : "tolerance");
    print_number(asked->tolerance, out);
    sb_buf_printf(out, ", policy %s\n", asking->policy->name);
    print_certificate(&asked->reply, out);
    print_range(asking, asked, out);
    error = print_support(asking, out);
    sb_buf_puts(out, "query        ");
    sb_expr_print(asking->pool, asking->expr, NULL, out);
    sb_digest_hex(&asked->digest, digest);
    sb_buf_printf(out, "\ndigest       %.16s\n", digest);
    if (!error)
        error = print_hidden(asking, out);
    return error ? sb_diag_fail(diag, error, "out of memory") : 0;
}
