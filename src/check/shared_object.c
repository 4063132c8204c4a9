/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the dynamic section's tables of an ELF file. The file is anyone's: every offset is checked
 * against its length before it is followed. */
#include "check/shared_object.h"

#include "base/memory.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 30 };

static int read_bytes(int fd, struct sb_elf *elf)
{
    size_t at = 0;

    while (at < elf->n) {
        const ssize_t got = read(fd, elf->bytes + at, elf->n - at);

        if (got == 0)
            return -EIO; /* it became shorter */
        if (got < 0 && errno != EINTR)
            return -errno;
        at += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static int read_file(const char *path, struct sb_elf *elf)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat facts;
    int error = 0;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &facts))
        error = -errno;
    else if (S_ISDIR(facts.st_mode))
        error = -EISDIR;
    else if (!S_ISREG(facts.st_mode))
        error = -EINVAL;
    else if (facts.st_size > FILE_MAX)
        error = -EFBIG;
    if (!error) {
        elf->n = (size_t)facts.st_size;
        elf->bytes = SB_NEW_ARRAY(uint8_t, elf->n + 1); /* a terminator behind the last string */
        error = elf->bytes ? read_bytes(fd, elf) : -ENOMEM;
    }
    close(fd);
    return error;
}

/* Copies n bytes at an offset; false: they are not all in the file. */
static bool copy_at(const struct sb_elf *elf, uint64_t offset, uint64_t n, void *out)
{
    if (offset > elf->n || n > elf->n - offset)
        return false;
    memcpy(out, elf->bytes + offset, n);
    return true;
}

static bool is_ours(const ElfW(Ehdr) * head)
{
    const uint16_t one = 1;
    const uint8_t order = *(const uint8_t *)&one ? ELFDATA2LSB : ELFDATA2MSB;
    const uint8_t class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;

    return memcmp(head->e_ident, ELFMAG, SELFMAG) == 0 && head->e_ident[EI_CLASS] == class &&
           head->e_ident[EI_DATA] == order && head->e_type == ET_DYN &&
           head->e_shentsize == sizeof(ElfW(Shdr));
}

/* The first section of this type, and the one that it links to: its strings. */
static bool find_section(const struct sb_elf *elf, const ElfW(Ehdr) * head, uint32_t type,
                         ElfW(Shdr) * out, ElfW(Shdr) * strings)
{
    for (size_t i = 0; i < head->e_shnum; i++) {
        const uint64_t at = head->e_shoff + i * sizeof *out;

        if (!copy_at(elf, at, sizeof *out, out))
            return false;
        if (out->sh_type != type)
            continue;
        return copy_at(elf, head->e_shoff + (uint64_t)out->sh_link * sizeof *out, sizeof *strings,
                       strings);
    }
    return false;
}

static const char *string_at(const struct sb_elf *elf, const ElfW(Shdr) * strings, uint64_t i)
{
    /* a text that runs on ends with the file, where there is a terminator */
    if (i >= strings->sh_size || strings->sh_offset >= elf->n || i >= elf->n - strings->sh_offset)
        return "";
    return (const char *)elf->bytes + strings->sh_offset + i;
}

static void take_symbol(struct sb_elf *elf, const ElfW(Sym) * symbol, const char *name)
{
    const uint32_t bind = ELF64_ST_BIND(symbol->st_info), type = ELF64_ST_TYPE(symbol->st_info);
    const uint32_t seen = ELF64_ST_VISIBILITY(symbol->st_other);
    const struct sb_elf_symbol one = { name, type == STT_OBJECT || type == STT_COMMON,
                                       bind != STB_GLOBAL };

    if (bind == STB_LOCAL || !*name)
        return;
    if (symbol->st_shndx == SHN_UNDEF)
        elf->undefined[elf->n_undefined++] = one;
    else if (seen == STV_DEFAULT || seen == STV_PROTECTED)
        elf->defined[elf->n_defined++] = one;
}

static int read_symbols(struct sb_elf *elf, const ElfW(Ehdr) * head)
{
    ElfW(Shdr) table, strings;
    ElfW(Sym) symbol;
    uint64_t n;

    if (!find_section(elf, head, SHT_DYNSYM, &table, &strings))
        return -EINVAL;
    n = table.sh_size / sizeof symbol;
    if (n > elf->n / sizeof symbol)
        return -EINVAL;
    elf->defined = SB_NEW_ARRAY(struct sb_elf_symbol, n);
    elf->undefined = SB_NEW_ARRAY(struct sb_elf_symbol, n);
    if (!elf->defined || !elf->undefined)
        return -ENOMEM;
    for (uint64_t i = 0; i < n; i++) {
        if (!copy_at(elf, table.sh_offset + i * sizeof symbol, sizeof symbol, &symbol))
            return -EINVAL;
        take_symbol(elf, &symbol, string_at(elf, &strings, symbol.st_name));
    }
    return 0;
}

static int read_needed(struct sb_elf *elf, const ElfW(Ehdr) * head)
{
    ElfW(Shdr) table, strings;
    ElfW(Dyn) entry;
    uint64_t n;

    if (!find_section(elf, head, SHT_DYNAMIC, &table, &strings))
        return -EINVAL;
    n = table.sh_size / sizeof entry;
    if (n > elf->n / sizeof entry)
        return -EINVAL;
    elf->needed = SB_NEW_ARRAY(const char *, n);
    if (!elf->needed)
        return -ENOMEM;
    for (uint64_t i = 0; i < n; i++) {
        if (!copy_at(elf, table.sh_offset + i * sizeof entry, sizeof entry, &entry))
            return -EINVAL;
        if (entry.d_tag == DT_NEEDED)
            elf->needed[elf->n_needed++] = string_at(elf, &strings, entry.d_un.d_val);
    }
    return 0;
}

int sb_elf_read(const char *path, struct sb_elf *out, struct sb_diag *diag)
{
    struct sb_elf elf = { 0 };
    ElfW(Ehdr) head;
    int error = read_file(path, &elf);

    if (error && error != -ENOMEM && error != -EINVAL)
        sb_diag_fail(diag, -EINVAL, "%s cannot be read: %s", path, strerror(-error));
    if (!error && (!copy_at(&elf, 0, sizeof head, &head) || !is_ours(&head)))
        error = -ENOEXEC;
    if (!error)
        error = read_symbols(&elf, &head);
    if (!error)
        error = read_needed(&elf, &head);
    if (error == -ENOEXEC || error == -EINVAL)
        sb_diag_fail(diag, -EINVAL,
                     "%s is no shared object for this machine; build it with cc -shared -fPIC",
                     path);
    if (!error) {
        *out = elf;
        return 0;
    }
    sb_elf_fini(&elf);
    return error == -ENOMEM ? error : -EINVAL;
}

void sb_elf_fini(struct sb_elf *elf)
{
    free(elf->bytes);
    free(elf->defined);
    free(elf->undefined);
    free(elf->needed);
    memset(elf, 0, sizeof *elf);
}

bool sb_elf_defines(const struct sb_elf *elf, const char *name)
{
    for (size_t i = 0; i < elf->n_defined; i++)
        if (strcmp(elf->defined[i].name, name) == 0)
            return true;
    return false;
}
