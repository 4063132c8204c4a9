/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds as JSON: {"cases": [...]}, every key in every case, in full precision; null is what does not
 * apply, is not known or not finite. docs/bounds.md explains the keys. */
#include "cli/bound.h"

#include "base/json.h"

#include <math.h>

static void put_number(struct sb_json *json, const char *key, double v)
{
    char text[32] = "null";

    if (isfinite(v))
        sb_format_real(v, text);
    sb_json_raw(json, key, text);
}

static void put_text(struct sb_json *json, const char *key, const char *text)
{
    if (text)
        sb_json_text(json, key, text);
    else
        sb_json_raw(json, key, "null");
}

static void put_values(struct sb_json *json, const char *key, const struct sb_values *values)
{
    struct sb_buf text;
    const char *s = "null";

    sb_buf_init(&text);
    if (values) {
        sb_values_json(values, &text);
        s = sb_buf_str(&text);
    }
    if (s)
        sb_json_raw(json, key, s);
    else
        json->out->failed = true;
    sb_buf_fini(&text);
}

static void put_correlations(struct sb_json *json, const struct sb_correlations *k)
{
    const bool known = !k->unknown;

    sb_json_object(json, "correlations");
    put_text(json, "how", known ? k->how : NULL);
    put_text(json, "unknown", k->unknown);
    put_number(json, "failure", k->failure);
    put_number(json, "samples", (double)k->samples);
    put_number(json, "diagonal_ub", known ? k->diagonal_ub : NAN);
    put_number(json, "off_diagonal_abs_ub", known ? k->off_abs_ub : NAN);
    put_number(json, "mean_abs_ub", known ? sb_correlations_mean_ub(k) : NAN);
    put_number(json, "lambda_lb", known ? k->lambda_lb : NAN);
    put_number(json, "lambda_ub", known ? k->lambda_ub : NAN);
    sb_json_bool(json, "orthogonal", known && k->orthogonal);
    sb_json_end_object(json);
}

static void put_oracle(struct sb_json *json, const struct sb_bound_case *c)
{
    const struct sb_bound_setting *s = &c->setting;

    sb_json_object(json, "oracle");
    sb_json_text(json, "type", c->oracle);
    put_number(json, "tolerance", s->at_tolerance);
    sb_json_text(json, "convention", sb_convention_name(s->convention));
    sb_json_text(json, "note", sb_convention_note(s->convention));
    put_number(json, "threshold", sb_bound_threshold(s));
    put_text(json, "policy", c->policy);
    sb_json_text(json, "grants", c->grants);
    sb_json_end_object(json);
}

static void put_goal(struct sb_json *json, const struct sb_bound_case *c)
{
    const bool has_loss = sb_goal_has_loss(c->goal->goal);

    sb_json_object(json, "goal");
    sb_json_text(json, "type", c->goal->name);
    put_text(json, "loss", has_loss ? c->loss : NULL);
    put_number(json, "max", has_loss ? c->max : NAN);
    put_number(json, "success", c->setting.success);
    put_number(json, "satisfied", c->setting.null_is_hidden_half ? NAN : c->setting.n_good);
    sb_json_end_object(json);
}

static void put_measure(struct sb_json *json, const struct sb_bound_stated *s)
{
    const struct sb_measure *m = &s->bound.measure;

    put_text(json, "value_name", s->class->value_name);
    put_number(json, "value", m->value);
    sb_json_bool(json, "estimate", m->estimate);
    sb_json_text(json, "constants", m->constants);
    put_number(json, "query_rules_out", s->bound.applies ? m->kill : NAN);
    put_number(json, "targets", s->bound.applies ? m->n_targets : NAN);
}

static void put_bound(struct sb_json *json, const struct sb_bound_case *c,
                      const struct sb_bound_stated *s)
{
    const struct sb_bound *b = &s->bound;

    sb_json_object(json, NULL);
    sb_json_text(json, "name", b->name);
    sb_json_text(json, "theorem", b->theorem);
    sb_json_text(json, "regime", s->class->regime);
    sb_json_bool(json, "applies", b->applies);
    sb_json_text(json, "why", b->why);
    put_measure(json, s);
    sb_json_text(json, "problem", b->problem);
    sb_json_text(json, "prior", b->prior);
    put_number(json, "log2_queries", b->log2_queries);
    put_number(json, "queries", exp2(b->log2_queries) * (1 - 0x1p-50));
    put_number(json, "success_at_zero", b->success_at_zero);
    put_number(json, "success_per_query", b->success_per_query);
    put_number(json, "success_after", c->after ? b->success_ub : NAN);
    sb_json_text(json, "meaning", b->meaning);
    sb_json_end_object(json);
}

static void put_case(struct sb_json *json, const struct sb_bound_case *c)
{
    const struct sb_bound_stated *best = sb_bound_case_strongest(c);

    sb_json_object(json, NULL);
    put_text(json, "family", c->family);
    put_values(json, "parameters", c->values);
    put_text(json, "matrix", c->matrix);
    put_number(json, "noise", c->noise);
    put_number(json, "members", c->setting.k->n);
    put_number(json, "log2_members", log2(c->setting.k->n));
    put_correlations(json, c->setting.k);
    put_oracle(json, c);
    put_goal(json, c);
    put_number(json, "after", c->after ? c->setting.n_queries : NAN);
    sb_json_array(json, "bounds");
    for (size_t i = 0; i < c->n_stated; i++)
        put_bound(json, c, &c->stated[i]);
    sb_json_end_array(json);
    put_text(json, "strongest", best ? best->bound.name : NULL);
    sb_json_end_object(json);
}

static void begin(struct sb_buf *out)
{
    sb_buf_puts(out, "{\n  \"cases\": [");
}

static void put(const struct sb_bound_case *c, bool first, struct sb_buf *out)
{
    struct sb_json json = { .out = out, .depth = 2, .begun = !first };

    put_case(&json, c);
}

static void end(struct sb_buf *out)
{
    sb_buf_puts(out, "\n  ]\n}\n");
}

const struct sb_bound_writer sb_bound_json = { "json", begin, put, end };
