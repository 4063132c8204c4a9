#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Played games against an independent computation.

    adversary.py STATBED ASKER.so INCLUDE N M [SEED]

Draws N random small games, plays each under the policies below, and goes through what statbed recorded
(referee.py): every value, tolerance, survivor, cap and statement is computed here by enumeration. Of M
games of few members each member is hidden in turn, until all have been: the learner succeeds on no more
of them than the row `played` of the policy `null` allows. Prints TAP, and what is wrong with each game.
docs/adversary.md has the statements.
"""
import json
import multiprocessing
import os
import random
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "certificates"))

from cases import case_of  # noqa: E402
from game import Table  # noqa: E402
from referee import Run  # noqa: E402

PART = 25  # games that are drawn and run together
POLICIES = [{"policy": "eliminate"}, {"policy": "eliminate", "finish": "worst"}, {"policy": "null"},
            {"policy": "reference"}]
FEW, DRAWS = 8, 80  # members, and draws of one: all are drawn but for 2e-4 of the games


def play(statbed, cases, policies, repeat, folder):
    """The database of an experiment: all cases, each under every policy."""
    grid = [{**case, "oracle": {**case["oracle"], **policy}} for case in cases for policy in policies]
    path = os.path.join(folder, "games.yaml")
    with open(path, "w") as file:
        json.dump({"name": "games", "seed": 20221, "repeat": repeat, "grid": {"case": grid}}, file)
    done = subprocess.run([statbed, "run", path, "--isolation=none", f"--db={folder}/games.db"],
                          capture_output=True, text=True)
    if done.returncode > 1:
        raise RuntimeError(f"statbed returned {done.returncode}: {done.stderr.strip()[:2000]}")
    db = sqlite3.connect(f"{folder}/games.db")
    db.row_factory = sqlite3.Row
    return db


QUERIES = """SELECT q.*, e.text FROM query q LEFT JOIN expression e ON e.id = q.expression
             WHERE q.run = ? ORDER BY q.id"""


def part(job):
    """Some of the games: (counts of queries, lines on what is wrong)."""
    statbed, asker, majority, seed, number, n = job
    rng = random.Random(f"{seed} {number}")
    drawn = [case_of(rng, asker, majority) for _ in range(n)]
    lines, queries = [], 0
    with tempfile.TemporaryDirectory() as folder:
        db = play(statbed, [case for _, case in drawn], POLICIES, 1, folder)
        for row in db.execute("SELECT * FROM run ORDER BY cell").fetchall():
            family, case = drawn[(row["cell"] - 1) // len(POLICIES)]
            asked = [dict(q) for q in db.execute(QUERIES, (row["id"],))]
            bounds = [dict(b) for b in db.execute("SELECT * FROM bound WHERE run = ?", (row["id"],))]
            table = case.setdefault("table", Table(family)) if "table" not in case else case["table"]
            faults = Run(dict(row), asked, bounds, table).all_faults()
            queries += len(asked)
            if faults:
                shown = {k: v for k, v in case.items() if k != "table"}
                lines.append(f"{row['policy']}: {'; '.join(faults[:3])}: {json.dumps(shown)}")
        db.close()
    return queries, lines


def hidden_in_turn(job):
    """Some games with every member hidden: the same as of part()."""
    statbed, asker, majority, seed, number, n = job
    rng, drawn, lines, queries = random.Random(f"{seed} in turn {number}"), [], [], 0
    while len(drawn) < n:
        family, case = case_of(rng, asker, majority)
        if family.n_members <= FEW and (family.n_members > 1 or rng.random() < 0.2):
            drawn.append((family, case))
    with tempfile.TemporaryDirectory() as folder:
        db = play(statbed, [case for _, case in drawn], [{"policy": "null"}], 1, folder)
        bounds = [row[0] for row in db.execute(
            "SELECT success_ub FROM bound b JOIN run r ON r.id = b.run WHERE b.name = 'played' "
            "ORDER BY r.cell")]
        db.close()
        os.remove(f"{folder}/games.db")
        db = play(statbed, [case for _, case in drawn], [{"policy": "reference"}], DRAWS, folder)
        for i, (family, case) in enumerate(drawn):
            runs = db.execute("SELECT hidden, success, n_queries FROM run WHERE cell > ? AND cell <= ?",
                              (i * DRAWS, (i + 1) * DRAWS)).fetchall()
            queries += sum(r["n_queries"] for r in runs)
            right = {r["hidden"] for r in runs if r["success"]}
            rate = len(right) / family.n_members
            if case["goal"]["type"] == "distinguish":
                null = "null" in right
                rate = (len(right) - null + null * family.n_members) / (2 * family.n_members)
            if rate > bounds[i] + 1e-9:
                lines.append(f"succeeds on {rate}, at most {bounds[i]}: {json.dumps(case)}")
        db.close()
    return queries, lines


def new_family(statbed, include, folder):
    """The family of a user, as `statbed new` writes it: its file."""
    subprocess.run([statbed, "new", "family", "majority", f"--dir={folder}"], check=True,
                   capture_output=True)
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-ffp-contract=off", f"-I{include}", "-o",
                    f"{folder}/majority.so", f"{folder}/majority.c"], check=True)
    return f"{folder}/majority.so"


def report(number, what, results):
    """Prints a line of TAP for all parts' results."""
    queries, lines = 0, []
    for some, wrong in results:
        queries += some
        lines += wrong
    print(f"{'not ok' if lines else 'ok'} {number} {what}, {queries} queries, {len(lines)} wrong")
    for line in lines:
        print(f"# {line}")


def main():
    statbed, asker, include = map(os.path.abspath, sys.argv[1:4])
    n, m = int(sys.argv[4]), int(sys.argv[5])
    seed = int(sys.argv[6]) if len(sys.argv) > 6 else 20221
    print(f"1..2\n# seed {seed}")
    with tempfile.TemporaryDirectory() as folder, multiprocessing.Pool(min(2, os.cpu_count() or 1)) as pool:
        majority = new_family(statbed, include, folder)
        jobs = [[(statbed, asker, majority, seed, i, min(PART, total - i))
                 for i in range(0, total, PART)] for total in (n, m)]
        report(1, f"{n} games", pool.imap(part, jobs[0]))
        report(2, f"{m} games, each member hidden in turn", pool.imap(hidden_in_turn, jobs[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
