/* SPDX-License-Identifier: GPL-3.0-or-later */
/* npz: a zip file of stored entries, each a .npy: NumPy's magic bytes, a head that gives type and shape, the
 * numbers. The notes are one more entry, metadata.npy: a byte string of JSON.
 *
 * Sizes are known before anything is written and stand in the Zip64 fields throughout, so that there is one
 * way for small files and large; the check sum of an entry is put in its place when the entry is done. */
#include "base/json.h"
#include "base/memory.h"
#include "cli/export.h"
#include "cli/export_bytes.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/types.h>
#include <zlib.h>

enum {
    ZIP64_VERSION = 45,
    FIRST_DAY = 33,   /* 1980-01-01: the same file for the same content */
    CHECK_SUM_AT = 14 /* in an entry's head */
};

struct entry {
    char name[40];
    uint64_t at, n_bytes; /* of its head in the file; of its content */
    uint32_t check_sum;
};

struct npz {
    struct entry *entry;
    size_t n;
    char *notes; /* JSON */
    struct sb_buf head;
};

static void put_u16(struct sb_buf *b, uint32_t v)
{
    sb_buf_u8(b, (uint8_t)v);
    sb_buf_u8(b, (uint8_t)(v >> 8));
}

static void put_content(struct sb_export_out *out, const void *p, size_t n)
{
    struct npz *npz = out->self;
    struct entry *entry = &npz->entry[npz->n - 1];

    entry->check_sum = (uint32_t)crc32_z(entry->check_sum, p, n);
    fwrite(p, 1, n, out->file);
}

static void put_buffer(struct sb_export_out *out, struct sb_buf *b)
{
    if (b->failed)
        out->error = -ENOMEM;
    else
        fwrite(b->data, 1, b->n, out->file);
    sb_buf_clear(b);
}

/* What the heads in the file and in the directory share, from the version needed on. */
static void put_fields(struct sb_buf *b, const struct entry *entry, uint32_t extra)
{
    put_u16(b, ZIP64_VERSION);
    put_u16(b, 0); /* no flags */
    put_u16(b, 0); /* stored */
    put_u16(b, 0); /* midnight */
    put_u16(b, FIRST_DAY);
    sb_buf_u32(b, entry->check_sum);
    sb_buf_u32(b, UINT32_MAX); /* sizes: see the extra field */
    sb_buf_u32(b, UINT32_MAX);
    put_u16(b, (uint32_t)strlen(entry->name));
    put_u16(b, extra + 4);
}

/* Stored size, size, and in the directory the entry's place. */
static void put_extra(struct sb_buf *b, const struct entry *entry, uint32_t extra)
{
    put_u16(b, 1);
    put_u16(b, extra);
    sb_buf_u64(b, entry->n_bytes);
    sb_buf_u64(b, entry->n_bytes);
    if (extra > 16)
        sb_buf_u64(b, entry->at);
}

/* Begins the entry NAME.npy; `content`: bytes behind the head of the .npy. */
static void entry_begin(struct sb_export_out *out, const char *name, const char *type,
                        const char *shape, uint64_t content)
{
    struct npz *npz = out->self;
    struct entry *entry = &npz->entry[npz->n++];
    char head[192];
    int n = snprintf(head, sizeof head, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                     type, shape);
    const uint32_t padded = ((uint32_t)n + 10 + 1 + 63) / 64 * 64;

    snprintf(entry->name, sizeof entry->name, "%s.npy", name);
    entry->at = (uint64_t)ftello(out->file);
    entry->n_bytes = padded + content;
    sb_buf_u32(&npz->head, 0x04034b50);
    put_fields(&npz->head, entry, 16);
    sb_buf_puts(&npz->head, entry->name);
    put_extra(&npz->head, entry, 16);
    put_buffer(out, &npz->head);
    sb_buf_puts(&npz->head, "\x93NUMPY\x01");
    sb_buf_u8(&npz->head, 0);
    put_u16(&npz->head, padded - 10);
    sb_buf_printf(&npz->head, "%s%*s\n", head, (int)padded - 11 - n, "");
    if (npz->head.failed)
        out->error = -ENOMEM;
    else
        put_content(out, npz->head.data, npz->head.n);
    sb_buf_clear(&npz->head);
}

static void entry_end(struct sb_export_out *out)
{
    struct npz *npz = out->self;
    const struct entry *entry = &npz->entry[npz->n - 1];

    sb_buf_u32(&npz->head, entry->check_sum);
    if (fseeko(out->file, (off_t)entry->at + CHECK_SUM_AT, SEEK_SET))
        out->error = -errno;
    put_buffer(out, &npz->head);
    if (fseeko(out->file, 0, SEEK_END))
        out->error = -errno;
}

static void npz_free(struct npz *npz)
{
    if (!npz)
        return;
    free(npz->entry);
    free(npz->notes);
    sb_buf_fini(&npz->head);
    free(npz);
}

static char *notes_of(const struct sb_export *export)
{
    struct sb_buf text;
    struct sb_json json = { &text, 0, false };
    char *copy;

    sb_buf_init(&text);
    sb_json_object(&json, NULL);
    for (size_t i = 0; i < export->n_notes; i++)
        sb_json_text(&json, export->note[i].name, export->note[i].text);
    sb_json_end_object(&json);
    copy = sb_strdup(sb_buf_str(&text));
    sb_buf_fini(&text);
    return copy;
}

static int npz_begin(struct sb_export_out *out)
{
    struct npz *npz = SB_NEW(struct npz);

    if (!npz)
        return -ENOMEM;
    sb_buf_init(&npz->head);
    npz->entry = SB_NEW_ARRAY(struct entry, out->export->n_arrays + 1);
    npz->notes = notes_of(out->export);
    if (npz->entry && npz->notes) {
        out->self = npz;
        return 0;
    }
    npz_free(npz);
    return -ENOMEM;
}

static void npz_array(struct sb_export_out *out, const struct sb_export_array *array)
{
    char shape[64];

    snprintf(shape, sizeof shape,
             array->n_dims == 2 ? "(%" PRIu64 ", %" PRIu64 ")" : "(%" PRIu64 ",)", array->shape[0],
             array->shape[1]);
    entry_begin(out, array->name, "<f8", shape, 8 * array->n);
}

static void npz_numbers(struct sb_export_out *out, const struct sb_export_array *array, uint64_t n,
                        const double *number)
{
    uint8_t bytes[8 * SB_EXPORT_PIECE];

    (void)array;
    for (uint64_t from = 0; from < n; from += SB_EXPORT_PIECE) {
        const uint64_t some = n - from < SB_EXPORT_PIECE ? n - from : SB_EXPORT_PIECE;

        sb_export_bytes(some, number + from, bytes);
        put_content(out, bytes, 8 * some);
    }
}

static void npz_array_end(struct sb_export_out *out, const struct sb_export_array *array)
{
    (void)array;
    entry_end(out);
}

/* The directory, and where it is: in Zip64's form, then in the old one, whose fields say to look there. */
static void put_directory(struct sb_export_out *out)
{
    struct npz *npz = out->self;
    struct sb_buf *b = &npz->head;
    const uint64_t at = (uint64_t)ftello(out->file);
    uint64_t size;

    for (size_t i = 0; i < npz->n; i++) {
        sb_buf_u32(b, 0x02014b50);
        put_u16(b, ZIP64_VERSION);
        put_fields(b, &npz->entry[i], 24);
        put_u16(b, 0); /* no comment */
        put_u16(b, 0); /* on the only disk */
        put_u16(b, 0);
        sb_buf_u32(b, 0);
        sb_buf_u32(b, UINT32_MAX); /* place: see the extra field */
        sb_buf_puts(b, npz->entry[i].name);
        put_extra(b, &npz->entry[i], 24);
    }
    size = b->n;
    sb_buf_u32(b, 0x06064b50);
    sb_buf_u64(b, 44); /* bytes of this record from here on */
    put_u16(b, ZIP64_VERSION);
    put_u16(b, ZIP64_VERSION);
    sb_buf_u32(b, 0); /* the only disk */
    sb_buf_u32(b, 0);
    sb_buf_u64(b, npz->n);
    sb_buf_u64(b, npz->n);
    sb_buf_u64(b, size);
    sb_buf_u64(b, at);
    sb_buf_u32(b, 0x07064b50);
    sb_buf_u32(b, 0);
    sb_buf_u64(b, at + size);
    sb_buf_u32(b, 1);
    sb_buf_u32(b, 0x06054b50);
    put_u16(b, 0);
    put_u16(b, 0);
    put_u16(b, UINT16_MAX);
    put_u16(b, UINT16_MAX);
    sb_buf_u32(b, UINT32_MAX);
    sb_buf_u32(b, UINT32_MAX);
    put_u16(b, 0);
    put_buffer(out, b);
}

static void npz_end(struct sb_export_out *out)
{
    struct npz *npz = out->self;
    const size_t n = strlen(npz->notes);
    char type[32];

    snprintf(type, sizeof type, "|S%zu", n);
    entry_begin(out, "metadata", type, "()", n);
    put_content(out, npz->notes, n);
    entry_end(out);
    put_directory(out);
    npz_free(npz);
}

const struct sb_export_format sb_export_format_npz = {
    .ending = ".npz",
    .begin = npz_begin,
    .array = npz_array,
    .numbers = npz_numbers,
    .array_end = npz_array_end,
    .end = npz_end,
};
