/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members of `lifted` as explicit ReLU networks: the lift written out over the base's compressible form, or over
 * the base's own network; coordinates that pad go in and come to nothing. */
#include "numeric/network_build.h"
#include "numeric/network_lift.h"
#include "oracles/families/lifted.h"

#include <errno.h>

/* The base's member: a network of its own, or one hidden layer that sums up. */
static int base_network(const struct sb_family *base, uint64_t member, struct sb_network **out,
                        struct sb_diag *diag)
{
    double w[SB_LIFTED_COORDINATES];
    struct sb_compressed f;

    if (base->network)
        return base->network(base, member, out, diag);
    base->compress(base, member, w, &f);
    return sb_network_of_table(base->space.dim, w, f.n_t, f.sigma, out, diag);
}

static int unpadded(const struct sb_lifted *f, uint64_t member, struct sb_network **out,
                    struct sb_diag *diag)
{
    double w[SB_LIFTED_COORDINATES];
    struct sb_compressed compressed;
    struct sb_network *inner;
    int error;

    if (f->lift.setup.kind == SB_LIFT_COMPRESSED) {
        f->base->compress(f->base, member, w, &compressed);
        return sb_network_compressed(&f->lift, w, compressed.n_t, compressed.sigma, out, diag);
    }
    error = base_network(f->base, member, &inner, diag);
    if (error)
        return error;
    error = sb_network_dv(&f->lift, inner, out, diag);
    sb_network_free(inner);
    return error;
}

int sb_lifted_network(const struct sb_family *family, uint64_t member, struct sb_network **out,
                      struct sb_diag *diag)
{
    int error = unpadded(family->self, member, out, diag);

    if (error)
        return error;
    error = sb_network_widen(*out, family->space.dim, diag);
    if (error)
        sb_network_free(*out);
    return error;
}

bool sb_lifted_has_network(const struct sb_lifted *f)
{
    return f->base->network || f->base->compress;
}
