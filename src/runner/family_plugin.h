/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families as plugins (statbed/family.h): loaded into this process, which they are trusted with, and
 * dressed as a class like the compiled-in ones. */
#ifndef SB_RUNNER_FAMILY_PLUGIN_H
#define SB_RUNNER_FAMILY_PLUGIN_H

#include "base/digest.h"
#include "estimate/family.h"
#include "statbed/family.h"

/* What family.h 1.0 measured: nothing smaller has ever been released. */
enum { SB_FAMILY_SIZE_1_0 = 160 };

/* A plugin, loaded. `class` comes first: a class that belongs to a plugin is one of these. */
struct sb_family_so {
    struct sb_family_class class;
    struct sb_family_plugin plugin; /* our layout; missing fields are NULL */
    struct sb_param *params;        /* NULL-ended, our layout; the strings are the plugin's */
    struct sb_digest digest;        /* of the file */
    char *path;
    void *object; /* of dlopen */
};

/* Does the file look like a family, by the names in it? Nothing of it is run. */
bool sb_family_so_is(const char *path);

/* Loads and checks what the descriptor says. -EINVAL, -ENOENT with one line; -ENOMEM. */
int sb_family_so_load(const char *path, struct sb_family_so **out, struct sb_diag *diag);
void sb_family_so_free(struct sb_family_so *so); /* after all its families */

/* A family that a plugin made: the plugin, and what its functions take as `self`. */
struct sb_family_instance {
    const struct sb_family_plugin *plugin;
    void *self;
    struct sb_family_facts facts;
    struct sb_candidates candidates;
};
const struct sb_family_instance *sb_family_instance_of(const struct sb_family *family);

/* Does it state a law on the line? */
static inline bool sb_family_states_line(const struct sb_family_plugin *plugin)
{
    return plugin->line_density != NULL;
}

/* Is x standard Gaussian, drawn by statbed? */
static inline bool sb_family_instance_is_gaussian(const struct sb_family_instance *f)
{
    return f->facts.domain == SB_GAUSS && f->facts.n_labels && !f->plugin->points;
}
/* Can points be drawn without a member's or the null's sample()? */
static inline bool sb_family_instance_has_points(const struct sb_family_instance *f)
{
    return f->plugin->points || f->facts.domain != SB_GAUSS || sb_family_instance_is_gaussian(f);
}

/* The class's functions (family_instance.c). */
int sb_family_instance_create(const struct sb_values *params, struct sb_family *out,
                              struct sb_diag *diag);
void sb_family_instance_destroy(struct sb_family *family);

/* The same of a law on the line (family_line.c): its family is that of oracles/families/hidden_direction.h. */
int sb_family_line_create(const struct sb_values *params, struct sb_family *out,
                          struct sb_diag *diag);
void sb_family_line_destroy(struct sb_family *family);
/* Calls create() and checks the facts: a new instance, or -EINVAL with a line. */
int sb_family_instance_new(const struct sb_family_class *class, const struct sb_values *params,
                           struct sb_family_instance **out, struct sb_diag *diag);
void sb_family_instance_free(struct sb_family_instance *instance);
/* What is wrong with the facts of a law on the line, or NULL. */
const char *sb_family_line_wrong(const struct sb_family_facts *facts);
/* Of a plugin that states such a law: what its descriptor may not have. -EINVAL with a line. */
int sb_family_line_check(const char *path, const struct sb_family_plugin *plugin,
                         const struct sb_param *params, struct sb_diag *diag);
/* The rows that it has beside its own, NULL-ended, and what goal recover takes. */
extern const struct sb_param sb_family_line_params[];
extern const char sb_family_line_recover[];

/* How family_instance.c and family_law.c share the work: the laws of an instance. */
void sb_family_instance_law(const struct sb_family *family, uint64_t member, bool clean,
                            struct sb_law *out);
void sb_family_instance_null_law(const struct sb_family *family, struct sb_law *out);

/* The random numbers of examples start .. start+n-1 of a stream, as a plugin takes them; for checks.
 * `numbers` must live as long as *out. */
struct sb_family_numbers {
    struct sb_key key;
    uint64_t start, n;
};
/* The random numbers for one purpose of (key, stream): a plugin has all columns of a key to itself. */
struct sb_family_numbers sb_family_numbers_of(const char *purpose, struct sb_key key,
                                              uint64_t stream, uint64_t start, uint64_t n);

void sb_family_stream(const struct sb_family_numbers *numbers, struct sb_stream *out);

#endif
