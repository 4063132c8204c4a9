/* SPDX-License-Identifier: GPL-3.0-or-later */
/* safetensors: the length of a JSON header (u64, the least byte first), the header, the tensors' numbers one
 * behind the other. The header names each tensor's type, shape and place, and has the notes as
 * __metadata__; it is padded with blanks to a multiple of eight. */
#include "base/json.h"
#include "cli/export.h"
#include "cli/export_bytes.h"

#include <errno.h>
#include <inttypes.h>

static void put_tensor(struct sb_json *json, const struct sb_export_array *array, uint64_t *at)
{
    char text[64];

    sb_json_object(json, array->name);
    sb_json_text(json, "dtype", "F64");
    snprintf(text, sizeof text, array->n_dims == 2 ? "[%" PRIu64 ", %" PRIu64 "]" : "[%" PRIu64 "]",
             array->shape[0], array->shape[1]);
    sb_json_raw(json, "shape", text);
    snprintf(text, sizeof text, "[%" PRIu64 ", %" PRIu64 "]", *at, *at + 8 * array->n);
    sb_json_raw(json, "data_offsets", text);
    sb_json_end_object(json);
    *at += 8 * array->n;
}

static int safetensors_begin(struct sb_export_out *out)
{
    struct sb_buf header;
    struct sb_json json = { &header, 0, false };
    uint64_t at = 0;
    int error;

    sb_buf_init(&header);
    sb_json_object(&json, NULL);
    sb_json_object(&json, "__metadata__");
    for (size_t i = 0; i < out->export->n_notes; i++)
        sb_json_text(&json, out->export->note[i].name, out->export->note[i].text);
    sb_json_end_object(&json);
    for (size_t i = 0; i < out->export->n_arrays; i++)
        put_tensor(&json, &out->export->array[i], &at);
    sb_json_end_object(&json);
    while (header.n % 8 && !header.failed)
        sb_buf_puts(&header, " ");
    error = header.failed ? -ENOMEM : 0;
    if (!error) {
        for (int b = 0; b < 8; b++)
            fputc((int)((uint64_t)header.n >> (8 * b) & 255), out->file);
        fwrite(header.data, 1, header.n, out->file);
    }
    sb_buf_fini(&header);
    return error;
}

static void safetensors_numbers(struct sb_export_out *out, const struct sb_export_array *array,
                                uint64_t n, const double *number)
{
    uint8_t bytes[8 * SB_EXPORT_PIECE];

    (void)array;
    for (uint64_t from = 0; from < n; from += SB_EXPORT_PIECE) {
        const uint64_t some = n - from < SB_EXPORT_PIECE ? n - from : SB_EXPORT_PIECE;

        sb_export_bytes(some, number + from, bytes);
        fwrite(bytes, 8, some, out->file);
    }
}

const struct sb_export_format sb_export_format_safetensors = {
    .ending = ".safetensors",
    .begin = safetensors_begin,
    .numbers = safetensors_numbers,
};
