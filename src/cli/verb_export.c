/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed export: the hidden member as a ReLU network, from x to the label or from noise to x, and examples of it, in
 * one file for other programs. */
#include "cli/cli.h"
#include "cli/export.h"
#include "cli/named.h"
#include "config.h"
#include "experiment/keys.h"
#include "experiment/seed.h"
#include "numeric/network.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct exporting {
    const struct sb_args *args;
    const char *path;
    const struct sb_export_format *format;
    char seed[SB_SEED_TEXT];
    struct sb_named_family named;
    struct sb_hidden hidden;
    struct sb_network *network; /* NULL: none */
    struct sb_law law;
    struct sb_export_sample sample;
    struct sb_export export;
};

/* All that can be said of the options alone. */
static int read_options(struct exporting *e, struct sb_diag *diag)
{
    const char *samples = sb_args_value(e->args, "samples"), *seed = sb_args_value(e->args, "seed");
    struct stat s;
    bool fresh;

    e->path = sb_args_value(e->args, "to");
    if (!e->path)
        return sb_diag_fail(diag, -EINVAL,
                            "export: --to=FILE is missing: say where to, such as --to=net.npz");
    if (sb_export_format_of(e->path, &e->format, diag))
        return -EINVAL;
    if (stat(e->path, &s) == 0 && !S_ISREG(s.st_mode))
        return sb_diag_fail(diag, -EINVAL, "export: %s is not a plain file: name another", e->path);
    if (samples && (!sb_parse_u64(samples, &e->sample.n) || e->sample.n < 1))
        return sb_diag_fail(diag, -EINVAL,
                            "export: --samples=%s: expected a whole number from 1 on", samples);
    if (sb_seed_parse(seed, e->seed, &fresh))
        return sb_diag_fail(diag, -EINVAL, "export: --seed=%s: expected " SB_SEED_FORMS, seed);
    return 0;
}

static int make_family(struct exporting *e, struct sb_diag *diag)
{
    const struct sb_args *args = e->args;
    struct sb_given *given SB_FREE = SB_NEW_ARRAY(struct sb_given, args->n_operands);
    int error = given ? sb_named_family_find(&e->named, args, args->operands[0], diag) : -ENOMEM;

    for (size_t i = 1; i < args->n_operands && !error; i++)
        if (!sb_given_split(args->operands[i], &given[i - 1]))
            error = sb_diag_fail(diag, -EINVAL,
                                 "export: expected a parameter KEY=VALUE, found '%s'; see statbed "
                                 "show %s",
                                 args->operands[i], args->operands[0]);
    return error ? error : sb_named_family_make(&e->named, given, args->n_operands - 1, diag);
}

/* Who is hidden, as in the first repeat of an experiment of this seed, or as it was given; and the key of
 * the examples. */
static int hide(struct exporting *e, struct sb_diag *diag)
{
    const struct sb_digest family = sb_family_key(e->named.class, &e->named.values);
    struct sb_seed *seed = sb_seed_new(e->seed);
    struct sb_digest material;
    struct sb_key secret;

    if (!seed)
        return -ENOMEM;
    material = sb_secret_of(sb_seed_root(seed), &family, 1);
    sb_seed_free(seed);
    secret = sb_key_derive("secret", &material, sizeof material);
    e->sample.key = sb_key_derive("examples", &material, sizeof material);
    e->hidden = (struct sb_hidden){ true, sb_random_below(secret, 0, e->named.family->n_members) };
    return sb_named_member(e->args, e->named.family, &e->hidden, diag);
}

static int make_network(struct exporting *e, struct sb_diag *diag)
{
    const struct sb_family *family = e->named.family;
    const bool wanted = !sb_args_given(e->args, "no-network");
    int (*const make)(const struct sb_family *, uint64_t, struct sb_network **, struct sb_diag *) =
        family->network ? family->network : family->generator;
    int error;

    if (wanted && make && e->hidden.planted) {
        error = make(family, e->hidden.member, &e->network, diag);
        if (error == -EINVAL && e->sample.n > 0)
            sb_diag_fail(diag, error, "export: --no-network writes the samples alone");
        return error;
    }
    if (e->sample.n > 0)
        return 0;
    if (!wanted)
        return sb_diag_fail(diag, -EINVAL,
                            "export: --no-network leaves nothing to write without --samples=N");
    return sb_diag_fail(diag, -EINVAL,
                        "export: family %s has no ReLU network for its %s; give --samples=N for "
                        "labelled data",
                        family->class->name, e->hidden.planted ? "members" : "null");
}

static int make_sample(struct exporting *e, struct sb_diag *diag)
{
    struct sb_export_sample *sample = &e->sample;

    sample->space = &e->named.family->space;
    sample->law = &e->law;
    sb_family_law(e->named.family, e->hidden, false, &e->law);
    sample->y = SB_NEW_ARRAY(double, sample->n);
    return sample->y ? 0
                     : sb_diag_fail(diag, -ENOMEM,
                                    "export: there is no memory for %" PRIu64 " labels", sample->n);
}

/* NAME=VALUE of each parameter, as given or by default; malloc'd. */
static char *parameters(const struct sb_values *values)
{
    struct sb_buf text;
    char *copy;

    sb_buf_init(&text);
    for (size_t i = 0; i < values->n; i++)
        sb_buf_printf(&text, "%s%s=%s", i ? " " : "", values->items[i].param->name,
                      values->items[i].text);
    copy = text.failed ? NULL : sb_strdup(text.n ? sb_buf_str(&text) : "");
    sb_buf_fini(&text);
    return copy;
}

static char *member_text(const struct exporting *e)
{
    return e->hidden.planted ? sb_printf("%" PRIu64, e->hidden.member) : sb_strdup("null");
}

static int add_notes(struct exporting *e)
{
    const struct sb_family *family = e->named.family;
    struct sb_export *export = &e->export;
    int error = sb_export_note(export, "statbed", sb_strdup(SB_VERSION));

    if (!error)
        error = sb_export_note(export, "family", sb_strdup(family->class->name));
    if (!error)
        error = sb_export_note(export, "parameters", parameters(&e->named.values));
    if (!error)
        error = sb_export_note(export, "seed", sb_strdup(e->seed));
    if (!error)
        error = sb_export_note(export, "member", member_text(e));
    if (!error && e->hidden.planted)
        error = sb_export_note(export, "function", family->describe(family, e->hidden.member));
    if (!error && e->network)
        error = sb_export_note(export, "hidden_layers",
                               sb_printf("%" PRIu32, e->network->n_layers - 1));
    if (!error && e->network)
        error = sb_export_note(export, "hidden_units",
                               sb_printf("%" PRIu64, sb_network_units(e->network)));
    if (!error && e->network) {
        char text[32];

        sb_format_real(sb_network_weight_bound(e->network), text);
        error = sb_export_note(export, "largest_weight", sb_strdup(text));
    }
    return error;
}

/* What was written: the notes, and how much. */
static int print(const struct exporting *e, struct sb_diag *diag)
{
    struct sb_buf out;
    int error;

    sb_buf_init(&out);
    sb_buf_printf(&out, "wrote %s\n", e->path);
    for (size_t i = 0; i < e->export.n_notes; i++)
        sb_buf_printf(&out, "%-14s %s\n", e->export.note[i].name, e->export.note[i].text);
    if (e->sample.n > 0)
        sb_buf_printf(&out, "samples        %" PRIu64 " of dimension %" PRIu32 "\n", e->sample.n,
                      e->sample.space->dim);
    error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error;
}

static int verb_export(const struct sb_args *args, struct sb_diag *diag)
{
    struct exporting e = { .args = args };
    int error = read_options(&e, diag);

    if (!error)
        error = make_family(&e, diag);
    if (!error)
        error = hide(&e, diag);
    if (!error)
        error = make_network(&e, diag);
    if (!error)
        error = make_sample(&e, diag);
    if (!error)
        error = sb_export_init(&e.export, e.network, &e.sample);
    if (!error)
        error = add_notes(&e);
    if (!error)
        error = sb_export_write(&e.export, &e.sample, e.format, e.path, diag);
    if (!error)
        error = print(&e, diag);
    sb_export_fini(&e.export);
    free(e.sample.y);
    sb_network_free(e.network);
    sb_named_family_fini(&e.named);
    return error;
}

static const struct sb_option options[] = {
    { "to", "FILE", NULL, "where to: net.npz, net.safetensors or net.json, by the ending", 0 },
    { "samples", "N", NULL, "writes N labelled examples, too", 0 },
    { "seed", "SEED", "1", "draws the hidden member and the examples", 0 },
    { "member", "INDEX", NULL, "takes this member instead, or 'null' for the null distribution",
      0 },
    { "no-network", NULL, NULL, "writes the examples alone", 0 },
    SB_OPTION_END
};

const struct sb_verb sb_verb_export = {
    .name = "export",
    .group = SB_GROUP_WRITE,
    .operands = "FAMILY|FILE.so [KEY=VALUE...]",
    .summary = "writes the hidden member as a ReLU network, and labelled data of it",
    .options = options,
    .n_least = 1,
    .n_most = SB_OPERANDS_ANY,
    .notes = "For other programs to train on the hard instance, or to look at it: arrays x, y, "
             "layer1.weight, "
             "layer1.bias, ... of doubles (docs/export.md). The member is the one that an "
             "experiment of this "
             "seed and these parameters hides in its first repeat; y has the family's noise.\n",
    .examples = "  statbed export parity dimension=8 --to=net.npz --samples=1000\n",
    .main = verb_export,
};
