# SPDX-License-Identifier: GPL-3.0-or-later
"""Goes through one recorded run and says what is wrong with it."""
import json
import math

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
        self.kappa = 0
        for q in self.queries:
            if q["status"] == "answered":
                self.answered(q)

    def answered(self, q):
        row = self.row
        question = Question(self.table, q["text"], row["oracle"], row["rule"], q["tolerance"],
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
        """Members that the answer drops: of those that were left, or of all (counts_left)."""
        surely, counted = (self.live, self.maybe) if self.counts_left() else (True, True)
        least, most = (outside & surely).sum(), (~inside & counted).sum()
        if q["dropped"] is not None:
            self.check(least <= q["dropped"] <= most,
                       f"{where}: {q['dropped']} dropped, not {least} to {most}")
            self.check(least * (q["half_width"] < 1e-9) <= q["eliminated"] <= q["dropped"],
                       f"{where}: {q['eliminated']} eliminated, not {least}; {q['dropped']} dropped")
            cap = question.cap(self.table, q["tolerance"])
            self.check(q["eliminated"] <= cap * (1 + 1e-9),
                       f"{where}: {q['eliminated']} eliminated, but C3 allows {cap}")
            self.kappa = max(self.kappa, q["dropped"])
        self.check_cap(q, question, where)
        self.live &= inside
        self.maybe &= ~outside
        null_gap = abs(WIDE(q["answer"]) - question.null) - question.null_reach
        self.null_live &= bool(null_gap <= question.blur)

    def counts_left(self):
        """Are members counted once, when they are dropped, or by every query that rules them out?"""
        return self.row["policy"] == "eliminate"

    def check_cap(self, q, question, where):
        """C3 itself: by the true values."""
        n = (abs(question.p - question.null) > question.reach + question.blur).sum()
        cap = question.cap(self.table, q["tolerance"])
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
            self.check(False, "no row 'played'")
            return
        self.check(bound["applies"] == (self.lazy or self.n_left == 0),
                   f"played: applies = {bound['applies']}, but {self.n_left} answers left the null")
        if not bound["applies"]:
            if self.row["goal"] == "predict":
                self.check(self.row["n_right"] is None, "losses that nothing is made of")
            return
        sure, may, null = self.may_succeed()
        n = self.table.n
        least, most = (~self.maybe | sure).sum(), (~self.live | may).sum()
        if self.unscored():
            most = (~self.live).sum() + self.n_good()
        if self.decides:
            won = n * bool(null or not self.null_live)
            least, most, n = least + won, most + won, 2 * n
        delta = self.delta()
        self.check(least / n <= bound["success_ub"] <= min(1, most / n + delta + 1e-15),
                   f"played: at most {bound['success_ub']}, not {least / n} to {most / n} + {delta}")
        self.right(sure, may, null)
        self.line(bound)

    def unscored(self):
        """A predictor that is a callback is scored under the hidden member alone, where there is one: all
        that is known of the others is B."""
        return not self.lazy and self.row["hypothesis"] == "callback"

    def delta(self):
        sampled = any(q["samples"] for q in self.queries)
        return (json.loads(self.row["oracle_params"]).get("delta", 1e-6) if sampled else 0) + 2e-9

    def right(self, sure, may, null):
        """Survivors on whom what was returned is right."""
        row, null = self.row, self.decides and null and self.null_live
        least, most = (sure & self.live).sum() + null, (may & self.maybe).sum() + null
        least = 0 if self.unscored() else least
        self.check(row["n_right"] is not None and least <= row["n_right"] <= most,
                   f"{row['n_right']} right, not {least} to {most}")

    def line(self, bound):
        """kappa, and what follows for numbers of queries."""
        n, row, rate = self.table.n, self.row, bound["success_per_query"]
        self.check(row["max_dropped"] == self.kappa,
                   f"kappa = {row['max_dropped']}, not {self.kappa}")
        if self.decides and not self.null_live:
            self.check(rate is None and bound["log2_queries"] is None, "the null is lost, but a line is there")
            return
        n, good = (2 * n, n) if self.decides else (n, self.n_good())
        self.check(self.close(rate * n, self.kappa), f"played: {rate} a query, kappa = {self.kappa}")
        self.check(self.close(bound["success_at_zero"] * n, good, self.delta() * n),
                   f"played: {bound['success_at_zero']} at zero, B = {good}, N = {n}")
        needed = (bound["success_probability"] - self.delta()) * n - good
        stated = bound["log2_queries"]
        if self.kappa > 0 and needed > 1e-6:
            right = math.log2(needed / self.kappa)
            self.check(stated is not None and right - 1e-5 <= stated <= right + 2e-8 * n / needed,
                       f"played: {stated}, not {right}")
        elif self.kappa == 0 or needed < -1e-6:
            self.check(stated is None, f"played: {stated}, but nothing follows")

    @staticmethod
    def close(stated, right, slack=0.0):
        return right <= stated * (1 + 1e-15) and stated <= right * (1 + 1e-9) + slack * (1 + 1e-9)

    def n_good(self):
        """How many members one hypothesis can satisfy, at most, as families state it."""
        family, most = self.table.family, self.goal.get("max")
        if self.row["goal"] == "recover":
            return 1
        squared = self.goal.get("loss") == "squared"
        if family.name == "parity":
            if squared:
                rest = 1 - most * (1 if family.label_set[0] < 0 else 4)
            elif most < 0.25:
                return 1
            else:
                rest = (1 - 2 * most) ** 2 if most < 0.5 else 0
            return min(math.floor(1 / rest * (1 + 1e-12)), self.table.n) if rest > 0 else self.table.n
        if family.name == "conjunction":
            return 1 if (4 if squared else 2) * most < 2.0 ** -family.k else self.table.n
        return self.table.n

    def chain(self):
        """asked >= played >= proven, where it is right on every survivor."""
        row, played = self.row, self.bounds.get("played")
        if not played or not played["applies"] or row["n_right"] != row["n_live"]:
            return
        asked = math.log2(row["n_answered"]) if row["n_answered"] else -math.inf
        needed = played["log2_queries"]
        self.check(needed is None or asked >= needed, f"asked 2^{asked}, played 2^{needed}")
        for b in self.bounds.values():
            if b["name"] != "played" and b["applies"] and b["log2_queries"] is not None:
                self.check(needed is not None and needed >= b["log2_queries"],
                           f"{b['name']}: 2^{b['log2_queries']}, played 2^{needed}")

    def kills(self):
        """No query ruled out more than a calculator says that any can."""
        n = self.table.n * (2 if self.decides else 1)
        for b in self.bounds.values():
            if b["name"] != "played" and b["applies"] and not b["subset"]:
                self.check(self.kappa <= b["success_per_query"] * n,
                           f"{b['name']}: a query rules out at most {b['success_per_query'] * n}, "
                           f"one did {self.kappa}")

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
        self.kills()
        return self.faults
