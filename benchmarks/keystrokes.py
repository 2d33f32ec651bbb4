"""From a keystroke to the hints of the screen, over the protocol: `python -m benchmarks.keystrokes [FILE ...]`.

Statements are typed and deleted letter by letter at places all over a file of 500 lines, a spec and a PyTorch model,
and in the files that are named (`FILE=INPUT` says a size). After each letter the hints of 60 lines are asked for.
`--peer "basedpyright-langserver --stdio"` does the same with another server that gives hints.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.protocol import Client

LINES = 500
SCREEN = 60
GAP = 0.06  # seconds between two letters; behind each statement a longer rest
REST = 0.6
PLACES = 3


def spec() -> str:
    """A spec of 500 lines: entries as calls, with fields, with names, in a residual."""
    block = """\
  - conv{i}: Conv2d(64, 64, 3, padding=1)
  - BatchNorm2d
  - ReLU
  - residual:
      - conv2d:
          out_channels: 64
          kernel_size: 3
          padding: 1
      - BatchNorm2d(64)
      - ReLU
"""
    text = "input: [64, 56, 56]\nlayers:\n"
    for at in range(LINES):
        if text.count("\n") + block.count("\n") > LINES:
            break
        text += block.format(i=at)
    return text + "  - ReLU\n" * (LINES - text.count("\n"))


def module() -> str:
    """A PyTorch model of 500 lines: blocks that each are another class, and one network of them."""
    block = '''\
class Block{i}(nn.Module):
    """Two convolutions beside a shortcut, with a gate on the channels."""

    def __init__(self, channels, out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.gate = nn.Sequential(
            nn.Conv2d(out, out // 8, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(out // 8, out, 1),
            nn.Sigmoid(),
        )
        self.shortcut = nn.Conv2d(channels, out, 1, stride=stride) if channels != out or stride != 1 else None

    def forward(self, x):
        identity = x if self.shortcut is None else self.shortcut(x)
        out = F.relu(self.norm1(self.conv1(x)))
        out = self.norm2(self.conv2(out))
        scale = self.gate(self.pool(out))
        out = out * scale
        return F.relu(out + identity)


'''
    head = "# cnncalc: Net() input 3x64x64\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n"
    count = (LINES - 50) // block.count("\n")
    parts = "".join(f"        self.block{i} = Block{i}(64, 64)\n" for i in range(count))
    calls = "".join(f"        x = self.block{i}(x)\n" for i in range(count))
    net = (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.stem = nn.Conv2d(3, 64, 7, 2, padding=3)\n{parts}        self.head = nn.Linear(64, 10)\n\n"
        f"    def forward(self, x):\n        x = self.stem(x)\n{calls}        x = x.mean((2, 3))\n"
        "        return self.head(x)\n"
    )
    text = head + "".join(block.format(i=i) for i in range(count)) + net
    return text + "# a line\n" * (LINES - text.count("\n"))


def places(text: str, python: bool) -> Iterator[tuple[int, str]]:
    """Lines, from 0, behind which a statement is typed, all over the text."""
    lines = text.split("\n")
    if not python:
        good = [n for n, line in enumerate(lines[:-1]) if line.startswith("  - ") and lines[n + 1].startswith("  - ")]
        kinds = [(good, "  - Conv2d(64, 64, 3, padding=1)")]
    else:
        starts = [[n for n, line in enumerate(lines) if line.lstrip().startswith(f"def {name}(")]
                  for name in ("forward", "__init__")]  # fmt: skip
        ends = [[_body(lines, n) for n in found] for found in starts]
        kinds = [
            (ends[0], "        y = torch.relu(input=torch.ones(3))"),
            (ends[1], "        self.extra = nn.Linear(3, 4)"),
        ]
    for found, statement in kinds:
        step = max(1, len(found) // PLACES)
        yield from ((n, statement) for n in found[step // 2 :: step][:PLACES])


def _body(lines: list[str], at: int) -> int:
    while not lines[at].rstrip().endswith(":"):
        at += 1
    return at


def processor(process: int) -> float:
    """Milliseconds that a process has worked, as Linux counts them."""
    tasks = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6


def typed(client: Client, uri: str, text: str, python: bool, hover: bool = False) -> list[tuple[float, float]]:
    """Milliseconds from each letter to the hints: by the clock, and of the server's processor.

    `hover`: to what is said of the place instead, for a server without hints.
    """
    spent = []
    for line, statement in places(text, python):
        first = max(0, line - SCREEN // 2)
        screen = {"start": {"line": first, "character": 0}, "end": {"line": first + SCREEN, "character": 0}}
        end = {"line": line, "character": len(text.split("\n")[line])}
        letters = [(end, end, "\n")]
        letters += [(at, at, letter) for column, letter in enumerate(statement)
                    for at in [{"line": line + 1, "character": column}]]  # fmt: skip
        letters += [({"line": line + 1, "character": column - 1}, {"line": line + 1, "character": column}, "")
                    for column in range(len(statement), len(statement) - 8, -1)]  # fmt: skip
        letters.append((end, {"line": line + 1, "character": len(statement) - 8}, ""))
        for start, stop, new in letters:
            began, worked = time.perf_counter(), processor(client.process.pid)
            client.change(uri, {"range": {"start": start, "end": stop}, "text": new})
            if hover:
                client.about("hover", uri, start["line"], start["character"])
            else:
                client.ask("textDocument/inlayHint", {"textDocument": {"uri": uri}, "range": screen})
            spent.append(((time.perf_counter() - began) * 1e3, processor(client.process.pid) - worked))
            time.sleep(GAP)
        time.sleep(REST)
    return spent


def measured(
    command: list[str], name: str, text: str, settings: dict[str, Any], hover: bool = False
) -> tuple[list[float], list[float]]:
    """Type in one file with one server: the milliseconds of each letter, by the clock and of the processor."""
    client = Client(command, settings)
    uri = Path(os.path.abspath(name)).as_uri()
    client.open(uri, text)
    if hover:
        client.about("hover", uri)
    else:
        client.hints(uri)
    time.sleep(REST)
    spent = typed(client, uri, text, name.endswith(".py"), hover)
    client.close()
    clock, worked = zip(*spent, strict=True)
    return [*clock], [*worked]


def measure(command: list[str], name: str, text: str, settings: dict[str, Any]) -> None:
    """Type in one file with one server, and print a line of the table."""
    shown = f"{Path(name).name}, {text.count(chr(10))} lines"
    for what, found in zip(("clock", "processor"), measured(command, name, text, settings), strict=True):
        ordered = sorted(found)
        low, high, most = (ordered[int(len(ordered) * part)] for part in (0.5, 0.95, 0.999))
        server = Path(command[0]).name
        print(f"{server:24} {shown:40} {what:10} {low:8.1f} {high:8.1f} {most:8.1f} {len(ordered):6}", flush=True)


def main() -> None:
    """Print median, 95th percentile and the worst, in milliseconds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.keystrokes")
    parser.add_argument("files", nargs="*", metavar="FILE[=INPUT]")
    parser.add_argument("--peer", help="the command of another server")
    parser.add_argument("--python", help="the interpreter whose packages the other server reads")
    words = parser.parse_args()
    print(f"{'server':24} {'file':40} {'time':10} {'median':>8} {'p95':>8} {'worst':>8} {'keys':>6}")
    ours = [sys.executable, "-m", "cnncalc", "lsp"]
    texts = [("keystrokes_spec.yaml", spec(), ""), ("keystrokes_model.py", module(), "")]
    for given in words.files:
        name, _, size = given.partition("=")
        texts.append((name, Path(name).read_text(encoding="utf-8"), size))
    for name, text, size in texts:
        measure(ours, name, text, {"cnncalc": {"input": size}})
        if words.peer and name.endswith(".py"):
            measure(shlex.split(words.peer), name, text, {"python": {"pythonPath": words.python or sys.executable}})


if __name__ == "__main__":
    main()
