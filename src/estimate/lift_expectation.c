/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One law's mean of a lifted query. */
#include "estimate/lift_expectation.h"

#include "estimate/lift_table.h"
#include "numeric/lift.h"

/* As many means over the label as take no longer than the examples that would do: each takes about as long as
 * LINE examples. By public numbers alone; 32 stands for 2 ln(2/delta). */
static uint32_t worthwhile_lines(const struct sb_estimate_task *task)
{
    enum { LINE = 1 << 11 };
    const double width = task->share * sb_tolerance_lb(task->tolerance, task->lo, task->hi, 0);
    const double radius = (task->hi - task->lo) / 2 / width;
    const double lines = 32 * radius * radius / LINE;

    return lines < SB_LIFT_MOST_LINES ? (uint32_t)lines : SB_LIFT_MOST_LINES;
}

int sb_lift_expectation(const struct sb_estimate_task *task, const struct sb_lifting *lifting,
                        const struct sb_law *base, struct sb_estimate *out)
{
    const struct sb_lift_query query = { .lifting = lifting,
                                         .pool = task->pool,
                                         .expr = task->expr,
                                         .size = task->hi > -task->lo ? task->hi : -task->lo,
                                         .most_lines = worthwhile_lines(task),
                                         .fuse = task->fuse };
    struct sb_lift_table table;
    double value = 0, miss;
    int r = sb_lift_table_new(&query, &table);

    if (r)
        return r;
    miss = table.label ? lifting->lift->miss * (task->hi - task->lo) : 0;
    r = sb_lift_table_has_means(&table, lifting->base) ? sb_lift_table_mean(&table, base, &value)
                                                       : 1;
    *out = (struct sb_estimate){ .value = value,
                                 .half_width = table.half_width + (task->law->planted ? miss : 0),
                                 .widest = table.half_width + miss,
                                 .method = SB_QUADRATURE };
    sb_lift_table_fini(&table);
    return r;
}
