# SPDX-License-Identifier: GPL-3.0-or-later
"""E f and E f^2 over a standard Gaussian x, where f is a sum of products of factors of at most two
directions each that hang together: integrals on a line or a plane, halved where they are rough."""
import math

import numpy as np

from expression import evaluate, nodes
from truth import Unknown

MOST_TERMS = 16
REACH = {1: 10.0, 2: 7.0}  # beyond is a mass of 2e-23, 6e-12
NODES = {1: np.polynomial.legendre.leggauss(16), 2: np.polynomial.legendre.leggauss(6)}


def with_ends(n):
    """Clenshaw and Curtis's rule on n + 1 points, n even: it sees a jump next to an end, which the
    nodes of Gauss and Legendre on a panel and on its halves can all miss."""
    k = np.arange(n + 1)
    weights = [(1 if j in (0, n) else 2) / n * (1 - sum(
        (1 if 2 * i == n else 2) / (4 * i * i - 1) * math.cos(2 * math.pi * i * j / n)
        for i in range(1, n // 2 + 1))) for j in k]
    return np.cos(math.pi * k / n), np.array(weights)


WITH_ENDS = with_ends(20)


def taylor_table():
    """Phi around multiples of 1/64: its value there, and the series' coefficients."""
    z = np.arange(-640, 641) / 64
    density = np.exp(-z * z / 2) / math.sqrt(math.tau)
    rows, before, hermite = [[math.erfc(-v / math.sqrt(2)) / 2 for v in z]], 0 * z, 0 * z + 1
    for k in range(7):
        rows.append((-1) ** k * hermite * density / math.factorial(k + 1))
        before, hermite = hermite, z * hermite - k * before
    return np.array(rows)


TAYLOR = taylor_table()


def cdf(z):
    """Phi, to about 1e-16: |z - the nearest multiple of 1/64|^8 is 1e-17."""
    z = np.clip(z, -10, 10)
    near = np.rint(z * 64).astype(int)
    off, rows = z - near / 64, TAYLOR[:, near + 640]
    out = rows[7]
    for k in range(6, -1, -1):
        out = out * off + rows[k]
    return out


# Sums of products

def terms_of(e):
    """[(coefficient, [factors])] with e their sum."""
    op, numbers, arguments = e
    if op == "const":
        return [(numbers[0], [])]
    if op in ("add", "sub", "neg"):
        sign = 1 if op == "add" else -1
        first = terms_of(arguments[0])
        if op == "neg":
            return [(-c, f) for c, f in first]
        return first + [(sign * c, f) for c, f in terms_of(arguments[1])]
    if op == "mul":
        pairs = [terms_of(a) for a in arguments]
        if len(pairs[0]) * len(pairs[1]) <= MOST_TERMS:
            return [(c * k, f + g) for c, f in pairs[0] for k, g in pairs[1]]
    return [(1.0, [e])]


# Directions

def directions(e, law):
    """The directions of x that e looks at, as rows."""
    rows = []
    for op, numbers, _ in nodes(e):
        if op == "x":
            rows.append(np.eye(law.dim)[numbers[0]])
        elif op == "dot" and any(numbers):
            rows.append(np.array(numbers))
        elif op == "candidate":
            rows.append(law.family.direction(int(numbers[0])))
    return np.array([r / np.linalg.norm(r) for r in rows]).reshape(-1, law.dim)


def meet(a, b):
    return len(a) and len(b) and np.abs(a @ b.T).max() > 1e-12


def basis(rows):
    """Orthonormal rows of the same span."""
    _, size, right = np.linalg.svd(rows, full_matrices=False)
    return right[size > 1e-9]


class Plane:
    """Points t of a few orthonormal directions, n x m."""

    def __init__(self, law, axes, t):
        self.law, self.axes, self.t = law, axes, t

    def along(self, u):
        if not len(self.axes):
            return np.zeros(len(self.t))
        return self.t @ (self.axes @ u)

    def x(self, numbers, y):
        return self.along(np.eye(self.law.dim)[numbers[0]])

    def dot(self, numbers, y):
        return self.along(np.array(numbers))

    def candidate(self, numbers, y):
        return self.law.family.label_along(self.along(self.law.family.direction(int(numbers[0]))))

    def candidate_bit(self, numbers, y):
        raise Unknown


def chance(law, label, points):
    """Pr[label | points]"""
    family = law.family
    if law.member is None:
        return np.full(len(points.t), family.null_chance(label))
    w = family.direction(law.member)
    side = np.linalg.norm(w - points.axes.T @ (points.axes @ w)) if len(points.axes) else 1.0
    above = points.along(w) - family.threshold
    plus = (above >= 0).astype(float) if side < 1e-14 else cdf(above / side)
    return family.flipped(label, plus, law.clean)


def integral(f, m):
    """(integral of f(t) times the Gaussian density over R^m, error), m <= 2; |f| is about 1 at most."""
    if m == 0:
        return float(f(np.zeros((1, 0)))[0]), 0.0
    x, w = NODES[m]
    if m == 1:
        offsets, weights = x[:, None], w
    else:
        offsets = np.array([(a, b) for a in x for b in x])
        weights = np.outer(w, w).ravel()
    half = {1: 1 / 32, 2: 1 / 4}[m]
    n = round(REACH[m] / half)
    line = (np.arange(n) * 2 + 1 - n) * half
    centres = line[:, None] if m == 1 else np.array([(a, b) for a in line for b in line])
    halves = np.array([[s] for s in (-0.5, 0.5)]) if m == 1 else \
        np.array([(a, b) for a in (-0.5, 0.5) for b in (-0.5, 0.5)])
    least = {1: 1e-17, 2: 3e-8}[m]

    def panels(c, h, offsets=offsets, weights=weights):
        t = (c[:, None, :] + h * offsets).reshape(-1, m)
        density = np.exp(-0.5 * (t * t).sum(axis=1)) / math.tau ** (m / 2)
        return ((f(t) * density).reshape(len(c), -1) * weights).sum(axis=1) * h ** m

    total, error, seen = 0.0, 0.0, 0
    values = panels(centres, half)
    for level in range({1: 48, 2: 6}[m]):
        seen += len(centres) * len(halves) * len(weights)
        if seen > 1500000:
            raise Unknown
        finer = (centres[:, None, :] + half * halves).reshape(-1, m)
        half /= 2
        fine = panels(finer, half).reshape(len(centres), -1)
        off = np.abs(fine.sum(axis=1) - values)
        if m == 1:
            again = panels(centres, 2 * half, WITH_ENDS[0][:, None], WITH_ENDS[1])
            off = np.maximum(off, np.abs(again - values))
        rough = off > least
        total += math.fsum(fine[~rough].ravel())
        error += off[~rough].sum()
        centres = finer.reshape(len(centres), -1, m)[rough].reshape(-1, m)
        values = fine[rough].ravel()
        if not len(centres):
            break
    return total + math.fsum(values), error + np.abs(values).sum() + {1: 3e-16, 2: 1e-11}[m]


def term_mean(factors, law):
    """E of the product of the factors, and its error."""
    rows = [directions(f, law) for f in factors]
    labelled = any(n[0] == "y" for f in factors for n in nodes(f))
    label_row = law.family.direction(law.member)[None] if labelled and law.member is not None \
        else np.zeros((0, law.dim))
    groups = [(label_row, [])]
    for f, r in zip(factors, rows):
        here = [g for g in groups if meet(g[0], r)]
        if labelled and not len(r):
            here = groups[:1]
        apart = [g for g in groups if not any(g is h for h in here)]
        joined = (np.vstack([r] + [g[0] for g in here]), [f] + [k for g in here for k in g[1]])
        first = any(g is groups[0] for g in here)
        groups = [joined] + apart if first else apart[:1] + [joined] + apart[1:]
    total, error = 0.0, 0.0
    for label in law.family.label_set if labelled else (None,):
        value, off = 1.0, 0.0
        for place, (_, members) in enumerate(groups):
            part, part_off = group_mean(members, law, label, labelled and place == 0)
            value, off = value * part, off * abs(part) + part_off * abs(value) + off * part_off
        total, error = total + value, error + off
    return total, error


def group_mean(factors, law, label, weighed):
    rows = np.vstack([directions(f, law) for f in factors] + [np.zeros((0, law.dim))])
    axes = basis(rows) if len(rows) else rows
    if len(axes) > 2:
        raise Unknown

    def f(t):
        points = Plane(law, axes, t)
        y = np.full(len(t), 0.0 if label is None else label)
        out = np.ones(len(t))
        for factor in factors:
            out = out * evaluate(factor, points, y)
        return out * chance(law, label, points) if weighed else out

    if not factors and not weighed:
        return 1.0, 0.0
    return integral(f, len(axes))


def mean(e, law):
    total, error = 0.0, 1e-15
    terms = terms_of(e)
    if sum(abs(c) for c, _ in terms) > 64 or len(terms) > MOST_TERMS:
        terms = [(1.0, [e])]
    for c, factors in terms:
        value, off = term_mean(factors, law)
        total, error = total + c * value, error + abs(c) * off
    return total, error


def moments(e, law, second):
    """As truth.moments; E f^2 only where it is asked for."""
    first, off = mean(e, law)
    squared, squared_off = mean(("mul", (), (e, e)), law) if second else (math.nan, 0.0)
    if off + squared_off > 3e-4:
        raise Unknown
    return np.longdouble(first), np.longdouble(squared), off + squared_off
