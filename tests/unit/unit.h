/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all unit tests include: cmocka, and assertions on doubles that print every digit (cmocka
 * 1.1.5 compares floats). */
#ifndef SB_TESTS_UNIT_H
#define SB_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

#define assert_near(a, b, eps) unit_near((a), (b), (eps), #a, #b, __FILE__, __LINE__)
#define assert_same(a, b) unit_near((a), (b), 0, #a, #b, __FILE__, __LINE__)

static inline void unit_near(double a, double b, double eps, const char *a_text, const char *b_text,
                             const char *file, int line)
{
    const double gap = a < b ? b - a : a - b;

    if (gap <= eps)
        return;
    print_error("%s = %.17g\n%s = %.17g\nthey differ by %.17g, allowed %.17g\n", a_text, a, b_text,
                b, gap, eps);
    _fail(file, line);
}

#endif
