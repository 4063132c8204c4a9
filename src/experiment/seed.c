/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A seed as the root of an experiment's random keys. */
#include "experiment/seed.h"

#include "base/memory.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <nettle/pbkdf2.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static int draw(char out[SB_SEED_TEXT])
{
    uint8_t bytes[16];

    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return -errno;
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

static bool is_hexadecimal(const char *text)
{
    return strlen(text) == SB_SEED_TEXT - 1 && !text[strspn(text, "0123456789abcdefABCDEF")];
}

int sb_seed_parse(const char *text, char out[SB_SEED_TEXT], bool *fresh_out)
{
    uint64_t integer;

    *fresh_out = strcmp(text, "fresh") == 0;
    if (*fresh_out)
        return draw(out);
    if (is_hexadecimal(text)) { /* also where all its digits are decimal */
        for (size_t i = 0; i < SB_SEED_TEXT; i++)
            out[i] = (char)tolower((unsigned char)text[i]);
        return 0;
    }
    if (!sb_parse_u64(text, &integer))
        return -EINVAL;
    snprintf(out, SB_SEED_TEXT, "%" PRIu64, integer);
    return 0;
}

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
