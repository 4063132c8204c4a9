#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The oracle as one writes it in NumPy: the mean of a query over n examples, x ~ N(0, I_32), y the
product of the signs of the first five coordinates. Told on standard input what to run, one line each

    GENERATOR CHUNK N P      PCG64 or SFC64; examples at a time, 0: all at once; how many; which query

and answers with seconds and the mean. P = 0: y clip(relu(<w,x>), 0, 1); else the indicator of
y <w,x> >= c, w apart from the label's coordinates, whose mean is P (0.01, 0.1 or 0.5).
"""
import ctypes
import re
import sys
import time

import numpy as np

DIM, SIGNS = 32, 5
RIDGE = np.full(DIM, 1 / np.sqrt(DIM))
APART = np.where(np.arange(DIM) < SIGNS, 0, 1 / np.sqrt(DIM - SIGNS))
CUT = {0.01: 2.3263478740408408, 0.1: 1.2815515655446004, 0.5: 0.0}


def values(rng, n, p):
    x = rng.standard_normal((n, DIM))
    y = np.prod(np.sign(x[:, :SIGNS]), axis=1)
    if p == 0:
        return y * np.clip(np.maximum(x @ RIDGE, 0), 0, 1)
    return y * (x @ APART) >= CUT[p]


def mean(rng, chunk, n, p):
    total = 0.0
    for start in range(0, n, chunk):
        total += values(rng, min(chunk, n - start), p).sum()
    return total / n


def blas():
    """Which library multiplies, and its kernel."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        paths = sorted(set(re.findall(r"/\S*(?:openblas|blas\.so)\S*", maps.read())))
    for path in paths:
        name = getattr(ctypes.CDLL(path), "openblas_get_corename", None)
        if name:
            name.restype = ctypes.c_char_p
            return f"{path}, kernel {name().decode()}"
    return ", ".join(paths) or "its own"


def main():
    print(f"NumPy {np.__version__}, BLAS: {blas()}", flush=True)
    seed = 0
    for line in sys.stdin:
        generator, chunk, n, p = line.split()
        n, seed = int(n), seed + 1
        rng = np.random.Generator(getattr(np.random, generator)(seed))
        start = time.perf_counter()
        answer = mean(rng, int(chunk) or n, n, float(p))
        print(time.perf_counter() - start, answer, flush=True)


main()
