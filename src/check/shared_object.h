/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a shared object's file says of itself, read without running any of it: the symbols that it
 * defines for others, those that it wants from others, the libraries that it names. Of this
 * machine's word size and byte order. */
#ifndef SB_CHECK_SHARED_OBJECT_H
#define SB_CHECK_SHARED_OBJECT_H

#include "base/diag.h"

#include <stdbool.h>
#include <stdint.h>

struct sb_elf_symbol {
    const char *name; /* borrowed from the file's bytes */
    bool data;        /* an object, not a function */
    bool weak;        /* several may define it: C++ templates */
};

struct sb_elf {
    uint8_t *bytes; /* the file; owned */
    size_t n;
    struct sb_elf_symbol *defined, *undefined; /* owned */
    size_t n_defined, n_undefined;
    const char **needed; /* libraries; owned array */
    size_t n_needed;
};

/* 0; -EINVAL with one line where the file cannot be read or is no shared object of this machine's;
 * -ENOMEM. *out is written on success only. */
int sb_elf_read(const char *path, struct sb_elf *out, struct sb_diag *diag);
void sb_elf_fini(struct sb_elf *elf);
bool sb_elf_defines(const struct sb_elf *elf, const char *name);

#endif
