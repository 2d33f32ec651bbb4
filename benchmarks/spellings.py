"""The same network in every spelling that a spec may have: `python -m benchmarks.spellings [PAIRS ...]`."""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import cnncalc
from benchmarks.line import Line
from cnncalc.expression.syntax import parse, parse_call
from cnncalc.read.python.files.parse import _kept

HEAD = "input: [64, 8, 8]\nlayers:\n"
FIELDS = "{out_channels: 64, kernel_size: 3, padding: 1}"
BLOCK = "define:\n  b: [{conv: 'Conv2d(64, 64, 3, padding=1)'}, {relu: ReLU}]\n"
LET = "let: {w: 64}\n"
# Each pair of a convolution and an activation as text; {i} is its number, {above} the name of what stands above it.
PAIRS = {
    "calls": "  - Conv2d(64, 64, 3, padding=1)\n  - ReLU\n",
    "named calls": "  - conv{i}: Conv2d(64, 64, 3, padding=1)\n  - relu{i}: ReLU\n",
    "calls by keywords": "  - nn.Conv2d(out_channels=64, kernel_size=3, padding=1)\n  - nn.ReLU()\n",
    "fields": f"  - conv2d: {FIELDS}\n  - relu\n",
    "fields on lines": "  - conv2d:\n      out_channels: 64\n      kernel_size: 3\n      padding: 1\n  - relu\n",
    "named fields": f"  - conv{{i}}: {{conv2d: {FIELDS}}}\n  - relu{{i}}: {{relu: {{}}}}\n",
    "named fields on lines": (
        "  - conv{i}:\n      conv2d:\n        out_channels: 64\n        kernel_size: 3\n        padding: 1\n"
        "  - relu{i}:\n      relu:\n"
    ),
    "type and fields": (
        "  - name: conv{i}\n    type: Conv2d\n    out_channels: 64\n    kernel_size: 3\n    padding: 1\n"
        "  - {name: relu{i}, type: ReLU}\n"
    ),
    "activation beside": "  - conv{i}: Conv2d(64, 64, 3, padding=1)\n    activation: relu\n",
    "from": "  - conv{i}: Conv2d(64, 64, 3, padding=1)\n    from: {above}\n  - relu{i}: ReLU\n    from: conv{i}\n",
    "arrows": "  - Conv2d(64, 64, 3, padding=1) -> ReLU\n",
    "groups": "  - group{i}:\n      sequential:\n      - conv: Conv2d(64, 64, 3, padding=1)\n      - ReLU\n",
    "residuals": "  - residual: [Conv2d(64, 64, 3, padding=1), ReLU]\n",
    "branches": "  - parallel: [[Conv2d(64, 64, 3, padding=1)], [ReLU]]\n    merge: add\n",
    "lists": "  - conv2d: [64, 64, 3, 1, 1]\n  - relu\n",
    "without dashes": "  conv{i}: Conv2d(64, 64, 3, padding=1)\n  relu{i}: ReLU\n",
    "pasted Sequential": "  - nn.Sequential(nn.Conv2d(64, 64, 3, padding=1), nn.ReLU())\n",
    # no two alike, and each keeps the shape
    "different calls": "  - Conv2d(64, 64, 3, padding=1{i}, dilation=1{i})\n  - ReLU\n",
    "different fields": ("  - conv2d: {out_channels: 64, kernel_size: 3, padding: 1{i}, dilation: 1{i}}\n  - relu\n"),
}
LETS = {
    "names in calls": "  - conv{i}: Conv2d(w, w, 3, padding=1)\n  - relu{i}: ReLU\n",
    "names in fields": (
        "  - conv{i}:\n      conv2d:\n        out_channels: w\n        kernel_size: 3\n        padding: 1\n"
        "  - relu{i}: ReLU\n"
    ),
}
KERAS = {
    "Keras' calls": "  - Conv2D(64, 3, padding='same')\n  - ReLU()\n",
    "Keras' fields": "  - conv2d: {filters: 64, kernel_size: 3, padding: same}\n  - relu\n",
}
SEQUENTIAL = """import torch
import torch.nn as nn
net = nn.Sequential(
{made}
)
net(torch.randn(1, 64, 8, 8))
"""
SOURCE = """import torch
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
{made}
    def forward(self, x):
{called}
        return x
Net()(torch.randn(1, 64, 8, 8))
"""


def _each(form: str, pairs: int) -> str:
    above = [f"relu{i - 1}" if i else "input" for i in range(pairs)]
    return "".join(form.replace("{i}", str(i)).replace("{above}", above[i]) for i in range(pairs))


def _mapping(pairs: int) -> dict[str, Any]:
    """What `from_dict` takes."""
    options = {"out_channels": 64, "kernel_size": 3, "padding": 1}
    layers = [layer for i in range(pairs) for layer in ({f"conv{i}": {"conv2d": options}}, {f"relu{i}": "ReLU"})]
    return {"input": [64, 8, 8], "layers": layers}


def _source(pairs: int) -> str:
    made = (f"        self.c{i} = nn.Conv2d(64, 64, 3, padding=1)\n        self.r{i} = nn.ReLU()" for i in range(pairs))
    called = (f"        x = self.r{i}(self.c{i}(x))" for i in range(pairs))
    return SOURCE.format(made="\n".join(made), called="\n".join(called))


def _file(text: str, path: Path) -> Callable[[], Any]:
    """Loading a file of PyTorch source."""
    path.write_text(text)
    return lambda: cnncalc.load(str(path))


def spellings(pairs: int, folder: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every spelling with what makes a network of it; PyTorch source is written to a file in `folder`."""
    texts = {name: HEAD + _each(form, pairs) for name, form in PAIRS.items()}
    texts |= {name: LET + HEAD + _each(form, pairs) for name, form in LETS.items()}
    keras = "convention: keras\ninput: [8, 8, 64]\nlayers:\n"
    texts |= {name: keras + _each(form, pairs) for name, form in KERAS.items()}
    texts["blocks"] = BLOCK + HEAD + _each("  - b\n", pairs)
    arguments = "define:\n  b(c):\n  - conv: Conv2d(c, c, 3, padding=1)\n  - ReLU\n"
    texts["blocks with arguments"] = arguments + HEAD + _each("  - x{i}: b(64)\n", pairs)
    texts["repeat"] = BLOCK + HEAD + f"  - {{b: b, repeat: {pairs}}}\n"
    texts["lines of text"] = HEAD.rstrip() + " |\n" + "  Conv2d(64, 64, 3, padding=1)\n  ReLU\n" * pairs
    texts["JSON"] = json.dumps(_mapping(pairs))
    for name, text in texts.items():
        yield name, lambda text=text: cnncalc.loads(text)  # type: ignore[misc]
    chain = "64x8x8" + " -> Conv2d(64, 64, 3, padding=1) -> ReLU" * pairs
    yield "chain", lambda: cnncalc.load(chain)
    mapping = _mapping(pairs)
    yield "from_dict", lambda: cnncalc.from_dict(mapping)
    yield "PyTorch source", _file(_source(pairs), Path(folder) / "net.py")
    made = SEQUENTIAL.format(made="    nn.Conv2d(64, 64, 3, padding=1),\n    nn.ReLU(),\n" * pairs)
    yield "PyTorch source, Sequential", _file(made, Path(folder) / "sequential.py")


def microseconds(pairs: int, runs: int) -> dict[str, float]:
    """Processor time of a pair from text to report and totals: of each spelling the median of some runs in turn."""
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        made = list(spellings(pairs, folder))
        for run in range(runs + 1):
            for name, network in made:
                gc.collect()
                for known in (_kept, parse, parse_call):  # what is measured is reading
                    known.cache_clear()
                started = process_time()
                report = network().report()
                params = report.totals.params
                spent = process_time() - started
                assert params == pairs * 36928, name
                del report
                if run or runs == 1:  # the first fills caches
                    found.setdefault(name, []).append(spent / pairs * 1e6)
    return {name: median(spent) for name, spent in found.items()}


def lines(runs: int, sizes: tuple[int, ...] = (1_000, 5_000)) -> Iterator[Line]:
    """Rows of the table: every spelling, the worst beside the best, and how each grows."""
    first = microseconds(sizes[0], runs)
    best, worst = min(first, key=first.__getitem__), max(first, key=first.__getitem__)
    for name, spent in sorted(first.items(), key=lambda pair: pair[1]):
        yield Line(f"{name}, {sizes[0]:,} pairs", "itself, processor time", spent, "us per pair", "<= 45")
    yield Line(f"{worst}, the worst", f"{best}, the best", first[worst] / first[best], "x", "")
    for pairs in sizes[1:]:
        later = microseconds(pairs, max(1, runs // 3))
        growth = {name: later[name] / first[name] for name in first}
        most = max(growth, key=growth.__getitem__)
        what = f"growth from {sizes[0]:,} to {pairs:,} pairs, the worst: {most}"
        yield Line(what, "itself, processor time", growth[most], "x", "< 1.2")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spellings")
    parser.add_argument("pairs", nargs="*", type=int, help="how many pairs; the first size is shown in full")
    parser.add_argument("--runs", type=int, default=5)
    words = parser.parse_args()
    for line in lines(words.runs, tuple(words.pairs) or (1_000, 5_000)):
        said = "NOT REACHED" if line.reached is False else ""
        print(f"{line.what:56} {line.figure:8.3g} {line.unit:10} {line.reach:6} {said:11} {line.against}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
