/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What statbed export writes: a family's hidden member as a network, and examples of it, as named arrays of
 * doubles in one file. A format is one file, export_NAME.c, and its name in meson.build.
 *
 *   x  N x dim        y  N
 *   layer1.weight  n_out x n_in      layer1.bias  n_out      layer2.weight ...
 *
 * R (ReLU) stands between layers, not behind the last. */
#ifndef SB_CLI_EXPORT_H
#define SB_CLI_EXPORT_H

#include "base/diag.h"
#include "numeric/random.h"

#include <stdint.h>
#include <stdio.h>

struct sb_law;
struct sb_network;
struct sb_space;

struct sb_export_array {
    char name[32];
    uint32_t n_dims; /* 1 or 2 */
    uint64_t shape[2];
    uint64_t n;       /* numbers in all, row-major */
    const double *at; /* all of them, borrowed; NULL: they come a piece at a time */
};

/* Of what the file is, as text. */
struct sb_export_note {
    const char *name;
    char *text; /* owned */
};
enum { SB_EXPORT_NOTES = 16 };

struct sb_export {
    struct sb_export_note note[SB_EXPORT_NOTES];
    size_t n_notes;
    struct sb_export_array *array; /* in the order in which they are written; owned */
    size_t n_arrays;
};

/* A file being written. Errors of `file` are sticky, and looked at by the caller. */
struct sb_export_out {
    const struct sb_export *export;
    FILE *file;
    int error;       /* a negative errno of another kind: sticky, too */
    uint64_t n_done; /* numbers of the present array */
    void *self;      /* the format's own, from begin to end; owned by it */
};

struct sb_export_format {
    const char *ending; /* of the file's name: ".npz" */
    /* Called in this order: begin, then for each array in turn array, numbers (any number of times),
     * array_end; end. begin: 0 or -ENOMEM; end is called in any case after a begin that gave 0.
     * array, array_end, end may be NULL: nothing is to be done there. */
    int (*begin)(struct sb_export_out *out);
    void (*array)(struct sb_export_out *out, const struct sb_export_array *array);
    void (*numbers)(struct sb_export_out *out, const struct sb_export_array *array, uint64_t n,
                    const double *number);
    void (*array_end)(struct sb_export_out *out, const struct sb_export_array *array);
    void (*end)(struct sb_export_out *out);
};
extern const struct sb_export_format *const sb_export_formats[]; /* generated; NULL-ended */

/* By the ending of a file's name. -EINVAL with a line. */
int sb_export_format_of(const char *path, const struct sb_export_format **out,
                        struct sb_diag *diag);

/* Examples of a law: numbers 0 .. n-1 of the sample with this key. */
struct sb_export_sample {
    const struct sb_space *space;
    const struct sb_law *law;
    struct sb_key key;
    uint64_t n;
    double *y; /* room for n; filled while x is written */
};
/* A note; `text` is malloc'd, and the file's from here on. -ENOMEM where it is NULL. */
int sb_export_note(struct sb_export *export, const char *name, char *text);
/* The arrays of a network (NULL: none) and a sample (n = 0: none), which *out borrows. 0 or -ENOMEM. */
int sb_export_init(struct sb_export *out, const struct sb_network *network,
                   const struct sb_export_sample *sample);
void sb_export_fini(struct sb_export *export);
/* To a file beside `path` first, which takes its place when all is written. 0; a negative errno with a
 * line; 128 + a signal that came, and then `path` is as it was. */
int sb_export_write(const struct sb_export *export, const struct sb_export_sample *sample,
                    const struct sb_export_format *format, const char *path, struct sb_diag *diag);

#endif
