/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The base of a lifted family: any family over the cube or Z_q^d with labels in [0,1] that takes one of the
 * names in the registry, made of those parameters of the lifted one that have the names of its own. */
#include "oracles/families/lifted.h"

#include "base/memory.h"
#include "oracles/families/families.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What a lift needs of its base, where a base leaves the choice: labels in [0,1], a finite domain. */
static const struct sb_given needed[] = { { .name = "labels", .text = "01" },
                                          { .name = "domain", .text = "cube" } };

/* The lifted family's parameters that are the base's; their own default is for its. */
static const char *const handed[] = { "dimension", "q",    "p",    "sparsity", "literals",
                                      "form",      "rows", "keys", "key" };

enum { MOST_GIVEN = SB_COUNT(needed) + SB_COUNT(handed) };

static bool is_given(const struct sb_values *params, const char *name)
{
    const struct sb_value *value = sb_values_find(params, name);

    return strcmp(value->text, value->param->fallback ? value->param->fallback : "") != 0;
}

/* Words for the base. */
static size_t collect(const struct sb_family_class *class, const struct sb_values *params,
                      struct sb_given out[MOST_GIVEN])
{
    size_t n = 0;

    for (size_t i = 0; i < SB_COUNT(needed); i++)
        if (sb_params_find(class->params, needed[i].name))
            out[n++] = needed[i];
    for (size_t i = 0; i < SB_COUNT(handed); i++)
        if (sb_params_find(class->params, handed[i]) && is_given(params, handed[i]))
            out[n++] =
                (struct sb_given){ .name = handed[i], .text = sb_values_text(params, handed[i]) };
    return n;
}

/* What was given and the base has not got; a modulus it has, by that name or not. */
static int check_unused(const struct sb_family_class *class, const struct sb_values *params,
                        struct sb_diag *diag)
{
    for (size_t i = 0; i < SB_COUNT(handed); i++)
        if (strcmp(handed[i], "q") != 0 && !sb_params_find(class->params, handed[i]) &&
            is_given(params, handed[i]))
            return sb_diag_fail(diag, -EINVAL,
                                "family lifted: base %s has no parameter '%s'; leave it out",
                                class->name, handed[i]);
    return 0;
}

static int make(const struct sb_family_class *class, const struct sb_values *params,
                struct sb_values *values, struct sb_family **out, struct sb_diag *diag)
{
    const struct sb_param *const tables[1] = { class->params };
    struct sb_given given[MOST_GIVEN];
    const size_t n = collect(class, params, given);
    char where[96];
    int error = check_unused(class, params, diag);

    if (error)
        return error;
    snprintf(where, sizeof where, "family lifted: base %.40s", class->name);
    error = sb_values_parse(tables, 1, given, n, NULL, 0, where, values, diag);
    if (error)
        return error;
    error = sb_family_new(class, values, out, diag);
    if (error)
        sb_values_fini(values);
    return error;
}

/* NULL, or what is missing. */
static const char *unfit(const struct sb_family *base, bool compressed)
{
    const struct sb_space *space = &base->space;

    if (space->domain != SB_CUBE && space->domain != SB_ZQ)
        return "its points are real numbers already";
    if (space->domain == SB_ZQ && !space->uniform)
        return "its points are not known to be uniform";
    if (space->dim > SB_LIFTED_COORDINATES)
        return "it has more than 63 coordinates";
    if (sb_space_is_unlabelled(space))
        return "its examples have no labels";
    if (!space->n_labels || space->n_labels > SB_LIFTED_LABELS || !space->candidates)
        return "its labels are not a set of at most 64 numbers";
    if (space->labels[0] < 0 || space->labels[space->n_labels - 1] > 1)
        return "its labels are not in [0,1]";
    if (compressed && !base->compress)
        return "it is no compressible function [CGKM22, Def. 2.1]: take lift = dv";
    return NULL;
}

static bool is_compressed(const struct sb_values *params)
{
    return strcmp(sb_values_text(params, "lift"), "compressed") == 0;
}

/* The names of those that would do, with these parameters. */
static void print_fitting(const struct sb_values *params, const struct sb_family_class *not_this,
                          char *out, size_t n_out)
{
    size_t used = 0;

    *out = '\0';
    for (size_t i = 0; sb_families[i]; i++) {
        struct sb_family *base = NULL;
        struct sb_values values;

        if (sb_families[i] == not_this || make(sb_families[i], params, &values, &base, NULL))
            continue;
        if (!unfit(base, is_compressed(params)) && used < n_out)
            used += (size_t)snprintf(out + used, n_out - used, used ? ", %s" : "%s",
                                     sb_families[i]->name);
        sb_family_free(base);
        sb_values_fini(&values);
    }
    if (!used)
        snprintf(out, n_out, "none");
}

static const struct sb_family_class *find(const char *name, const struct sb_family_class *not_this)
{
    for (size_t i = 0; sb_families[i]; i++)
        if (sb_families[i] != not_this && strcmp(sb_families[i]->name, name) == 0)
            return sb_families[i];
    return NULL;
}

/* A modulus that was given, and that a base without one cannot have taken. */
static int check_modulus(const struct sb_values *params, const struct sb_family *base,
                         struct sb_diag *diag)
{
    const uint32_t q = (uint32_t)sb_values_int(params, "q");

    if (q && !sb_params_find(base->class->params, "q") && q != base->space.modulus)
        return sb_diag_fail(diag, -EINVAL,
                            "family lifted: q = %u, and base %s has the modulus %u; leave q out", q,
                            base->class->name, base->space.modulus);
    return 0;
}

static int refuse(const struct sb_values *params, const struct sb_family_class *not_this,
                  const char *why, struct sb_diag *diag)
{
    char names[256];

    print_fitting(params, not_this, names, sizeof names);
    return sb_diag_fail(diag, -EINVAL,
                        "family lifted: base = %s does not fit: %s; those that fit lift = %s with "
                        "these parameters: %s",
                        sb_values_text(params, "base"), why, sb_values_text(params, "lift"), names);
}

int sb_lifted_base(const struct sb_values *params, const struct sb_family_class *not_this,
                   struct sb_lifted *out, struct sb_diag *diag)
{
    const struct sb_family_class *class = find(sb_values_text(params, "base"), not_this);
    const char *why;
    int error;

    if (!class)
        return refuse(params, not_this, "there is no such family to lift", diag);
    error = make(class, params, &out->base_values, &out->base, diag);
    if (error)
        return error;
    why = unfit(out->base, is_compressed(params));
    return why ? refuse(params, not_this, why, diag) : check_modulus(params, out->base, diag);
}
