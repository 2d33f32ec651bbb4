"""Summary tables with changes: an answer or a refusal, within the bounds, whatever became of the text."""

from __future__ import annotations

import json
import lzma
import random
import time
from pathlib import Path

from tests.fuzz.bounded import limits, run

DATA = Path(__file__).parent.parent / "data" / "summaries.json.xz"
INPUTS = 300
SECONDS = 8.0
PARTS = (
    "9" * 30,
    "│",
    "┃",
    "(",
    "[",
    "None",
    "-1",
    "…",
    "\t",
    "(recursive)",
    "--",
    "Layer (type",
    "Param #",
    "├─",
    "└",
)


def changed(text: str, rng: random.Random) -> str:
    """The text with one change of six kinds."""
    kind, at = rng.randrange(6), rng.randrange(len(text) or 1)
    lines = text.split("\n")
    row = rng.randrange(len(lines))
    if kind == 0:
        return text[:at] + text[at + rng.randint(1, 30) :]
    if kind == 1:
        return text[:at] + rng.choice((*PARTS, "9" * 5000)) + text[at:]
    if kind == 2:
        return "\n".join(lines[:row] + lines[row + 1 :])
    if kind == 3:
        return "\n".join([*lines[:row], rng.choice(lines), *lines[row:]])
    if kind == 4:
        return text[:at]
    return text.replace(rng.choice("│─ 0123456789,()["), rng.choice(("", " ", "\t", "7")), rng.randint(1, 50))


def test_changed_tables(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    items = json.loads(lzma.decompress(DATA.read_bytes()))
    rng = random.Random(2026)
    began, tests = time.process_time(), 0
    with limits():
        while tests < INPUTS and time.process_time() - began < SECONDS:
            text = rng.choice(items)["text"]
            for _ in range(rng.randint(1, 4)):
                text = changed(text, rng)
            Path("table.txt").write_text(text, encoding="utf-8")
            for argv in (["shapes", "table.txt"], ["params", "table.txt", "--json"]):
                outcome = run(argv)
                assert not outcome.finding, f"{outcome.finding}\n{text}\n{outcome.detail}"
            tests += 1
    assert tests > 50


def test_a_line_without_end_is_bounded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for part in ("Layer (type ", "[([(", "│ └ ", "conv (Conv2D) (None, ", "├─a (b"):
        head = "Layer (type)    Output Shape    Param #\n"
        Path("table.txt").write_text(head + part * 100_000 + "\n" + head[:14] + part * 100_000, encoding="utf-8")
        outcome = run(["params", "table.txt"], seconds=10)
        assert not outcome.finding, (part, outcome.detail)
