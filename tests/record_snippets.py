"""Record what Python makes of short functions: `python record_snippets.py`, where torch and numpy are.

Each line of data/snippets.txt is the body of a function, with \\n between its lines, that gives a whole number: it
becomes the width of a layer.
"""

from __future__ import annotations

import contextlib
import io
import json
import warnings
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
NET = """

import torch.nn


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(4, width())

    def forward(self, x):
        return self.fc(x)
"""


def bodies() -> list[str]:
    return [line for line in (DATA / "snippets.txt").read_text().splitlines() if line]


def function(body: str) -> str:
    text = body.replace("\\\\n", "\0").replace("\\n", "\n").replace("\0", "\\n")
    return "def width():\n" + "".join(f"    {line}\n" for line in text.split("\n"))


def answer(body: str) -> int:
    names: dict[str, Any] = {"__name__": "__main__"}  # dataclasses look for their module
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(function(body), "snippet", "exec", dont_inherit=True), names)
        return int(names["width"]())


def main() -> None:
    warnings.simplefilter("ignore")
    lines = [json.dumps([body, answer(body)]) for body in bodies()]
    (DATA / "snippets.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
