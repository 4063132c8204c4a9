/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The views of success, against tolerance and against queries, compared with loops over the runs
 * that they count. */
#include "unit.h"

#include "store/store.h"
#include "store/table.h"

#include <math.h>

enum { POINTS = 5, RUNS = 14, QUERIES = 9 };

/* What is drawn of a run. tolerance NaN: the oracle has none. */
struct drawn {
    double tolerance;
    uint64_t answered;
    int success; /* -1: not decided */
    bool counts; /* has ended, and is not stale */
    bool bounded, applies;
    double at_zero, per_query;
};

static const double tolerances[POINTS] = { 0.5, 0.125, 3e-7, NAN, 0.25 };

static uint64_t state;

/* The next of a fixed sequence, below n [Steele, Lea, Flood 14: SplitMix]. */
static unsigned below(unsigned n)
{
    uint64_t z = state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (unsigned)((z ^ z >> 31) % n);
}

/* Of point 4 some runs have no bound, of point 2 none is decided. */
static struct drawn draw(int point)
{
    struct drawn d = { .tolerance = tolerances[point] };

    d.answered = below(QUERIES) * below(3);
    d.success = point == 2 ? -1 : (int)below(4) - 1;
    d.success = d.success > 1 ? 1 : d.success;
    d.counts = below(6) != 0;
    d.bounded = point != 4 || below(3);
    d.applies = below(10) != 0;
    d.at_zero = 0.001 * below(40);
    d.per_query = point == 1 ? 1e-6 * below(50) : 0.01 * below(12);
    return d;
}

static double line(const struct drawn *d, uint64_t queries)
{
    const double p = d->at_zero + (double)queries * d->per_query;

    return p < 1 ? p : 1;
}

static void add_bounds(struct sb_store *store, int64_t id, const struct drawn *d)
{
    struct sb_store_bound bound = { .name = "spectral",
                                    .applies = d->applies,
                                    .log2_queries = 5,
                                    .success_ub = d->applies ? line(d, d->answered) : NAN,
                                    .success_at_zero = d->applies ? d->at_zero : NAN,
                                    .success_per_query = d->applies ? d->per_query : NAN };

    if (d->bounded)
        assert_int_equal(sb_store_bound(store, id, &bound, NULL), 0);
    bound.log2_queries = 4; /* a weaker one, and one of this learner alone: neither is shown */
    bound.success_ub = bound.success_at_zero = bound.success_per_query = 1;
    if (d->bounded)
        assert_int_equal(sb_store_bound(store, id, &bound, NULL), 0);
    bound.name = "played";
    assert_int_equal(sb_store_bound(store, id, &bound, NULL), 0);
}

static void add_run(struct sb_store *store, const struct drawn *d, int64_t experiment, int cell)
{
    char label[64] = "grant=none";
    struct sb_store_run run = { .experiment = experiment,
                                .repeat = 1,
                                .label = label,
                                .family = "parity",
                                .family_params = "{}",
                                .dimension = 6,
                                .oracle = isnan(d->tolerance) ? "sample" : "stat",
                                .rule = isnan(d->tolerance) ? NULL : "stat",
                                .policy = "reference",
                                .oracle_params = label,
                                .tolerance = d->tolerance,
                                .grants = "",
                                .learner = "bent",
                                .learner_params = "{}",
                                .goal = "predict",
                                .goal_params = "{}",
                                .success_wanted = 0.66,
                                .cell_key = sb_digest_of(&cell, sizeof cell) };
    const struct sb_store_end end = { .status = d->counts || below(2) ? "finished" : "interrupted",
                                      .n_answered = d->answered,
                                      .success = d->success,
                                      .loss = NAN };
    char *stale;
    int64_t id;

    if (!isnan(d->tolerance))
        snprintf(label, sizeof label, "oracle.tolerance=%.15g family.sparsity=2", d->tolerance);
    assert_int_equal(sb_store_run_begin(store, &run, &id, NULL), 0);
    add_bounds(store, id, d);
    assert_int_equal(sb_store_run_end(store, id, &end, NULL), 0);
    stale = sb_printf("UPDATE run SET stale = status = 'finished' WHERE id = %lld", (long long)id);
    if (!d->counts)
        assert_int_equal(sqlite3_exec(sb_store_handle(store), stale, NULL, NULL, NULL), 0);
    free(stale);
}

/* The points' runs lie among each other, as they do where a cell is done again. */
static struct sb_store *filled(struct drawn runs[POINTS][RUNS])
{
    const struct sb_store_experiment e = { .name = "e", .yaml = "" };
    struct sb_store *store = NULL;
    int64_t experiment;

    assert_int_equal(sb_store_open(NULL, SB_STORE_MEMORY, &store, NULL), 0);
    assert_int_equal(sb_store_experiment(store, &e, &experiment, NULL), 0);
    for (int k = 0; k < RUNS; k++)
        for (int point = 0; point < POINTS; point++) {
            runs[point][k] = draw(point);
            runs[point][k].counts |= k == 0; /* orders the points, below */
            add_run(store, &runs[point][k], experiment, k * POINTS + point);
        }
    return store;
}

static sqlite3_stmt *rows(struct sb_store *store, const char *select)
{
    sqlite3_stmt *stmt = NULL;

    assert_int_equal(sqlite3_prepare_v2(sb_store_handle(store), select, -1, &stmt, NULL),
                     SQLITE_OK);
    return stmt;
}

/* A column that is v to within half a unit of `places`, or of four digits; NaN: NULL. */
static void column_is(sqlite3_stmt *stmt, int i, double v, double places)
{
    if (isnan(v)) {
        assert_int_equal(sqlite3_column_type(stmt, i), SQLITE_NULL);
        return;
    }
    assert_int_not_equal(sqlite3_column_type(stmt, i), SQLITE_NULL);
    assert_near(sqlite3_column_double(stmt, i), v, v < 0.1 ? 5.001e-4 * v + places : 0.51 * places);
}

struct counted {
    int runs, decided, won, applies; /* applies -1: no bound at all */
    double p_max;
};

/* What a point's runs say: successes with at most `queries`, and the bound at so many. */
static struct counted count(const struct drawn *runs, uint64_t queries)
{
    struct counted c = { .applies = -1 };
    double base = 0, slope = 0;
    bool all = true;

    for (int k = 0; k < RUNS; k++) {
        const struct drawn *d = &runs[k];

        if (!d->counts)
            continue;
        c.runs++;
        c.decided += d->success >= 0;
        c.won += d->success == 1 && d->answered <= queries;
        if (d->bounded)
            c.applies = c.applies ? d->applies : 0;
        all = all && d->bounded && d->applies;
        base = fmax(base, d->at_zero);
        slope = fmax(slope, d->per_query);
    }
    c.p_max = all ? fmin(1, base + (double)queries * slope) : NAN;
    return c;
}

/* The ends of the interval solve (p - x)^2 = z^2 x (1 - x) / n [Wilson 27]. */
static void interval_is_wilsons(sqlite3_stmt *stmt, int lo, double p, int n)
{
    const double zz = 1.959964 * 1.959964, a = 1 + zz / n, b = -(2 * p + zz / n);
    const double root = sqrt(fmax(b * b - 4 * a * p * p, 0));

    assert_near(sqlite3_column_double(stmt, lo), (-b - root) / (2 * a), 0.00051);
    assert_near(sqlite3_column_double(stmt, lo + 1), (-b + root) / (2 * a), 0.00051);
}

static void rate_is(sqlite3_stmt *stmt, int first, const struct counted *c)
{
    assert_int_equal(sqlite3_column_int(stmt, first), c->runs);
    assert_int_equal(sqlite3_column_int(stmt, first + 1), c->won);
    column_is(stmt, first + 2, c->decided ? (double)c->won / c->decided : NAN, 0.001);
    column_is(stmt, first + 5, c->p_max, 1e-12);
    assert_int_equal(sqlite3_column_type(stmt, first + 6) == SQLITE_NULL, c->applies < 0);
    assert_int_equal(sqlite3_column_int(stmt, first + 6), c->applies > 0);
    if (c->decided)
        interval_is_wilsons(stmt, first + 3, (double)c->won / c->decided, c->decided);
    else
        assert_int_equal(sqlite3_column_type(stmt, first + 3), SQLITE_NULL);
}

static bool ends_at(const struct drawn *runs, uint64_t queries)
{
    bool found = false;

    for (int k = 0; k < RUNS; k++)
        found = found || (runs[k].counts && runs[k].answered == queries);
    return found;
}

static const char by_queries[] =
    "SELECT tol, queries, runs, won, rate, lo, hi, p_max, applies, other FROM success_by_queries";

static void queries_as_the_bounds_state(void **unused)
{
    (void)unused;
    for (state = 1; state <= 8; state++) {
        struct drawn runs[POINTS][RUNS];
        const uint64_t seed = state;
        struct sb_store *store = filled(runs);
        sqlite3_stmt *stmt = rows(store, by_queries);

        for (int point = 0; point < POINTS; point++)
            for (uint64_t q = 0; q < 3 * QUERIES; q++) {
                const struct counted c = count(runs[point], q);

                if (!ends_at(runs[point], q))
                    continue;
                assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
                column_is(stmt, 0, tolerances[point], 1e-12);
                assert_int_equal(sqlite3_column_int64(stmt, 1), q);
                rate_is(stmt, 2, &c);
            }
        assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
        sqlite3_finalize(stmt);
        sb_store_close(store, NULL);
        state = seed;
    }
}

/* The bound of a point: its runs' own, each at its own queries, the greatest. */
static struct counted count_all(const struct drawn *runs)
{
    struct counted c = count(runs, UINT64_MAX);

    for (int k = 0; k < RUNS; k++) {
        const struct drawn *d = &runs[k];

        if (k == 0 && !isnan(c.p_max))
            c.p_max = 0;
        if (d->counts && !isnan(c.p_max))
            c.p_max = fmax(c.p_max, line(d, d->answered));
    }
    return c;
}

static const char by_tolerance[] =
    "SELECT tol, runs, coalesce(won, 0), rate, lo, hi, p_max, applies, wanted, other "
    "FROM success_by_tolerance";

static void tolerances_in_order(void **unused)
{
    static const int order[] = { 2, 1, 4, 0 }; /* point 3 has none */

    (void)unused;
    for (state = 1; state <= 8; state++) {
        struct drawn runs[POINTS][RUNS];
        const uint64_t seed = state;
        struct sb_store *store = filled(runs);
        sqlite3_stmt *stmt = rows(store, by_tolerance);

        for (size_t i = 0; i < SB_COUNT(order); i++) {
            const struct counted c = count_all(runs[order[i]]);

            assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
            column_is(stmt, 0, tolerances[order[i]], 1e-12);
            rate_is(stmt, 1, &c);
            assert_same(sqlite3_column_double(stmt, 8), 0.66);
            assert_string_equal(sqlite3_column_text(stmt, 9), "family.sparsity=2");
        }
        assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
        sqlite3_finalize(stmt);
        sb_store_close(store, NULL);
        state = seed;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_as_the_bounds_state),
        cmocka_unit_test(tolerances_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
