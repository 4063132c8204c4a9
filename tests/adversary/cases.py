# SPDX-License-Identifier: GPL-3.0-or-later
"""Random small games: a family, an oracle, a learner, a goal; each is played under several policies."""
import math

from families import Conjunction, Parity
from game import Majority
from queries import Queries


def family_of(rng):
    r = rng.random()
    if r < 0.25:
        return Parity(rng.choice([1, 2, 3, 3, 4, 4, 5, 6]), 0, noise(rng), rng.choice(["pm1", "01"]))
    if r < 0.5:
        d = rng.choice([2, 3, 4, 5, 6])
        return Parity(d, rng.choice([1, d, rng.randint(1, d)]), noise(rng), rng.choice(["pm1", "01"]))
    if r < 0.8:
        d = rng.choice([1, 2, 3, 4, 5])
        return Conjunction(d, rng.randint(1, min(d, 3)), rng.random() < 0.4)
    return Majority(rng.choice([3, 4, 5, 6]), noise(rng))


def noise(rng):
    return rng.choice([0.0, 0.0, 0.25, 0.1, 0.4])


def oracle_of(rng):
    r = rng.random()
    if r < 0.35:
        tau = rng.choice([0.5, 0.25, 1.0, 0.125, 0.3, 0.1, 0.7, 0.02])
        return {"type": "stat", "tolerance": tau}
    if r < 0.5:
        return {"type": "csq", "tolerance": rng.choice([0.5, 0.25, 0.3, 0.1, 1.0])}
    rule = rng.choice(["bernoulli", "variance"])
    return {"type": "vstat", "rule": rule, "t": rng.choice([1, 2, 4, 4, 16, 9, 5.5, 100])}


def edge_query(rng, family, oracle):
    """With values that lie at, or next to, the edges of windows."""
    i = rng.randrange(family.n_members)
    width = oracle.get("tolerance", 1 / math.sqrt(oracle.get("t", 1)))
    scale = rng.choice([width, 2 * width, width * (1 + 2 ** -52), 1.0, 0.5, 0.25])
    shift = rng.choice([0, 0, width, 1 - width, 0.5, -width])
    if family.name == "conjunction":
        body = f"candidate({i})"
    else:
        body = f"candidate({i})" if family.label_set[0] < 0 else f"(2*candidate({i})-1)"
    y = "" if oracle["type"] == "csq" else rng.choice(["y*", "y*", "(1-y)*", "(2*y-1)*"])
    return f"{scale!r}*{y}{body} + {shift!r}" if shift >= 0 else f"{scale!r}*{y}{body} - {-shift!r}"


def item_of(rng, family, oracle, queries):
    text = text_of(rng, family, oracle, queries)
    return f"{text}@{coarser(rng, oracle)!r}" if rng.random() < 0.15 else text


def text_of(rng, family, oracle, queries):
    r = rng.random()
    if r < 0.3:
        return f"#{rng.randrange(2 ** 20)}"
    if r < 0.6:
        return edge_query(rng, family, oracle)
    if r < 0.7:
        return rng.choice(["0", "1", "0.5", "3", "-2"] + ["y"] * (oracle["type"] != "csq"))
    text = queries.query(0 if oracle["type"] == "vstat" else -1)
    if oracle["type"] == "csq":
        text = text.replace("y", f"x{rng.randrange(family.dim)}")
        return text if "candidate_bit" not in text else "x0"
    return text


def coarser(rng, oracle):
    """A tolerance that may be asked for beside the one that is granted, and one that may not."""
    if "t" in oracle:
        return rng.choice([1, max(1, oracle["t"] / 2), oracle["t"], 2 * oracle["t"]])
    return rng.choice([1, min(1, 1.5 * oracle["tolerance"]), oracle["tolerance"] / 2])


def value_of(family, i):
    if family.name == "conjunction":
        out = [0] * family.dim
        for j, v in family.literals_of(i):
            out[j] = 1 if v else -1
        return ",".join(map(str, out))
    chosen = family.members_of(i)
    return ",".join(str(int(j in chosen)) for j in range(family.dim))


def returns_of(rng, family, goal):
    some = [rng.randrange(family.n_members) for _ in range(rng.choice([1, 2, 5]))]
    if goal["type"] == "distinguish":
        out = rng.sample(["0", "1", "1", "0", "none"], rng.randint(1, 3))
    elif goal["type"] == "recover":
        out = [value_of(family, i) for i in some] + ["none"] * (rng.random() < 0.2)
    else:
        out = [rng.choice([f"candidate({i})", f"#{rng.randrange(2 ** 20)}", f"0.7*candidate({i})+0.1*x0",
                           "0.5", "-1"]) for i in some]
    return ";".join(out)


def goal_of(rng):
    r = rng.random()
    if r < 0.3:
        return {"type": "distinguish"}
    if r < 0.6:
        return {"type": "recover"}
    if r < 0.85:
        return {"type": "predict", "max": rng.choice([0.1, 0.0, 0.25, 0.3, 0.49, 0.5, 0.05])}
    return {"type": "predict", "loss": "squared", "max": rng.choice([0.1, 0.2, 0.5, 0.9, 1.0])}


def learner_of(rng, family, oracle, goal, asker):
    """(section, what it asks and returns where it is asker.c)"""
    if rng.random() < 0.5:
        name = shipped_of(rng, family, oracle, goal)
        if name:
            return {"type": name}
    queries = Queries(rng, family, rng.random() < 0.3)
    items = [item_of(rng, family, oracle, queries) for _ in range(rng.choice([1, 2, 4, 7, 12]))]
    return {"type": asker, "items": ";".join(items), "returns": returns_of(rng, family, goal),
            "count": rng.choice([0, 1, 2, 5, 9, 20]), "lo": 0 if oracle["type"] == "vstat" else -1}


def shipped_of(rng, family, oracle, goal):
    """A learner of statbed's that fits, or None."""
    fits = []
    if goal["type"] != "distinguish" and family.name == "parity" and oracle["type"] == "stat":
        fits += ["parity-correlation", "parity-bent"]
    if goal["type"] == "predict" and oracle["type"] != "csq":
        fits += ["hypothesis-selection", "low-degree"]
    return rng.choice(fits) if fits else None


def case_of(rng, asker, majority):
    """One game; sections of an experiment, but for the policy."""
    family, oracle, goal = family_of(rng), oracle_of(rng), goal_of(rng)
    goal["success"] = rng.choice([0.66, 1.0, 0.5, 0.9])
    kind = majority if family.name == "majority" else family.name
    learner = learner_of(rng, family, oracle, goal, asker)
    case = {"family": {"type": kind, **{k: v == "true" if v in ("true", "false") else v
                                        for k, v in family.parameters.items()}},
            "oracle": oracle, "learner": learner, "goal": goal,
            "budget": {"queries": rng.choice([1, 3, 1000, 1000])}}
    return family, case
