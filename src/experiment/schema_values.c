/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters as schemas. The reader takes scalars as text, quoted or not, and a schema sees what YAML
 * makes of them: so a number may come as a text, too, and keywords on numbers and on texts stand
 * side by side, since each binds values of its own type alone. */
#include "experiment/schema_values.h"

#include "base/memory.h"
#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define DECIMAL "-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?"

static void put_number(struct sb_json *json, const char *key, double v)
{
    char text[32];

    sb_format_real(v, text);
    sb_json_raw(json, key, text);
}

/* Infinite ends become those of the type, which refuses what overflows it. */
static void put_range(struct sb_json *json, const struct sb_param *param)
{
    const bool whole = param->type == SB_INT;
    struct sb_range range;

    if (!sb_param_range(param, &range))
        return;
    if (isinf(range.lo))
        sb_json_raw(json, "minimum", whole ? "-9223372036854775807" : "-1.7976931348623157e308");
    else
        put_number(json, range.lo_open ? "exclusiveMinimum" : "minimum", range.lo);
    if (isinf(range.hi))
        sb_json_raw(json, "maximum", whole ? "9223372036854775807" : "1.7976931348623157e308");
    else
        put_number(json, range.hi_open ? "exclusiveMaximum" : "maximum", range.hi);
}

static void put_scalar(struct sb_json *json, const struct sb_param *param, bool formula)
{
    sb_json_raw(json, "type",
                param->type == SB_INT ? "[\"integer\", \"string\"]" : "[\"number\", \"string\"]");
    put_range(json, param);
    sb_json_text(json, "pattern", formula ? "^(=|" DECIMAL "$)" : "^" DECIMAL "$");
}

static void put_vector(struct sb_json *json, const struct sb_param *param)
{
    static const char list[] = "^( *" DECIMAL " *(, *" DECIMAL " *)*)?$";

    sb_json_raw(json, "type", "[\"array\", \"number\", \"string\", \"null\"]");
    put_range(json, param);
    sb_json_text(json, "pattern", list);
    sb_json_object(json, "items");
    sb_json_raw(json, "type", "[\"number\", \"string\"]");
    put_range(json, param);
    sb_json_text(json, "pattern", list);
    sb_json_end_object(json);
}

/* Digits alone, which YAML takes for a number, leading zeros or not. */
static bool is_digits(const char *word, size_t n)
{
    size_t i = 0;

    while (i < n && isdigit((unsigned char)word[i]))
        i++;
    return n && i == n;
}

void sb_schema_word(struct sb_json *json, const char *word, size_t n)
{
    sb_json_printf(json, NULL, "%.*s", (int)n, word);
    if (is_digits(word, n)) {
        while (n > 1 && *word == '0') {
            word++;
            n--;
        }
        char *number SB_FREE = sb_strndup(word, n);

        if (number)
            sb_json_raw(json, NULL, number);
    } else if ((n == 4 && memcmp(word, "true", 4) == 0) ||
               (n == 5 && memcmp(word, "false", 5) == 0)) {
        sb_json_bool(json, NULL, n == 4);
    } else if (n == 4 && memcmp(word, "null", 4) == 0) {
        sb_json_raw(json, NULL, "null");
    }
}

static void put_words(struct sb_json *json, const char *words)
{
    sb_json_array(json, "enum");
    for (const char *word = words; word; word = strchr(word, '|')) {
        word += *word == '|';
        sb_schema_word(json, word, strcspn(word, "|"));
    }
    sb_json_end_array(json);
}

static void put_text(struct sb_json *json, const struct sb_param *param, enum sb_schema_place place)
{
    if (param->range) {
        put_words(json, param->range);
        return;
    }
    sb_json_raw(json, "type", "[\"string\", \"number\", \"boolean\", \"null\"]");
    if (place == SB_SCHEMA_SECTION)
        sb_json_text(json, "pattern", "^[^\n\t]*$");
}

static void put_default(struct sb_json *json, const struct sb_param *param)
{
    if (!param->fallback)
        return;
    if (param->type == SB_TEXT || param->type == SB_VECTOR)
        sb_json_text(json, "default", param->fallback);
    else
        sb_json_raw(json, "default", param->fallback);
}

void sb_schema_value(struct sb_json *json, const char *key, const struct sb_param *param,
                     enum sb_schema_place place)
{
    sb_json_object(json, key);
    if (param->help)
        sb_json_text(json, "description", param->help);
    put_default(json, param);
    switch (param->type) {
    case SB_BOOL:
        put_words(json, "true|false");
        break;
    case SB_TEXT:
        put_text(json, param, place);
        break;
    case SB_VECTOR:
        put_vector(json, param);
        break;
    default:
        put_scalar(json, param, place == SB_SCHEMA_SECTION);
    }
    sb_json_end_object(json);
}
