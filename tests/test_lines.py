"""What the editor shows beside each statement of PyTorch source, against what PyTorch gives there (record_lines.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cnncalc.editor.hints import hints
from cnncalc.editor.text import analyse
from cnncalc.read.python.tensor.sizes import Size

FOLDER = Path(__file__).parent / "data" / "written"
CASES: dict[str, Any] = json.loads((FOLDER.parent / "lines.json").read_text(encoding="utf-8"))
# Packed sequences are followed as what they hold, and their lengths are not known.
PACKED = {"seq2seq PackedClassifier i12": ("95-95", "96-96")}


def place(statement: Any) -> str:
    return f"{statement.lineno}-{statement.end_lineno}"


def said(dims: Any) -> list[list[Any]]:
    return [[str(size) if isinstance(size, Size) else size for size in sizes] for sizes in dims]


@pytest.mark.parametrize("case", CASES)
def test_every_line_is_what_pytorch_gives(case: str) -> None:
    net, maker, given = case.split(maxsplit=2)
    path = FOLDER / f"{net}.py"
    sizes = " ".join(word.lstrip("i") for word in given.split())
    analysis = analyse(path.read_text(encoding="utf-8"), str(path), "python", f"{maker} input {sizes}")
    (model,) = analysis.models
    assert model.whole and model.written is not None, analysis.problems
    found = {place(one): [[said(dims), count] for dims, (count, _) in values.items()]
             for one, values in model.written.shapes.items()}  # fmt: skip
    right = {at: values for at, values in CASES[case]["shapes"].items() if at not in PACKED.get(case, ())}
    assert {at: found.get(at) for at in right} == right
    counts = {place(one): [model.written.params(part) for part in parts] for one, parts in model.written.made.items()}
    assert {at: counts.get(at) for at in CASES[case]["params"]} == CASES[case]["params"]
    shown = {hint.line for hint in hints(analysis)}
    lines = {int(at.split("-")[1]) for at in (*right, *CASES[case]["params"])}
    assert lines - shown == set()
