#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""reduction.py FILE.db: is every answer of lifted parities (compressed, bulk) within its tolerance of the Gaussian truth,
computed here from drawn points? False alarm: about 1e-6 an answer. Also: as many queries on both sides."""
import json
import math
import sqlite3
import sys

import numpy as np

N = 200000


class Query:
    """Evaluates the text of an expression at points z with labels y."""

    def __init__(self, z, y, label):
        self.names = {"y": y, "sin": np.sin, "step": lambda a: (a >= 0) * 1.0,
                      "near": lambda a, b, eps: (np.abs(a - b) <= eps) * 1.0, "candidate": label}
        self.names.update({f"x{j}": z[:, j] for j in range(z.shape[1])})

    def __call__(self, text):
        value = eval(text, {"__builtins__": {}}, self.names) + np.zeros(N)  # of our own test's making
        return np.clip(value, -1, 1)


def quantile(p):
    lo, hi = -10.0, 10.0
    while hi - lo > 1e-13:
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if math.erfc(-mid / math.sqrt(2)) / 2 < p else (lo, mid)
    return lo


def labels_of(z, subset, delta, m):
    """Rule 7 with q = 2: x_S parity times R(1 - sum of N2), 0 where some N2 is 1 or more than m are not 0."""
    rh, sh = quantile(0.5 + delta / 4), quantile(0.5 + delta / 2)
    s = np.clip((sh - np.abs(z)) / (sh - rh), 0, 1)
    parity = (z[:, subset] > 0).sum(axis=1) % 2 if subset else np.zeros(len(z))
    total = s.sum(axis=1)
    return parity * np.maximum(1 - total, 0) * ((s > 0).sum(axis=1) <= m) * (s < 1).all(axis=1)


def check(db, run, rng):
    params = json.loads(run["family_params"])
    d, delta, m = params["dimension"], params["delta"], params["m"]
    subset = [int(j) for j in run["hidden"].split("(")[1].rstrip(")").split(",") if j]
    facts = dict(db.execute("SELECT name, value FROM fact WHERE run = ?", (run["id"],)))
    z = rng.standard_normal((N, d))
    y = labels_of(z, subset, delta, m)
    # candidate i of the family parity: the subset of the bits of i
    query = Query(z, y, lambda i: labels_of(z, [j for j in range(d) if i >> j & 1], delta, m))
    n = 0
    for text, answer, tolerance in db.execute(
            "SELECT expression, answer, tol FROM transcript WHERE run = ? AND status = 'answered'", (run["id"],)):
        if text.startswith("callback signs"):
            values = (z[:, [0, 2]] > 0).sum(axis=1) % 2 * y
        else:
            values = query(text)
        off = abs(answer - values.mean())
        allowed = tolerance + 2 * facts["miss"] + 5 * values.std() / math.sqrt(N) + 1e-9
        assert off <= allowed, f"run {run['id']}: {text}: {answer}, and it is {values.mean()}"
        n += 1
    assert n == run["n_queries"] == facts["gaussian_queries"] == facts["boolean_queries"], "counts"
    assert n == 7


def main():
    db = sqlite3.connect(sys.argv[1])
    db.row_factory = sqlite3.Row
    rng = np.random.default_rng(7)
    runs = db.execute("SELECT * FROM run").fetchall()
    for run in runs:
        check(db, run, rng)
    print(f"{len(runs)} runs")


main()
