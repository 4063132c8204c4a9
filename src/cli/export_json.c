/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON: an object of the notes and the arrays, these as lists of rows; each number as the shortest text that
 * reads back as the same double. */
#include "base/json.h"
#include "base/text.h"
#include "cli/export.h"

#include <errno.h>

static int json_begin(struct sb_export_out *out)
{
    struct sb_buf text;
    struct sb_json json = { &text, 0, false };
    int error;

    sb_buf_init(&text);
    sb_json_object(&json, NULL);
    sb_json_object(&json, "metadata");
    for (size_t i = 0; i < out->export->n_notes; i++)
        sb_json_text(&json, out->export->note[i].name, out->export->note[i].text);
    sb_json_end_object(&json);
    error = text.failed ? -ENOMEM : 0;
    if (!error)
        fwrite(text.data, 1, text.n, out->file);
    sb_buf_fini(&text);
    return error;
}

static void json_array(struct sb_export_out *out, const struct sb_export_array *array)
{
    fprintf(out->file, ",\n  \"%s\": [", array->name);
}

/* Each row of a matrix is a list and a line. */
static void json_numbers(struct sb_export_out *out, const struct sb_export_array *array, uint64_t n,
                         const double *number)
{
    const uint64_t row = array->n_dims == 2 ? array->shape[1] : 0;
    char text[32];

    for (uint64_t i = 0; i < n; i++) {
        const uint64_t at = out->n_done + i;

        sb_format_real(number[i], text);
        fputs(at ? "," : "", out->file);
        fputs(row && at % row == 0 ? "\n    [" : at ? " " : "", out->file);
        fputs(text, out->file);
        fputs(row && at % row == row - 1 ? "]" : "", out->file);
    }
}

static void json_array_end(struct sb_export_out *out, const struct sb_export_array *array)
{
    fputs(array->n_dims == 2 ? "\n  ]" : "]", out->file);
}

static void json_end(struct sb_export_out *out)
{
    fputs("\n}\n", out->file);
}

const struct sb_export_format sb_export_format_json = {
    .ending = ".json",
    .begin = json_begin,
    .array = json_array,
    .numbers = json_numbers,
    .array_end = json_array_end,
    .end = json_end,
};
