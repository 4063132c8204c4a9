# SPDX-License-Identifier: GPL-3.0-or-later
"""Random queries, as text, biased towards corners: what is nested, divided by nothing, huge or next to
nothing, at the edge of a comparison."""
import math

CORNERS = ["0", "-0.0", "1", "-1", "2", "0.5", "-0.5", "0.1", "0.3333333333333333", "-0.7", "1e-300",
           "1e300", "-1e300", "1.7976931348623157e308", "-1.7976931348623157e308", "5e-324", "1e16",
           "4503599627370496", "0.9999999999999999", "1e-20", "3", "1e155", "709.78", "-745", "1e5"]
MILD = ["0", "1", "-1", "2", "0.5", "-0.5", "0.1", "0.3", "-0.7", "3", "0.25", "1.5", "-2", "0.9"]
UNARY = ["neg", "abs", "relu", "step", "clip", "clip", "hermite", "sin", "cos", "exp"]
BINARY = ["add", "sub", "mul", "mul", "div", "min", "max", "mod", "lt", "le", "eq", "near"]
SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/"}


class Queries:
    """Random expressions over the atoms of one family; wild: with numbers of any size."""

    def __init__(self, rng, family, wild):
        self.rng, self.family, self.wild = rng, family, wild
        self.d = family.dim
        self.features = self.make_features() if self.d > 12 else []

    # Atoms

    def number(self):
        if self.rng.random() < 0.3:
            return repr(round(self.rng.uniform(-3, 3), 3))
        return self.rng.choice(CORNERS if self.wild else MILD)

    def dot(self, weights):
        return f"dot({', '.join(repr(w) for w in weights)})"

    def chi(self, chosen):
        return f"chi({', '.join(map(str, sorted(chosen)))})"

    def some(self, k=None):
        k = self.rng.randint(1, self.d) if k is None else min(k, self.d)
        return self.rng.sample(range(self.d), k)

    def small_dot(self):
        pool = [0.5, 0.1, 0.3, -1.0, 1.0, 0.7, 1 / 3, 2.0, 0.25, -0.9, 0.0]
        if self.wild:
            pool += [1e-300, 1e300, 5e-324, -1e16, 1e16, 1e-17]
        return self.dot([self.rng.choice(pool) for _ in range(self.d)])

    def make_features(self):
        """For many coordinates: dots and characters over a few cells, each cell treated alike. A dot is
        brought to size one around its mean."""
        rng, d = self.rng, self.d
        n = 3 if d <= 40 else 2
        order = rng.sample(range(d), d)
        cuts = sorted(rng.sample(range(1, d), n - 1)) if rng.random() < 0.5 else \
            [d * i // n for i in range(1, n)]
        cells = [order[a:b] for a, b in zip([0] + cuts, cuts + [d])]
        out = []
        for _ in range(3):
            weights = [0.0] * d
            for cell in cells:
                w = rng.choice([1.0, -1.0, 0.5, 2.0, 0.25, 0.0, 1.0, 0.375])
                for j in cell:
                    weights[j] = w
            if rng.random() < 0.2:
                weights = [0.1 if w else 0.0 for w in weights]
            mean, size = sum(weights) / 2, max(1e-3, math.sqrt(sum(w * w for w in weights)) / 2)
            shift = rng.choice([mean, round(mean + rng.uniform(-1, 1) * size, 2), math.floor(mean)])
            scale = rng.choice([size, round(size, 2), 2 * size, 1.0])
            out.append(f"(({self.dot(weights)} - {shift!r})/{scale!r})")
        for _ in range(2):
            chosen = [j for cell in cells if rng.random() < 0.6 for j in cell]
            out.append(self.chi(chosen))
        return out

    def atom(self):
        r = self.rng.random()
        labels_only = not self.family.exchangeable
        if r < 0.2:
            return "y"
        if self.features and r < 0.75:
            return self.rng.choice(self.features)
        if r < 0.3 and self.family.n_members:
            i = self.rng.randrange(min(self.family.n_members, 2 ** 53))
            return f"candidate({i})"
        if r < 0.33 and self.family.n_members <= 300 and self.d <= 8:
            return f"candidate_bit({self.rng.randrange(6)})"
        if r < 0.5 and not labels_only:
            return self.chi(self.some(None if self.rng.random() < 0.5 else 2))
        if r < 0.65:
            return f"x{self.rng.randrange(self.d)}"
        if r < 0.85 and not self.features:
            return self.small_dot() if not labels_only else self.few_dot()
        return self.number()

    def few_dot(self):
        """Over few coordinates, where there are many values of each."""
        weights = [0.0] * self.d
        for j in self.some(2):
            weights[j] = self.rng.choice([1.0, -0.5, 0.25, 0.1, 3.0])
        return self.dot(weights)

    # Trees

    def ends(self):
        a, b = sorted([float(self.number()), float(self.number())])
        return f"{a!r}, {b!r}"

    def tree(self, depth):
        if depth == 0 or self.rng.random() < 0.15:
            return self.atom()
        if self.rng.random() < 0.45:
            return self.unary(self.rng.choice(UNARY), self.tree(depth - 1))
        a = self.tree(depth - 1)
        b = a if self.rng.random() < 0.04 else self.tree(depth - 1)
        return self.binary(self.rng.choice(BINARY), a, b)

    def unary(self, op, a):
        if op == "clip":
            return f"clip({a}, {self.ends()})"
        if op == "hermite":
            return f"hermite({self.rng.randint(0, 8)}, {a})"
        if op == "neg" and self.rng.random() < 0.5:
            return f"(-({a}))"
        if op in ("sin", "cos") and self.wild:
            return f"{op}(clip({a}, -1000, 1000))"
        return f"{op}({a})"

    def binary(self, op, a, b):
        if op in SIGNS:
            return f"({a} {SIGNS[op]} {b})"
        if op == "near":
            return f"near({a}, {b}, {abs(float(self.number()))!r})"
        return f"{op}({a}, {b})"

    def product(self):
        """What the closed form opens: sums of products over few coordinates each."""
        terms = []
        for _ in range(self.rng.randint(1, 3)):
            factors = [self.rng.choice(["0.5", "0.1", "0.25", "0.3"])]
            for _ in range(self.rng.randint(1, 4)):
                r = self.rng.random()
                if r < 0.3 or not self.family.exchangeable:
                    factors.append("y")
                elif r < 0.6:
                    factors.append(self.chi(self.some(self.rng.randint(1, 5))))
                elif r < 0.8:
                    j = self.rng.randrange(self.d)
                    factors.append(f"({self.rng.choice(['1 - 2*', '0.3 + 0.7*', ''])}x{j})")
                else:
                    i, j = self.rng.randrange(self.d), self.rng.randrange(self.d)
                    factors.append(f"relu(x{i} - 0.7*x{j})")
            terms.append("*".join(factors))
        return self.rng.choice([" + ", " - "]).join(terms)

    def query(self, lo):
        """A query, which may leave [lo, 1]: it is then clipped."""
        r = self.rng.random()
        if r < 0.15:
            return self.product()
        e = self.tree(self.rng.randint(1, 4))
        r = self.rng.random()
        if r < 0.15:
            return f"y*{e}"
        if r < 0.3 and self.features:
            return f"y*clip({e}, -1, 1)*{self.rng.choice(self.features[3:])}"
        if r < 0.45:
            return f"abs({e})/2"
        return e if r < 0.9 else f"clip({e}, {lo}, 1)"


class NormalQueries(Queries):
    """Over a Gaussian x: of one projection, of two, or a product over projections that are apart."""

    def __init__(self, rng, law):
        self.law, self.labelled, self.lo = law, True, -1
        super().__init__(rng, law.family, False)
        self.projections = [self.projection() for _ in range(rng.choice([1, 1, 2]))]

    def projection(self):
        """A vector: an axis, the hidden one or near it, a few coordinates, all of them; of any length."""
        rng, d = self.rng, self.d
        kind = rng.choice(["axis", "hidden", "near", "few", "all"])
        if kind in ("hidden", "near"):
            u = [float(v) for v in self.family.direction(self.law.member or 0)]
            if kind == "near":
                u[rng.randrange(d)] += rng.choice([1e-9, 1e-4, 0.01, 0.3])
        elif kind == "axis":
            u = [0.0] * d
            u[rng.randrange(d)] = 1.0
        elif kind == "few":
            u = [0.0] * d
            for j in self.some(3):
                u[j] = rng.choice([1.0, -0.5, 0.7, 2.0])
        else:
            u = [round(rng.gauss(0, 1), 4) for _ in range(d)]
        length = math.sqrt(sum(v * v for v in u)) or 1.0
        scale = rng.choice([1.0, 1.0, 1 / length, 3 / length, 0.1 / length])
        return self.dot([v * scale for v in u])

    def atom(self):
        r = self.rng.random()
        if r < 0.2 and self.labelled:
            return "y"
        if r < 0.75:
            return self.rng.choice(self.projections)
        return self.number()

    def number(self):
        if self.rng.random() < 0.5:
            return repr(round(self.rng.uniform(-2, 2), 2))
        return self.rng.choice(MILD)

    def binary(self, op, a, b):
        if op == "near":
            return f"near({a}, {b}, {self.rng.choice([0.05, 0.3, 1.0])})"
        return super().binary(op, a, b)

    def within(self, depth):
        return f"clip({self.tree(depth)}, {self.lo}, 1)"

    def product(self):
        """Factors of coordinates that are apart; the label in no more than two."""
        factors, projections = [], self.projections
        n = self.rng.randint(1, 5)
        self.labelled = n <= 2
        for j in self.some(n):
            self.projections = [f"x{j}"]
            factors.append(self.within(self.rng.randint(1, 3)))
        self.labelled, self.projections = True, projections
        return "*".join(factors)

    def query(self, lo):
        """A query to [lo, 1]."""
        self.lo = lo
        r = self.rng.random()
        if r < 0.35:
            return self.product()
        if r < 0.5:
            return f"0.5*{self.within(3)} + 0.5*{self.product()}"
        return self.within(self.rng.randint(1, 4))
