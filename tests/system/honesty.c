/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Success rates and query counts against the bound, from the database alone. */
#include "honesty.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

/* One run as the bound sees it. */
struct line {
    double members, tolerance, at_tolerance, noise, stored_ub;
    int64_t answered, budget;
    bool decision, applies;
    const char *rule, *bound;
};

static const char rate_sql[] =
    "SELECT r.label, count(*), sum(r.success), count(r.success), max(r.n_answered), "
    "r.budget_queries, r.log2_members, r.rule, min(b.at_tolerance), "
    "json_extract(r.family_params, '$.noise'), r.goal = 'distinguish', max(b.at_tolerance) "
    "FROM run r JOIN bound b ON b.run = r.id AND b.name = 'spectral' AND b.applies "
    "GROUP BY r.label";

/* [theorems.md C2, C3]: members that one query rules out at most, with K = (1 - 2 noise)^2 I. */
static double kill(const char *rule, double at_tolerance, double noise)
{
    const double c = (1 - 2 * noise) * (1 - 2 * noise), t = at_tolerance;

    if (strcmp(rule, "stat") == 0)
        return c / (t * t);
    return strcmp(rule, "bernoulli") == 0 ? 3 * t * c : c * t * t / 4;
}

/* One hypothesis is right for one member. */
static double success_ub(double members, double queries, double killed, bool decision)
{
    const double ub =
        decision ? 0.5 + queries * killed / (2 * members) : (queries * killed + 1) / members;

    return ub < 1 ? ub : 1;
}

static void read_point(sqlite3_stmt *stmt, struct honesty_point *out)
{
    const char *rule = (const char *)sqlite3_column_text(stmt, 7);
    const double least = sqlite3_column_double(stmt, 8), most = sqlite3_column_double(stmt, 11);
    const double noise = sqlite3_column_double(stmt, 9);
    const double members = exp2(sqlite3_column_double(stmt, 6));
    /* the coarsest bound of its runs: the least tau, the largest t */
    const double killed = kill(rule, strcmp(rule, "stat") == 0 ? least : most, noise);

    snprintf(out->label, sizeof out->label, "%s", (const char *)sqlite3_column_text(stmt, 0));
    out->n_runs = sqlite3_column_int64(stmt, 1);
    out->n_success = sqlite3_column_int64(stmt, 2);
    out->success_ub = success_ub(members, sqlite3_column_double(stmt, 5), killed,
                                 sqlite3_column_int(stmt, 10) != 0);
    out->tail = 1;
    if (out->n_success > 0 && out->success_ub < 1)
        out->tail = gsl_cdf_binomial_Q((unsigned)out->n_success - 1, out->success_ub,
                                       (unsigned)out->n_runs);
}

size_t honesty_rates(struct sb_store *store, struct honesty_point *worst_out)
{
    sqlite3_stmt *stmt = harness_select(store, rate_sql);
    size_t n = 0;

    *worst_out = (struct honesty_point){ .tail = 2 };
    for (; sqlite3_step(stmt) == SQLITE_ROW; n++) {
        struct honesty_point point;

        read_point(stmt, &point);
        if (point.tail < worst_out->tail)
            *worst_out = point;
    }
    sqlite3_finalize(stmt);
    return n;
}

static const char played_sql[] =
    "SELECT r.success, r.n_answered, r.log2_members, r.rule, p.at_tolerance, "
    "json_extract(r.family_params, '$.noise'), e.success_ub, p.success_ub FROM run r "
    "JOIN bound p ON p.run = r.id AND p.name = 'spectral' AND p.applies "
    "JOIN bound e ON e.run = r.id AND e.name = 'played' "
    "WHERE r.policy = 'eliminate' AND r.oracle_params LIKE '%worst%' AND r.goal <> 'distinguish'";

/* What one run violates, or NULL. */
static const char *violated(sqlite3_stmt *stmt)
{
    const bool success = sqlite3_column_int(stmt, 0) == 1;
    const double asked = sqlite3_column_double(stmt, 1), played = sqlite3_column_double(stmt, 6);
    const double members = exp2(sqlite3_column_double(stmt, 2));
    const double killed = kill((const char *)sqlite3_column_text(stmt, 3),
                               sqlite3_column_double(stmt, 4), sqlite3_column_double(stmt, 5));
    const double ub = success_ub(members, asked, killed, false);

    if (success && asked * killed * (1 + 1e-9) < members - 1)
        return "succeeded with fewer queries than the bound";
    if (success != (played == 1))
        return success ? "succeeded, and its certificate says not on all members"
                       : "failed, and its certificate says that it may succeed everywhere";
    if (played > ub * (1 + 1e-9))
        return "its certificate is above the bound";
    if (fabs(sqlite3_column_double(stmt, 7) - ub) > 1e-9 * ub)
        return "its stored bound is another";
    return NULL;
}

size_t honesty_played(struct sb_store *store, size_t *n_succeeded_out)
{
    sqlite3_stmt *stmt = harness_select(store, played_sql);
    size_t n_violated = 0;

    *n_succeeded_out = 0;
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *what = violated(stmt);

        *n_succeeded_out += sqlite3_column_int(stmt, 0) == 1;
        n_violated += what != NULL;
        if (what && n_violated <= 3)
            print_message("# %s: %s queries, log2 N = %s, at %s\n", what,
                          (const char *)sqlite3_column_text(stmt, 1),
                          (const char *)sqlite3_column_text(stmt, 2),
                          (const char *)sqlite3_column_text(stmt, 4));
    }
    sqlite3_finalize(stmt);
    return n_violated;
}

static const char chain_sql[] =
    "SELECT r.id, r.n_answered, r.log2_members, r.n_live, r.n_right, r.max_dropped, "
    "r.goal = 'distinguish', q.lost, q.most, p.success_ub, p.log2_queries, p.success_at_zero, "
    "p.success_per_query, s.success_ub, s.log2_queries, s.success_per_query, "
    "p.success_probability, "
    "r.policy = 'eliminate', r.hypothesis FROM run r "
    "JOIN bound p ON p.run = r.id AND p.name = 'played' AND p.applies "
    "JOIN bound s ON s.run = r.id AND s.name = 'spectral' AND s.applies "
    "JOIN (SELECT run, sum(dropped) AS lost, max(dropped) AS most FROM query GROUP BY run) q "
    "  ON q.run = r.id";

/* NaN: NULL */
static double real(sqlite3_stmt *stmt, int i)
{
    return sqlite3_column_type(stmt, i) == SQLITE_NULL ? NAN : sqlite3_column_double(stmt, i);
}

/* On how much of the prior nothing is shown: members dropped, survivors that what was returned is right
 * on, and the null where the verdict is that it is hidden. */
static double open_share(sqlite3_stmt *stmt, double members, double live)
{
    const char *said = (const char *)sqlite3_column_text(stmt, 18);
    const bool null = said && strcmp(said, "null") == 0;
    const bool planted = said && strcmp(said, "planted") == 0;

    if (!sqlite3_column_int(stmt, 6))
        return (members - live + real(stmt, 4)) / members;
    return (members - live + (planted ? live : 0) + (null ? members : 0)) / (2 * members);
}

static const char *miscounted(sqlite3_stmt *stmt)
{
    const bool of_live = sqlite3_column_int(stmt, 17);
    const double members = round(exp2(real(stmt, 2))), lost = real(stmt, 7);
    const double live = real(stmt, 3) - sqlite3_column_int(stmt, 6); /* the null survives */

    if (real(stmt, 5) != real(stmt, 8))
        return "kappa is not the most that a query dropped";
    if (of_live ? members - live != lost : members - live > lost)
        return "members are gone that no query dropped";
    if (fabs(real(stmt, 9) - open_share(stmt, members, live)) > 1e-9)
        return "its share is not that of the dropped and of those it is right on";
    return NULL;
}

static const char *unchained(sqlite3_stmt *stmt)
{
    const double members = round(exp2(real(stmt, 2))), half = 1 + sqlite3_column_int(stmt, 6);
    const double asked = real(stmt, 1), kappa = real(stmt, 5);

    if (kappa > real(stmt, 15) * half * members * (1 + 1e-9))
        return "a query dropped more members than any can";
    if (real(stmt, 9) > fmin(1, real(stmt, 11) + asked * real(stmt, 12)) * (1 + 1e-9))
        return "its share is above its own line";
    if (real(stmt, 9) > real(stmt, 13) * (1 + 1e-9))
        return "its share is above what is proven";
    if (real(stmt, 10) < real(stmt, 14))
        return "it plays out less than is proven";
    if (real(stmt, 4) == real(stmt, 3) && asked < exp2(real(stmt, 10)))
        return "it was right on every survivor, and asked less than it plays out";
    return NULL;
}

size_t honesty_chains(struct sb_store *store, struct honesty_chain *out)
{
    sqlite3_stmt *stmt = harness_select(store, chain_sql);
    size_t n_violated = 0;

    *out = (struct honesty_chain){ 0 };
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *what = miscounted(stmt);

        what = what ? what : unchained(stmt);
        out->n_runs++;
        out->n_right += real(stmt, 4) == real(stmt, 3);
        n_violated += what != NULL;
        if (what && n_violated <= 5)
            print_message("# run %s: %s\n", (const char *)sqlite3_column_text(stmt, 0), what);
    }
    sqlite3_finalize(stmt);
    return n_violated;
}
