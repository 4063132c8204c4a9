/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families in the catalog; plugins are loaded into this process to be asked what they are. */
#include "cli/catalog.h"

#include "base/memory.h"
#include "base/text.h"
#include "runner/family_plugin.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

bool sb_families_is_file(const char *name)
{
    return sb_name_ends(name, ".so") && sb_family_so_is(name);
}

void sb_family_print(const struct sb_family_class *family, struct sb_buf *out)
{
    sb_buf_printf(out, "  goal recover takes %s\n", family->recover);
    sb_params_print("parameters (family: { type: ..., ... })", family->params, out);
}

static void put_fact(const char *name, double value, const char *help, struct sb_buf *out)
{
    char text[32] = "not known";

    if (!isnan(value))
        snprintf(text, sizeof text, "%.12g", value);
    sb_buf_printf(out, "    %-14s %s\n      %s\n", name, text, help);
}

/* The public vectors: how long, and how they begin. */
static void put_vectors(const struct sb_family *family, struct sb_buf *out)
{
    enum { SHOWN = 6 };
    struct sb_public_vector vectors[SB_VECTORS_MAX];
    const size_t n = sb_family_vectors(family, vectors);
    char number[32];

    if (n)
        sb_buf_puts(out, "  public vectors (family_vector of a learner)\n");
    for (size_t i = 0; i < n; i++) {
        sb_buf_printf(out, "    %-14s %llu numbers:", vectors[i].name,
                      (unsigned long long)vectors[i].n);
        for (uint64_t k = 0; k < vectors[i].n && k < SHOWN; k++) {
            sb_format_real(vectors[i].value[k], number);
            sb_buf_printf(out, "%s %s", k ? "," : "", number);
        }
        sb_buf_puts(out, vectors[i].n > SHOWN ? ", ...\n" : "\n");
    }
}

void sb_family_facts_print(const struct sb_family *family, struct sb_buf *out)
{
    struct sb_fact *facts SB_FREE = SB_NEW_ARRAY(struct sb_fact, SB_FACTS_MAX);
    size_t n;

    out->failed |= !facts;
    if (!facts)
        return;
    n = sb_family_facts(family, facts);
    sb_buf_puts(out, "  at these parameters\n");
    put_fact("members", (double)family->n_members, "what can be hidden", out);
    for (size_t i = 0; i < n; i++)
        put_fact(facts[i].name, facts[i].value, facts[i].help, out);
    put_vectors(family, out);
}

int sb_families_show(uint32_t isolation, const char *name, struct sb_buf *out, struct sb_diag *diag)
{
    char *path SB_FREE = strchr(name, '/') ? sb_strdup(name) : sb_printf("./%s", name);
    struct sb_family_so *so;
    char digest[65];
    const int error = path ? sb_family_so_load(path, &so, diag) : -ENOMEM;

    (void)isolation; /* it is of learners */
    if (error)
        return error;
    sb_digest_hex(&so->digest, digest);
    sb_buf_printf(out, "family %s\n  %s\n  source: %s\n  file: %s (SHA-256 %.16s)\n",
                  so->class.name, so->class.summary, so->class.source, path, digest);
    sb_family_print(&so->class, out);
    sb_family_so_free(so);
    return 0;
}
