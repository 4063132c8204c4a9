# SPDX-License-Identifier: GPL-3.0-or-later
"""Goes through one recorded run and says what is wrong with it."""
import json

import numpy as np

from expression import evaluate, parse
from game import Question, WIDE, callback


class Run:
    """A run of the database, its queries and bounds, beside the family's table."""

    def __init__(self, row, queries, bounds, table):
        self.row, self.queries, self.table = row, queries, table
        self.bounds = {b["name"]: b for b in bounds}
        self.goal = json.loads(row["goal_params"])
        self.learner = json.loads(row["learner_params"])
        self.lazy = row["policy"] in ("eliminate", "null")
        self.decides = row["goal"] == "distinguish"
        self.faults = []

    def check(self, fine, what):
        if not fine:
            self.faults.append(what)

    # The game

    def play(self):
        """Goes through the answers: who is surely live, who may be; most that one answer dropped."""
        n = self.table.n
        self.live, self.maybe = np.ones(n, bool), np.ones(n, bool)
        self.null_live, self.n_left = True, 0
        self.kappa = [0, 0]  # at least, at most
        for q in self.queries:
            if q["status"] == "answered":
                self.answered(q)

    def answered(self, q):
        row = self.row
        question = Question(self.table, q["text"], row["oracle"], row["rule"], row["tolerance"],
                            q["half_width"])
        inside, outside = question.sides(q["answer"])
        where = f"query {q['seq']}"
        self.check(abs(q["answer"]) <= 1, f"{where}: {q['answer']} is out of range")
        if row["policy"] == "eliminate":
            self.best(q, question, outside, where)
        self.from_null(q, question, where)
        if row["policy"] == "reference" and not q["from_null"]:
            self.n_left += 1
        if self.lazy or q["from_null"]:
            self.drop(q, question, inside, outside, where)

    def from_null(self, q, question, where):
        gap = abs(WIDE(q["answer"]) - question.null)
        if self.row["policy"] == "null" or q["from_null"]:
            self.check(gap <= question.blur, f"{where}: the answer is not the null's value")

    def drop(self, q, question, inside, outside, where):
        """Members that the answer drops, against those live before."""
        counted = self.maybe if self.counts_new() else np.ones_like(self.maybe)
        surely = self.live if self.counts_new() else counted
        least, most = (outside & surely).sum(), (~inside & counted).sum()
        if q["eliminated"] is not None:
            self.check(least <= q["eliminated"] + self.slack(q) and q["eliminated"] <= most,
                       f"{where}: {q['eliminated']} eliminated, not {least} to {most}")
            cap = question.cap(self.table, self.row["tolerance"])
            self.check(q["eliminated"] <= cap * (1 + 1e-9),
                       f"{where}: {q['eliminated']} eliminated, but C3 allows {cap}")
        self.check_cap(question, where)
        self.kappa = [max(self.kappa[0], least), max(self.kappa[1], most)]
        self.live &= inside
        self.maybe &= ~outside
        null_gap = abs(WIDE(q["answer"]) - question.null) - question.null_reach
        self.null_live &= bool(null_gap <= question.blur)

    def slack(self, q):
        """Those that half-widths leave undecided are dropped, and not counted."""
        return 0 if q["half_width"] < 1e-9 else self.table.n

    def counts_new(self):
        """Are members counted once, when they are dropped, or at every query that rules them out?"""
        return self.row["policy"] == "eliminate"

    def check_cap(self, question, where):
        """C3 itself: by the true values."""
        n = (abs(question.p - question.null) > question.reach + question.blur).sum()
        cap = question.cap(self.table, self.row["tolerance"])
        self.check(n <= cap * (1 + 1e-9), f"{where}: C3 fails, {n} above {cap}")

    def best(self, q, question, outside, where):
        """No point is within tolerance of more of those that are live, and no point nearer to the null's
        value of as many."""
        mass = self.table.n if self.decides and self.null_live else 0
        here = (~outside & self.maybe).sum()
        distance = abs(WIDE(q["answer"]) - question.null)
        if mass:
            here += mass if distance - question.null_reach <= question.blur else 0
        for most, nearer in question.covers(self.live, mass):
            self.check(here >= most, f"{where}: {q['answer']} covers {here}, another point {most}")
            self.check(here > most or distance <= nearer + 2 * question.blur,
                       f"{where}: {q['answer']} is at {distance}, and one that covers {most} at {nearer}")

    # What was returned

    def predictor(self):
        """Values of the hypothesis at all points."""
        text = self.row["hypothesis"]
        if text != "callback":
            return np.asarray(evaluate(parse(text), self.table.points, np.zeros(len(self.table.x))))
        choices = self.learner["returns"].split(";")
        k = int(choices[self.state() % len(choices)][1:])
        return callback(k, self.table.family.dim, 0, self.learner["lo"])

    def state(self):
        """What asker.c kept of the answers."""
        s = 0
        for q in self.queries:
            if q["status"] != "budget":
                s = (2 * s + (q["status"] == "answered" and q["answer"] > self.learner["threshold"])) % 61
        return s

    def may_succeed(self):
        """(members on which what was returned succeeds, on which it may; and the same of the null)"""
        n, text = self.table.n, self.row["hypothesis"]
        none = np.zeros(n, bool)
        if not text:
            return none, none, False
        if self.decides:
            return (~none, ~none, False) if text == "planted" else (none, none, True)
        if self.row["goal"] == "recover":
            value = [float(v) for v in text.split(",")]
            right = np.array([value == [float(v) for v in self.value_of(i)] for i in range(n)])
            return right, right, False
        loss = self.table.losses(self.predictor(), self.goal.get("loss") == "squared")
        limit, blur = WIDE(self.goal["max"]), WIDE(1e-12)
        return loss <= limit - blur, loss <= limit + blur, False

    def value_of(self, i):
        from cases import value_of
        return value_of(self.table.family, i).split(",")

    # What is stated

    def stated(self):
        bound = self.bounds.get("played")
        if bound is None:
            self.check(not self.lazy or self.row["status"] not in ("finished",), "no row 'played'")
            return
        if not bound["applies"]:
            return
        sure, may, null = self.may_succeed()
        n = self.table.n
        least = (~self.maybe | sure).sum()
        most = (~self.live | may).sum()
        if self.decides:
            least, most = least + n * (null or not self.null_live), most + n * (null or not self.null_live)
            n *= 2
        self.check(least / n - 1e-9 <= bound["success_ub"] <= most / n + 1e-9 + 1e-5,
                   f"played: at most {bound['success_ub']}, not {least / n} to {most / n}")
        self.rates(bound)

    def rates(self, bound):
        """kappa, and what is made of it."""
        kappa = bound["success_per_query"]
        if kappa is None:
            return
        n, good = self.table.n, self.n_good()
        if self.decides:
            n, good = 2 * n, self.table.n
        kappa *= n
        self.check(self.kappa[0] - 1e-6 <= kappa <= self.kappa[1] + 1e-6,
                   f"played: kappa = {kappa}, not {self.kappa}")
        if good is None:
            return
        self.check(abs(bound["success_at_zero"] * n - good) < 1e-4 * n,
                   f"played: {bound['success_at_zero']} of {n} at zero, not {good}")
        needed = bound["success_probability"] * n - good
        if kappa > 0 and needed > 0:
            right = np.log2(needed / kappa)
            self.check(bound["log2_queries"] is not None and
                       right - 1e-5 <= bound["log2_queries"] <= right,
                       f"played: {bound['log2_queries']}, not {right}")

    def n_good(self):
        return 1 if self.row["goal"] == "recover" else None

    def chain(self):
        """asked >= played >= proven, where it is right on every survivor at success 1."""
        sure, _, null = self.may_succeed()
        played = self.bounds.get("played")
        proven = [b for b in self.bounds.values() if b["name"] != "played" and b["applies"] and
                  b["log2_queries"] is not None]
        if not played or not played["applies"] or played["log2_queries"] is None:
            return
        for b in proven:
            self.check(played["log2_queries"] >= b["log2_queries"] - 1e-9,
                       f"{b['name']} proves {b['log2_queries']}, played is {played['log2_queries']}")
        right = sure[self.maybe].all() and (not self.decides or null)
        if self.lazy and right and self.row["n_answered"]:
            self.check(np.log2(self.row["n_answered"]) >= played["log2_queries"] - 1e-9,
                       f"asked {self.row['n_answered']}, played is {played['log2_queries']}")

    def survivors(self):
        row = self.row
        if row["n_live"] is None:
            return
        null = self.null_live and self.decides
        self.check(self.live.sum() + null <= row["n_live"] <= self.maybe.sum() + null,
                   f"{row['n_live']} live, not {self.live.sum() + null} to {self.maybe.sum() + null}")

    def all_faults(self):
        if self.row["status"] == "running":
            return ["still running"]
        if self.row["message"] and "fault of" in self.row["message"]:
            return [self.row["message"]]
        self.play()
        self.survivors()
        self.stated()
        self.chain()
        return self.faults
