/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays into a file: examples drawn block by block, weights as they are; whole or not at all. */
#include "cli/export.h"

#include "base/memory.h"
#include "estimate/law.h"
#include "numeric/network.h"
#include "report/files.h"
#include "runner/interrupt.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int sb_export_format_of(const char *path, const struct sb_export_format **out, struct sb_diag *diag)
{
    const char *name = sb_path_name(path), *all;
    struct sb_buf list;
    int error;

    sb_buf_init(&list);
    for (size_t i = 0; sb_export_formats[i]; i++) {
        const char *ending = sb_export_formats[i]->ending;
        const size_t n = strlen(name), n_ending = strlen(ending);

        if (n > n_ending && strcmp(name + n - n_ending, ending) == 0) {
            *out = sb_export_formats[i];
            sb_buf_fini(&list);
            return 0;
        }
        sb_buf_printf(&list, "%s%s", list.n ? ", " : "", ending);
    }
    all = sb_buf_str(&list);
    error = sb_diag_fail(diag, all ? -EINVAL : -ENOMEM,
                         "export: the format of '%s' is unknown: its name has to end in one of %s",
                         path, all ? all : "");
    sb_buf_fini(&list);
    return error;
}

/* A further array; n_dims numbers of shape. */
static void add(struct sb_export *export, const char *name, uint32_t n_dims, uint64_t rows,
                uint64_t columns, const double *at)
{
    struct sb_export_array *array = &export->array[export->n_arrays++];

    snprintf(array->name, sizeof array->name, "%s", name);
    array->n_dims = n_dims;
    array->shape[0] = rows;
    array->shape[1] = columns;
    array->n = n_dims == 1 ? rows : rows * columns;
    array->at = at;
}

int sb_export_init(struct sb_export *out, const struct sb_network *network,
                   const struct sb_export_sample *sample)
{
    const size_t n_layers = network ? network->n_layers : 0;
    char name[32];

    out->n_arrays = 0;
    out->array = SB_NEW_ARRAY(struct sb_export_array, 2 * n_layers + 2);
    if (!out->array)
        return -ENOMEM;
    if (sample->n > 0) {
        add(out, "x", 2, sample->n, sample->space->dim, NULL);
        add(out, "y", 1, sample->n, 0, sample->y);
    }
    for (size_t l = 0; l < n_layers; l++) {
        const struct sb_layer *layer = &network->layer[l];

        snprintf(name, sizeof name, "layer%zu.weight", l + 1);
        add(out, name, 2, layer->n_out, layer->n_in, layer->weight);
        snprintf(name, sizeof name, "layer%zu.bias", l + 1);
        add(out, name, 1, layer->n_out, 0, layer->bias);
    }
    return 0;
}

int sb_export_note(struct sb_export *export, const char *name, char *text)
{
    if (!text)
        return -ENOMEM;
    export->note[export->n_notes++] = (struct sb_export_note){ name, text };
    return 0;
}

void sb_export_fini(struct sb_export *export)
{
    free(export->array);
    for (size_t i = 0; i < export->n_notes; i++)
        free(export->note[i].text);
}

/* Room for a block of points, as columns or bits, and as rows. */
struct room {
    uint64_t bits[SB_BLOCK];
    double **x, *columns, *rows;
};

static void room_free(struct room *room)
{
    if (!room)
        return;
    free(room->x);
    free(room->columns);
    free(room->rows);
    free(room);
}

static struct room *room_new(uint32_t dim)
{
    struct room *room = SB_NEW(struct room);

    if (!room)
        return NULL;
    room->x = SB_NEW_ARRAY(double *, dim);
    room->columns = SB_NEW_ARRAY(double, (size_t)dim *SB_BLOCK);
    room->rows = SB_NEW_ARRAY(double, (size_t)dim *SB_BLOCK);
    if (!room->x || !room->columns || !room->rows) {
        room_free(room);
        return NULL;
    }
    for (uint32_t j = 0; j < dim; j++)
        room->x[j] = room->columns + (size_t)j * SB_BLOCK;
    return room;
}

/* Something ended it: a signal that came, or the file cannot take more. */
static bool ended(const struct sb_export_out *out)
{
    return out->error || ferror(out->file) || sb_interrupt_signal();
}

static void write_points(struct sb_export_out *out, const struct sb_export_format *format,
                         const struct sb_export_array *array, const struct sb_export_sample *sample,
                         struct room *room)
{
    const uint32_t dim = sample->space->dim;
    const bool cube = sample->space->domain == SB_CUBE;

    for (uint64_t from = 0; from < sample->n && !ended(out); from += SB_BLOCK) {
        const uint64_t left = sample->n - from, n = left < SB_BLOCK ? left : SB_BLOCK;
        const struct sb_points points = { cube ? room->bits : NULL, cube ? NULL : room->x };

        sb_law_sample(sample->law, sample->key, from, n, &points, sample->y + from);
        for (uint64_t i = 0; i < n; i++)
            for (uint32_t j = 0; j < dim; j++)
                room->rows[i * dim + j] = cube ? (double)(room->bits[i] >> j & 1) : room->x[j][i];
        format->numbers(out, array, n * dim, room->rows);
        out->n_done += n * dim;
    }
}

static void write_kept(struct sb_export_out *out, const struct sb_export_format *format,
                       const struct sb_export_array *array)
{
    enum { PIECE = 1 << 16 };

    while (out->n_done < array->n && !ended(out)) {
        const uint64_t left = array->n - out->n_done, n = left < PIECE ? left : PIECE;

        format->numbers(out, array, n, array->at + out->n_done);
        out->n_done += n;
    }
}

static int write_arrays(struct sb_export_out *out, const struct sb_export_format *format,
                        const struct sb_export_sample *sample)
{
    struct room *room = sample->n > 0 ? room_new(sample->space->dim) : NULL;
    int error = sample->n > 0 && !room ? -ENOMEM : format->begin(out);

    for (size_t i = 0; i < out->export->n_arrays && !error; i++) {
        const struct sb_export_array *array = &out->export->array[i];

        out->n_done = 0;
        if (format->array)
            format->array(out, array);
        if (array->at)
            write_kept(out, format, array);
        else
            write_points(out, format, array, sample, room);
        if (format->array_end)
            format->array_end(out, array);
    }
    if (!error && format->end)
        format->end(out);
    room_free(room);
    return error ? error : out->error;
}

/* The file beside: its name in *name_out (malloc'd), with the rights of a file that a program makes. */
static FILE *draft_open(const char *path, char **name_out)
{
    char *folder SB_FREE = sb_path_folder(path);
    char *name = folder ? sb_printf("%s/.statbed-XXXXXX", folder) : NULL;
    const mode_t mask = umask(0);
    FILE *file = NULL;
    int fd;

    umask(mask);
    *name_out = name;
    fd = name ? mkstemp(name) : -1;
    if (fd >= 0) {
        fchmod(fd, 0666 & ~mask);
        file = fdopen(fd, "wb");
    }
    if (fd >= 0 && !file) {
        unlink(name);
        close(fd);
    }
    return file;
}

static int cannot_write(const char *path, struct sb_diag *diag)
{
    return sb_diag_fail(diag, errno == ENOENT || errno == EACCES ? -ENOENT : -EIO,
                        "export: %s cannot be written: %s", path, strerror(errno));
}

/* The draft is complete, or goes. */
static int draft_close(FILE *file, const char *name, const char *path, int error,
                       struct sb_diag *diag)
{
    const bool whole = fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0;
    const int signal = sb_interrupt_signal(), why = errno;

    if (fclose(file) == 0 && whole && !error && !signal && rename(name, path) == 0)
        return 0;
    if (whole)
        error = error ? error : signal ? 128 + signal : cannot_write(path, diag);
    errno = why;
    if (!whole)
        error = cannot_write(path, diag);
    unlink(name);
    return error;
}

int sb_export_write(const struct sb_export *export, const struct sb_export_sample *sample,
                    const struct sb_export_format *format, const char *path, struct sb_diag *diag)
{
    struct sb_export_out out = { .export = export };
    char *target SB_FREE = realpath(path, NULL); /* a link stays one */
    const char *to = target ? target : path;
    char *name SB_FREE = NULL;
    int error;

    sb_interrupt_catch(false);
    out.file = draft_open(to, &name);
    if (out.file) {
        error = write_arrays(&out, format, sample);
        error = draft_close(out.file, name, to, error, diag);
    } else {
        error = cannot_write(path, diag);
    }
    sb_interrupt_release();
    return error;
}
