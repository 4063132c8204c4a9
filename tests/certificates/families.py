# SPDX-License-Identifier: GPL-3.0-or-later
"""The families by their definitions (docs/theorems.md, statbed show family NAME, the plugin's head)."""
import math

import numpy as np

import philox

WIDE = np.longdouble


def subset(k, rank):
    """Subset number `rank` of size k, in the order of the bit masks: as a list of elements."""
    out = []
    while k:
        j = k - 1
        while math.comb(j + 1, k) <= rank:
            j += 1
        out.append(j)
        rank -= math.comb(j, k)
        k -= 1
    return sorted(out)


class Law:
    """Of a member (None: the null), clean or with noise."""

    def __init__(self, family, member, clean):
        self.family, self.member, self.clean, self.dim = family, member, clean, family.dim

    def signature(self):
        return [None] * self.dim if self.member is None else self.family.signature(self.member)

    def outcomes(self, x):
        """[(labels, their chances at each point)]"""
        return self.family.outcomes(self, x)


class Family:
    exchangeable = True  # do coordinates take the values 0 and 1, with probability 1/2 each?
    domain = "cube"
    uncertain = 0.0  # the chances of the labels are known up to this


class Cube(Family):

    def agreeing(self, x, y):
        labels = np.array([self.label(i, x) for i in range(self.n_members)])
        same = labels == y
        return np.where(same.sum(axis=0) == 1, same.argmax(axis=0), -1)


class Parity(Cube):
    """Label chi_S: -1 where an odd number of x_j, j in S, are 1, else 1; with labels "01" the sum mod
    2. Flipped with probability eta: the signal is 1 - 2 eta, as a double. The null: fair labels."""
    name = "parity"

    def __init__(self, dimension, sparsity=0, noise=0.0, labels="pm1"):
        self.dim, self.sparsity, self.noise, self.labels = dimension, sparsity, noise, labels
        self.n_members = math.comb(dimension, sparsity) if sparsity else 2 ** dimension
        self.parameters = dict(dimension=dimension, sparsity=sparsity, noise=noise, labels=labels)
        self.label_set = (-1.0, 1.0) if labels == "pm1" else (0.0, 1.0)

    def members_of(self, i):
        if self.sparsity:
            return subset(self.sparsity, i)
        return [j for j in range(self.dim) if i >> j & 1]

    def signature(self, i):
        chosen = self.members_of(i)
        return [1 if j in chosen else None for j in range(self.dim)]

    def odd(self, i, x):
        return x[:, self.members_of(i)].sum(axis=1) % 2

    def label(self, i, x):
        odd = self.odd(i, x)
        return odd if self.labels == "01" else 1 - 2 * odd

    def outcomes(self, law, x):
        if law.member is None:
            return [(v, WIDE(0.5)) for v in self.label_set]
        label = self.label(law.member, x)
        signal = WIDE(1.0 if law.clean else 1.0 - 2.0 * self.noise)
        return [(v, np.where(label == v, (1 + signal) / 2, (1 - signal) / 2))
                for v in self.label_set]


class Conjunction(Cube):
    """Label 1 where all k literals hold, else 0. Member: with negations rank * 2^k + signs, bit i of
    signs negates the i-th variable. The null: 1 with probability 2^-k, independent of x."""
    name = "conjunction"
    label_set = (0.0, 1.0)

    def __init__(self, dimension, literals, negations=False):
        self.dim, self.k, self.negations = dimension, literals, negations
        self.n_members = math.comb(dimension, literals) * (2 ** literals if negations else 1)
        self.parameters = dict(dimension=dimension, literals=literals,
                               negations="true" if negations else "false")

    def literals_of(self, i):
        """[(coordinate, the value it must have)]"""
        signs = i % 2 ** self.k if self.negations else 0
        chosen = subset(self.k, i >> self.k if self.negations else i)
        return [(j, 1 - (signs >> place & 1)) for place, j in enumerate(chosen)]

    def signature(self, i):
        wanted = dict(self.literals_of(i))
        return [wanted.get(j) for j in range(self.dim)]

    def label(self, i, x):
        out = np.ones(len(x))
        for j, v in self.literals_of(i):
            out *= x[:, j] == v
        return out

    def outcomes(self, law, x):
        if law.member is None:
            p = WIDE(2) ** -self.k
            return [(0.0, 1 - p), (1.0, p)]
        label = self.label(law.member, x)
        return [(v, (label == v).astype(WIDE)) for v in self.label_set]


class Votes(Family):
    """tests/plugins/family_votes.c"""
    name = "votes"
    n_members = 64
    noise_steps = 4

    def __init__(self, over, dimension, real=False):
        self.over, self.dim, self.real = over, dimension, real
        self.parameters = dict(over=over, dimension=dimension)
        self.exchangeable = over == "cube"
        self.domain = over
        self.label_set = () if real else (-0.5, 1.0)
        self.alphabet = {
            "cube": [(0.0, WIDE(0.5)), (1.0, WIDE(0.5))],
            "residues": [(float(v), WIDE(1) / 5) for v in range(5)],
            "steps": [((k - 8) / 2, WIDE(math.comb(16, k)) / 2 ** 16) for k in range(17)],
        }[over]

    def signature(self, i):
        return [1 if i >> (j % 6) & 1 else None for j in range(self.dim)]

    def votes(self, i, x):
        chosen = [j for j in range(self.dim) if i >> (j % 6) & 1]
        return np.floor(x[:, chosen].sum(axis=1)) % 7

    def label(self, i, x):
        v = self.votes(i, x)
        return v / 4 if self.real else np.where(v >= 3, 1.0, -0.5)

    def agreeing(self, x, y):
        labels = np.array([self.label(i, x) for i in range(self.n_members)])
        same = labels == y
        return np.where(same.sum(axis=0) == 1, same.argmax(axis=0), -1)

    def outcomes(self, law, x):
        null = law.member is None
        if law.clean and not null:
            return [(self.label(law.member, x), WIDE(1))]
        v = np.zeros(len(x)) if null else self.votes(law.member, x)
        if self.real:
            return [(v / 4 + k / 16, WIDE(0.25)) for k in range(4)]
        one = WIDE(0.375) if null else (1 + v).astype(WIDE) / 8
        return [(-0.5, 1 - one), (1.0, one)]


class Halfspace(Cube):
    """Label + where <w,x> >= theta, on the cube with s_j = 1 - 2 x_j in the place of x_j, flipped with
    probability eta. w: Gaussians 0 .. d-1 of stream `member` under a fixed key, normed. The null: + with
    probability eta + (1 - 2 eta) Phi(-theta)."""
    name = "halfspace"
    n_members = 2 ** 32
    uncertain = 4e-16

    def __init__(self, dimension, domain, threshold=0.0, noise=0.0, labels="pm1"):
        self.dim, self.domain, self.threshold, self.noise = dimension, domain, threshold, noise
        self.label_set = (-1.0, 1.0) if labels == "pm1" else (0.0, 1.0)
        self.parameters = dict(dimension=dimension, domain=domain, threshold=threshold, noise=noise,
                               labels=labels)
        self.key = philox.key("halfspace directions")
        self.known = {}

    def direction(self, i):
        if i not in self.known:
            w = np.array([philox.gauss(self.key, i, j) for j in range(self.dim)])
            self.known[i] = w / np.sqrt((w * w).sum())
        return self.known[i]

    def signature(self, i):
        return list(range(self.dim))

    def label_along(self, t):
        return np.where(t >= self.threshold, self.label_set[1], self.label_set[0])

    def label(self, i, x):
        return self.label_along((1 - 2 * x) @ self.direction(i))

    def agreeing(self, x, y):
        raise NotImplementedError

    def flipped(self, label, plus, clean):
        """Pr[label] where it is + with probability `plus` before it is flipped."""
        eta = 0.0 if clean else self.noise
        plus = eta + (1 - 2 * eta) * plus
        return plus if label == self.label_set[1] else 1 - plus

    def null_chance(self, label):
        return self.flipped(label, math.erfc(self.threshold / math.sqrt(2)) / 2, False)

    def outcomes(self, law, x):
        if law.member is None:
            return [(v, WIDE(self.null_chance(v))) for v in self.label_set]
        plus = (self.label(law.member, x) == self.label_set[1]).astype(WIDE)
        return [(v, self.flipped(v, plus, law.clean)) for v in self.label_set]
