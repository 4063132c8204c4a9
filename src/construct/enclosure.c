/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Newton's method for the heights in balls. */
#include "construct/enclosure.h"

enum { NEWTON = 24 };

/* out = x - J(at)^{-1} r(x). False: J cannot be inverted. */
static bool newton_step(const struct sb_ramps *ramps, arb_srcptr x, arb_srcptr at, arb_ptr out)
{
    const uint32_t n = ramps->n;
    arb_ptr values = _arb_vec_init(2 * n + 1);
    arb_mat_t jacobian, r;
    int fine;

    arb_mat_init(jacobian, n, n);
    arb_mat_init(r, n, 1);
    sb_ramps_hermite(ramps, x, 2 * n, values);
    for (uint32_t l = 1; l <= n; l++)
        arb_set(arb_mat_entry(r, l - 1, 0), values + 2 * l);
    sb_ramps_jacobian(ramps, at, jacobian);
    fine = arb_mat_solve(r, jacobian, r, ramps->prec);
    for (uint32_t i = 0; fine && i < n; i++)
        arb_sub(out + i, x + i, arb_mat_entry(r, i, 0), ramps->prec);
    arb_mat_clear(jacobian);
    arb_mat_clear(r);
    _arb_vec_clear(values, 2 * n + 1);
    return fine;
}

/* Are all of `step` below 2^bits in size? Both are numbers. */
static bool closer(uint32_t n, arb_srcptr now, arb_srcptr before, slong bits)
{
    bool close = true;
    arf_t d;

    arf_init(d);
    for (uint32_t i = 0; i < n; i++) {
        arf_sub(d, arb_midref(now + i), arb_midref(before + i), 64, ARF_RND_UP);
        close = close && arf_cmpabs_2exp_si(d, bits) < 0;
    }
    arf_clear(d);
    return close;
}

/* Newton's method with numbers, until a step is shorter than 2^bits: the next one would be its
 * square. */
static bool newton(const struct sb_ramps *ramps, slong bits, arb_ptr x)
{
    const uint32_t n = ramps->n;
    arb_ptr next = _arb_vec_init(n);
    bool fine = true, done = false;

    for (int k = 0; fine && !done && k < NEWTON; k++) {
        fine = newton_step(ramps, x, x, next);
        done = fine && closer(n, next, x, bits);
        for (uint32_t i = 0; fine && i < n; i++)
            arb_get_mid_arb(x + i, next + i);
    }
    _arb_vec_clear(next, n);
    return done;
}

bool sb_heights_enclose(const struct sb_ramps *ramps, arb_ptr height)
{
    const uint32_t n = ramps->n;
    arb_ptr wide = _arb_vec_init(n), image = _arb_vec_init(n);
    bool fine = newton(ramps, -ramps->prec / 3, height);

    for (uint32_t i = 0; i < n; i++) {
        arb_set(wide + i, height + i);
        arb_add_error_2exp_si(wide + i, -ramps->prec / 2);
    }
    fine = fine && newton_step(ramps, height, wide, image);
    for (uint32_t i = 0; fine && i < n; i++) {
        fine = arb_contains(wide + i, image + i);
        arb_set(height + i, image + i);
    }
    _arb_vec_clear(wide, n);
    _arb_vec_clear(image, n);
    return fine;
}
