# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions, from their text: a reader and an evaluator of their own, after include/statbed/query.h.

A node is a tuple (op, numbers, arguments). Evaluation is in double precision, one operation after the
other as query.h has it: operators are total, results beyond the largest double stay there.
"""
import numpy as np

LARGEST = np.finfo(float).max
PREFIX_NUMBERS = {"hermite": 1}
SUFFIX_NUMBERS = {"near": 1, "clip": 2}
ONLY_NUMBERS = {"dot", "chi", "candidate", "candidate_bit"}
INEXACT = {"sin", "cos", "exp"}  # another library's last bit may differ


class Reader:
    def __init__(self, text):
        self.text, self.at = text, 0

    def peek(self):
        while self.at < len(self.text) and self.text[self.at] in " \t\n\r":
            self.at += 1
        return self.text[self.at] if self.at < len(self.text) else ""

    def take(self, sign):
        if self.peek() != sign:
            raise ValueError(f"{sign!r} expected at {self.at} of {self.text}")
        self.at += 1

    def word(self):
        start = self.at
        while self.peek() and (self.text[self.at].isalnum() or self.text[self.at] == "_"):
            self.at += 1
            if self.at == len(self.text) or self.text[self.at] in " \t":
                break
        return self.text[start:self.at]

    def number(self):
        sign = 1
        if self.peek() == "-":
            self.at += 1
            sign = -1
        self.peek()
        start = self.at
        while self.at < len(self.text) and (self.text[self.at] in "0123456789.eE" or (
                self.text[self.at] in "+-" and self.text[self.at - 1] in "eE")):
            self.at += 1
        return sign * float(self.text[start:self.at])

    def sum(self):
        e = self.product()
        while self.peek() and self.peek() in "+-":
            op = "add" if self.text[self.at] == "+" else "sub"
            self.at += 1
            e = (op, (), (e, self.product()))
        return e

    def product(self):
        e = self.signed()
        while self.peek() and self.peek() in "*/":
            op = "mul" if self.text[self.at] == "*" else "div"
            self.at += 1
            e = (op, (), (e, self.signed()))
        return e

    def signed(self):
        if self.peek() != "-":
            return self.operand()
        self.at += 1
        if self.peek().isdigit():
            self.at -= 1
            while self.text[self.at] != "-":
                self.at -= 1
            return ("const", (self.number(),), ())
        return ("neg", (), (self.signed(),))

    def operand(self):
        c = self.peek()
        if c == "(":
            self.at += 1
            e = self.sum()
            self.take(")")
            return e
        if c.isdigit():
            return ("const", (self.number(),), ())
        name = self.word()
        if name == "y":
            return ("y", (), ())
        if name[0] == "x" and name[1:].isdigit():
            return ("x", (int(name[1:]),), ())
        self.take("(")
        e = self.call(name)
        self.take(")")
        return e

    def call(self, name):
        numbers, arguments, place = [], [], 0
        first = PREFIX_NUMBERS.get(name, 0)
        while self.peek() != ")":
            if place:
                self.take(",")
            if name in ONLY_NUMBERS or place < first or (
                    name in SUFFIX_NUMBERS and place >= (1 if name == "clip" else 2)):
                numbers.append(self.number())
            else:
                arguments.append(self.sum())
            place += 1
        return (name, tuple(numbers), tuple(arguments))


def parse(text):
    reader = Reader(text)
    e = reader.sum()
    if reader.peek():
        raise ValueError(f"{reader.text[reader.at:]!r} is left of {text}")
    return e


def nodes(e):
    """All nodes, each distinct one once."""
    seen, stack = set(), [e]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(node[2])
    return seen


def inexact(e):
    return any(n[0] in INEXACT for n in nodes(e))


def saturate(v):
    return np.minimum(np.maximum(v, -LARGEST), LARGEST)


def over(a, b):
    return np.where(b == 0, 0.0, saturate(a / np.where(b == 0, 1.0, b)))


def mod(a, b):
    rest = saturate(a - saturate(b * np.floor(over(a, b))))
    return np.where((rest >= 0) & (rest < b), rest, 0.0)


def hermite(k, t):
    before, h = np.zeros_like(t), np.ones_like(t)
    for j in range(int(k)):
        up = saturate(saturate(t * h) * (1 / np.sqrt(j + 1.0)))
        before, h = h, saturate(up - saturate(np.sqrt(j / (j + 1.0)) * before))
    return h


def truth(c):
    return np.where(c, 1.0, 0.0)


FUNCTIONS = {
    "add": lambda n, a, b: saturate(a + b),
    "sub": lambda n, a, b: saturate(a - b),
    "mul": lambda n, a, b: saturate(a * b),
    "div": lambda n, a, b: over(a, b),
    "neg": lambda n, a: -a,
    "abs": lambda n, a: np.abs(a),
    "min": lambda n, a, b: np.minimum(a, b),
    "max": lambda n, a, b: np.maximum(a, b),
    "mod": lambda n, a, b: mod(a, b),
    "relu": lambda n, a: np.maximum(a, 0.0),
    "step": lambda n, a: truth(a >= 0),
    "lt": lambda n, a, b: truth(a < b),
    "le": lambda n, a, b: truth(a <= b),
    "eq": lambda n, a, b: truth(a == b),
    "near": lambda n, a, b: truth(np.abs(saturate(a - b)) <= n[0]),
    "clip": lambda n, a: np.minimum(np.maximum(a, n[0]), n[1]),
    "hermite": lambda n, a: hermite(n[0], a),
}
WAVES = {
    "sin": lambda a: np.clip(np.sin(a), -1, 1),
    "cos": lambda a: np.clip(np.cos(a), -1, 1),
    "exp": lambda a: np.clip(np.exp(a), 0, LARGEST),
}


def evaluate(e, points, y, nudge=0.0):
    """Values at `points` (which know x, dot, chi, candidate, candidate_bit) with labels y, an array of
    their length. nudge: sin, cos and exp are multiplied by 1 + nudge."""
    shape = np.shape(y)
    known = {}

    def value(node):
        if node in known:
            return known[node]
        op, numbers, arguments = node
        if op == "const":
            v = np.full(shape, numbers[0])
        elif op == "y":
            v = y
        elif op in WAVES:
            v = saturate(WAVES[op](value(arguments[0])) * (1 + nudge))
        elif op in FUNCTIONS:
            v = FUNCTIONS[op](numbers, *[value(a) for a in arguments])
        else:
            v = getattr(points, op)(numbers, y)
        known[node] = v
        return v

    with np.errstate(all="ignore"):
        return value(e)
