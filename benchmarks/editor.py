"""From a keystroke to the hints of a screen, and beside it what type checkers take that are installed.

PEER_PYTHON names the interpreter whose packages they read, PyTorch among them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from statistics import quantiles

from benchmarks import keystrokes
from benchmarks.line import Line

PEERS = ("basedpyright", "pyright")
LARGE = """\
input: [8, 16, 16]
layers:
  - stem: Conv2d(8, 8, 3, padding=1)
  - ReLU
  - Tanh
  - name: body
    repeat: 20000
    sequential:
      - Conv2d(8, 8, 3, padding=1)
      - ReLU
  - Flatten
  - fc: Linear(out_features=10)
  - ReLU
  - Dropout
  - Tanh
"""


def lines(runs: int) -> Iterator[Line]:
    """95 of 100 letters are followed within that time: wall time, and of the server's processor."""
    ours = [sys.executable, "-m", "cnncalc", "lsp"]
    for what, name, text in (
        ("a spec of 500 lines", "net.yaml", keystrokes.spec()),
        ("a spec with 20,000 copies of a block", "large.yaml", LARGE),
        ("a PyTorch model of 500 lines", "model.py", keystrokes.module()),
    ):
        clock, processor = keystrokes.measured(ours, name, text, {"cnncalc": {"input": ""}})
        yield Line(f"letter to hints, {what}, 95 %", "itself, wall time", *_late(clock), "<= 50")
        yield Line(f"letter to hints, {what}, 95 %", "itself, processor time", *_late(processor), "<= 50")
    for peer in PEERS:
        server = shutil.which(f"{peer}-langserver")
        if server is None:
            continue
        version = subprocess.run([peer, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        asked = "its hints" if peer == "basedpyright" else "hover, as it has no hints"
        settings = {"python": {"pythonPath": os.environ.get("PEER_PYTHON", sys.executable)}}
        hover = peer == "pyright"
        clock, processor = keystrokes.measured([server, "--stdio"], "model.py", keystrokes.module(), settings, hover)
        what = "letter to answer, the same model, 95 %"
        yield Line(what, f"{peer} {version}: {asked}, wall time", *_late(clock), "")
        yield Line(what, f"{peer} {version}: {asked}, processor time", *_late(processor), "")


def _late(spent: list[float]) -> tuple[float, str]:
    return quantiles(spent, n=20)[-1], "ms"
