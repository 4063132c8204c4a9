# SPDX-License-Identifier: GPL-3.0-or-later
"""What the game of an adversary is, computed by enumeration: every member's value of a query, tolerances,
caps, losses. In extended precision: the sums here are right to SLACK."""
import math
from fractions import Fraction

import numpy as np

from expression import evaluate, parse
from families import Cube, Law, subset
from truth import Points

WIDE = np.longdouble
SLACK = 1e-15
WORD = 2 ** 64 - 1


class Majority(Cube):
    """src/cli/family_template.c: majorities of three coordinates, labels -1 and 1, flipped with
    probability noise; the null's labels are fair coins."""
    name = "majority"
    label_set = (-1.0, 1.0)

    def __init__(self, dimension, noise=0.0):
        self.dim, self.noise = dimension, noise
        self.n_members = math.comb(dimension, 3)
        self.parameters = dict(dimension=dimension, noise=noise)

    def members_of(self, i):
        return subset(3, i)

    def label(self, i, x):
        return np.where(x[:, self.members_of(i)].sum(axis=1) >= 2, 1.0, -1.0)

    def outcomes(self, law, x):
        if law.member is None:
            return [(v, WIDE(0.5)) for v in self.label_set]
        noise = 0.0 if law.clean else self.noise
        label = self.label(law.member, x)
        return [(v, np.where(label == v, 1 - WIDE(noise), WIDE(noise))) for v in self.label_set]


def mixed(z):
    z = (z + 0x9e3779b97f4a7c15) & WORD
    z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) & WORD
    z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & WORD
    return z ^ (z >> 31)


def callback(k, dim, upper, lo):
    """Callback number k of asker.c at all points; upper: with the upper label (or none: the lower)."""
    out = []
    for bits in range(2 ** dim):
        z = mixed(((k << 32) + 2 * bits + upper) & WORD)
        v = [float(z % 3) - 1, 2 * ((z >> 11) * 2.0 ** -53) - 1, 1.0 - 2 * (z % 2)][k % 3]
        out.append(v if lo < 0 else (v + 1) / 2)
    return np.array(out)


class Table:
    """A family, summed out: chance[i, l, x] = Pr[label l given x] 2^-d of member i; the last is the
    null's. label[i, x]: without noise."""

    def __init__(self, family):
        self.family, d = family, family.dim
        self.n = family.n_members
        self.x = np.array([[b >> j & 1 for j in range(d)] for b in range(2 ** d)], float)
        self.points = Points(Law(family, None, False), self.x)
        self.chance = np.array([self.chances(i) for i in [*range(self.n), None]], WIDE) / 2 ** d
        self.label = np.array([family.label(i, self.x) for i in range(self.n)])
        self.lambda_max = self.largest_eigenvalue()

    def chances(self, member):
        law = Law(self.family, member, False)
        return [np.broadcast_to(chance, len(self.x)) for _, chance in law.outcomes(self.x)]

    def correlations(self):
        null = self.chance[-1]
        ratio = (self.chance[:-1] - null) / np.where(null > 0, null, 1)
        flat = ratio.reshape(self.n, -1)
        return (flat * null.reshape(-1)) @ flat.T

    def largest_eigenvalue(self):
        return float(np.linalg.eigvalsh(self.correlations().astype(float))[-1])

    def values(self, text, kind, lo):
        """f[l, x] of a query as it is recorded, clipped to its range; csq: y times it."""
        rows = []
        for upper, y in enumerate(self.family.label_set):
            if text.startswith("callback K"):
                f = callback(int(text.split()[1][1:]), self.family.dim, upper if kind != "csq" else 0, lo)
            else:
                f = evaluate(parse(text), self.points, np.full(len(self.x), y))
            rows.append(np.clip(f, lo, 1) * (y if kind == "csq" else 1))
        return np.array(rows, WIDE)

    def profile(self, f):
        """(E_i f, E_i f^2) of all members, the null's last."""
        flat = self.chance.reshape(self.n + 1, -1)
        return flat @ f.reshape(-1), flat @ (f * f).reshape(-1)

    def losses(self, h, squared):
        """Of predictor values h[x] under every member."""
        low, high = self.family.label_set
        if squared:
            gap = np.clip(h, low, high)[None, :] - self.label
            return (gap * gap).astype(WIDE).mean(axis=1)
        nearest = np.where(h >= low + (high - low) / 2, high, low)
        return (nearest[None, :] != self.label).astype(WIDE).mean(axis=1)


def tolerances(rule, value, first, second):
    """Of means with these moments."""
    if rule == "stat":
        return np.full(len(first), WIDE(value))
    p = np.clip(first, 0, 1)
    spread = p * (1 - p) if rule == "bernoulli" else np.maximum(second - first * first, 0)
    return np.maximum(1 / WIDE(value), np.sqrt(spread / WIDE(value)))


def short(v):
    """Is v a multiple of 2^-24 of size at most 2? Sums of a few of those are exact doubles."""
    return abs(float(v)) <= 2 and float(v) == v and Fraction(float(v)) * 2 ** 24 % 1 == 0


class Question:
    """One query of a game: all values, and which answers are within tolerance for whom."""

    def __init__(self, table, text, kind, rule, tolerance, half_width):
        lo = 0 if kind == "vstat" else -1
        self.f = table.values(text, kind, lo)
        first, second = table.profile(self.f)
        tolerance = tolerances(rule, tolerance, first, second)
        self.p, self.null = first[:-1], first[-1]
        self.reach, self.null_reach = tolerance[:-1], tolerance[-1]
        self.variance = max(second[-1] - first[-1] ** 2, 0)  # under the null
        self.rule, self.half_width = rule, half_width
        self.blur = 3 * half_width + 4 * SLACK  # what may be decided either way

    def blur_at(self, answer, i):
        if self.half_width == 0 and self.rule == "stat" and all(
                map(short, (answer, self.p[i], self.reach[i]))):
            return 0.0
        return self.blur

    def sides(self, answer):
        """(surely within, surely outside) of each member's tolerance."""
        gap = abs(WIDE(answer) - self.p) - self.reach
        blur = np.array([self.blur_at(answer, i) for i in range(len(self.p))], WIDE)
        return (gap < -blur) | ((blur == 0) & (gap <= 0)), gap > blur

    def covers(self, live, null_mass):
        """[(mass, distance from the null's value)] of the answers that can be best: how much is live that
        each is surely within tolerance of."""
        ends = [(self.p[i] - self.reach[i] + self.blur, self.p[i] + self.reach[i] - self.blur, 1)
                for i in np.flatnonzero(live)]
        if null_mass:
            ends.append((self.null - self.null_reach + self.blur,
                         self.null + self.null_reach - self.blur, null_mass))
        points = {e for end in ends for e in end[:2]} | {self.null}
        return [(sum(m for a, b, m in ends if a <= at <= b), abs(at - self.null)) for at in points]

    def cap(self, table, tolerance):
        """Most members further from the null's value than their tolerance, C3 by Var_0 f itself."""
        lost = self.blur * 2
        if self.rule == "stat":
            least = tolerance - lost
        elif self.rule == "bernoulli":
            kept = 1 - lost * tolerance
            return 3 * tolerance * table.lambda_max / kept ** 2 if kept > 0 else table.n
        else:
            least = 1 / tolerance - lost
        return float(table.lambda_max * self.variance / least ** 2) if least > 0 else table.n
