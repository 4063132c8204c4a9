/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests that name families and cells. Each is SHA-256 over a label with the version of the
 * record, then its fields in the order below; a text is its length (u32) and its bytes, a number is
 * u64, both little-endian; values are their count, then name and canonical text each, in the order
 * of their declaration. Two records that differ anywhere so differ as bytes.
 *
 *   family  "statbed family 1", the class's name, values, of a plugin the digest of its file
 *   secret  "statbed secret 2", the stretched seed (seed.h), family, repeat
 *   material  "statbed material 1", the stretched seed, the cell's key under the seed itself
 *   cell    "statbed cell 1", seed ("fresh" where it was drawn), family, access, policy, oracle values, learner type, its
 *           values, coins, goal, its values, budget.queries, repeat; where labels or examples
 *           can be had, their bits in `grants` and both budgets, 0 for what cannot; where there is a
 *           reduction, its name, and the gap in units of 1e-12
 *
 * Not in a cell's key: what ends a run or limits its process (seconds, memory_mib, output_kib),
 * the experiment's name and claim, the learner's binary. */
#include "experiment/keys.h"

#include <string.h>

static void put_u64(struct sb_hash *h, uint64_t v)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(v >> (8 * i));
    sb_hash_bytes(h, bytes, sizeof bytes);
}

static void put_text(struct sb_hash *h, const char *s)
{
    const size_t n = strlen(s);
    uint8_t bytes[4];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(n >> (8 * i));
    sb_hash_bytes(h, bytes, sizeof bytes);
    sb_hash_bytes(h, s, n);
}

static void put_values(struct sb_hash *h, const struct sb_values *values)
{
    put_u64(h, values->n);
    for (size_t i = 0; i < values->n; i++) {
        put_text(h, values->items[i].param->name);
        put_text(h, values->items[i].text);
    }
}

static void put_digest(struct sb_hash *h, const struct sb_digest *d)
{
    sb_hash_bytes(h, d->byte, sizeof d->byte);
}

struct sb_digest sb_family_key(const struct sb_family_class *family, const struct sb_values *values)
{
    struct sb_hash h;

    sb_hash_init(&h);
    put_text(&h, "statbed family 1");
    put_text(&h, family->name);
    put_values(&h, values);
    if (family->binary)
        put_digest(&h, family->binary);
    return sb_hash_final(&h);
}

struct sb_digest sb_secret_of(const struct sb_digest *root, const struct sb_digest *family_key,
                              uint64_t repeat)
{
    struct sb_hash h;

    sb_hash_init(&h);
    put_text(&h, "statbed secret 2");
    put_digest(&h, root);
    put_digest(&h, family_key);
    put_u64(&h, repeat);
    return sb_hash_final(&h);
}

struct sb_digest sb_secret_material(const struct sb_experiment *experiment,
                                    const struct sb_point *point, uint64_t repeat)
{
    return sb_secret_of(sb_seed_root(experiment->root), &point->family_key, repeat);
}

static struct sb_digest key_under(const char *seed, const struct sb_point *point, uint64_t repeat)
{
    struct sb_hash h;

    sb_hash_init(&h);
    put_text(&h, "statbed cell 1");
    put_text(&h, seed);
    put_digest(&h, &point->family_key);
    put_text(&h, point->access->name);
    put_text(&h, point->policy->name);
    put_values(&h, &point->oracle_values);
    put_text(&h, point->learner_type);
    put_values(&h, &point->learner_values);
    put_u64(&h, point->coins);
    put_text(&h, point->goal->name);
    put_values(&h, &point->goal_values);
    put_u64(&h, (uint64_t)sb_values_int(&point->budget_values, "queries"));
    put_u64(&h, repeat);
    if (point->grants || point->n_labels || point->n_samples) {
        put_u64(&h, point->grants);
        put_u64(&h, point->n_labels);
        put_u64(&h, point->n_samples);
    }
    if (point->reduction) {
        put_text(&h, point->reduction->name);
        put_u64(&h, (uint64_t)(point->gap * 1e12 + 0.5));
    }
    return sb_hash_final(&h);
}

struct sb_digest sb_cell_material(const struct sb_experiment *experiment,
                                  const struct sb_point *point, uint64_t repeat)
{
    const struct sb_digest key = key_under(experiment->seed, point, repeat);
    struct sb_hash h;

    sb_hash_init(&h);
    put_text(&h, "statbed material 1");
    put_digest(&h, sb_seed_root(experiment->root));
    put_digest(&h, &key);
    return sb_hash_final(&h);
}

struct sb_digest sb_cell_key(const struct sb_experiment *experiment, const struct sb_point *point,
                             uint64_t repeat)
{
    return key_under(experiment->fresh ? "fresh" : experiment->seed, point, repeat);
}
