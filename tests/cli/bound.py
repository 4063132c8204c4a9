#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of `statbed bound`, computed again from their definitions: rational arithmetic, numpy's
eigenvalues, a plain sort, all subsets.

    bound.py STATBED

Prints TAP. A bound may be weaker than the number by a part in 10^9 (it is rounded), and never stronger.
"""
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
from fractions import Fraction

import numpy

STATBED = os.path.abspath(sys.argv[1])
SLACK = Fraction(1, 10**9)
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def bound(*words):
    done = subprocess.run([STATBED, "bound", *words, "--format=json"], capture_output=True, text=True)
    assert done.returncode == 0, (words, done.stderr)
    (case,) = json.loads(done.stdout)["cases"]
    return case


def by_name(case):
    return {b["name"]: b for b in case["bounds"]}


def just_below(number, exact):
    assert Fraction(number) <= exact and Fraction(number) >= exact * (1 - SLACK), (number, float(exact))


def just_above(number, exact):
    assert Fraction(number) >= exact and Fraction(number) <= exact * (1 + SLACK), (number, float(exact))


@test
def parities():
    """(pN - B) tau^2 / (1 - 2 eta)^2 by STAT, and its likes by the other conventions."""
    for d, noise, options, g in [
        (6, "0", ["--tolerance=0.5"], Fraction("0.5") ** 2),
        (13, "0.25", ["--tolerance=0.01"], Fraction("0.01") ** 2),
        (24, "0.1", ["--tolerance=0.01", "--range=01"], 4 * Fraction("0.01") ** 2),
        (30, "0", ["--oracle=vstat", "--t=1000"], Fraction(1, 3000)),
        (30, "0", ["--oracle=vstat", "--t=1000", "--rule=variance"], Fraction(4, 1000**2)),
        (60, "0", ["--oracle=csq", "--tolerance=1e-6"], Fraction("1e-6") ** 2),
    ]:
        n, rate = 2**d, Fraction(noise)
        case = bound("parity", f"dimension={d}", f"noise={noise}", "--success=0.9", "--queries=7", *options)
        found = by_name(case)["spectral"]
        kill = (1 - 2 * rate) ** 2 / g
        assert found["applies"] and case["strongest"] and case["members"] == n
        just_below(found["queries"], (Fraction("0.9") * n - 1) / kill)
        assert 2 ** found["log2_queries"] >= found["queries"] * (1 - 1e-12)
        just_above(found["query_rules_out"], kill)
        just_above(found["success_after"], min(1, (1 + 7 * kill) / n))
        decision = by_name(bound("parity", f"dimension={d}", f"noise={noise}", "--success=0.9",
                                 "--goal=distinguish", *options))["spectral"]
        just_below(decision["queries"], (2 * Fraction("0.9") - 1) * n / kill)


def conjunctions(d, k, noise):
    """K of all conjunctions of k of d literals, by going through the cube; the null's label is a coin
    of the same bias at every point."""
    points = numpy.array(list(itertools.product([0, 1], repeat=d)))
    value = numpy.array([points[:, list(s)].min(axis=1) for s in itertools.combinations(range(d), k)], float)
    null = 2.0**-k
    one = noise + (1 - 2 * noise) * value
    base = noise + (1 - 2 * noise) * null
    return sum(a @ a.T / len(points) / b for a, b in ((one, base), (1 - one, 1 - base))) - 1


@test
def conjunctions_and_noise():
    """The largest eigenvalue; under flips of labels it is at most (1 - 2 eta)^2 of it, and no less than
    what enumeration finds."""
    clean = numpy.linalg.eigvalsh(conjunctions(7, 2, 0))[-1]
    case = bound("conjunction", "dimension=7", "literals=2")
    just_above(by_name(case)["spectral"]["value"], Fraction(clean) * (1 - SLACK / 2))
    noisy = by_name(bound("conjunction", "dimension=7", "literals=2", "--noise=0.1"))["spectral"]["value"]
    just_above(noisy, Fraction(clean) * (1 - SLACK / 2) * Fraction("0.64"))
    assert noisy >= numpy.linalg.eigvalsh(conjunctions(7, 2, 0.1))[-1] * (1 - 1e-9)


def matrices():
    """Random K = F F^T / m, in growing order, with a g each."""
    random = numpy.random.default_rng(11)
    for n, m, tau in [(9, 40, 0.5), (12, 30, 0.6), (12, 300, 0.3), (40, 200, 0.35), (150, 1000, 0.3)]:
        functions = random.choice([-1.0, 1.0], size=(n, m))
        if n == 40:
            functions *= random.uniform(0.5, 1, size=(n, 1))
        yield functions @ functions.T / m, tau


def written(K):
    file = tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False)
    with file:
        for row in K.tolist():
            file.write(",".join(map(repr, row)) + "\n")
    return file.name


def of_matrix(K, tau, *options):
    name = written(K)
    try:
        return bound(name, f"--tolerance={tau!r}", "--success=1", *options)
    finally:
        os.unlink(name)


def near(found, expected):
    assert abs(found - expected) <= 1e-8 * abs(expected), (found, expected)


@test
def matrix_summary():
    for K, tau in matrices():
        n = len(K)
        of = of_matrix(K, tau)["correlations"]
        off = numpy.abs(K - numpy.diag(numpy.diag(K)))
        eigenvalue = numpy.linalg.eigvalsh(K)[-1]
        assert of["how"] == "matrix" and of["lambda_lb"] <= eigenvalue * (1 + 1e-12)
        assert of["lambda_ub"] >= eigenvalue * (1 - 1e-12)
        near(of["lambda_ub"], eigenvalue)
        near(of["lambda_lb"], eigenvalue)
        near(of["diagonal_ub"], K.diagonal().max())
        near(of["off_diagonal_abs_ub"], off.max())
        near(of["mean_abs_ub"], numpy.abs(K).mean())
        noisy = of_matrix(K, tau, "--noise=0.25")["correlations"]
        near(noisy["lambda_ub"], eigenvalue / 4)
        near(noisy["mean_abs_ub"], numpy.abs(K).mean() / 4)


@test
def spectral_of_matrices():
    for K, tau in matrices():
        found = by_name(of_matrix(K, tau))["spectral"]
        near(found["query_rules_out"], numpy.linalg.eigvalsh(K)[-1] / tau**2)
        near(found["queries"], (len(K) - 1) * tau**2 / numpy.linalg.eigvalsh(K)[-1])


@test
def pair_event_by_a_sort():
    """j*: the first j at which the mean of the j largest |K_ij| is at most g; N / sqrt(j*) and no more
    than a step better."""
    seen = 0
    for K, tau in matrices():
        found = by_name(of_matrix(K, tau))["pair-event"]
        sizes = numpy.sort(numpy.abs(K), axis=None)[::-1]
        means = sizes.cumsum() / numpy.arange(1, sizes.size + 1)
        below = numpy.nonzero(means <= tau**2)[0]
        assert found["applies"] == bool(below.size), (found["why"], means[-1], tau**2)
        if not below.size:
            continue
        j = int(below[0]) + 1
        assert found["value"] >= len(K) / math.sqrt(j) * (1 - 1e-9), (found["value"], j)
        assert found["value"] <= len(K) / math.sqrt(j - 1) * (1 + 1e-9), (found["value"], j)
        seen += 1
    assert seen >= 3


@test
def szorenyi_by_its_formula():
    for K, tau in matrices():
        found = by_name(of_matrix(K, tau))["szorenyi"]
        beta, gamma = K.diagonal().max(), max(0, (K - numpy.diag(numpy.inf * numpy.ones(len(K)))).max())
        assert found["applies"] == (tau**2 > gamma)
        if found["applies"]:
            near(found["query_rules_out"], 2 * (beta - gamma) / (tau**2 - gamma))


@test
def every_subset():
    """SDA over subsets is N over the most members of a set whose |K| averages more than g, and no
    dimension with average correlation is larger."""
    for K, tau in matrices():
        n = len(K)
        if n > 12:
            continue
        largest = max((len(s) for r in range(1, n + 1) for s in itertools.combinations(range(n), r)
                       if numpy.abs(K[numpy.ix_(s, s)]).mean() > tau**2), default=0)
        bounds = by_name(of_matrix(K, tau))
        near(bounds["subset"]["value"], n / max(largest, min(1, K.diagonal().max() / tau**2)))
        for name in "average", "pair-event":
            rules_out = bounds[name]["query_rules_out"]
            assert rules_out is None or rules_out >= largest * (1 - 1e-12), (name, rules_out, largest)


@test
def every_query():
    """A query that sets the members S off the null, to sides e, has a norm of at most 1 only if
    sum e_i e_j K_ij > g |S|^2: no calculator lets it rule out less than the largest such S."""
    for K, tau in matrices():
        n = len(K)
        if n > 9:
            continue
        signs = numpy.array(list(itertools.product([-1, 0, 1], repeat=n)))
        size = numpy.abs(signs).sum(axis=1)
        off = numpy.einsum("ki,ij,kj->k", signs, K, signs) > tau**2 * size**2
        largest = size[off].max(initial=0)
        assert largest >= 2
        for name, found in by_name(of_matrix(K, tau)).items():
            if found["applies"] and found["targets"] == n:
                assert found["query_rules_out"] >= largest * (1 - 1e-12), (name, largest)


def main():
    print(f"1..{len(TESTS)}")
    bad = 0
    for i, function in enumerate(TESTS, 1):
        try:
            function()
            print(f"ok {i} {function.__name__}")
        except AssertionError as error:
            bad += 1
            print(f"not ok {i} {function.__name__}: {error!r}")
    return bad > 0


sys.exit(main())
