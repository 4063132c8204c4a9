#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates against an independent computation.

    certificates.py DRIVER PLUGINS STATBED N [SEED]

Draws N random queries over all families, has the library estimate or answer each (driver.c), computes
each expectation here, by other code, and compares: the value with its half-width, the variance and the
tolerance that are claimed, the answer. Prints TAP, and every query whose certificate fails. Sampled
certificates may fail with probability DELTA in all, by their own promise.

Half-widths that are wrong by a factor of two or so would seldom fail so small a probability; what they
are worth shows in all sampled ones together, but for those of little variance: the root mean square of
error / half-width is at most MOST. At failure probability p a half-width takes sqrt(2 ln(2/p))
deviations of the mean or more, which is more than six here, so that the root would be 1/6 at most.
"""
import collections
import math
import multiprocessing
import os
import random
import subprocess
import sys

import numpy as np

from expression import parse
import normal
from families import Conjunction, Halfspace, Law, Parity, Votes
from queries import NormalQueries, Queries
from truth import Unknown, moments, support

DELTA = 1e-6  # for all sampled certificates of a run of this program together
MOST, SPREAD = 0.25, 0.05  # SPREAD: variance, over the range's square
PART = 100  # queries that are drawn and asked together; of them as many by STATBED ask:
ASKED = 2
POLICIES = ["exact", "round", "random", "extreme", "reference"]

Query = collections.namedtuple(
    "Query", "name family file member law mode rule tolerance share delta text truth second slack")


def family_of(rng, plugins):
    """A random family, and what the driver calls it."""
    r = rng.random()
    d = rng.choice([1, 2, 3, 5, 7, 8, 10]) if rng.random() < 0.5 else rng.choice(
        [14, 25, 26, 30, 32, 40, 48, 60, 63])
    noise = rng.choice([0.0, 0.0, 0.1, 0.25, 0.4999, 0.3])
    labels = rng.choice(["pm1", "01"])
    if r < 0.15:
        return Parity(d, 0, noise, labels), "parity"
    if r < 0.35:
        return Parity(d, rng.randint(1, min(d, 6)), noise, labels), "parity"
    if r < 0.6:
        domain = rng.choice(["gauss", "gauss", "cube"])
        threshold = rng.choice([0.0, 0.0, 0.5, -1.25, 3.0])
        d = rng.choice([1, 2, 3, 5, 8, 16, 32]) if domain == "gauss" else d
        return Halfspace(d, domain, threshold, noise, labels), "halfspace"
    if r < 0.8:
        negations = rng.random() < 0.5
        return Conjunction(d, rng.randint(1, min(d, 4)), negations), "conjunction"
    if r < 0.9:
        over = rng.choice(["residues", "steps"])
        return Votes(over, rng.randint(1, 4)), f"{plugins}/votes.so"
    if r < 0.96:
        return Votes("cube", min(d, 40)), f"{plugins}/votes_cube.so"
    return Votes(rng.choice(["cube", "residues", "steps"]), rng.randint(1, 4), True), \
        f"{plugins}/votes_real.so"


def member_of(rng, family):
    """A member, or the null; not always those in the middle."""
    r = rng.random()
    if r < 0.25:
        return None
    if r < 0.35:
        return rng.choice([0, family.n_members - 1])
    return rng.randrange(family.n_members)


def tolerance_of(rng):
    """A rule with a tolerance that samples reach in about 10^5 examples."""
    rule = rng.choice(["stat", "bernoulli", "variance"])
    share = rng.choice([0.3, 0.5, 0.9])
    if rule == "stat":
        return rule, round(rng.uniform(0.02, 0.08) / share, 4), share
    return rule, rng.choice([4, 10, 33, 100, 256]), share


def least(rule):
    return -1 if rule == "stat" else 0


def truth_of(text, rule, law):
    if law.family.domain == "gauss":
        return normal.moments(parse(text), law, rule == "variance")
    e = parse(f"clip({text}, {least(rule)}, 1)")
    if 14 < support(e, law) < 25:
        raise Unknown  # is enumerated, in seconds
    return moments(e, law)


def one_query(rng, number, family, file, law, queries, delta):
    """A query whose truth is known, or None."""
    rule, tolerance, share = tolerance_of(rng)
    text = queries.query(least(rule))
    try:
        truth, second, slack = truth_of(text, rule, law)
    except Unknown:
        return None
    if second - truth ** 2 < 1e-9 and rng.random() < 0.8:
        return None  # constant
    mode = mode_of(rng, family, law)
    return Query(f"q{number}", family, file, law.member, "clean" if law.clean else "noisy", mode, rule,
                 tolerance, share, delta, text, truth, second, slack)


def mode_of(rng, family, law):
    r = rng.random()
    if r < 0.3:
        return "any"
    if r < 0.5:
        return "many"
    if r < 0.75:
        return "monte-carlo"
    if r < 0.88 and family.domain == "gauss":
        return "quadrature"
    if r < 0.82:
        return "closed-form"
    if r < 0.88:
        return "enumeration"
    if r < 0.92 and family.label_set:
        return "public"
    return "any" if law.clean else "ask:" + rng.choice(POLICIES)


def draw(rng, first, n, total, plugins):
    """Queries number first .. first + n - 1 of `total`, several of a family and law together."""
    out = []
    while len(out) < n:
        family, file = family_of(rng, plugins)
        member = member_of(rng, family)
        law = Law(family, member, member is not None and rng.random() < 0.2)
        queries = NormalQueries(rng, law) if family.domain == "gauss" else \
            Queries(rng, family, family.dim <= 12 and rng.random() < 0.5)
        some = [one_query(rng, first + len(out) + i, family, file, law, queries, DELTA / total)
                for i in range(8)]
        out += sorted(filter(None, some), key=lambda q: q.mode)
    return out[:n]


def line_of(q):
    parameters = " ".join(f"{k}={v}" for k, v in q.family.parameters.items())
    fields = [q.name, q.file, parameters, "null" if q.member is None else q.member, q.law, q.mode,
              q.rule, repr(float(q.tolerance)), repr(q.share), repr(q.delta), q.text]
    return "\t".join(map(str, fields)) + "\n"


def run(driver, queries):
    done = subprocess.run([driver], input="".join(map(line_of, queries)), capture_output=True,
                          text=True)
    if done.returncode:
        raise RuntimeError(f"{driver} returned {done.returncode}: {done.stderr.strip()}")
    return [line.split("\t") for line in done.stdout.splitlines()]


Got = collections.namedtuple("Got", "method value half_width variance tolerance samples answer")


def read(fields):
    return Got(fields[2], *map(float, fields[3:]))


def true_tolerance(q):
    """At least the tolerance that the query has."""
    t, p = np.longdouble(q.tolerance), min(max(q.truth, 0), 1)
    if q.rule == "stat":
        return t
    spread = p * (1 - p) if q.rule == "bernoulli" else max(q.second - q.truth ** 2, 0)
    return max(1 / t, np.sqrt((spread + 4 * q.slack) / t)) * (1 + np.longdouble(1e-15))


def faults(q, got):
    """What is wrong with a certificate, in words."""
    out, slack = [], float(q.slack)
    off = abs(np.longdouble(got.value) - q.truth)
    if not off <= np.longdouble(got.half_width) + slack:
        out.append(f"the mean is {float(q.truth)!r}, off by {float(off):.3g}")
    if q.rule == "variance" and got.variance > q.second - q.truth ** 2 + 4 * slack + 1e-17:
        out.append(f"the variance is {float(q.second - q.truth ** 2)!r}")
    if got.tolerance > true_tolerance(q):
        out.append(f"the tolerance is {float(true_tolerance(q))!r}")
    if q.mode.startswith("ask:"):
        gap = abs(np.longdouble(got.answer) - q.truth)
        if gap > true_tolerance(q) + slack:
            out.append(f"the answer is off by {float(gap):.3g} of {float(true_tolerance(q)):.3g}")
    elif got.half_width > q.share * got.tolerance:
        out.append("the half-width is above its share of the tolerance")
    return out


def describe(q, got, what):
    return f"{'; '.join(what)}: {got}\n# {line_of(q).strip()}"


def asked(statbed, q):
    """The same query by `statbed ask`: what is wrong with what it prints."""
    policy = q.mode.split(":")[1]
    words = [statbed, "ask", q.file, *[f"{k}={v}" for k, v in q.family.parameters.items()],
             f"--member={'null' if q.member is None else q.member}", f"--policy={policy}",
             f"--slack={q.share}", f"--delta={q.delta}"]
    words += ["--oracle=stat", f"--tolerance={q.tolerance}"] if q.rule == "stat" else \
        ["--oracle=vstat", f"--t={q.tolerance}", f"--rule={q.rule}"]
    text = subprocess.run(words + ["--", q.text], capture_output=True, text=True, check=True).stdout
    lines = dict(line.split(None, 1) for line in text.splitlines())
    value, _, half_width, _, method = lines["certificate"].rstrip(",").replace(",", "").split()[:5]
    return faults(q, Got(method, float(value), float(half_width), 0, 0, 0, float(lines["answer"])))


def part(job):
    """Some of the queries: (counts, lines on those that fail, error / half-width of those sampled)."""
    driver, plugins, statbed, seed, number, n, total = job
    queries = draw(random.Random(f"{seed} {number}"), number, n, total, plugins)
    counts, lines, ratios = collections.Counter(), [], []
    for q, fields in zip(queries, run(driver, queries)):
        if fields[0] != q.name:
            raise RuntimeError(f"{fields[0]} answers {q.name}")
        if fields[1] != "ok":
            counts[fields[1]] += 1
            continue
        got = read(fields)
        counts[got.method] += 1
        what = faults(q, got)
        if what:
            lines.append(describe(q, got, what))
        if q.mode.startswith("ask:") and counts["ask"] < ASKED:
            counts["ask"] += 1
            what = asked(statbed, q)
            if what:
                lines.append(describe(q, "statbed ask", what))
        if got.samples and q.second - q.truth ** 2 > SPREAD * (1 - least(q.rule)) ** 2:
            ratios.append(float(abs(got.value - q.truth)) / got.half_width)
    return counts, lines, ratios


def main():
    driver, plugins, statbed, n = *sys.argv[1:4], int(sys.argv[4])
    if os.environ.get("STATBED_TEST_ISOLATION") == "none":
        n //= 4  # sanitizers look at memory, of which more queries touch no other
    seed = int(sys.argv[5]) if len(sys.argv) > 5 else 20221
    jobs = [(driver, plugins, statbed, seed, i, min(PART, n - i), n) for i in range(0, n, PART)]
    counts, lines, ratios = collections.Counter(), [], []
    with multiprocessing.Pool(min(2, os.cpu_count() or 1)) as pool:
        for some_counts, some_lines, some_ratios in pool.imap(part, jobs):
            counts += some_counts
            lines += some_lines
            ratios += some_ratios
    good = sum(counts.values()) - counts["skip"] - counts["refused"] - counts["ask"]
    size = math.sqrt(sum(r * r for r in ratios) / len(ratios))
    print("1..2")
    print(f"{'not ok' if lines else 'ok'} 1 {good} queries, {len(lines) or 'none'} outside")
    print(f"{'ok' if size <= MOST else 'not ok'} 2 {len(ratios)} sampled: error / half-width is "
          f"{size:.3f}, at most {MOST}")
    print(f"# {', '.join(f'{k} {v}' for k, v in sorted(counts.items()))}; seed {seed}")
    for line in lines:
        print(f"# {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
