#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A results database and its tables, as other programs read them.

    readers.py STATBED SOURCE

Prints TAP. Python's sqlite3 opens the file as it is; its json and csv modules, and small readers of
markdown and latex, give back the very rows of every view; docs/results.md and the schema name the same
columns; success is counted again, run by run. Texts in the database are made as awkward as they can be.
"""
import csv
import functools
import io
import json
import math
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

STATBED, SOURCE = map(os.path.abspath, sys.argv[1:])
ISOLATION = os.environ.get("STATBED_TEST_ISOLATION", "seccomp")
AWKWARD = "a|b,\"c\"; 'd' \\e & 5% $x$ #1 {f} _g ~ ^ <h> [i] *j* `k` \n l\r\n\tm \u00fc \u20ac -"

cases = failures = 0


def case(name, problems):
    global cases, failures
    cases += 1
    failures += bool(problems)
    print(f"{'not ok' if problems else 'ok'} {cases} {name}")
    for problem in list(problems)[:20]:
        print(f"# {problem}")


def statbed(*words, **options):
    return subprocess.run([STATBED, *words], capture_output=True, check=True, **options).stdout


EXPERIMENT = """\
name: readers
claim: "a \\"claim\\" | of <tables> & more"
seed: 7
repeat: 4
family:  { type: parity, dimension: 6 }
oracle:  { type: stat }
learner: { type: parity-bent }
budget:  { queries: 30, seconds: 60 }
goal:    { type: predict, loss: zero-one, max: 0.1, success: 0.66 }
grid:
  family.dimension: [6, 8]
  oracle:
    - { type: stat, tolerance: 0.25, policy: reference }
    - { type: stat, tolerance: 0.0625, policy: reference }
    - { type: stat, tolerance: 0.25, policy: exact }
    - { type: stat, tolerance: 0.25, policy: eliminate }
    - { type: vstat, t: 100, policy: reference }
  learner: [ { type: parity-bent }, { type: parity-correlation } ]
"""

# A family that states facts.
LIFTED = """\
name: readers-lifted
seed: 7
family:  { type: lifted, dimension: 3 }
oracle:  { type: stat, tolerance: 0.5, policy: reference }
learner: { type: vempala-wilmes }
budget:  { queries: 9, seconds: 60 }
goal:    { type: predict, loss: squared, max: 0.1 }
"""


def make_database():
    for name, text in (("plain", EXPERIMENT), ("lifted", LIFTED)):
        with open(f"{name}.yaml", "w", encoding="utf-8") as file:
            file.write(text)
        statbed("run", f"--isolation={ISOLATION}", f"{name}.yaml", f"--db={name}.db")
    shutil.copy("plain.db", "awkward.db")
    db = sqlite3.connect("awkward.db")
    for column in ("label", "learner", "goal", "message", "hypothesis", "policy"):
        db.execute(f"UPDATE run SET {column} = ? WHERE id % 3 = 0", (AWKWARD,))
    db.execute("UPDATE run SET log2_members = 9e999, loss = -9e999 WHERE id = 4")
    db.execute("UPDATE bound SET log2_queries = 2000, why = ? WHERE run = 4", (AWKWARD,))
    db.execute("UPDATE expression SET text = ? || id WHERE id % 2", (AWKWARD,))
    db.commit()
    db.close()


def read_only(path):
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def names_of(db, kinds="'table', 'view'"):
    return [row[0] for row in db.execute(
        f"SELECT name FROM sqlite_schema WHERE type IN ({kinds}) AND name NOT GLOB 'sqlite_*'")]


# --- the file itself ---


def opened():
    problems = []
    db = read_only("plain.db")
    for name in names_of(db):
        cursor = db.execute(f'SELECT * FROM "{name}"')
        if not cursor.fetchall() and name not in ("vector", "fact", "facts"):
            problems.append(f"{name} is empty")
    problems += [f"{name} is empty" for name in ("fact", "facts")
                 if not read_only("lifted.db").execute(f"SELECT * FROM {name}").fetchall()]
    for pragma, good in (("integrity_check", [("ok",)]), ("foreign_key_check", []),
                         ("quick_check", [("ok",)])):
        if (found := db.execute(f"PRAGMA {pragma}").fetchall()) != good:
            problems.append(f"{pragma}: {found}")
    db.close()
    shell = subprocess.run(["sqlite3", "-readonly", "plain.db"], capture_output=True, text=True,
                           input="".join(f"SELECT count(*) FROM {n};\n" for n in statbed(
                               "list", "views", "--format=names").decode().split())
                           + ".schema\nPRAGMA integrity_check;\n", check=False)
    if shell.returncode or shell.stderr or not shell.stdout.endswith("ok\n"):
        problems.append(f"sqlite3: {shell.stderr or shell.stdout}")
    return problems


# --- formats ---


def same(a, b):
    """Two numbers, or two texts."""
    if isinstance(a, float) or isinstance(b, float):
        return a is not None and b is not None and float(a) == float(b)
    return a == b


def json_rows(data, names):
    rows = json.loads(data)
    assert all(list(row) == names for row in rows), "other names"
    return [list(row.values()) for row in rows]


def json_value(value):
    return None if isinstance(value, float) and math.isinf(value) else value


def csv_rows(data, names):
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    assert data.endswith(b"\r\n") and rows[0] == names, f"head {rows[0]}"
    return rows[1:]


def plain(value, missing):
    if value is None:
        return missing
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value if isinstance(value, str) else json.loads(json.dumps(value))


def flat(text):
    return "".join(" " if c < " " else c for c in text)


def markdown_cells(line):
    assert line.startswith("| ") and line.endswith(" |"), line
    cells = re.split(r"(?<!\\)(?:\\\\)* \| ", line[2:-2])
    return [re.sub(r"\\(.)", r"\1", cell) for cell in cells]


def markdown_rows(data, names):
    lines = data.decode().split("\n")
    assert lines.pop() == "" and markdown_cells(lines[0]) == names, "head"
    assert re.fullmatch(r"(\|---:?)+\|", lines[1]) and lines[1].count("---") == len(names), lines[1]
    return [markdown_cells(line) for line in lines[2:]]


LATEX = {"\\textbackslash{}": "\\", "\\textasciitilde{}": "~", "\\textasciicircum{}": "^",
         "\\textless{}": "<", "\\textgreater{}": ">", "\\textbar{}": "|", "\\textquotedbl{}": '"'}


LATEX_CELL = re.compile(r"(?:[^&%$#_{}~^<>|\"\\]+|\\[&%$#_{}]|" + "|".join(map(re.escape, LATEX)) + ")*")


@functools.lru_cache(maxsize=None)
def latex_cell(cell):
    """Every character is plain, of a known command or an escaped one."""
    cell = cell.removeprefix("{}")
    assert LATEX_CELL.fullmatch(cell), cell
    return re.sub(r"\\(?:text[a-z]+\{\}|.)", lambda m: LATEX.get(m[0], m[0][1]), cell)


def latex_cells(line):
    assert line.endswith(" \\\\"), line
    return [latex_cell(cell) for cell in line[:-3].split(" & ")]


def latex_rows(data, names):
    lines = data.decode().split("\n")
    assert lines[0] == "% \\usepackage{booktabs}" and lines[2] == "\\toprule", lines[:3]
    assert re.fullmatch(r"\\begin\{tabular\}\{[lr]{%d}\}" % len(names), lines[1]), lines[1]
    assert lines[4] == "\\midrule" and latex_cells(lines[3]) == names, lines[3]
    assert lines[-3:] == ["\\bottomrule", "\\end{tabular}", ""], lines[-3:]
    return [latex_cells(line) for line in lines[5:-3]]


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def agrees(form, found, value):
    """A cell that was read back, and the database's value."""
    if form == "json":
        return type(found) is type(json_value(value)) and same(found, json_value(value)) or (
            isinstance(value, float) and same(found, json_value(value)))
    expected = plain(value, {"csv": "", "markdown": "-", "latex": "--"}[form])
    if isinstance(expected, str):
        return found == (expected if form == "csv" else flat(expected))
    return number(found) == float(expected)


READERS = {"json": json_rows, "csv": csv_rows, "markdown": markdown_rows, "latex": latex_rows}


def formats(view, form, path):
    cursor = read_only(path).execute(f"SELECT * FROM {view}")
    names, rows = [d[0] for d in cursor.description], cursor.fetchall()
    try:
        found = READERS[form](statbed("table", view, f"--db={path}", f"--format={form}"), names)
    except (AssertionError, ValueError, csv.Error) as error:
        return [f"{view}: {error}"]
    problems = [f"{len(found)} rows, expected {len(rows)}"] if len(found) != len(rows) else []
    for i, (mine, theirs) in enumerate(zip(found, rows)):
        problems += [f"{view}, row {i}: {a!r} is not {b!r}" for a, b in zip(mine, theirs)
                     if not agrees(form, a, b)]
        problems += [f"{view}, row {i}: {len(mine)} cells"] if len(mine) != len(theirs) else []
    return problems


def text_width(view):
    lines = statbed("table", view, "--db=plain.db").decode().split("\n")
    return [f"{view}: {len(line)} characters" for line in lines if len(line) > 120][:1]


# --- docs and schema ---


def documented():
    """Section of docs/results.md -> columns of its tables."""
    columns, section = {}, None
    with open(f"{SOURCE}/docs/results.md", encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                section = line.strip("# \n")
            elif line.startswith("| ") and not line.startswith("| column |"):
                columns.setdefault(section, []).extend(line.split("|")[1].strip().split(", "))
    return columns


def docs_and_schema():
    docs, db, problems = documented(), read_only("plain.db"), []
    for name in names_of(db):
        schema = [row[1] for row in db.execute(f"PRAGMA table_xinfo({name})")]
        here = docs.get(name, [])
        problems += [f"{name}.{c} is not in the docs" for c in schema if c not in here]
        problems += [f"the docs' {name}.{c} is not there" for c in here if c not in schema]
        problems += [f"the docs have {name}.{c} twice" for c in here if here.count(c) > 1]
    return problems


def units():
    with open(f"{SOURCE}/docs/results.md", encoding="utf-8") as file:
        tables = file.read().split("## Figures")[0].split("## Tables")[1]
    rows = [line.split("|")[1:4] for line in tables.split("\n") if line.startswith("| ")]
    return [f"{name.strip()} has no unit" for name, unit, meaning in rows
            if not unit.strip() and "as " not in meaning]


# --- success, counted again ---


def wilson(won, n):
    zz, p = 1.959964 ** 2, won / n
    mid, half = (p + zz / (2 * n)) / (1 + zz / n), math.sqrt(
        zz * p * (1 - p) / n + zz * zz / (4 * n * n)) / (1 + zz / n)
    return max(mid - half, 0), min(mid + half, 1)


def near(a, b, eps):
    return a is b is None or (a is not None and b is not None and abs(a - b) <= eps)


def runs_of_points():
    db = read_only("plain.db")
    db.row_factory = sqlite3.Row
    points = {}
    for run in db.execute("SELECT * FROM run WHERE status NOT IN ('running', 'interrupted') "
                          "AND NOT stale ORDER BY cell"):
        bounds = db.execute("SELECT * FROM bound WHERE run = ? AND name <> 'played' ORDER BY applies "
                            "DESC, log2_queries DESC", (run["id"],)).fetchall()
        points.setdefault((run["label"],), []).append((run, bounds[0] if bounds else None))
    return list(points.values())


def line_of(point, queries):
    if any(b is None or b["success_per_query"] is None for _, b in point):
        return None
    return min(1, max(b["success_at_zero"] for _, b in point)
               + queries * max(b["success_per_query"] for _, b in point))


def by_queries():
    expected = []
    for point in runs_of_points():
        for q in sorted({run["n_answered"] for run, _ in point}):
            won = sum(run["success"] and run["n_answered"] <= q for run, _ in point)
            expected.append((point[0][0]["tolerance"], point[0][0]["learner"], q, len(point), won,
                             won / len(point), *wilson(won, len(point)), line_of(point, q)))
    found = read_only("plain.db").execute("SELECT tol, learner, queries, runs, won, rate, lo, hi, "
                                          "p_max FROM success_by_queries").fetchall()
    return compare(found, expected, 5)


def by_tolerance():
    expected = []
    for point in runs_of_points():
        if point[0][0]["tolerance"] is None:
            continue
        won = sum(run["success"] for run, _ in point)
        ubs = [b and b["success_ub"] for _, b in point]
        expected.append((point[0][0]["learner"], point[0][0]["oracle"], point[0][0]["tolerance"],
                         len(point), won, won / len(point), *wilson(won, len(point)),
                         None if None in ubs else max(ubs)))
    found = read_only("plain.db").execute(
        "SELECT learner, oracle, tol, runs, won, rate, lo, hi, p_max FROM "
        "success_by_tolerance").fetchall()

    def order(row):
        return row[:5], row[8] is None, row[8] or 0

    return compare(sorted(found, key=order), sorted(expected, key=order), 5)


def compare(found, expected, exact):
    problems = [f"{len(found)} rows, expected {len(expected)}"] * (len(found) != len(expected))
    for mine, theirs in zip(found, expected):
        if mine[:exact] != theirs[:exact] or not all(
                near(a, b, 0.00051) for a, b in zip(mine[exact:], theirs[exact:])):
            problems.append(f"{mine} is not {theirs}")
    return problems if expected else ["nothing to compare"]


# --- memory ---


def memory(form, rows):
    """Peak of a child's memory in MiB while it writes so many rows of 100 bytes."""
    sql = (f"WITH RECURSIVE i(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM i WHERE i < {rows}) "
           "SELECT i, printf('%080d', i) AS text FROM i")
    script = ("import os, resource, subprocess, sys\n"
              "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)\n"
              "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)")
    return float(subprocess.run([sys.executable, "-c", script, STATBED, "query", sql, "--db=plain.db",
                                 f"--format={form}"], capture_output=True, check=True).stdout)


def streams(form):
    few, many = memory(form, 1000), memory(form, 60000)
    most = 3 if ISOLATION == "seccomp" else 300  # sanitizers keep what was freed
    return [f"{few:.1f} MiB for 1000 rows, {many:.1f} for 60000"] if many - few > most else []


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    make_database()
    case("sqlite3 and Python open the file as it is", opened())
    views = statbed("list", "views", "--format=names").decode().split()
    for form in READERS:
        case(f"{form} gives back the rows of every view", [p for v in views for path in
             ("plain.db", "awkward.db") for p in formats(v, form, path)])
    case("text fits 120 columns", [p for v in views for p in text_width(v)])
    case("docs/results.md has the columns of the schema, and no others", docs_and_schema())
    case("every column has a unit", units())
    case("success_by_queries, counted again", by_queries())
    case("success_by_tolerance, counted again", by_tolerance())
    for form in ("csv", "text"):
        case(f"memory does not grow with the rows of {form}", streams(form))
print(f"1..{cases}")
sys.exit(failures > 0)
