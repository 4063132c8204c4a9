/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A seed as the root of an experiment's random keys. */
#include "experiment/seed.h"

#include "base/memory.h"
#include "base/text.h"

#include <nettle/pbkdf2.h>
#include <string.h>

struct sb_seed {
    char *text;
    bool stretched;
    struct sb_digest root;
};

struct sb_seed *sb_seed_new(const char *text)
{
    struct sb_seed *seed = SB_NEW(struct sb_seed);

    if (!seed)
        return NULL;
    seed->text = sb_strdup(text);
    if (seed->text)
        return seed;
    free(seed);
    return NULL;
}

void sb_seed_free(struct sb_seed *seed)
{
    if (!seed)
        return;
    free(seed->text);
    free(seed);
}

const struct sb_digest *sb_seed_root(struct sb_seed *seed)
{
    static const uint8_t salt[] = "statbed seed 1";

    if (!seed->stretched)
        pbkdf2_hmac_sha256(strlen(seed->text), (const uint8_t *)seed->text, SB_SEED_ROUNDS,
                           sizeof salt - 1, salt, sizeof seed->root.byte, seed->root.byte);
    seed->stretched = true;
    return &seed->root;
}
