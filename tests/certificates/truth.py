# SPDX-License-Identifier: GPL-3.0-or-later
"""E f, E f^2 and E |f| under a law over {0,1}^d, Z_q^d or another product of finite sets, summed out.

Coordinates that a query and a law treat alike are counted together: over {0,1}^d a point is as good as
any other with as many ones in each such cell, and there are binomially many. So a query of sixty
coordinates has an exact value wherever it falls into a few cells. Sums are taken in extended precision.
"""
import math

import numpy as np

from expression import evaluate, inexact, nodes, saturate

MOST_POINTS = 10000
WIDE = np.longdouble


class Unknown(Exception):
    """The value is out of reach of this file: another query is drawn."""


def sums_exactly(u):
    """Is every partial sum of a subset of u the same whatever the order?"""
    weights = [abs(v) for v in u if v]
    if len(set(u) - {0.0}) <= 1 or not weights:
        return True
    if min(weights) < 1e-200 or max(weights) > 1e200:
        return False
    lowest = min(math.frexp(v)[1] - 53 + trailing_zeros(v) for v in weights)
    return math.fsum(weights) < math.ldexp(1, lowest + 53)


def trailing_zeros(v):
    whole = int(math.ldexp(math.frexp(v)[0], 53))
    return (whole & -whole).bit_length() - 1


def signatures(e, law):
    """For each coordinate what distinguishes it from others; None where nothing depends on it."""
    d = law.dim
    marks = [[] for _ in range(d)]
    for op, numbers, _ in sorted(nodes(e), key=repr):
        if op == "x":
            marks[numbers[0]].append("x")
        elif op == "dot":
            exact = sums_exactly(numbers)
            for j in range(d):
                if numbers[j]:
                    marks[j].append(("dot", numbers, numbers[j]) if exact else ("dot", j))
        elif op == "chi":
            for j in numbers:
                marks[int(j)].append(("chi", numbers))
        elif op == "candidate":
            for j, mark in enumerate(law.family.signature(int(numbers[0]))):
                if mark is not None:
                    marks[j].append(("candidate", numbers, mark))
        elif op == "candidate_bit":
            for j in range(d):
                marks[j].append(("bit", j))
    if any(n[0] in ("y", "candidate_bit") for n in nodes(e)):
        for j, mark in enumerate(law.signature()):
            if mark is not None:
                marks[j].append(("law", mark))
    return [tuple(m) if m else None for m in marks]


def support(e, law):
    """How many coordinates the query looks at."""
    return sum(m is not None and m[0][0] != "law" for m in signatures(e, law))


def cells_of(e, law):
    cells = {}
    for j, mark in enumerate(signatures(e, law)):
        if mark is not None:
            key = (mark, None) if law.family.exchangeable and ("x" not in mark) else (mark, j)
            cells.setdefault(key, []).append(j)
    return list(cells.values())


class Points:
    """Points in columns, n x d; coordinates that nothing depends on are 0."""

    def __init__(self, law, x):
        self.law, self.columns = law, np.asfortranarray(x)

    def x(self, numbers, y):
        return self.columns[:, numbers[0]]

    def dot(self, numbers, y):
        total = np.zeros(len(self.columns))
        small = max(map(abs, numbers)) < 1e300
        for j, u in enumerate(numbers):
            if u:
                term = u * self.columns[:, j]
                total = total + term if small else saturate(total + saturate(term))
        return total

    def chi(self, numbers, y):
        odd = self.columns[:, [int(j) for j in numbers]].sum(axis=1) % 2
        return 1 - 2 * odd

    def candidate(self, numbers, y):
        return self.law.family.label(int(numbers[0]), self.columns)

    def candidate_bit(self, numbers, y):
        index = self.law.family.agreeing(self.columns, y)
        return np.array([float(i >= 0 and i >> int(numbers[0]) & 1) for i in index])


def representatives(e, law):
    """(points n x d, weights n) that stand for the whole domain."""
    cells = cells_of(e, law)
    choices = []
    for cell in cells:
        if law.family.exchangeable:
            n = len(cell)
            choices.append([(k, WIDE(math.comb(n, k)) / WIDE(2) ** n) for k in range(n + 1)])
        else:
            choices.append(list(law.family.alphabet))
    size = math.prod(len(c) for c in choices)
    if size > MOST_POINTS:
        raise Unknown
    x = np.zeros((size, law.dim))
    weights = np.ones(size, WIDE)
    grids = np.indices([len(c) for c in choices]).reshape(len(choices), size) if choices else []
    for cell, choice, picked in zip(cells, choices, grids):
        weights *= np.array([w for _, w in choice], WIDE)[picked]
        values = np.array([v for v, _ in choice], float)[picked]
        if law.family.exchangeable:
            for place, j in enumerate(cell):
                x[:, j] = values > place
        else:
            x[:, cell[0]] = values
    return x, weights


def moments(e, law):
    """E f, E f^2, a bound of the error of each."""
    x, weights = representatives(e, law)
    points = Points(law, x)
    first, second, size, off = WIDE(0), WIDE(0), WIDE(0), WIDE(0)
    for y, chance in law.outcomes(x):
        y = np.broadcast_to(np.asarray(y, float), (len(x),))
        f = evaluate(e, points, y)
        w = weights * chance
        first += (w * f).sum()
        second += (w * f.astype(WIDE) ** 2).sum()
        size += (w * np.abs(f)).sum()
        if inexact(e):
            for nudge in (-4e-16, 4e-16):
                off += 2 * (w * np.abs(evaluate(e, points, y, nudge) - f)).sum()
    if not off <= 1e-10:
        raise Unknown
    return first, second, 2.0 ** -58 * (size + 1) + off + law.family.uncertain
