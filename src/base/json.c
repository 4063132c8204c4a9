/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON, written. */
#include "base/json.h"

#include "base/memory.h"
#include "base/params.h"

#include <stdarg.h>
#include <stdio.h>

static void put_line(struct sb_json *json)
{
    sb_buf_puts(json->out, "\n");
    for (size_t i = 0; i < json->depth; i++)
        sb_buf_puts(json->out, "  ");
}

static void put_key(struct sb_json *json, const char *key)
{
    if (json->begun)
        sb_buf_puts(json->out, ",");
    if (json->depth)
        put_line(json);
    if (key) {
        sb_json_string(key, json->out);
        sb_buf_puts(json->out, ": ");
    }
    json->begun = true;
}

static void open(struct sb_json *json, const char *key, const char *bracket)
{
    put_key(json, key);
    sb_buf_puts(json->out, bracket);
    json->depth++;
    json->begun = false;
}

static void close(struct sb_json *json, const char *bracket)
{
    json->depth--;
    if (json->begun)
        put_line(json);
    sb_buf_puts(json->out, bracket);
    json->begun = true;
}

void sb_json_object(struct sb_json *json, const char *key)
{
    open(json, key, "{");
}

void sb_json_array(struct sb_json *json, const char *key)
{
    open(json, key, "[");
}

void sb_json_end_object(struct sb_json *json)
{
    close(json, "}");
}

void sb_json_end_array(struct sb_json *json)
{
    close(json, "]");
}

void sb_json_text(struct sb_json *json, const char *key, const char *text)
{
    put_key(json, key);
    if (text)
        sb_json_string(text, json->out);
    else
        json->out->failed = true;
}

void sb_json_printf(struct sb_json *json, const char *key, const char *fmt, ...)
{
    char *text SB_FREE = NULL;
    va_list args;

    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) < 0)
        text = NULL;
    va_end(args);
    if (text)
        sb_json_text(json, key, text);
    else
        json->out->failed = true;
}

void sb_json_bool(struct sb_json *json, const char *key, bool value)
{
    sb_json_raw(json, key, value ? "true" : "false");
}

void sb_json_raw(struct sb_json *json, const char *key, const char *json_text)
{
    put_key(json, key);
    sb_buf_puts(json->out, json_text);
}
