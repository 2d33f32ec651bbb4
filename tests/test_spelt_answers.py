"""Spellings of right answers hold; what only looks like one does not: units, thousands, decimal commas.

`tests/data/spellings.json` was worked out by hand, apart from the package.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from cnncalc.answers.read import of_text
from cnncalc.cli.app import main

DATA = json.loads((Path(__file__).resolve().parent / "data" / "spellings.json").read_text("utf-8"))
SPELLINGS, NEAR = DATA["spellings"], DATA["near"]

Answers = list[tuple[str, str]]


@pytest.fixture
def graded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Whether each of some answers holds, each that of another person."""

    def run(answers: Answers) -> list[bool | None]:
        expect = "".join(f"  {json.dumps(ask)}: {json.dumps(value)}\n" for ask, value in DATA["right"].items())
        (tmp_path / "key.yaml").write_text(f"{DATA['net']}expect:\n{expect}", encoding="utf-8")
        with (tmp_path / "all.csv").open("w", newline="", encoding="utf-8") as file:
            rows = ((f"n{number}", ask, answer) for number, (ask, answer) in enumerate(answers))
            csv.writer(file).writerows([("name", "question", "answer"), *rows])
        capsys.readouterr()
        main(["check", str(tmp_path / "key.yaml"), str(tmp_path / "all.csv"), "--json"])
        sheets = json.loads(capsys.readouterr().out)["files"]
        found = zip(answers, sheets, strict=True)
        return [next(one["ok"] for one in sheet["results"] if one["ask"] == ask) for (ask, _), sheet in found]

    return run


def test_spellings_hold(graded: Any) -> None:
    bad = [answer for answer, ok in zip(SPELLINGS, graded(SPELLINGS), strict=True) if ok is not True]
    assert len(SPELLINGS) > 500
    assert len(bad) <= 0.02 * len(SPELLINGS), bad


def test_near_misses_do_not(graded: Any) -> None:
    assert len(NEAR) > 120
    assert [answer for answer, ok in zip(NEAR, graded(NEAR), strict=True) if ok is True] == []


@pytest.mark.parametrize(
    "text",
    ["6 8; 12 14", "6, 8; 12, 14", "6 8\n12 14", "6, 8\n12, 14\n", "array([[6, 8], [12, 14]])", "[[6 8]\n [12 14]]",
     "tensor([[6., 8.], [12., 14.]], grad_fn=<MulBackward0>)"],
)  # fmt: skip
def test_rows_of_numbers(text: str) -> None:
    assert [[int(one.value) for one in row] for row in of_text(text, {}).arrays[0]] == [[6, 8], [12, 14]]


@pytest.mark.parametrize("text", ["6 8 12 14", "6 8\n12"])
def test_no_rows_of_numbers(text: str) -> None:
    assert of_text(text, {}).arrays == []


def test_signs_of_other_keyboards() -> None:
    (one,) = of_text("２２４", {}).numbers
    assert one.value == 224
