/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a learner is told: facts, tolerances, parameters, and the numbers of its own stream; from
 * create() on, and all but the stream in callbacks, too. */
#include "base/memory.h"
#include "host/session_internal.h"

#include <math.h>

static const struct sb_facts *host_facts(void *self)
{
    const struct sb_session *s = self;

    return &s->told.facts;
}

static double host_tolerance(void *self, uint32_t access)
{
    const struct sb_session *s = self;
    const uint32_t granted = s->told.facts.access;
    const uint32_t asked = access ? access : granted;
    double found = NAN;

    for (int bit = 0; bit < SB_ACCESS_KINDS; bit++)
        if ((asked & granted) >> bit & 1 && !isnan(s->told.tolerance[bit]))
            found = s->told.tolerance[bit];
    return found;
}

static const char *type_name(uint32_t type)
{
    static const char *const names[] = { "?", "int", "real", "bool", "text", "vector" };

    return names[type < SB_COUNT(names) ? type : 0];
}

/* A value of one of the types in the mask `types`; NULL after saying what was wrong. */
static const struct sb_told_value *value_of(struct sb_session *s, const char *call, bool family,
                                            const char *name, uint32_t types)
{
    const struct sb_told_values *values = family ? &s->told.family : &s->told.learner;
    const struct sb_told_value *v;

    if (s->ended)
        return NULL;
    if (!name) {
        sb_session_misuse(s, "the learner called %s(NULL); it takes a parameter's name", call);
        return NULL;
    }
    v = sb_told_find(values, name);
    if (!v) {
        sb_session_misuse(
            s,
            family ? "the learner called %s(\"%.64s\"), but this family has no such public "
                     "parameter; see statbed show for its parameters"
                   : "the learner called %s(\"%.64s\"), but does not declare that parameter; "
                     "add it to its table of struct sb_param",
            call, name);
        return NULL;
    }
    if (!(types >> v->type & 1)) {
        sb_session_misuse(s, "the learner called %s(\"%.64s\"), but that parameter is of type %s",
                          call, name, type_name(v->type));
        return NULL;
    }
    return v;
}

enum { INTEGER = 1 << SB_INT | 1 << SB_BOOL };

static int64_t host_param_int(void *self, const char *name)
{
    const struct sb_told_value *v = value_of(self, "param_int", false, name, INTEGER);

    return v ? v->i : 0;
}

static double host_param_real(void *self, const char *name)
{
    const struct sb_told_value *v = value_of(self, "param_real", false, name, 1 << SB_REAL);

    return v ? v->r : 0;
}

static const char *host_param_text(void *self, const char *name)
{
    const struct sb_told_value *v = value_of(self, "param_text", false, name, 1 << SB_TEXT);

    return v ? v->text : ""; /* not NULL: strcmp() often comes next */
}

static const double *host_param_vector(void *self, const char *name, uint64_t *n_out)
{
    const struct sb_told_value *v = value_of(self, "param_vector", false, name, 1 << SB_VECTOR);

    if (n_out)
        *n_out = v ? v->n_vector : 0;
    return v ? v->vector : NULL;
}

static int64_t host_family_int(void *self, const char *name)
{
    const struct sb_told_value *v = value_of(self, "family_int", true, name, INTEGER);

    return v ? v->i : 0;
}

static double host_family_real(void *self, const char *name)
{
    const struct sb_told_value *v = value_of(self, "family_real", true, name, 1 << SB_REAL);

    return v ? v->r : 0;
}

static const char *host_family_text(void *self, const char *name)
{
    const struct sb_told_value *v = value_of(self, "family_text", true, name, 1 << SB_TEXT);

    return v ? v->text : ""; /* not NULL: strcmp() often comes next */
}

/* One that is not there is no misuse: which there are depends on the family. */
static const double *host_family_vector(void *self, const char *name, uint64_t *n_out)
{
    struct sb_session *s = self;
    const struct sb_told_vector *v = name ? sb_told_find_vector(&s->told, name) : NULL;
    const struct sb_told_value *p = name && !v ? sb_told_find(&s->told.family, name) : NULL;

    p = p && p->type == SB_VECTOR ? p : NULL;
    if (!name && !s->ended)
        sb_session_misuse(s, "the learner called family_vector(NULL); it takes a vector's name");
    if (n_out)
        *n_out = v ? v->n : p ? p->n_vector : 0;
    return v ? v->value : p ? p->vector : NULL;
}

static void host_uniform(void *self, uint64_t n, double *out)
{
    struct sb_session *s = self;

    if (!n || sb_session_in_callback(s, "uniform"))
        return;
    if (!out) {
        sb_session_misuse(s, "the learner called uniform() without room for its numbers");
        return;
    }
    sb_random_uniform(s->coins, 0, s->n_coins, n, out);
    s->n_coins += n;
}

void sb_session_offer_facts(struct sb_host *host)
{
    host->facts = host_facts;
    host->tolerance = host_tolerance;
    host->param_int = host_param_int;
    host->param_real = host_param_real;
    host->param_text = host_param_text;
    host->param_vector = host_param_vector;
    host->family_int = host_family_int;
    host->family_real = host_family_real;
    host->family_text = host_family_text;
    host->uniform = host_uniform;
    host->family_vector = host_family_vector;
}
