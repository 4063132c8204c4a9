/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family made by a plugin: its facts checked, and what it leaves out put in: candidates, every
 * member's value at once, a scorer. */
#include "runner/family_plugin.h"

#include "base/memory.h"
#include "estimate/agreeing.h"
#include "estimate/profile.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    MOST_COORDINATES = 4096,
    MOST_VALUES = 4096, /* numbers that name a member */
};

/* What create() may call */

struct creation {
    const struct sb_family_plugin *plugin;
    const struct sb_values *params;
    char line[256]; /* the first reason to fail */
};

static const struct sb_value *value_of(struct creation *c, const char *name, uint32_t type)
{
    static const char *const names[] = { "?", "int", "real", "bool", "text", "vector" };
    const struct sb_value *v = name ? sb_values_find(c->params, name) : NULL;
    const bool fits =
        v && (v->param->type == type || (type == SB_INT && v->param->type == SB_BOOL));

    if (!fits && !c->line[0])
        snprintf(c->line, sizeof c->line,
                 "it reads parameter '%.64s' as %s, but declares none such", name ? name : "",
                 names[type]);
    return fits ? v : NULL;
}

static int64_t param_int(void *self, const char *name)
{
    const struct sb_value *v = value_of(self, name, SB_INT);

    return v ? v->i : 0;
}

static double param_real(void *self, const char *name)
{
    const struct sb_value *v = value_of(self, name, SB_REAL);

    return v ? v->r : 0;
}

static const char *param_text(void *self, const char *name)
{
    const struct sb_value *v = value_of(self, name, SB_TEXT);

    return v ? v->text : "";
}

static const double *param_vector(void *self, const char *name, uint64_t *n_out)
{
    const struct sb_value *v = value_of(self, name, SB_VECTOR);

    *n_out = v ? v->n_vector : 0;
    return v ? v->vector : NULL;
}

static int32_t fail(void *self, const char *line)
{
    struct creation *c = self;

    if (!c->line[0])
        snprintf(c->line, sizeof c->line, "%s", line && *line ? line : "it gives no reason");
    return 1;
}

/* Facts */

static const char *wrong_labels(const struct sb_family_facts *f, const struct sb_family_plugin *p)
{
    if (f->n_labels != 0 && f->n_labels != 2)
        return "n_labels is neither 2 nor 0 (real labels)";
    if (!f->n_labels)
        return p->sample ? p->product ? "a product form has two labels, but n_labels is 0" : NULL
                         : "labels are real, and there is no sample function";
    if (!f->label_set || !isfinite(f->label_set[0]) || !isfinite(f->label_set[1]) ||
        f->label_set[0] >= f->label_set[1])
        return "label_set is not two increasing numbers";
    return p->weight || p->product ? NULL : "there are two labels, but neither weight nor product";
}

/* What is wrong with the facts, or NULL. */
static const char *wrong(const struct sb_family_facts *f, const struct sb_family_plugin *p)
{
    if (f->domain < SB_CUBE || f->domain > SB_GAUSS)
        return "domain is none of SB_CUBE, SB_ZQ, SB_GAUSS";
    if (f->dim < 1 || f->dim > (f->domain == SB_CUBE ? 63 : MOST_COORDINATES))
        return "dim is not in 1..63 (on the cube) or 1..4096";
    if (f->domain == SB_ZQ && f->modulus < 2)
        return "modulus is below 2";
    if (f->n_members < 1 || f->n_members > UINT64_C(1) << 63)
        return "n_members is not in 1..2^63";
    if (f->domain == SB_CUBE && p->points)
        return "on the cube x is uniform: points must be NULL";
    if (f->domain != SB_CUBE && p->product)
        return "a product form is of the cube: product must be NULL";
    if (p->value ? f->n_value < 1 || f->n_value > MOST_VALUES : f->n_value != 0)
        return "n_value is not in 1..4096 (0 without a value function)";
    if (!(f->lambda_max >= 0 && f->diagonal >= 0) || isinf(f->lambda_max) || isinf(f->diagonal))
        return "lambda_max or diagonal is negative or not finite";
    return wrong_labels(f, p);
}

static const char *wrong_of(const struct sb_family_facts *f, const struct sb_family_plugin *p)
{
    return sb_family_states_line(p) ? sb_family_line_wrong(f) : wrong(f, p);
}

/* Candidates */

static void candidate_label(void *self, uint64_t index, const struct sb_block *block, double *out)
{
    const struct sb_family_instance *f = self;

    f->plugin->label(f->self, index, block, out);
}

static void agreeing(void *self, const struct sb_block *block, uint64_t *out)
{
    const struct sb_family_instance *f = self;

    sb_agreeing_look(&f->candidates, f->facts.n_members, 0, block, out);
}

/* Correlations */

static double correlation(const struct sb_family *family, uint64_t i, uint64_t j)
{
    const struct sb_family_instance *f = family->self;

    return f->plugin->correlation(f->self, i, j);
}

/* What the facts say: K is a multiple of the identity, or its largest eigenvalue. */
static int correlations(const struct sb_family *family, struct sb_correlations *out)
{
    const double n = (double)family->n_members;
    const double diagonal = sb_family_instance_of(family)->facts.diagonal;

    out->lambda_ub = family->lambda_max_ub;
    if (!(diagonal > 0))
        return 0;
    out->level = SB_NEW_ARRAY(struct sb_correlation_level, 2);
    if (!out->level)
        return -ENOMEM;
    out->orthogonal = true;
    out->diagonal_ub = diagonal;
    out->lambda_lb = diagonal * (1 - 0x1p-48);
    out->off_abs_ub = out->off_ub = 0;
    out->level[out->n_levels++] = (struct sb_correlation_level){ diagonal, n };
    if (n > 1)
        out->level[out->n_levels++] = (struct sb_correlation_level){ 0, n * n - n };
    return 0;
}

static void set_correlations(struct sb_family_instance *f, struct sb_family *out)
{
    const double diagonal = f->facts.diagonal, lambda = f->facts.lambda_max;

    out->correlations = correlations;
    out->correlation = f->plugin->correlation ? correlation : NULL;
    out->lambda_max_ub = lambda > 0 ? lambda : INFINITY;
    if (diagonal > 0 && diagonal < out->lambda_max_ub)
        out->lambda_max_ub = diagonal;
}

/* The rest */

static uint64_t n_good(const struct sb_family *family, enum sb_loss loss, double max)
{
    const struct sb_family_instance *f = family->self;
    uint64_t n = family->n_members;

    if (f->plugin->n_good)
        n = f->plugin->n_good(f->self, loss == SB_LOSS_SQUARED ? SB_SQUARED : SB_ZERO_ONE, max);
    return n < family->n_members ? n : family->n_members;
}

static bool recovered(const struct sb_family *family, uint64_t member, const double *value,
                      uint64_t n)
{
    const struct sb_family_instance *f = family->self;
    double own[MOST_VALUES];

    if (f->plugin->recovered)
        return f->plugin->recovered(f->self, member, value, n) != 0;
    if (n != f->facts.n_value)
        return false;
    f->plugin->value(f->self, member, own);
    for (uint64_t k = 0; k < n; k++)
        if (!(own[k] == value[k]))
            return false;
    return true;
}

static char *describe(const struct sb_family *family, uint64_t member)
{
    const struct sb_family_instance *f = family->self;
    char line[256] = "";

    if (!f->plugin->describe)
        return sb_printf("member %llu", (unsigned long long)member);
    f->plugin->describe(f->self, member, line, sizeof line);
    line[sizeof line - 1] = '\0';
    return sb_strdup(line);
}

/* Making */

static void fill(struct sb_family_instance *f, struct sb_family *out)
{
    const struct sb_family_facts *facts = &f->facts;

    f->candidates = (struct sb_candidates){ f, candidate_label,
                                            facts->n_members <= SB_AGREEING_MOST ? agreeing : NULL,
                                            .one_thread = true };
    out->n_members = facts->n_members;
    out->space = (struct sb_space){ .domain = facts->domain,
                                    .dim = facts->dim,
                                    .modulus = facts->domain == SB_CUBE ? 2
                                               : facts->domain == SB_ZQ ? facts->modulus
                                                                        : 0,
                                    .uniform = !f->plugin->points,
                                    .n_labels = facts->n_labels,
                                    .labels = facts->n_labels ? facts->label_set : NULL,
                                    .n_candidates = facts->n_members,
                                    .candidates = &f->candidates };
    out->law = sb_family_instance_law;
    out->null_law = sb_family_instance_null_law;
    out->no_public_points =
        facts->n_labels ? NULL : "its labels are real numbers; ask an expression";
    out->no_profile = sb_family_no_profile(out);
    out->n_good = n_good;
    out->recovered = recovered;
    out->describe = describe;
    set_correlations(f, out);
}

/* What is wrong, as one line in c->line, or nothing. */
static void make(struct sb_family_instance *f, struct creation *c)
{
    const struct sb_family_host host = { .struct_size = sizeof host,
                                         .abi_minor = SB_FAMILY_ABI_MINOR,
                                         .self = c,
                                         .param_int = param_int,
                                         .param_real = param_real,
                                         .param_text = param_text,
                                         .param_vector = param_vector,
                                         .fail = fail };
    const char *what;

    f->facts.struct_size = sizeof f->facts;
    if (c->plugin->create(&host, &f->facts, &f->self)) {
        fail(c, NULL);
        return;
    }
    what = c->line[0] ? NULL : wrong_of(&f->facts, c->plugin);
    if (what)
        snprintf(c->line, sizeof c->line, "what create() filled in is no family: %s", what);
    if (c->line[0] && c->plugin->destroy)
        c->plugin->destroy(f->self);
}

int sb_family_instance_new(const struct sb_family_class *class, const struct sb_values *params,
                           struct sb_family_instance **out, struct sb_diag *diag)
{
    const struct sb_family_so *so = (const struct sb_family_so *)class;
    struct sb_family_instance *f = SB_NEW(struct sb_family_instance);
    struct creation c = { .plugin = &so->plugin, .params = params };

    if (!f)
        return -ENOMEM;
    f->plugin = &so->plugin;
    make(f, &c);
    if (c.line[0]) {
        free(f);
        return sb_diag_fail(diag, -EINVAL, "family %s: %s", so->class.name, c.line);
    }
    *out = f;
    return 0;
}

void sb_family_instance_free(struct sb_family_instance *f)
{
    if (f->plugin->destroy)
        f->plugin->destroy(f->self);
    free(f);
}

int sb_family_instance_create(const struct sb_values *params, struct sb_family *out,
                              struct sb_diag *diag)
{
    struct sb_family_instance *f;
    const int error = sb_family_instance_new(out->class, params, &f, diag);

    if (error)
        return error;
    out->self = f;
    fill(f, out);
    return 0;
}

void sb_family_instance_destroy(struct sb_family *family)
{
    sb_family_instance_free(family->self);
}
