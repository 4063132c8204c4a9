/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Declared parameters: from text to checked values, and back to canonical text. */
#include "base/params.h"

#include "base/memory.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Ranges */

/* One end of a range: n bytes, a number or an infinity. */
static bool parse_end(const char *s, size_t n, double *out)
{
    char text[64];

    while (n && *s == ' ') {
        s++;
        n--;
    }
    if (n >= sizeof text)
        return false;
    memcpy(text, s, n);
    text[n] = '\0';
    if (strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0) {
        *out = *text == '-' ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    return sb_parse_real(text, out);
}

/* "[1,63]", "(0,0.5)", "[0,inf)"; NULL is the whole line. */
static bool parse_range(const char *s, struct sb_range *out)
{
    const size_t n = s ? strlen(s) : 0;
    const char *comma = s ? strchr(s, ',') : NULL;

    *out = (struct sb_range){ -HUGE_VAL, HUGE_VAL, true, true };
    if (!s)
        return true;
    if (!comma || (s[0] != '[' && s[0] != '(') || (s[n - 1] != ']' && s[n - 1] != ')'))
        return false;
    out->lo_open = s[0] == '(';
    out->hi_open = s[n - 1] == ')';
    return parse_end(s + 1, (size_t)(comma - s) - 1, &out->lo) &&
           parse_end(comma + 1, (size_t)(s + n - 1 - comma) - 1, &out->hi);
}

static bool in_range(const struct sb_range *range, double v)
{
    return (range->lo_open ? v > range->lo : v >= range->lo) &&
           (range->hi_open ? v < range->hi : v <= range->hi);
}

bool sb_param_range(const struct sb_param *param, struct sb_range *out)
{
    return parse_range(param->range, out);
}

/* The words of "one|two": borrowed from *copy_out, which owns them all. */
static int split_words(const char *range, char **copy_out, const char ***words_out, size_t *n_out)
{
    const size_t longest = strlen(range) + 1;
    char *copy = sb_strdup(range);
    const char **words = sb_new(longest, sizeof *words);
    char *rest = copy;
    size_t n = 0;

    if (!copy || !words) {
        free(copy);
        free(words);
        return -ENOMEM;
    }
    while (rest)
        words[n++] = strsep(&rest, "|");
    *copy_out = copy;
    *words_out = words;
    *n_out = n;
    return 0;
}

/* What a parameter takes, for messages: "an integer in [1,63]". malloc'd. */
static char *describe(const struct sb_param *param)
{
    const char *range = param->range;
    const char *kind;

    switch (param->type) {
    case SB_INT:
        kind = "an integer";
        break;
    case SB_REAL:
        kind = "a number";
        break;
    case SB_BOOL:
        return sb_strdup("true or false");
    case SB_VECTOR:
        kind = "numbers with commas between";
        break;
    default:
        return range ? sb_printf("one of %s", range) : sb_strdup("a text");
    }
    return range ? sb_printf("%s in %s", kind, range) : sb_strdup(kind);
}

/* One value. Each takes the text and fills *out, or says in *why_out (malloc'd) what is wrong with
 * it and returns -EINVAL; -ENOMEM. */

static int because(char **why_out, char *why)
{
    *why_out = why;
    return why ? -EINVAL : -ENOMEM;
}

static int bad_range(const struct sb_param *param, char **why_out)
{
    return because(why_out, sb_printf("cannot be checked: its declared range '%s' is malformed",
                                      param->range));
}

/* Why a text that looks like a number is none. */
static const char *number_hint(const char *s)
{
    const char *digits = s + (*s == '-');
    char *end;

    if (digits[0] == '0' && isdigit((unsigned char)digits[1]))
        return " (a leading 0 is not allowed)";
    if (isdigit((unsigned char)digits[0]) && isinf(strtod(s, &end)) && *end == '\0')
        return " (it is too large)";
    return "";
}

static int parse_int(const struct sb_param *param, const char *text, struct sb_value *out,
                     char **why_out)
{
    struct sb_range range;

    if (!parse_range(param->range, &range))
        return bad_range(param, why_out);
    if (!sb_parse_int(text, &out->i))
        return because(why_out, sb_printf("is not an integer%s", number_hint(text)));
    out->r = (double)out->i;
    if (!in_range(&range, out->r))
        return because(why_out, sb_printf("is outside %s", param->range));
    out->text = sb_printf("%lld", (long long)out->i);
    return out->text ? 0 : -ENOMEM;
}

static int parse_real(const struct sb_param *param, const char *text, struct sb_value *out,
                      char **why_out)
{
    struct sb_range range;
    char canonical[32];

    if (!parse_range(param->range, &range))
        return bad_range(param, why_out);
    if (!sb_parse_real(text, &out->r))
        return because(why_out, sb_printf("is not a number%s", number_hint(text)));
    out->r += 0.0; /* no -0 */
    if (!in_range(&range, out->r))
        return because(why_out, sb_printf("is outside %s", param->range));
    sb_format_real(out->r, canonical);
    out->text = sb_strdup(canonical);
    return out->text ? 0 : -ENOMEM;
}

static int parse_bool(const char *text, struct sb_value *out, char **why_out)
{
    out->i = strcmp(text, "true") == 0;
    if (!out->i && strcmp(text, "false") != 0)
        return because(why_out, sb_strdup("is neither true nor false"));
    out->r = (double)out->i;
    out->text = sb_strdup(text);
    return out->text ? 0 : -ENOMEM;
}

static int parse_word(const struct sb_param *param, const char *text, struct sb_value *out,
                      char **why_out)
{
    char *copy SB_FREE = NULL;
    const char **words SB_FREE = NULL;
    const char *near;
    bool found = !param->range;
    size_t n = 0;

    if (param->range && split_words(param->range, &copy, &words, &n))
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        found = found || strcmp(words[i], text) == 0;
    if (!found) {
        near = sb_nearest(text, words, n);
        return because(why_out,
                       near ? sb_printf("is not one of %s; did you mean '%s'?", param->range, near)
                            : sb_printf("is not one of %s", param->range));
    }
    out->text = sb_strdup(text);
    return out->text ? 0 : -ENOMEM;
}

/* Number k of a vector, from 0. */
static int parse_entry(const struct sb_range *range, const char *range_text, size_t k,
                       const char *text, double *out, char **why_out)
{
    if (!sb_parse_real(text, out))
        return because(why_out, sb_printf("has '%s' as number %zu, which is not a number%s", text,
                                          k + 1, number_hint(text)));
    *out += 0.0;
    if (!in_range(range, *out))
        return because(why_out, sb_printf("has %s as number %zu, which is outside %s", text, k + 1,
                                          range_text));
    return 0;
}

/* "0.5,1,-2"; blanks around the commas are fine, an empty text is an empty vector. */
static int parse_vector(const struct sb_param *param, const char *text, struct sb_value *out,
                        char **why_out)
{
    char *copy SB_FREE = sb_strdup(text);
    char *rest = copy, canonical[32];
    struct sb_range range;
    struct sb_buf joined;
    int error = 0;

    if (!parse_range(param->range, &range))
        return bad_range(param, why_out);
    out->vector = SB_NEW_ARRAY(double, strlen(text) + 1);
    if (!copy || !out->vector)
        return -ENOMEM;
    sb_buf_init(&joined);
    while (*text && rest && !error) {
        char *entry = strsep(&rest, ",");
        size_t n;

        entry += strspn(entry, " ");
        for (n = strlen(entry); n && entry[n - 1] == ' '; n--)
            entry[n - 1] = '\0';
        error = parse_entry(&range, param->range, out->n_vector, entry, &out->vector[out->n_vector],
                            why_out);
        if (error)
            break;
        sb_format_real(out->vector[out->n_vector], canonical);
        sb_buf_printf(&joined, "%s%s", out->n_vector ? "," : "", canonical);
        out->n_vector++;
    }
    if (!error && sb_buf_str(&joined))
        out->text = sb_strdup(sb_buf_str(&joined));
    sb_buf_fini(&joined);
    return error ? error : out->text ? 0 : -ENOMEM;
}

static int parse_value(const struct sb_param *param, const char *text, struct sb_value *out,
                       char **why_out)
{
    out->param = param;
    switch (param->type) {
    case SB_INT:
        return parse_int(param, text, out, why_out);
    case SB_REAL:
        return parse_real(param, text, out, why_out);
    case SB_BOOL:
        return parse_bool(text, out, why_out);
    case SB_TEXT:
        return parse_word(param, text, out, why_out);
    case SB_VECTOR:
        return parse_vector(param, text, out, why_out);
    default:
        return because(why_out, sb_strdup("is declared with an unknown type"));
    }
}

/* All values of a section */

struct parse {
    const struct sb_param *const *tables;
    size_t n_tables;
    const struct sb_given *given;
    size_t n_given;
    const char *const *known;
    size_t n_known;
    const char *where;
    struct sb_diag *diag;
    int error; /* the worst so far: -ENOMEM stands above -EINVAL */
};

static void note(struct parse *p, int error)
{
    if (p->error != -ENOMEM && error)
        p->error = error;
}

/* Parameter number i over all tables, NULL behind the last. */
static const struct sb_param *param_at(const struct parse *p, size_t i)
{
    for (size_t t = 0; t < p->n_tables; t++) {
        const size_t n = sb_params_count(p->tables[t]);

        if (i < n)
            return &p->tables[t][i];
        i -= n;
    }
    return NULL;
}

/* Every name that may stand here: `known`, then the declared ones. Borrowed strings. */
static const char **all_names(const struct parse *p, size_t *n_out)
{
    const char **names;
    size_t n = p->n_known, k = 0;

    for (size_t t = 0; t < p->n_tables; t++)
        n += sb_params_count(p->tables[t]);
    names = sb_new(n, sizeof *names);
    for (size_t i = 0; names && i < n; i++)
        names[i] = i < p->n_known ? p->known[i] : param_at(p, k++)->name;
    *n_out = n;
    return names;
}

static bool contains(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* Plugins declare tables too, so two of them may clash. */
static void check_declarations(struct parse *p, const char *const *names, size_t n)
{
    for (size_t i = p->n_known; i < n; i++) {
        if (contains(names, i, names[i]))
            note(p, sb_diag_fail(p->diag, -EINVAL,
                                 "%s: parameter '%s' is declared twice, or its name is reserved",
                                 p->where, names[i]));
    }
}

static int fail_name(struct parse *p, const struct sb_given *g, const char *what, const char *near)
{
    return sb_diag_fail_at(p->diag, -EINVAL, g->file, g->name_line, g->name_column,
                           "%s: %s '%s'%s%s%s", p->where, what, g->name,
                           near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static void check_names(struct parse *p, const char *const *names, size_t n)
{
    for (size_t i = 0; i < p->n_given; i++) {
        const struct sb_given *g = &p->given[i];
        bool again = false;

        for (size_t j = 0; j < i; j++)
            again = again || strcmp(p->given[j].name, g->name) == 0;
        if (again)
            note(p, fail_name(p, g, "duplicate parameter", NULL));
        else if (!contains(names, n, g->name))
            note(p, fail_name(p, g, "unknown parameter", sb_nearest(g->name, names, n)));
    }
}

static const struct sb_given *find_given(const struct parse *p, const char *name)
{
    for (size_t i = 0; i < p->n_given; i++) {
        if (strcmp(p->given[i].name, name) == 0)
            return &p->given[i];
    }
    return NULL;
}

static int fail_missing(struct parse *p, const struct sb_param *param)
{
    char *takes SB_FREE = describe(param);

    if (!takes)
        return -ENOMEM;
    return sb_diag_fail(p->diag, -EINVAL, "%s: '%s' is missing (%s%s%s)", p->where, param->name,
                        takes, param->help ? ": " : "", param->help ? param->help : "");
}

/* A number is shown bare where it is one, and quoted where it is not. */
static int fail_value(struct parse *p, const struct sb_param *param, const struct sb_given *g,
                      const char *text, const char *why)
{
    double number;
    const char *quote = sb_parse_real(text, &number) ? "" : "'";

    if (!g)
        return sb_diag_fail(p->diag, -EINVAL, "%s: the default %s = %s%s%s %s", p->where,
                            param->name, quote, text, quote, why);
    return sb_diag_fail_at(p->diag, -EINVAL, g->file, g->line, g->column, "%s: %s = %s%s%s %s",
                           p->where, param->name, quote, text, quote, why);
}

static void parse_param(struct parse *p, const struct sb_param *param, struct sb_value *out)
{
    const struct sb_given *g = find_given(p, param->name);
    const char *text = g ? g->text : param->fallback; /* NULL: missing, or reported */
    char *why SB_FREE = NULL;
    int error;

    if (!text) {
        note(p, g ? -EINVAL : fail_missing(p, param));
        return;
    }
    error = parse_value(param, text, out, &why);
    note(p, error == -EINVAL ? fail_value(p, param, g, text, why) : error);
}

int sb_values_parse(const struct sb_param *const *tables, size_t n_tables,
                    const struct sb_given *given, size_t n_given, const char *const *known,
                    size_t n_known, const char *where, struct sb_values *out, struct sb_diag *diag)
{
    struct parse p = { tables, n_tables, given, n_given, known, n_known, where, diag, 0 };
    const char **names SB_FREE = NULL;
    struct sb_values values = { 0 };
    size_t n_names;

    names = all_names(&p, &n_names);
    values.items = names ? SB_NEW_ARRAY(struct sb_value, n_names - n_known) : NULL;
    if (!values.items)
        return -ENOMEM;
    values.n = n_names - n_known;
    check_declarations(&p, names, n_names);
    check_names(&p, names, n_names);
    for (size_t i = 0; i < values.n; i++)
        parse_param(&p, param_at(&p, i), &values.items[i]);
    if (p.error)
        sb_values_fini(&values);
    else
        *out = values;
    return p.error;
}

void sb_values_fini(struct sb_values *values)
{
    for (size_t i = 0; i < values->n; i++) {
        free(values->items[i].text);
        free(values->items[i].vector);
    }
    free(values->items);
    memset(values, 0, sizeof *values);
}

size_t sb_params_count(const struct sb_param *params)
{
    size_t n = 0;

    while (params && params[n].name)
        n++;
    return n;
}

const struct sb_param *sb_params_find(const struct sb_param *params, const char *name)
{
    for (; params && params->name; params++) {
        if (strcmp(params->name, name) == 0)
            return params;
    }
    return NULL;
}

const struct sb_value *sb_values_find(const struct sb_values *values, const char *name)
{
    for (size_t i = 0; i < values->n; i++) {
        if (strcmp(values->items[i].param->name, name) == 0)
            return &values->items[i];
    }
    return NULL;
}

int64_t sb_values_int(const struct sb_values *values, const char *name)
{
    const struct sb_value *v = sb_values_find(values, name);

    return v ? v->i : 0;
}

double sb_values_real(const struct sb_values *values, const char *name)
{
    const struct sb_value *v = sb_values_find(values, name);

    return v ? v->r : 0;
}

const char *sb_values_text(const struct sb_values *values, const char *name)
{
    const struct sb_value *v = sb_values_find(values, name);

    return v ? v->text : NULL;
}

/* Out */

void sb_json_string(const char *s, struct sb_buf *out)
{
    sb_buf_u8(out, '"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            sb_buf_printf(out, "\\%c", *s);
        else if ((unsigned char)*s < 0x20 || *s == 0x7f)
            sb_buf_printf(out, "\\u%04x", (unsigned)(unsigned char)*s);
        else
            sb_buf_u8(out, (uint8_t)*s);
    }
    sb_buf_u8(out, '"');
}

void sb_values_json(const struct sb_values *values, struct sb_buf *out)
{
    sb_buf_u8(out, '{');
    for (size_t i = 0; i < values->n; i++) {
        const struct sb_value *v = &values->items[i];

        if (i)
            sb_buf_u8(out, ',');
        sb_json_string(v->param->name, out);
        sb_buf_u8(out, ':');
        if (v->param->type == SB_TEXT)
            sb_json_string(v->text, out);
        else if (v->param->type == SB_VECTOR)
            sb_buf_printf(out, "[%s]", v->text);
        else
            sb_buf_puts(out, v->text);
    }
    sb_buf_u8(out, '}');
}
