/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading a family plugin: its descriptor read field by field, so that plugins built against other
 * minor versions of family.h load too. */
#include "runner/family_plugin.h"

#include "base/memory.h"
#include "host/plugin.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(offsetof(struct sb_family_so, class) == 0, "a class is cast to its plugin");
static_assert(sizeof(struct sb_family_plugin) >= SB_FAMILY_SIZE_1_0, "the descriptor only grows");

static const char rebuild[] = "rebuild the family against this statbed's headers";

/* A file, mapped to be read; NULL where it cannot be. */
static void *map(const char *path, size_t *n_out)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *bytes = MAP_FAILED;
    struct stat s;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0) {
        *n_out = (size_t)s.st_size;
        bytes = mmap(NULL, *n_out, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    close(fd);
    return bytes == MAP_FAILED ? NULL : bytes;
}

/* Symbol names stand in a shared object between zeros. */
bool sb_family_so_is(const char *path)
{
    static const char family[] = "\0statbed_family", learner[] = "\0statbed_learner";
    size_t n;
    void *bytes = map(path, &n);
    bool is;

    if (!bytes)
        return false;
    is = memmem(bytes, n, family, sizeof family) && !memmem(bytes, n, learner, sizeof learner);
    munmap(bytes, n);
    return is;
}

static int check_head(const char *path, const struct sb_family_plugin *theirs, struct sb_diag *diag)
{
    if (theirs->abi_major != SB_FAMILY_ABI_MAJOR)
        return sb_diag_fail(diag, -EINVAL,
                            "%s was built for version %u of the family interface, this statbed "
                            "speaks version %u: %s",
                            path, theirs->abi_major, SB_FAMILY_ABI_MAJOR, rebuild);
    if (theirs->struct_size < SB_FAMILY_SIZE_1_0)
        return sb_diag_fail(diag, -EINVAL,
                            "%s: its descriptor has %u bytes, version 1.0 has %d: %s", path,
                            theirs->struct_size, SB_FAMILY_SIZE_1_0, rebuild);
    if (theirs->params && theirs->param_size < SB_PARAM_SIZE_1_0)
        return sb_diag_fail(diag, -EINVAL, "%s: a parameter has %u bytes, version 1.0 has %d: %s",
                            path, theirs->param_size, SB_PARAM_SIZE_1_0, rebuild);
    return 0;
}

static int missing(const char *path, const char *what, struct sb_diag *diag)
{
    return sb_diag_fail(diag, -EINVAL, "%s: its descriptor has no %s; give it in SB_FAMILY", path,
                        what);
}

static int check_body(const char *path, const struct sb_family_plugin *p, struct sb_diag *diag)
{
    if (!p->name || !*p->name)
        return missing(path, "name", diag);
    if (!p->create)
        return missing(path, "create", diag);
    if (p->line_density || p->line_draw)
        return sb_plugin_check_name(p->name, "family", diag);
    if (!p->label)
        return missing(path, "label", diag);
    if (!p->weight && !p->sample && !p->product)
        return missing(path, "law: one of weight, sample and product", diag);
    if (!p->value && !p->recovered)
        return missing(path, "value, nor recovered: one of them is needed", diag);
    return sb_plugin_check_name(p->name, "family", diag);
}

/* A law on the line has the parameters of hidden directions beside its own. */
static int add_line(struct sb_family_so *so, struct sb_diag *diag)
{
    const int error = sb_family_line_check(so->path, &so->plugin, so->params, diag);
    size_t own = 0, more = 0;
    struct sb_param *all;

    if (error)
        return error;
    while (so->params[own].name)
        own++;
    while (sb_family_line_params[more].name)
        more++;
    all = SB_NEW_ARRAY(struct sb_param, own + more + 1);
    if (!all)
        return -ENOMEM;
    memcpy(all, so->params, own * sizeof *all);
    memcpy(all + own, sb_family_line_params, (more + 1) * sizeof *all);
    free(so->params);
    so->params = all;
    return 0;
}

static int read_descriptor(struct sb_family_so *so, struct sb_diag *diag)
{
    const struct sb_family_plugin *theirs = dlsym(so->object, "statbed_family");
    int error;

    if (!theirs)
        return sb_diag_fail(diag, -EINVAL,
                            "%s is no family: it exports no symbol statbed_family; define it with "
                            "SB_FAMILY(...) of statbed/family.h",
                            so->path);
    error = check_head(so->path, theirs, diag);
    if (error)
        return error;
    memcpy(&so->plugin, theirs,
           theirs->struct_size < sizeof so->plugin ? theirs->struct_size : sizeof so->plugin);
    error = check_body(so->path, &so->plugin, diag);
    if (!error)
        error =
            sb_plugin_copy_params(so->path, theirs->params, theirs->param_size, &so->params, diag);
    if (!error && (so->plugin.line_density || so->plugin.line_draw))
        error = add_line(so, diag);
    return error ? error : sb_plugin_check_params(so->params, "family", diag);
}

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

static void dress(struct sb_family_so *so)
{
    const struct sb_family_plugin *p = &so->plugin;
    const bool line = sb_family_states_line(p);

    so->class = (struct sb_family_class){
        .name = p->name,
        .summary = or_empty(p->summary),
        .source = or_empty(p->source),
        .recover = line ? sb_family_line_recover : or_empty(p->recover),
        .params = so->params,
        .binary = &so->digest,
        .flags = p->flags,
        .create = line ? sb_family_line_create : sb_family_instance_create,
        .destroy = line ? sb_family_line_destroy : sb_family_instance_destroy
    };
}

/* The file is looked at before it is loaded: a learner is never run here, where the secret is. */
static int load(struct sb_family_so *so, struct sb_diag *diag)
{
    int error = sb_digest_file(so->path, &so->digest);

    if (error)
        return sb_diag_fail(diag, -ENOENT, "the family %s cannot be read: %s", so->path,
                            strerror(-error));
    if (!sb_family_so_is(so->path))
        return sb_diag_fail(diag, -EINVAL,
                            "%s is no family: it has no symbol statbed_family, or that of a "
                            "learner; define it with SB_FAMILY(...) of statbed/family.h",
                            so->path);
    so->object = dlopen(so->path, RTLD_NOW | RTLD_LOCAL);
    if (!so->object) {
        const char *why = dlerror();

        return sb_diag_fail(diag, -EINVAL,
                            "%s cannot be loaded as a family: %s; build it with cc -shared -fPIC",
                            so->path, why ? why : "dlopen failed");
    }
    error = read_descriptor(so, diag);
    if (!error)
        dress(so);
    return error;
}

int sb_family_so_load(const char *path, struct sb_family_so **out, struct sb_diag *diag)
{
    struct sb_family_so *so = SB_NEW(struct sb_family_so);
    int error = -ENOMEM;

    if (so)
        so->path = sb_strdup(path);
    if (so && so->path)
        error = load(so, diag);
    if (error)
        sb_family_so_free(so);
    else
        *out = so;
    return error;
}

void sb_family_so_free(struct sb_family_so *so)
{
    if (!so)
        return;
    free(so->params);
    if (so->object)
        dlclose(so->object);
    free(so->path);
    free(so);
}
