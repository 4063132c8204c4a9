#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON Schema of experiment files against the strict reader, which is the judge.

    schema.py STATBED SOURCE

Prints TAP. Files are read as YAML 1.2 (what language servers do), and checked by python3-jsonschema.
A seeded random check goes in both directions: what the reader takes, the schema takes; what the schema
takes, the reader takes, unless it says one of UNSEEN, which no schema can know.
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile

import jsonschema
import yaml

STATBED, SOURCE = map(os.path.abspath, sys.argv[1:])
ISOLATION = "none"  # shipped learners, which are only asked what they are: this is fastest

# What the reader says and a schema cannot: relations between values, and how a number was spelt.
UNSEEN = [
    r"is not an integer",  # 08, 1.0, +1: numbers to YAML
    r"is not a number",
    r"is not one of pm1\|01",  # 1 is 01 to YAML
    r"is neither true nor false",  # True
    r"is outside",  # of a number in quotes, or of what another type of the grid allows
    r"unknown (name|key)|expected|formula|division|circle|finite",  # within a formula
    r"is set by '.*' already",
    r"cells \(",
    r"is missing",  # where the grid gives some of the section
    r"belongs to",  # where the grid gives the type
    r"unknown parameter",
    r"draws fresh examples, which leaves",
    r"answers within a tolerance: name another",
    r"but the oracle is",  # where the grid gives the oracle, the learner or grants
    r"is the oracle already|is refused where labels or samples are granted",
    r"eliminate|dimension|sparsity|literals|noise|depth|degree|needs|at most",  # what classes refuse
    r"must be up to 64 lower-case",  # true, null
    r"goal: predict needs",
    r"goal: learn does not fit",  # which families have a hidden direction
]


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema: no dates, no sexagesimals, `no` is a text."""

    yaml_implicit_resolvers = {}


def number(loader, node):
    text = loader.construct_scalar(node)
    for base, start in ((16, "0x"), (8, "0o")):
        if text.startswith(start):
            return int(text, base)
    try:
        return int(text)
    except ValueError:
        return float(text.replace(".inf", "inf").replace(".nan", "nan"))


for tag, pattern, first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("float",
     r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
     r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
     "-+.0123456789"),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))
Core.add_constructor("tag:yaml.org,2002:float", number)

cases = failures = 0


def case(name, problems):
    """One line of TAP; problems: texts, none where it is fine."""
    global cases, failures
    cases += 1
    failures += bool(problems)
    print(f"{'not ok' if problems else 'ok'} {cases} {name}")
    for problem in problems[:20]:
        print("# " + str(problem).replace("\n", "\n# "))


def statbed(*words):
    return subprocess.run([STATBED, *words], capture_output=True, text=True)


SCHEMA = json.loads(statbed("schema", f"--isolation={ISOLATION}").stdout)
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def schema_says(text, loader=Core, spare_replaced=False):
    """The first mistake, or None. spare_replaced: not on what the grid sets anew, which the reader
    does not look at where it is replaced at every point."""
    try:
        document = yaml.load(text, loader)
    except yaml.YAMLError as error:
        return f"no YAML: {error}"
    for error in VALIDATOR.iter_errors(document):
        path = list(error.absolute_path)
        if spare_replaced and len(path) == 2 and path[0] in str(document.get("grid")):
            continue
        return f"{'/'.join(map(str, path))}: {error.message[:200]}"
    return None


def reader_says(texts):
    """For each text, what `statbed validate` has against it: a list of lines."""
    with tempfile.TemporaryDirectory() as folder:
        names = [f"{i}.yaml" for i in range(len(texts))]
        for name, text in zip(names, texts):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        run = subprocess.run([STATBED, "validate", f"--isolation={ISOLATION}", *names], cwd=folder,
                             capture_output=True, text=True)
    said = [[] for _ in texts]
    for line in run.stderr.splitlines():
        match = re.match(r"(\d+)\.yaml:(.*)", line)
        if match:
            said[int(match[1])].append(match[2])
    assert run.returncode in (0, 2), run.stderr
    assert run.stdout.count(": ok, ") == sum(not s for s in said), run.stderr
    return said


GOOD = """\
name: mine
claim: "a claim"
seed: 5
repeat: 2
family:  { type: parity, dimension: 4 }
oracle:  { type: stat, tolerance: 0.1, policy: reference }
learner: { type: parity-correlation }
budget:  { queries: 1000, seconds: 20 }
goal:    { type: predict, loss: zero-one, max: 0.1, success: 0.66 }
"""

# (what is replaced, by what): the reader and the schema refuse each.
REFUSED = [
    ("name: mine\n", ""),
    ("name: mine", "name: Mine"),
    ("name: mine", "name: -mine"),
    ("name: mine", "name: " + 65 * "a"),
    ("name: mine", "name: [mine]"),
    ("name: mine", "nmae: mine"),
    ("seed: 5\n", ""),
    ("seed: 5", "seed: -1"),
    ("seed: 5", "seed: 1.5"),
    ("seed: 5", "seed: frehs"),
    ("seed: 5", "seed: 0123456789abcdef"),
    ("seed: 5", "seed: 28446744073709551616"),
    ("repeat: 2", "repeat: 0"),
    ("repeat: 2", "repeat: 1000001"),
    ("repeat: 2", "repeat: two"),
    ("repeat: 2", 'repeat: "= 1 + 1"'),
    ("repeat: 2", "transcript: short"),
    ("repeat: 2", "further: 2"),
    ("repeat: 2", "grant: label"),
    ("repeat: 2", "grant: [stat]"),
    ("repeat: 2", "grant: [label, label]"),
    ("repeat: 2", "grid: [1, 2]"),
    ("repeat: 2", "grid: { family.dimension: 4 }"),
    ("repeat: 2", "grid: { family.dimension: [] }"),
    ("repeat: 2", "grid: { family.dimension: [4, 64] }"),
    ("repeat: 2", "grid: { family.dimensoin: [4] }"),
    ("repeat: 2", "grid: { family.literals: [2] }"),
    ("repeat: 2", "grid: { dimension: [4] }"),
    ("repeat: 2", "grid: { family: [parity] }"),
    ("repeat: 2", "grid: { family: [{ type: parity, literals: 2 }] }"),
    ("repeat: 2", "grid: { oracle.policy: [exact, refrence] }"),
    ("repeat: 2", "grid: { learner: [{ type: parity-bnet }] }"),
    ("repeat: 2", "grid: { learner: [{ type: parity-bent, coin: 3 }] }"),
    ("repeat: 2", "grid: { grant: [sample] }"),
    ("repeat: 2", "grid: { grant: [[stat]] }"),
    ("repeat: 2", "grid: { case: [{ familiy: { dimension: 3 } }] }"),
    ("repeat: 2", "grid: { case: [{ oracle: { type: vstat, tolerance: 1 } }] }"),
    ("repeat: 2", "grid: { case: [{ grant: sample }] }"),
    ("repeat: 2", "grid: { case: [{ grant: [stat] }] }"),
    ("repeat: 2", "grid: { case: { oracle: { type: vstat } } }"),
    ("family:  { type: parity, dimension: 4 }\n", ""),
    ("{ type: parity, dimension: 4 }", "parity"),
    ("type: parity, dim", "type: partiy, dim"),
    ("type: parity, dim", "dim"),
    ("dimension: 4", "dimension: 64"),
    ("dimension: 4", "dimension: 0"),
    ("dimension: 4", "dimension: four"),
    ("dimension: 4", "dimension: 4.5"),
    ("dimension: 4", "dimension: [4]"),
    ("dimension: 4", "dimension: 0x4f"),
    ("dimension: 4", "dimension: true"),
    ("dimension: 4", 'dimension: "1e-3x"'),
    ("dimension: 4", 'dimension: "017"'),
    ("dimension: 4", "dimension: .inf"),
    ("dimension: 4", "dimension: 4, noise: 0.5"),
    ("dimension: 4", "dimension: 4, noise: -0.1"),
    ("dimension: 4", "dimension: 4, nois: 0.1"),
    ("dimension: 4", "dimension: 4, literals: 2"),
    ("dimension: 4", "dimension: 4, labels: pm2"),
    (", dimension: 4", ""),
    ("{ type: parity, dimension: 4 }", "{ type: conjunction, dimension: 4, literals: 2, negations: maybe }"),
    ("type: stat", "type: stta"),
    ("type: stat", "type: vstat"),
    ("type: stat, tolerance: 0.1", "type: vstat, t: 0.5"),
    ("type: stat, tolerance: 0.1", "type: vstat, t: 100, rule: varience"),
    ("tolerance: 0.1", "tolerance: 0"),
    ("tolerance: 0.1", "tolerance: 2"),
    ("tolerance: 0.1", "tolerance: 1e999"),
    ("tolerance: 0.1", "tolerance: 0.1, delta: 0.6"),
    ("tolerance: 0.1", "tolerance: 0.1, slack: 0.95"),
    ("tolerance: 0.1", "tolerance: 0.1, finish: worst"),
    ("policy: reference", "polcy: reference"),
    (", policy: reference", ""),
    ("policy: reference", "policy: fresh"),
    ("policy: reference", "policy: eliminate, finish: best"),
    ("{ type: stat, tolerance: 0.1, policy: reference }", "{ type: sample, policy: reference }"),
    ("{ type: stat, tolerance: 0.1, policy: reference }", "{ type: sample }\ngrant: [sample]"),
    ("policy: reference }", "policy: eliminate }\ngrant: [sample]"),
    ("learner: { type: parity-correlation }\n", ""),
    ("type: parity-correlation", "type: parity-corelation"),
    ("type: parity-correlation", "type: parity-elimination"),
    ("type: parity-correlation", "type: parity-correlation, order: last"),
    ("type: parity-correlation", "type: parity-correlation, coins: -1"),
    ("type: parity-correlation", "type: parity-correlation, degree: 2"),
    ("queries: 1000", "queries: 0"),
    ("queries: 1000", "queries: 4294967296"),
    ("queries: 1000", "querys: 1000"),
    ("seconds: 20", "memory_mib: 8"),
    ("type: predict", "type: predcit"),
    (", max: 0.1", ""),
    ("max: 0.1", "max: -1"),
    ("success: 0.66", "success: 0"),
    ("success: 0.66", "success: 1.1"),
    ("loss: zero-one", "loss: hinge"),
    ("type: predict,", "type: recover,"),
]

# The reader alone refuses these: the schema cannot.
ONLY_READER = [
    ("dimension: 4", "dimension: 0x4"),
    ("dimension: 4", "dimension: 04"),
    ("name: mine", "name: 1.0"),
    ("dimension: 4", 'dimension: "64"'),
    ("dimension: 4", 'dimension: "= 2 *"'),
    ("dimension: 4", "dimension: 4, sparsity: 5"),
    ("dimension: 4", "dimension: 4, labels: 1"),
    ("repeat: 2", "repeat: 100001"),
    ("repeat: 2", "grid: { grant: [[]], case: [{ grant: [sample] }] }"),
    ("repeat: 2", "grid: { family.dimension: [4], family: [{ dimension: 5 }] }"),
    ("type: parity, dimension: 4 }", "type: conjunction, dimension: 4, literals: 2, negations: True }"),
    ("type: parity, dimension: 4", "type: ./none.so, dimension: 4"),
    ("name: mine", "name:"),
]

# Both take these.
TAKEN = [
    ("seed: 5", "seed: fresh"),
    ("seed: 5", "seed: 0123456789abcdef0123456789ABCDEF"),
    ("seed: 5", "seed: 10000000000000000000000000000000"),
    ("seed: 5", "seed: 18446744073709551615"),
    ("seed: 5", "seed: 1e6"),
    ("seed: 5", 'seed: "5"'),
    ("name: mine", "name: 2024"),
    ("name: mine", "name: 7-up"),
    ("name: mine", "name: true"),
    ("claim: \"a claim\"", "claim: >\n  folded\n  over lines"),
    ("claim: \"a claim\"", "claim: 5"),
    ("claim: \"a claim\"", "claim:"),
    ("repeat: 2", "transcript: summary"),
    ("repeat: 2", 'repeat: "2"'),
    ("repeat: 2", "repeat: 1e1"),
    ("repeat: 2", "grant: []"),
    ("repeat: 2", "grant: [sample, label]"),
    ("repeat: 2", "grid: {}"),
    ("repeat: 2", "grid: { grant: [[], [sample]] }"),
    ("repeat: 2", "grid: { case: [{ grant: [sample] }, { learner: { type: parity-bent }, grant: [] }] }"),
    ("dimension: 4", 'dimension: "4"'),
    ("dimension: 4", "dimension: 4.0"),
    ("dimension: 4", 'dimension: "= 2 + 2"'),
    ("dimension: 4", "dimension: = 2 + 2"),
    ("dimension: 4", "dimension: 4, labels: 01"),
    ("dimension: 4", 'dimension: 4, labels: "01"'),
    ("dimension: 4", "dimension: 4, noise: 1e-3"),
    ("type: parity, dimension: 4 }", 'type: conjunction, dimension: 4, literals: 2, negations: "true" }'),
    (", dimension: 4 }", " }\ngrid: { family.dimension: [3, 4] }"),
    (", dimension: 4 }", " }\ngrid: { family: [{ dimension: 3 }, { dimension: 4, noise: 0.1 }] }"),
    ("family:  { type: parity, dimension: 4 }", "grid: { family: [{ type: parity, dimension: 3 }] }"),
    ("family:  { type: parity, dimension: 4 }", "grid: { family.type: [parity], family.dimension: [3] }"),
    ("family:  { type: parity, dimension: 4 }", "grid: { case: [{ family: { type: parity, dimension: 3 } }] }"),
    ("{ type: stat, tolerance: 0.1, policy: reference }", "{ type: sample }\ngrant: [label]\ngrid: { learner.type: [parity-elimination] }"),
    ("policy: reference", "policy: eliminate, finish: worst"),
    ("budget:  { queries: 1000, seconds: 20 }\n", ""),
    ("budget:  { queries: 1000, seconds: 20 }", "budget: {}"),
    ("queries: 1000", 'queries: "= 100 * family.dimension"'),
]


def changed(old, new):
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def check_table(name, table, reader_takes, schema_takes):
    texts = [changed(*pair) for pair in table]
    problems = []
    for pair, text, said in zip(table, texts, reader_says(texts)):
        mistake = schema_says(text)
        if reader_takes != (not said):
            problems.append(f"{pair}: the reader says {said or 'nothing'}")
        if schema_takes != (mistake is None):
            problems.append(f"{pair}: the schema says {mistake}")
    case(f"{name} ({len(table)})", problems)


# Random experiments

INTEGERS = ["1", "2", "3", "4", "6", "0", "-1", "64", '"3"', "1e1", "2.5", "x", "= 2 + 1", '"= 1 + 1"', "true"]
REALS = ["0.1", "0.3", "1", "0", "1e-3", '"0.2"', "= 1 / 4", "2", "-0.5", "x", "[0.1]", "100"]
WORDS = ["random", "worst", "bernoulli", "variance", "zero-one", "squared", "index", "pm1", "01", "x"]
VALUES = {
    "dimension": INTEGERS, "sparsity": INTEGERS, "literals": INTEGERS, "noise": REALS, "tolerance": REALS,
    "t": ["100", "1", "0.5", "= 10"], "m": INTEGERS, "lambda": REALS, "delta": REALS, "slack": REALS,
    "rule": WORDS, "finish": WORDS, "labels": WORDS, "negations": ["true", "false", "x", '"true"'],
    "coins": INTEGERS, "order": WORDS, "max": REALS, "success": REALS, "loss": WORDS, "queries": INTEGERS,
    "samples": INTEGERS, "seconds": INTEGERS, "degree": INTEGERS,
}
TYPES = {
    "family": ["parity", "conjunction", "partiy"],
    "oracle": ["stat", "vstat", "csq", "lipschitz", "honest", "one-stat", "sample", "label", "stta"],
    "learner": ["parity-correlation", "parity-bent", "conjunction", "parity-elimination", "low-degree", "none"],
    "goal": ["predict", "distinguish", "recover", "learn", "prove"],
    "budget": [],
}
POLICIES = ["exact", "random", "reference", "eliminate", "fresh", "nothing"]
KEYS = {
    "family": ["dimension", "sparsity", "literals", "noise", "labels", "negations"],
    "oracle": ["tolerance", "t", "m", "lambda", "delta", "slack", "rule", "finish"],
    "learner": ["coins", "order", "degree"],
    "goal": ["max", "success", "loss"],
    "budget": ["queries", "samples", "seconds"],
}
NEEDED = {"parity": ["dimension"], "conjunction": ["dimension", "literals"], "stat": ["tolerance"], "csq": ["tolerance"],
          "vstat": ["t"], "lipschitz": ["tolerance", "lambda"], "honest": ["m"], "predict": ["max"]}
FINE = {"dimension": ["4", "5"], "literals": ["2"], "tolerance": ["0.1", '"= 1 / 8"'], "t": ["50"], "lambda": ["1"],
        "m": ["10"], "max": ["0.1"]}


def pick(rng, values, wild):
    """Mostly from the front, where the good ones are."""
    return rng.choice(values) if rng.random() < wild else values[rng.randrange(min(2, len(values)))]


def random_map(rng, section, wild, part=False):
    keys = {}
    if TYPES[section] and not (part and rng.random() < 0.5):
        kind = keys["type"] = pick(rng, TYPES[section], wild)
        for key in NEEDED.get(kind, []):
            if rng.random() > 0.3 * wild:
                keys[key] = rng.choice(FINE[key])
    if section == "oracle" and keys.get("type") not in ("sample", "label", "honest", "one-stat") and rng.random() > 0.2 * wild:
        keys["policy"] = pick(rng, POLICIES[2:] + POLICIES, wild)
    for _ in range(rng.choice([0, 0, 1, 2]) if wild else 0):
        key = rng.choice(KEYS[section])
        keys[key] = pick(rng, VALUES[key], wild)
    if rng.random() < 0.05 * wild:
        keys["further"] = "1"
    return "{ " + ", ".join(f"{k}: {v}" for k, v in keys.items()) + " }"


def random_grid(rng, wild):
    lines = {}
    for _ in range(rng.choice([0, 1, 1, 2])):
        section = rng.choice(list(TYPES))
        form = rng.random()
        if form < 0.4:
            key = rng.choice(KEYS[section][:2] if rng.random() > wild else KEYS[section])
            lines[f"{section}.{key}"] = [pick(rng, FINE.get(key, VALUES[key]) if rng.random() > wild else VALUES[key], wild)
                                         for _ in range(rng.randint(1, 3))]
        elif form < 0.5 and TYPES[section]:
            lines[f"{section}.type"] = [pick(rng, TYPES[section], wild)]
        elif form < 0.7:
            lines[section] = [random_map(rng, section, wild, True) for _ in range(2)]
        elif form < 0.85:
            lines["grant"] = [rng.choice(["[]", "[sample]", "[label]", "[label, sample]"]) for _ in range(2)]
        else:
            lines["case"] = ["{ " + ", ".join(f"{s}: {random_map(rng, s, wild, True)}" for s in rng.sample(list(TYPES), 2)) + " }"]
    return "".join(f"  {k}: [{', '.join(v)}]\n" for k, v in lines.items())


def random_experiment(rng):
    wild = rng.choice([0, 0, 0.1, 0.3, 1])
    text = f"name: {rng.choice(['mine', 'a-1', '7'])}\nseed: {rng.choice(['1', 'fresh', '7'])}\n"
    for section in TYPES:
        if rng.random() > 0.1 * wild and (section != "budget" or rng.random() < 0.5):
            text += f"{section}: {random_map(rng, section, wild)}\n"
    grid = random_grid(rng, wild)
    if rng.random() < 0.2:  # what the grid replaces, the reader does not look at
        text += f"grant: {rng.choice(['[]', '[sample]', '[label]', '[]' if 'grant:' in grid else '[lable]'])}\n"
    return text + (f"grid:\n{grid}" if grid and rng.random() < 0.6 else "")


def check_random(n, seed):
    rng = random.Random(seed)
    texts = [random_experiment(rng) for _ in range(n)]
    too_strict, too_lax, taken, refused = [], [], 0, 0
    for text, said in zip(texts, reader_says(texts)):
        mistake = schema_says(text)
        taken += not said
        refused += mistake is not None
        if not said and mistake and schema_says(text, spare_replaced=True):
            too_strict.append(f"{text}the schema says {mistake}")
        if said and not mistake and not any(re.search(p, line) for line in said for p in UNSEEN):
            too_lax.append(f"{text}the reader says {said}")
    case(f"what the reader takes, the schema takes ({taken} of {n} random files)", too_strict)
    case(f"what the schema takes, the reader takes, but for what no schema knows ({n - refused} of {n})", too_lax)
    wrong = n - taken
    case(f"of {wrong} files that the reader refuses, the schema refuses {refused}",
         [] if taken > n // 8 and refused > 0.7 * wrong else [f"taken {taken}, refused {refused} of {wrong}"])


def shipped():
    folder = os.path.join(SOURCE, "experiments")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".yaml"):
            yield name, open(os.path.join(folder, name)).read()


def templates():
    with tempfile.TemporaryDirectory() as folder:
        for thing in ("learner", "family"):
            run = statbed("new", thing, "mine", f"--dir={folder}")
            assert run.returncode == 0, run.stderr
            yield f"new {thing}", open(os.path.join(folder, "mine.yaml")).read()
            os.remove(os.path.join(folder, "mine.yaml"))
            os.remove(os.path.join(folder, "mine.c"))


def documented():
    """Whole experiments in the docs; what begins with another key is a part of one."""
    docs = os.path.join(SOURCE, "docs")
    for path in [os.path.join(SOURCE, "README.md")] + [os.path.join(docs, f) for f in sorted(os.listdir(docs))]:
        if path.endswith(".md"):
            for block in re.findall(r"```yaml\n(.*?)```", open(path).read(), re.S):
                if re.search(r"^name:", block, re.M):
                    yield os.path.basename(path), block


def check_files(what, files, at_least):
    files = list(files)
    problems = [f"{name}: {mistake}" for name, text in files for loader in (Core, yaml.SafeLoader)
                if (mistake := schema_says(text, loader))]
    if len(files) < at_least:
        problems.append(f"only {len(files)} files")
    case(f"{what} ({len(files)}, as YAML 1.2 and 1.1)", problems)


def number_of(text):
    """2^64 - 1, 1e9, inf"""
    if match := re.fullmatch(r"2\^(\d+) - 1", text):
        return 2 ** int(match[1]) - 1
    return float(text)


def ends_of(value):
    """The range of a number's schema; what only a type's size limits is infinite."""
    low = value.get("minimum", value.get("exclusiveMinimum"))
    high = value.get("maximum", value.get("exclusiveMaximum"))
    return "exclusiveMinimum" in value, low, "exclusiveMaximum" in value, high if high < 1e300 else float("inf")


def compare_row(key, default, limits, value):
    """A row of the docs' table against the parameter's schema."""
    if match := re.fullmatch(r"([\[(])(.+), (.+)([\])])", limits):
        told = match[1] == "(", number_of(match[2]), match[4] == ")", number_of(match[3])
        found = ends_of(value)
        if told[0::2] != found[0::2] and found[3] != float("inf") or told[1::2] != found[1::2]:
            yield f"{key}: the docs say {limits}, the parameter has {found}"
    elif limits.startswith("`") and (told := re.findall("`(.*?)`", limits)) != value.get("enum"):
        yield f"{key}: the docs say {told}, the parameter has {value.get('enum')}"
    told = default.strip("`")
    found = value.get("default")
    if told.startswith("required"):
        if found is not None:
            yield f"{key}: required in the docs, by default {found}"
    elif re.match(r"see |the policy's", told) is None and told != "empty" and told != f"{found}" \
            and (not isinstance(found, (int, float)) or number_of(told) != found):
        yield f"{key}: by default {told} in the docs, {found} in truth"


def docs_table():
    """Keys, ranges and defaults of docs/experiment.md against the parameters."""
    text = open(os.path.join(SOURCE, "docs/experiment.md")).read().split("## Keys\n")[1].split("\n## ")[0].split("\n### ")[0]
    rows = re.findall(r"^\| `([a-z._]+)` \| (.*?) \| (.*?) \| (.*?) \|", text, re.M)
    values = {key: value for key, value in SCHEMA["properties"].items() if "$ref" not in value}
    for section in ("oracle", "budget", "goal"):
        for key, value in SCHEMA["definitions"][section]["properties"].items():
            values[f"{section}.{key}"] = value
    values["learner.coins"] = SCHEMA["definitions"]["learner"]["properties"]["coins"]
    documented_keys = [row[0] for row in rows]
    for key, value in values.items():
        if key not in documented_keys:
            yield f"{key} is not in the table"
    for key, kind, default, limits in rows:
        if key not in values and key not in list(SCHEMA["properties"]) + ["family.type", "learner.type"]:
            yield f"{key} is no key"
        if kind in ("integer", "number", "name") and key in values and not key.endswith((".type", ".policy")):
            for variant in values[key].get("anyOf", [values[key]]):
                yield from compare_row(key, default, limits, variant)


def meta():
    try:
        jsonschema.Draft7Validator.check_schema(SCHEMA)
    except jsonschema.SchemaError as error:
        return [error.message]
    return [] if SCHEMA["$schema"].endswith("draft-07/schema#") else [SCHEMA["$schema"]]


case("the schema is one of draft-07", meta())
check_files("shipped experiments", shipped(), 5)
check_files("what statbed new writes", templates(), 2)
check_files("experiments in the docs", documented(), 2)
case("docs/experiment.md has every key with its range and default", list(docs_table()))
check_table("mistakes that both refuse", REFUSED, False, False)
check_table("mistakes that the reader alone can refuse", ONLY_READER, False, True)
check_table("what both take", TAKEN, True, True)
check_random(int(os.environ.get("STATBED_TEST_FILES", "150")), 20260)
print(f"1..{cases}")
sys.exit(failures > 0)
