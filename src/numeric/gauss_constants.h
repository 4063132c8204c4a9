/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Written by tools/gauss_constants, which says how: polynomials, from the constant on. */
#ifndef SB_NUMERIC_GAUSS_CONSTANTS_H
#define SB_NUMERIC_GAUSS_CONSTANTS_H

/* The bits of sqrt(1/2), and 2 ln 2. */
#define SB_GAUSS_ROOT_HALF UINT64_C(0x3fe6a09e667f3bcd)
static const double SB_GAUSS_2LN2 = 0x1.62e42fefa39efp+0;

/* 2 ln((1 + s)/(1 - s)) = s P(s^2), |s| <= (sqrt 2 - 1)/(sqrt 2 + 1); error 1.9e-17. */
static const double SB_GAUSS_LOG[8] = {
    0x1.0000000000000p+2, 0x1.5555555555558p+0, 0x1.99999999952e2p-1, 0x1.2492492df148dp-1,
    0x1.c71c62e5800a1p-2, 0x1.7462b4ab2ef6bp-2, 0x1.39fe606542ddep-2, 0x1.2b584aae78a57p-2,
};

/* sin(pi t / 4) = t P(t^2), |t| <= 1; error 3.1e-17. */
static const double SB_GAUSS_SIN[7] = {
    0x1.921fb54442d18p-1,  -0x1.4abbce625be41p-4,  0x1.466bc677587f8p-9,  -0x1.32d2cce2e5b19p-15,
    0x1.50782fda12d96p-22, -0x1.e30071afc3e59p-30, 0x1.e3f38399551bfp-38,
};

/* cos(pi t / 4) = P(t^2), |t| <= 1; error 1.8e-17. */
static const double SB_GAUSS_COS[8] = {
    0x1.0000000000000p+0,  -0x1.3bd3cc9be45dep-2,  0x1.03c1f081b5ac0p-6,  -0x1.55d3c7e3cb241p-12,
    0x1.e1f5068688d5bp-19, -0x1.a6d1eef479be1p-26, 0x1.f9ce245cada0bp-34, -0x1.b2f3eb054afcdp-42,
};

#endif
