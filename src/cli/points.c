/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parameter tables cannot say: whether each point's family exists and its policy can play
 * it (eliminate, at 20 coordinates, cannot). Every point is set up once before anything runs. */
#include "cli/experiments.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

static int set_up(const struct sb_point *point, struct sb_diag *diag)
{
    struct sb_family *family = NULL;
    struct sb_oracle *oracle = NULL;
    int error = sb_family_new(point->family, &point->family_values, &family, diag);

    if (!error) {
        const struct sb_oracle_setup setup = {
            .access = point->access,
            .policy = point->policy,
            .values = &point->oracle_values,
            .family = family,
            .null_is_candidate = point->goal->goal == SB_DISTINGUISH,
        };

        error = sb_oracle_new(&setup, &oracle, diag);
    }
    sb_oracle_free(oracle);
    sb_family_free(family);
    return error;
}

/* Was this said of an earlier point? */
static bool is_known(const struct sb_diag *known, const char *text)
{
    for (size_t i = 0; i < known->n_items; i++)
        if (strcmp(known->items[i].text, text) == 0)
            return true;
    return false;
}

/* Hands on what is new in `found`, with the file and the first point that it is true of. */
static void report(const struct sb_experiment *experiment, const struct sb_point *point,
                   const struct sb_diag *found, struct sb_diag *known, struct sb_diag *diag)
{
    for (size_t i = 0; i < found->n_items; i++) {
        const char *text = found->items[i].text;

        if (is_known(known, text))
            continue;
        sb_diag_fail(known, 0, "%s", text);
        sb_diag_fail_at(diag, 0, experiment->file, 0, 0, "%s%s%s%s", text,
                        *point->label ? " (at " : "", point->label, *point->label ? ")" : "");
    }
}

int sb_check_points(const struct sb_experiment *experiment, struct sb_diag *diag)
{
    struct sb_diag known;
    int first = 0;

    sb_diag_init(&known);
    for (size_t i = 0; i < experiment->n_points && first != -ENOMEM; i++) {
        struct sb_diag found;
        int error;

        sb_diag_init(&found);
        error = set_up(&experiment->points[i], &found);
        report(experiment, &experiment->points[i], &found, &known, diag);
        sb_diag_fini(&found);
        first = first && error != -ENOMEM ? first : error;
    }
    sb_diag_fini(&known);
    return first;
}
