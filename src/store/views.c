/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The views: SELECTs that answer the questions of the field. Only runs that ended and whose learner
 * was not rebuilt since count. "bound" in a view is one bound a run: the strongest that applies,
 * else the strongest whose conditions are not met, with applies = 0. `played`, which speaks of one
 * learner at its coins, is no bound of all learners and stays out, and so does one whose prior is over
 * some members only: what is hidden is drawn among all. */
#include "store/table.h"

#define BEST_BOUND                                                                                 \
    "best AS (\n"                                                                                  \
    "  SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY run\n"                             \
    "    ORDER BY applies DESC, log2_queries DESC, success_ub, id) AS place\n"                     \
    "    FROM bound WHERE name <> 'played' AND NOT subset) WHERE place = 1)"

/* A grid point in words, but for what has a column of its own; NULL where nothing is left. */
#define LEAVE_OUT(key, value, text) "replace(" text ", ' " key "=' || " value " || ' ', ' ')"
#define LABEL "' ' || r.label || ' '"
#define FAMILY_REST                                                                                \
    LEAVE_OUT("family.type", "r.family", LEAVE_OUT("family.dimension", "r.dimension", LABEL))
#define ORACLE_REST                                                                                \
    LEAVE_OUT("oracle.type", "r.oracle", LEAVE_OUT("oracle.policy", "r.policy", FAMILY_REST))
#define TOLERANCE "iif(r.tolerance IS NULL, '', printf('%.15g', r.tolerance))"
#define TOLERANCE_REST                                                                             \
    LEAVE_OUT("oracle.tolerance", TOLERANCE, LEAVE_OUT("oracle.t", TOLERANCE, ORACLE_REST))
#define GRANT_REST                                                                                 \
    LEAVE_OUT("grant", "iif(r.grants = '', 'none', r.grants)",                                     \
              LEAVE_OUT("oracle.m", TOLERANCE, TOLERANCE_REST))
#define OTHER "nullif(trim(" LEAVE_OUT("learner.type", "r.learner", GRANT_REST) "), '')"

/* "stat", or with what is granted beside it, "stat+label". */
#define ORACLE "r.oracle || iif(r.grants = '', '', '+' || replace(r.grants, ',', '+'))"

#define ENDED "r.stale = 0 AND r.status NOT IN ('running', 'interrupted')"

/* Short for the eye, but never 0 for what is only small. */
#define DIGITS(x, below, digits, places)                                                           \
    "iif(" x " < " below ", CAST(printf('%." digits "g', " x ") AS REAL), round(" x ", " places "))"
#define SHORT_TOL(x) DIGITS(x, "1", "6", "6")
#define SHORT_P(x) DIGITS(x, "0.1", "4", "4")
#define TOL SHORT_TOL("tol") " AS tol"
#define P_MAX SHORT_P("p_max") " AS p_max"
#define SETTING "experiment, family, dim, oracle, " TOL ", policy, learner, goal, other"

/* The words of a label but some. */
#define WORDS_BUT(unwanted, text)                                                                  \
    "(SELECT group_concat(value, ' ')\n"                                                           \
    "      FROM json_each('[' || replace(json_quote(" text "), ' ', '\",\"') || ']')\n"            \
    "      WHERE " unwanted ")"
#define BUT_COINS(text) WORDS_BUT("value NOT GLOB 'learner.coins=*'", text)

/* What the runs of a grid point share; a repeat of its own has each. */
#define POINT_KEY "r.label, r.coins, " GAME_KEY
/* What runs share that differ in the learner's coins at most, the label aside. */
#define GAME_KEY                                                                                   \
    "e.name, r.family, r.family_params, r.family_digest, r.oracle, r.policy, r.oracle_params, "    \
    "r.grants, r.reduction,\n"                                                                     \
    "    r.learner, r.learner_params, r.goal, r.goal_params, r.budget_queries,\n"                  \
    "    r.budget_labels, r.budget_samples"

/* In the order of the plan; of a cell that was done again, in the order of its runs. */
#define PLACE "r.cell << 32 | r.id"

#define RUNS_WITH_BEST                                                                             \
    "  FROM run r JOIN experiment e ON e.id = r.experiment LEFT JOIN best b ON b.run = r.id\n"     \
    "  WHERE " ENDED "\n"

/* Of `point` with won and decided: the rate p, and Wilson's interval at 95 %, mid -+ half;
 * z = 1.959964 [Wilson 27]. */
#define CENTRED                                                                                    \
    "rated AS (\n"                                                                                 \
    "  SELECT *, 1.0 * won / nullif(decided, 0) AS p, 3.841458821 AS zz FROM point),\n"            \
    "centred AS (\n"                                                                               \
    "  SELECT *, (p + zz / (2 * decided)) / (1 + zz / decided) AS mid,\n"                          \
    "    sqrt(zz * p * (1 - p) / decided + zz * zz / (4.0 * decided * decided))\n"                 \
    "      / (1 + zz / decided) AS half FROM rated)\n"

#define RATE                                                                                       \
    "round(p, 3) AS rate, round(max(mid - half, 0), 3) AS lo, round(min(mid + half, 1), 3) AS hi"

/* A row a grid point, in the order of the plan. */
#define POINTS                                                                                     \
    BEST_BOUND                                                                                     \
    ",\n"                                                                                          \
    "point AS (\n"                                                                                 \
    "  SELECT e.name AS experiment, r.family, r.dimension AS dim, " ORACLE " AS oracle,\n"         \
    "    r.tolerance AS tol, r.policy, r.learner, r.goal, " OTHER " AS other, r.rule,\n"           \
    "    max(r.success_wanted) AS wanted,\n"                                                       \
    "    count(*) AS runs, sum(r.success) AS won, count(r.success) AS decided,\n"                  \
    "    avg(r.n_labels) AS labels, avg(r.n_examples) AS samples,\n"                               \
    "    avg(r.equivalent_samples) AS equivalent,\n"                                               \
    "    min(r.n_answered) AS q_min, avg(r.n_answered) AS q_mean, max(r.n_answered) AS "           \
    "q_max,\n"                                                                                     \
    "    min(b.log2_queries) AS log2_bound, iif(count(b.success_ub) = count(*), "                  \
    "max(b.success_ub), NULL) AS p_max,\n"                                                         \
    "    min(b.applies) AS applies, sum(r.status <> 'finished') AS bad, min(" PLACE ") AS "        \
    "first\n" RUNS_WITH_BEST "  GROUP BY " POINT_KEY "),\n" CENTRED

static const char run_summary[] =
    "WITH " POINTS "\n"
    "SELECT " SETTING ",\n"
    "  runs, won, " RATE ",\n"
    "  q_min, round(q_mean, 1) AS q_mean, q_max, round(pow(2, log2_bound), 1) AS bound,\n"
    "  " P_MAX ", applies, bad\n"
    "FROM centred ORDER BY experiment, first";

#define RUN_TOL SHORT_TOL("r.tolerance") " AS tol"
#define RUN_P_MAX SHORT_P("b.success_ub") " AS p_max"
#define AT_TOL SHORT_TOL("b.at_tolerance") " AS at_tol"

static const char queries_vs_bound[] =
    "WITH " BEST_BOUND "\n"
    "SELECT r.id AS run, e.name AS experiment, r.family, r.dimension AS dim, " ORACLE
    " AS oracle,\n"
    "  " RUN_TOL ",\n"
    "  r.policy, r.learner, " OTHER " AS other, r.repeat,\n"
    "  r.n_answered AS queries, round(pow(2, b.log2_queries), 1) AS bound,\n"
    "  round(iif(b.applies, r.n_answered / pow(2, b.log2_queries), NULL), 3) AS ratio,\n"
    "  r.success, " RUN_P_MAX ",\n"
    "  " AT_TOL ",\n"
    "  b.applies, iif(b.applies, NULL, b.why) AS why_not\n"
    "FROM run r JOIN experiment e ON e.id = r.experiment LEFT JOIN best b ON b.run = r.id\n"
    "WHERE " ENDED " ORDER BY experiment, r.cell, r.id";

/* What a series along the dimension has in common, the dimension aside. */
#define SERIES                                                                                     \
    "experiment, family, family_rest, access, rule, tolerance, policy, learner, learner_params, "  \
    "goal, other"

/* OTHER without what the columns of parameters say; learner.coins, too: they are repeats. */
#define SERIES_OTHER WORDS_BUT("value NOT GLOB 'family.*' AND value NOT GLOB 'learner.*'", OTHER)

#define SERIES_TOL SHORT_TOL("tolerance") " AS tol"

static const char scaling[] =
    "WITH " BEST_BOUND ",\n"
    "ended AS (\n"
    "  SELECT r.*, json_remove(r.family_params, '$.dimension') AS family_rest,\n"
    "    " SERIES_OTHER " AS other,\n"
    "    e.name AS name, " ORACLE
    " AS access, log2(max(r.n_answered, 1)) AS log2_q, b.log2_queries, b.applies\n"
    "  FROM run r JOIN experiment e ON e.id = r.experiment LEFT JOIN best b ON b.run = r.id\n"
    "  WHERE " ENDED "),\n"
    "point AS (\n"
    "  SELECT name AS experiment, family, family_rest, access, rule, tolerance, policy, learner,\n"
    "    learner_params, goal, other, dimension, count(*) AS runs, sum(success) AS won,\n"
    "    avg(log2_q) AS mean, max(log2_q) AS most, min(log2_queries) AS bound,\n"
    "    min(applies) AS applies\n"
    "  FROM ended GROUP BY name, family, family_rest, access, rule, tolerance, policy, learner,\n"
    "    learner_params, goal, other, dimension),\n"
    "step AS (\n"
    "  SELECT *, dimension - lag(dimension) OVER series AS d_dim,\n"
    "    mean - lag(mean) OVER series AS d_mean, bound - lag(bound) OVER series AS d_bound\n"
    "  FROM point WINDOW series AS (PARTITION BY " SERIES " ORDER BY dimension))\n"
    "SELECT experiment, family, family_rest AS family_params, access AS oracle,\n"
    "  " SERIES_TOL ",\n"
    "  policy, learner, learner_params, goal, other, dimension AS dim,\n"
    "  runs, won, round(mean, 3) AS log2_q, round(most, 3) AS log2_q_max,\n"
    "  round(bound, 3) AS log2_bound, applies, round(d_mean / d_dim, 3) AS growth,\n"
    "  round(d_bound / d_dim, 3) AS bound_growth\n"
    "FROM step ORDER BY " SERIES ", dimension";

#define HOLDS_TO SHORT_TOL("reach") " AS holds_to"
#define BREAKS_AT SHORT_TOL("beyond") " AS breaks_at"

/* Between two tolerances of a series stands its frontier. Of t and M, larger is finer. */
static const char success_frontier[] =
    "WITH " POINTS ",\n"
    "placed AS (\n"
    "  SELECT *, rule = 'stat' AS is_tau, 1.0 * won / nullif(decided, 0) >= wanted AS holds\n"
    "  FROM point WHERE tol IS NOT NULL),\n"
    "frontier AS (\n"
    "  SELECT *, count(*) AS tolerances, min(first) AS start,\n"
    "    iif(is_tau, max(tol) FILTER (WHERE holds), min(tol) FILTER (WHERE holds)) AS reach,\n"
    "    iif(is_tau, min(tol) FILTER (WHERE NOT holds), max(tol) FILTER (WHERE NOT holds))\n"
    "      AS beyond,\n"
    "    round(min(q_mean) FILTER (WHERE holds), 1) AS q_least\n"
    "  FROM placed GROUP BY experiment, family, dim, oracle, rule, policy, learner, goal, other,\n"
    "    wanted)\n"
    "SELECT experiment, family, dim, oracle, policy, learner, goal, other, wanted, tolerances,\n"
    "  " HOLDS_TO ",\n"
    "  " BREAKS_AT ", q_least\n"
    "FROM frontier ORDER BY experiment, start";

/* Which access breaks which family: success, and what it took in each kind of cost. */
static const char separation[] =
    "WITH " POINTS "\n"
    "SELECT " SETTING ",\n"
    "  runs, won, " RATE ",\n"
    "  round(q_mean, 1) AS queries, round(labels, 1) AS labels, round(samples, 1) AS samples,\n"
    "  round(equivalent, 1) AS equivalent\n"
    "FROM centred ORDER BY experiment, family, dim, first";

/* Along a tolerance's series, all else equal. The bound is the one at the most queries. */
static const char success_by_tolerance[] =
    "WITH " POINTS "\n"
    "SELECT experiment, family, dim, oracle, policy, learner, goal, other, wanted,\n"
    "  " TOL ", runs, won, " RATE ",\n"
    "  " P_MAX ", applies\n"
    "FROM centred WHERE tol IS NOT NULL\n"
    "ORDER BY experiment, min(first) OVER (PARTITION BY experiment, family, dim, oracle, rule,\n"
    "  policy, learner, goal, other, wanted), centred.tol, first";

#define AT_ZERO DIGITS("line_base", "1", "9", "9") " AS at_zero"
#define PER_QUERY DIGITS("line_slope", "1", "9", "9") " AS per_query"

/* What the bounds speak of: P[success and at most q queries], at each q that a run of the grid
 * point ended with. A point's line is the highest over its runs: their certificates, and with them
 * the tolerances at which the bounds are evaluated, may differ. */
static const char success_by_queries[] =
    "WITH " BEST_BOUND ",\n"
    "ended AS (\n"
    "  SELECT e.name AS experiment, r.family, r.dimension AS dim, " ORACLE " AS oracle,\n"
    "    r.tolerance AS tol, r.policy, r.learner, r.goal, " OTHER " AS other,\n"
    "    r.n_answered AS queries, r.success, b.success_at_zero, b.success_per_query, b.applies,\n"
    "    min(" PLACE ") OVER (PARTITION BY " POINT_KEY ") AS first\n" RUNS_WITH_BEST "),\n"
    "followed AS (\n"
    "  SELECT *, count(*) OVER whole AS runs, count(success) OVER whole AS decided,\n"
    "    coalesce(sum(success) OVER (PARTITION BY first ORDER BY queries), 0) AS won,\n"
    "    count(success_per_query) OVER whole AS n_lines, max(success_at_zero) OVER whole AS base,\n"
    "    max(success_per_query) OVER whole AS slope, min(applies) OVER whole AS all_apply\n"
    "  FROM ended WINDOW whole AS (PARTITION BY first)),\n"
    "point AS (\n"
    "  SELECT *, min(line_base + queries * line_slope, 1) AS p_max FROM (\n"
    "    SELECT *, iif(n_lines = runs, base, NULL) AS line_base,\n"
    "      iif(n_lines = runs, slope, NULL) AS line_slope\n"
    "    FROM followed GROUP BY first, queries)),\n" CENTRED "SELECT " SETTING ",\n"
    "  queries, runs, won, " RATE ",\n"
    "  " P_MAX ", all_apply AS applies,\n"
    "  " AT_ZERO ",\n"
    "  " PER_QUERY "\n"
    "FROM centred ORDER BY experiment, first, centred.queries";

#define OTHER_BUT_COINS BUT_COINS(OTHER)
#define LABEL_BUT_COINS BUT_COINS("r.label")
#define SHARE SHORT_P("p")

/* Games that policies with a version space played. The line of a point holds for all its runs: the least
 * `played`, the largest kappa. chain: of a learner that is right on every survivor, asked >= played >=
 * proven. A seed of the learner's coins is one game: repeats differ in what is drawn at its end. The
 * mean over seeds lies in [0,1] as each of them does, so that its variance is at most that of coins with
 * this mean and Wilson's interval is no narrower than for them. */
static const char adversary[] =
    "WITH " BEST_BOUND ",\n"
    "game AS (\n"
    "  SELECT e.name AS experiment, r.family, r.dimension AS dim, " ORACLE " AS oracle,\n"
    "    r.tolerance AS tol, r.policy, r.learner, r.goal, " OTHER_BUT_COINS " AS other,\n"
    "    r.coins, r.n_answered AS asked, r.max_dropped, r.n_live,\n"
    "    r.n_right = r.n_live AS all_right, p.applies AS counts,\n"
    "    iif(p.applies, p.success_ub, NULL) AS share, p.log2_queries AS log2_played,\n"
    "    iif(b.applies, b.log2_queries, NULL) AS log2_bound, b.success_ub,\n"
    "    b.success_per_query * pow(2, r.log2_members) * iif(b.problem = 'decision', 2, 1)\n"
    "      AS cap,\n"
    "    min(" PLACE ") OVER (PARTITION BY " LABEL_BUT_COINS ", " GAME_KEY ") AS first\n"
    "  FROM run r JOIN experiment e ON e.id = r.experiment\n"
    "    JOIN bound p ON p.run = r.id AND p.name = 'played' LEFT JOIN best b ON b.run = r.id\n"
    "  WHERE " ENDED "),\n"
    "judged AS (\n"
    "  SELECT *, max(share) OVER seed AS seed_share, row_number() OVER seed AS nth,\n"
    "    iif(counts AND all_right, asked >= coalesce(pow(2, log2_played), 0) AND\n"
    "      coalesce(log2_played >= log2_bound, log2_bound IS NULL), NULL) AS chained\n"
    "  FROM game WINDOW seed AS (PARTITION BY first, coins)),\n"
    "point AS (\n"
    "  SELECT *, iif(seeds_known = seeds, seeds, 0) AS decided FROM (\n"
    "    SELECT *, count(*) AS runs, min(asked) AS q_min, avg(asked) AS q_mean,\n"
    "      max(asked) AS q_max, count(*) FILTER (WHERE nth = 1) AS seeds,\n"
    "      count(seed_share) FILTER (WHERE nth = 1) AS seeds_known,\n"
    "      sum(seed_share) FILTER (WHERE nth = 1) AS won,\n"
    "      iif(count(log2_played) = count(*), min(log2_played), NULL) AS least_played,\n"
    "      min(log2_bound) AS least_bound, max(max_dropped) AS kappa, max(cap) AS most_cap,\n"
    "      avg(n_live) AS live, min(chained) AS chain,\n"
    "      iif(count(success_ub) = count(*), max(success_ub), NULL) AS p_max\n"
    "    FROM judged GROUP BY first)),\n" CENTRED "SELECT " SETTING ",\n"
    "  runs, seeds AS coins, q_min, round(q_mean, 1) AS q_mean, q_max,\n"
    "  round(pow(2, least_played), 1) AS played, round(pow(2, least_bound), 1) AS bound,\n"
    "  kappa, round(most_cap, 1) AS cap, round(live, 1) AS live,\n"
    "  " SHARE " AS share,\n"
    "  iif(seeds > 1, round(max(mid - half, 0), 3), NULL) AS lo,\n"
    "  iif(seeds > 1, round(min(mid + half, 1), 3), NULL) AS hi,\n"
    "  " P_MAX ", chain\n"
    "FROM centred ORDER BY experiment, first";

/* Joined along the run's range of ids, so that WHERE run = N reads that range only. A run whose queries
 * have no rows says so in one of its own. */
static const char transcript[] =
    "SELECT r.id AS run, q.seq, q.oracle,\n"
    "  iif(q.id IS NULL, 'no rows are kept: transcript: summary', x.text) AS expression,\n"
    "  q.tolerance AS tol, iif(q.id IS NULL, 'summary', q.status) AS status,\n"
    "  q.answer, q.truth, q.half_width, q.method, q.samples, q.cost, q.clipped, q.from_null,\n"
    "  q.eliminated,\n"
    "  CASE WHEN q.method = 'quadrature' THEN 'estimated' WHEN q.method = 'fresh-examples' THEN "
    "'none'\n"
    "    WHEN q.method IS NOT NULL THEN 'certified' END AS tag\n"
    "FROM run r LEFT JOIN query q ON q.id >= r.id << 32 AND q.id < (r.id + 1) << 32\n"
    "LEFT JOIN expression x ON x.id = q.expression\n"
    "WHERE q.id IS NOT NULL OR r.summary";

/* Numbers worth knowing of each run. */
static const char facts[] =
    "SELECT r.id AS run, e.name AS experiment, r.family, r.dimension AS dim, " ORACLE
    " AS oracle,\n"
    "  " RUN_TOL ",\n"
    "  r.policy, r.learner, " OTHER " AS other, r.repeat, f.name, f.value, f.help\n"
    "FROM run r JOIN experiment e ON e.id = r.experiment JOIN fact f ON f.run = r.id\n"
    "WHERE " ENDED " ORDER BY experiment, r.cell, r.id, f.id";

/* What a replay needs of each cell. In the order in which they were planned. */
static const char digests[] =
    "SELECT e.name AS experiment, r.label, r.repeat, e.seed, r.cell_key, r.status, r.n_queries,\n"
    "  r.n_answered, r.n_labels, r.n_examples, r.success, r.transcript, r.certificates\n"
    "FROM run r JOIN experiment e ON e.id = r.experiment WHERE " ENDED
    " ORDER BY experiment, r.cell, r.id";

const struct sb_view sb_views[] = {
    { "run_summary", "success rate and queries of every grid point, beside the bound", run_summary,
      9 },
    { "queries_vs_bound", "queries that each run asked, against those that the bound asks for",
      queries_vs_bound, 9 },
    { "scaling", "growth of the queries with the dimension, beside the bound's", scaling, 9 },
    { "success_frontier", "the coarsest tolerance at which each learner succeeds, per policy",
      success_frontier, 9 },
    { "success_by_tolerance", "success rate against tolerance, beside what the bound allows",
      success_by_tolerance, 9 },
    { "success_by_queries", "success with at most so many queries, beside what the bound allows",
      success_by_queries, 9 },
    { "separation", "which access breaks which family: success, and what it took of each cost",
      separation, 9 },
    { "adversary", "games against the adversary: queries asked, played out and proven", adversary,
      9 },
    { "facts", "numbers worth knowing of every run: of its family and of a reduction", facts, 9 },
    { "digests", "what a replay compares: counts and digests of every run", digests, 4 },
    { "transcript", "every query of every run as text, with its answer (long)", transcript, 0 },
    { 0 },
};
