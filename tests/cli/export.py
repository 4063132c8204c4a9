#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of statbed export, read back in NumPy: the arrays by name, the network evaluated here, its values held
against the labels. export.py STATBED."""
import json
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np

statbed = sys.argv[1]


def read_npz(path):
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    return arrays, json.loads(arrays.pop("metadata").item())


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    notes = header.pop("__metadata__")
    assert (8 + length) % 8 == 0 and all(isinstance(text, str) for text in notes.values())
    arrays, at = {}, 0
    for name, tensor in header.items():
        begin, end = tensor["data_offsets"]
        assert tensor["dtype"] == "F64" and begin == at
        arrays[name] = np.frombuffer(data[begin:end], "<f8").reshape(tensor["shape"])
        at = end
    assert at == len(data)
    return arrays, notes


def read_json(path):
    with open(path) as file:
        content = json.load(file)
    notes = content.pop("metadata")
    return {name: np.array(value, float) for name, value in content.items()}, notes


readers = {"npz": read_npz, "safetensors": read_safetensors, "json": read_json}


def export(family, ending, *options):
    path = os.path.join(tempfile.mkdtemp(dir=folder), "file." + ending)
    subprocess.run([statbed, "export", *family.split(), "--to=" + path, *options], check=True,
                   stdout=subprocess.DEVNULL)
    assert os.listdir(os.path.dirname(path)) == ["file." + ending]
    return readers[ending](path)


def evaluate(arrays, x):
    n_layers = sum(name.endswith(".bias") for name in arrays)
    for layer in range(1, n_layers + 1):
        x = x @ arrays["layer%d.weight" % layer].T + arrays["layer%d.bias" % layer]
        if layer < n_layers:
            x = np.maximum(x, 0)
    assert x.shape[1] == 1
    return x[:, 0]


# family, dimension, hidden layers
FAMILIES = [
    ("parity dimension=9", 9, 1),
    ("parity dimension=9 sparsity=4 labels=01", 9, 1),
    ("conjunction dimension=7 literals=3 negations=true", 7, 1),
    ("lifted dimension=6 m=2 delta=0.2 sparsity=3", 6, 2),
    ("lifted dimension=6 m=1 delta=0.3 profile=edge marginal=laplace padding=8", 8, 2),
    ("lifted dimension=7 lift=dv delta=0.3 sparsity=4", 7, 3),
    ("ggj-network dimension=6 size=4", 6, 1),
    ("strong-prf dimension=3 key=16", 3, 9),
    ("lwr dimension=3 q=5 p=3", 3, 1),
    ("lifted base=lwr dimension=3 q=4 p=2 delta=0.3 profile=edge", 3, 2),
    ("lifted base=lwr dimension=3 q=5 p=3 lift=dv delta=0.3", 3, 3),
    ("lifted base=conjunction dimension=7 literals=3 lift=dv delta=0.3 padding=9", 9, 3),
]


def agree(family, dim, hidden, ending):
    arrays, notes = export(family, ending, "--samples=1500", "--seed=7")
    x, y = arrays["x"], arrays["y"]
    assert x.shape == (1500, dim) and y.shape == (1500,), (x.shape, y.shape)
    assert set(arrays) == {"x", "y"} | {
        "layer%d.%s" % (l, what) for l in range(1, hidden + 2) for what in ("weight", "bias")
    }
    assert len(set(y)) > 1
    off = np.abs(evaluate(arrays, x) - y).max()
    assert off < 1e-9, off
    weights = [value for name, value in arrays.items() if name.startswith("layer")]
    assert float(notes["largest_weight"]) == max(np.abs(w).max() for w in weights)
    units = sum(arrays["layer%d.bias" % l].size for l in range(1, hidden + 1))
    assert int(notes["hidden_units"]) == units and int(notes["hidden_layers"]) == hidden
    assert notes["family"] == family.split()[0] and notes["seed"] == "7"
    return arrays


def same_in_all_formats():
    family = FAMILIES[3]
    first, *others = [agree(*family, ending) for ending in readers]
    for other in others:
        assert list(other) == list(first)
        for name in first:
            assert np.array_equal(first[name], other[name]), name


def every_family():
    for i, family in enumerate(FAMILIES):
        agree(*family, list(readers)[i % 3])


def parts():
    arrays, notes = export("parity dimension=5", "npz", "--member=9")
    assert "x" not in arrays and notes["member"] == "9" and notes["function"] == "chi(0,3)"
    arrays, _ = export("parity dimension=5", "npz", "--member=9", "--samples=70", "--no-network")
    assert list(arrays) == ["x", "y"]
    assert np.array_equal(arrays["y"], 1 - 2 * ((arrays["x"][:, 0] + arrays["x"][:, 3]) % 2))
    arrays, notes = export("halfspace dimension=5", "json", "--samples=70")
    assert list(arrays) == ["x", "y"] and arrays["x"].shape == (70, 5)
    assert "hidden_units" not in notes
    arrays, notes = export("parity dimension=5", "json", "--samples=70", "--member=null")
    assert notes["member"] == "null" and "function" not in notes


def generator():
    """A hidden direction's network makes x of noise: f* along v, which is the share of the first unit."""
    a, _ = export("pushforward dimension=4 m=3 sigma=0.2", "json", "--samples=2")
    v = a["layer2.weight"][:, 0]
    shown = [[0, 1, 0, 0, 0], [0.5, 0, 0, 0, 0]]
    h = np.maximum(np.array(shown) @ a["layer1.weight"].T + a["layer1.bias"], 0)
    x = h @ a["layer2.weight"].T + a["layer2.bias"]
    assert a["layer1.weight"].shape == (16, 5) and x.shape == (2, 4)
    assert abs(v @ v - 1) < 1e-14 and (a["y"] == 0).all()
    assert abs(x[0] - 0.2 * v).max() < 1e-14  # sigma z2
    assert abs(x[1] - 0.96**0.5 * 1.588151041007389770004 * v).max() < 1e-12  # on the plateau


def samples_are_a_stream():
    """More than a block, the same however many are asked for; another seed, other ones."""
    few, _ = export("lifted dimension=4", "npz", "--samples=1100")
    many, _ = export("lifted dimension=4", "npz", "--samples=2500")
    other, _ = export("lifted dimension=4", "npz", "--samples=1100", "--seed=2")
    assert np.array_equal(few["x"], many["x"][:1100]) and np.array_equal(few["y"], many["y"][:1100])
    assert not np.array_equal(few["x"], other["x"])
    assert len(np.unique(many["x"], axis=0)) == 2500
    assert abs(many["x"].mean()) < 6 / np.sqrt(many["x"].size)


tests = [same_in_all_formats, every_family, parts, generator, samples_are_a_stream]
print("1..%d" % len(tests))
with tempfile.TemporaryDirectory() as folder:
    for i, test in enumerate(tests):
        test()
        print("ok %d - %s" % (i + 1, test.__name__))
