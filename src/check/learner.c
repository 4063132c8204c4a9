/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks of a learner, in the order in which they are run. */
#include "check/subject.h"

const struct sb_check sb_learner_checks[] = {
    { "file", "exports statbed_learner alone, and needs nothing of statbed's", false,
      sb_check_file },
    { "descriptor", "loads, speaks this interface, and says what it is", true,
      sb_check_descriptor },
    { "parameters", "declares what it can be given", true, sb_check_parameters },
    { "tasks", "ends small tasks by itself, with a result that fits the goal", true,
      sb_check_tasks },
    { "ends", "runs at the ends of its parameters' ranges", false, sb_check_ends },
    { "determinism", "the same coins and answers give the same queries, byte for byte", false,
      sb_check_determinism },
    { "budget", "returns when its budget is used up", false, sb_check_budget },
    { "stop", "returns when it is told to stop", false, sb_check_stop },
    { "ranges", "asks queries that lie in the oracle's range", false, sb_check_ranges },
    { "purity", "callbacks are functions of one example", false, sb_check_purity },
    { "memory", "ends by itself with little memory", false, sb_check_memory },
    { "leaks", "frees what it allocates", false, sb_check_leaks },
    { "traffic", "what passes to and fro depends on the answers alone", false, sb_check_traffic },
    { 0 },
};
