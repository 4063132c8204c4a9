/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A merge: are the databases different files, do they agree, and then the copies. All is looked at
 * before anything is written; into a database that is new, from a temporary one, so that a refusal
 * leaves no file. */
#include "store/merge_work.h"

#include "base/memory.h"

#include <errno.h>
#include <sys/stat.h>

const char *sb_merge_name(const struct sb_merge *m, int64_t i)
{
    return i > 0 ? m->in[i - 1] : m->out;
}

int sb_merge_execute(struct sb_merge *m, const char *sql, const char *what, struct sb_diag *diag)
{
    if (sqlite3_exec(m->store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return sb_store_fail(m->store, what, diag);
    return 0;
}

int sb_merge_attach(struct sb_merge *m, size_t i, struct sb_diag *diag)
{
    return sb_store_attach(m->store, m->in[i - 1], "shard", diag);
}

int sb_merge_detach(struct sb_merge *m, struct sb_diag *diag)
{
    return sb_merge_execute(m, "DETACH shard", "the end of a copy", diag);
}

static bool same_file(const char *a, const char *b)
{
    struct stat s, t;

    return stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

static int check_names(const struct sb_merge *m, struct sb_diag *diag)
{
    for (size_t i = 0; i < m->n_in; i++) {
        if (same_file(m->in[i], m->out))
            return sb_diag_fail(diag, -EINVAL,
                                "%s is what is merged into (%s): leave it out, what it has stays",
                                m->in[i], m->out);
        for (size_t j = 0; j < i; j++)
            if (same_file(m->in[i], m->in[j]))
                return sb_diag_fail(diag, -EINVAL, "%s and %s are one file: name it once", m->in[j],
                                    m->in[i]);
    }
    return 0;
}

/* Opens what is merged into, or a temporary database; looks, and copies where `writing`. */
static int look(struct sb_merge *m, bool writing, struct sb_diag *diag)
{
    int error = sb_store_open(m->out, writing ? SB_STORE_WRITE : SB_STORE_MEMORY, &m->store, diag);
    int closed;

    if (error)
        return error;
    error = sb_merge_collect(m, diag);
    if (!error)
        error = sb_merge_check(m, diag);
    if (!error && writing)
        error = sb_merge_copy(m, diag);
    closed = sb_store_close(m->store, error ? NULL : diag);
    return error ? error : closed;
}

int sb_store_merge(const char *out, const char *const *in, size_t n_in,
                   struct sb_merge_outcome *outcome, struct sb_diag *diag)
{
    struct sb_merge m = { .out = out, .in = in, .n_in = n_in, .outcome = outcome };
    struct stat s;
    int error = check_names(&m, diag);

    if (!error && stat(out, &s))
        error = look(&m, false, diag);
    return error ? error : look(&m, true, diag);
}
