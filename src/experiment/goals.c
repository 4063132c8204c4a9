/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an experiment file declares by itself: goals, the budget, what every learner section has. */
#include "experiment/experiment.h"

#include "estimate/loss.h"

#define END                                                                                        \
    {                                                                                              \
        NULL, 0, 0, NULL, NULL, NULL                                                               \
    }
#define SUCCESS                                                                                    \
    {                                                                                              \
        "success", SB_REAL, 0, "0.66", "(0,1]",                                                    \
            "the success probability that bounds are evaluated for"                                \
    }

static const struct sb_param predict[] = {
    { "loss", SB_TEXT, 0, "zero-one", SB_LOSS_NAMES, "how a predictor is scored" },
    { "max", SB_REAL, 0, NULL, "[0,inf)", "the loss to reach" },
    SUCCESS,
    END,
};

static const struct sb_param learn[] = {
    { "max", SB_REAL, 0, NULL, "[0,inf)", "the loss to reach" },
    SUCCESS,
    END,
};

static const struct sb_param other[] = { SUCCESS, END };

const struct sb_goal_class sb_goals[] = {
    { "predict", "return a predictor of the label", SB_PREDICT, predict },
    { "distinguish", "say whether a member or the null is hidden", SB_DISTINGUISH, other },
    { "recover", "return the hidden member itself", SB_RECOVER, other },
    { "learn", "return the density of the hidden distribution of x over that of the null", SB_LEARN,
      learn },
    { NULL, NULL, 0, NULL },
};

const char *sb_goal_loss_name(uint32_t goal, const struct sb_values *goal_values)
{
    return goal == SB_LEARN ? SB_LOSS_OF_DENSITY : sb_values_text(goal_values, "loss");
}

enum sb_loss sb_goal_loss(uint32_t goal, const struct sb_values *goal_values)
{
    return sb_loss_named(sb_goal_loss_name(goal, goal_values));
}

const struct sb_param sb_budget_params[] = {
    { "queries", SB_INT, 0, "1000000", "[1,4294967295]", "queries that a learner may ask" },
    { "labels", SB_INT, 0, "1000000", "[1,1e15]", "points that a learner may have labelled" },
    { "samples", SB_INT, 0, "1000000", "[1,1e15]", "examples that a learner may have drawn" },
    { "seconds", SB_INT, 0, "600", "[0,1000000000]", "the fuse of a cell; 0: none" },
    { "memory_mib", SB_INT, 0, "1024", "[16,1048576]", "data of the learner's process" },
    { "output_kib", SB_INT, 0, "64", "[0,65536]", "what is kept of a learner's output" },
    END,
};

const struct sb_param sb_learner_common_params[] = {
    { "coins", SB_INT, 0, "1", "[0,inf)", "the public seed of the learner's own random numbers" },
    END,
};
