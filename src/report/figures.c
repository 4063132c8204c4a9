/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures there are. Adding one is one entry here. */
#include "report/figure.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

/* {"noise":0.1,"sparsity":3} as "noise 0.1, sparsity 3". */
#define PARAMS(column)                                                                             \
    "trim(replace(replace(replace(replace(replace(" column                                         \
    ", '{', ''), '}', ''), '\"', ''), ':', ' '), ',', ', '))"

/* Named where one learner runs with several. */
#define LEARNER_PARAMS                                                                             \
    "iif(min(learner_params) OVER (PARTITION BY experiment, learner) =\n"                          \
    "  max(learner_params) OVER (PARTITION BY experiment, learner), NULL,\n"                       \
    "  " PARAMS("learner_params") ")"

/* 2^x; the view rounds logarithms, so that more digits would say nothing. */
#define POWER(column) "CAST(printf('%.4g', pow(2, " column ")) AS REAL)"

/* What a learner asked that failed says nothing of what the goal takes. */
#define FAMILY_PARAMS PARAMS("family_params")
#define MEAN POWER("log2_q")
#define BOUND POWER("log2_bound")
static const char scaling[] =
    "SELECT experiment, family, params, goal, other, oracle, tol, policy, learner, settings, dim,\n"
    "  iif(fails, NULL, mean), iif(fails, NULL, mean), iif(fails, NULL, most),\n"
    "  iif(applies, bound, NULL), NULL, 0\n"
    "FROM (SELECT *, " FAMILY_PARAMS " AS params, " LEARNER_PARAMS " AS settings,\n"
    "  2 * won < runs AS fails, " MEAN " AS mean, round(pow(2, log2_q_max)) AS most,\n"
    "  " BOUND " AS bound\n"
    "  FROM shown WHERE policy <> 'fresh' OR log2_q_max > 0)";

/* Which way a tolerance gets finer depends on what it is. */
#define TOLERANCE_AXIS                                                                             \
    "CASE WHEN oracle GLOB 'vstat*' THEN 't of VSTAT(t) (finer to the right)'\n"                   \
    "  WHEN oracle GLOB 'honest*' THEN 'M: examples an answer (finer to the right)'\n"             \
    "  ELSE 'tolerance \xcf\x84 (finer to the right)' END,\n"                                      \
    "oracle NOT GLOB 'vstat*' AND oracle NOT GLOB 'honest*'"

/* Asked and played of one learner are two series. A tolerance that goes with the dimension parts none. */
#define GAMES                                                                                      \
    "(SELECT *, iif(min(tol) OVER game = max(tol) OVER game, NULL, tol) AS own_tol FROM shown\n"   \
    "  WINDOW game AS (PARTITION BY experiment, family, goal, other, oracle, policy, learner, "    \
    "dim))\n"
#define GAME "SELECT experiment, family, goal, other, oracle, policy, learner, own_tol,\n"
static const char adversary[] =
    GAME "  'asked', dim, q_mean, q_mean, q_max, bound, NULL, 0 FROM " GAMES "UNION ALL " GAME
         "  'played', dim, played, NULL, NULL, bound, NULL, 0 FROM " GAMES;

const struct sb_figure sb_figures[] = {
    {
        .view = "scaling",
        .title = "Queries against dimension",
        .x_label = "dimension d",
        .y_label = "queries answered",
        .y_axis = SB_AXIS_LOG2,
        .x_data_tics = true,
        .none = "fails in most runs",
        .bars = "geometric mean and largest, where most runs succeed",
        .bound = "bound: queries that the goal takes",
        .caption =
            "Marks are geometric means over runs of the queries that were answered, bars reach up "
            "to the run that asked most. A mark stands only where at least half of the runs "
            "succeed. "
            "The dashed curve is the proven bound: a learner that may ask fewer queries, the "
            "shaded side, cannot have the success probability that the goal asks for. A single "
            "run may ask fewer and be lucky.",
        .select = scaling,
        .n_panel = 5,
        .n_series = 5,
        .learner = 3,
    },
    {
        .view = "success_by_tolerance",
        .title = "Success against tolerance",
        .x_label = "tolerance",
        .y_label = "success rate",
        .x_axis = SB_AXIS_LOG10,
        .x_data_tics = true,
        .is_rate = true,
        .none = "no runs",
        .bars = "Wilson's 95 % interval",
        .bound = "bound on the success probability",
        .bound_above = true,
        .caption =
            "Marks are success rates over runs with Wilson's 95 % interval. The dashed curve is "
            "the proven bound: with as many queries as the longest run asked, a success "
            "probability on its shaded side is impossible at the tolerances that were run, its "
            "dots; between them it is only drawn on. It speaks of probabilities: a rate of few "
            "runs may lie beyond it by chance.",
        .select = "SELECT experiment, family, dim, oracle, goal, other,\n"
                  "  policy, learner,\n"
                  "  tol, rate, lo, hi, iif(applies, min(p_max, 1), NULL),\n" TOLERANCE_AXIS "\n"
                  "FROM shown WHERE tol IS NOT NULL",
        .n_panel = 6,
        .n_series = 2,
        .learner = 1,
    },
    {
        .view = "success_by_queries",
        .title = "Success against queries",
        .x_label = "queries q",
        .y_label = "success with at most q queries",
        .x_axis = SB_AXIS_LOG2,
        .is_rate = true,
        .mark = SB_MARK_STEPS,
        .none = "no runs",
        .bars = "shaded: Wilson's 95 % interval",
        .bound = "bound on the success probability",
        .bound_above = true,
        .caption =
            "Steps are the share of runs that succeeded with at most q queries, with Wilson's 95 % "
            "interval as a band; success without a query stands at q = 1. The dashed curve is the "
            "proven bound, a line in q until it meets 1: no learner has a success probability on "
            "its shaded side. A share of few runs may lie beyond it by chance.",
        .select = "SELECT experiment, family, dim, oracle, tol, goal, other, policy, learner,\n"
                  "  max(queries, 1), rate, lo, hi, NULL, NULL, 0 FROM shown\n"
                  "WHERE policy <> 'fresh' OR queries > 0\n"
                  "UNION ALL SELECT experiment, family, dim, oracle, tol, goal, other, policy,\n"
                  "  learner, x, NULL, NULL, NULL, min(at_zero + x * per_query, 1), NULL, 0\n"
                  "FROM (\n"
                  "  WITH RECURSIVE place(x, k) AS (SELECT 1.0, 0 UNION ALL\n"
                  "    SELECT pow(2, (k + 1) / 8.0), k + 1 FROM place WHERE k < 256),\n"
                  "  line AS (SELECT *, max(queries) OVER (PARTITION BY experiment, family, dim,\n"
                  "    oracle, tol, goal, other) AS most FROM shown WHERE applies),\n"
                  "  one AS (SELECT DISTINCT experiment, family, dim, oracle, tol, goal, other,\n"
                  "    policy, learner, at_zero, per_query, most FROM line)\n"
                  "  SELECT * FROM one JOIN place ON x < most\n"
                  "  UNION ALL SELECT *, most, 0 FROM one WHERE most >= 1)",
        .n_panel = 7,
        .n_series = 2,
        .learner = 1,
    },
    {
        .view = "adversary",
        .title = "Queries asked, played and proven",
        .x_label = "dimension d",
        .y_label = "queries",
        .y_axis = SB_AXIS_LOG2,
        .x_data_tics = true,
        .none = "nothing is stated",
        .bars = "asked: from the mean to the largest",
        .bound = "proven: queries that the goal takes",
        .caption =
            "Solid lines are means over runs of the queries asked, bars reach up to the run that "
            "asked most. Played, dotted, is what the game proves of all learners whose queries "
            "drop no more members each; the dashed curve what is proven of all learners. Of a "
            "learner that is right on every survivor, asked is at least played, and that at least "
            "proven.",
        .select = adversary,
        .n_panel = 6,
        .n_series = 3,
        .learner = 0,
        .second = "played",
    },
    {
        .view = "separation",
        .title = "What each access costs",
        .x_label = "dimension d",
        .y_label = "queries, labels and examples",
        .y_axis = SB_AXIS_LOG2,
        .x_data_tics = true,
        .none = "fails in most runs",
        .bars = "mean, where most runs succeed",
        .caption =
            "Marks are means over runs of all that was paid: queries answered, points labelled "
            "and examples taken together. A mark stands only where at least half of its runs "
            "succeed.",
        .select = "SELECT experiment, family, goal, other, oracle, tol, policy, learner, dim,\n"
                  "  iif(2 * won >= runs, max(queries + labels + samples, 1), NULL),\n"
                  "  NULL, NULL, NULL, NULL, 0 FROM shown",
        .n_panel = 4,
        .n_series = 4,
        .learner = 3,
    },
    { 0 },
};

int sb_figure_find(const char *view, const struct sb_figure **out, struct sb_diag *diag)
{
    struct sb_buf names;
    int error;

    for (const struct sb_figure *figure = sb_figures; figure->view; figure++) {
        if (strcmp(figure->view, view) == 0) {
            *out = figure;
            return 0;
        }
    }
    sb_buf_init(&names);
    for (const struct sb_figure *figure = sb_figures; figure->view; figure++)
        sb_buf_printf(&names, "%s%s", figure == sb_figures ? "" : ", ", figure->view);
    error = sb_diag_fail(diag, names.failed ? -ENOMEM : -EINVAL,
                         "there is no figure of '%s'; views that have one: %s", view,
                         names.failed ? "" : sb_buf_str(&names));
    sb_buf_fini(&names);
    return error;
}
