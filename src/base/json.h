/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON, written: objects and arrays, a member a line, two blanks a level. Commas and line ends come by
 * themselves. */
#ifndef SB_BASE_JSON_H
#define SB_BASE_JSON_H

#include "base/buffer.h"

struct sb_json {
    struct sb_buf *out; /* borrowed; its `failed` is the only error */
    size_t depth;
    bool begun; /* the innermost object or array has a member */
};

/* key: NULL in an array, and for the outermost value. */
void sb_json_object(struct sb_json *json, const char *key);
void sb_json_array(struct sb_json *json, const char *key);
void sb_json_end_object(struct sb_json *json);
void sb_json_end_array(struct sb_json *json);
/* text: NULL is one that there was no memory for: `out` has failed. */
void sb_json_text(struct sb_json *json, const char *key, const char *text);
void sb_json_printf(struct sb_json *json, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4))); /* a text */
void sb_json_bool(struct sb_json *json, const char *key, bool value);
/* Written as it stands: a number, or JSON that was made elsewhere. */
void sb_json_raw(struct sb_json *json, const char *key, const char *json_text);

#endif
