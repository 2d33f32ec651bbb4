"""189 sheets with the faults that sheets have: each is graded, and one unreadable answer costs itself alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnncalc.cli.app import main
from tests import odd_sheets
from tests.messy_sheets import KEY, Sheet, sheets

EVERY = list(sheets())


@pytest.mark.parametrize("sheet", EVERY, ids=lambda sheet: sheet.name)
def test_sheet_is_graded(sheet: Sheet, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "key.yaml").write_text(KEY, encoding="utf-8")
    (tmp_path / sheet.name).write_bytes(sheet.data)
    capsys.readouterr()
    main(["check", str(tmp_path / "key.yaml"), str(tmp_path / sheet.name), "--json"])
    (found,) = json.loads(capsys.readouterr().out)["files"]
    assert "problems" not in found
    assert (found["passed"], found["failed"], found.get("unreadable", 0)) == (sheet.right, 0, sheet.unreadable)


@pytest.mark.parametrize("sheet", odd_sheets.SHEETS, ids=lambda sheet: sheet.name)
def test_odd_sheet_is_graded(sheet: odd_sheets.Odd, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "key.yaml").write_text(odd_sheets.KEY, encoding="utf-8")
    (tmp_path / sheet.name).write_text(sheet.text, encoding="utf-8", newline="")
    main(["check", str(tmp_path / "key.yaml"), str(tmp_path / sheet.name), "--json"])
    (found,) = json.loads(capsys.readouterr().out)["files"]
    assert "problems" not in found
    assert (found["passed"], found["failed"], found.get("unreadable", 0)) == (
        sheet.right,
        sheet.wrong,
        sheet.unreadable,
    )


def test_there_are_as_many_as_there_should_be() -> None:
    assert len(EVERY) == 84 and len(odd_sheets.SHEETS) == 105 and sum(sheet.unreadable for sheet in EVERY) == 42


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("10x10", True),
        ("10 × 10 pixels", True),
        ("[10, 10]", True),
        ("$10 \\times 10$", True),
        ("100", False),
        ("10*10", False),
        ("10x11", False),
        ("9x9", False),
    ],
)
def test_a_receptive_field_as_a_square(
    written: str, right: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "key.yaml").write_text(KEY, encoding="utf-8")
    (tmp_path / "sheet.txt").write_text(f"conv2.receptive_field = {written}\n", encoding="utf-8")
    main(["check", str(tmp_path / "key.yaml"), str(tmp_path / "sheet.txt"), "--json"])
    (found,) = json.loads(capsys.readouterr().out)["files"]
    assert found["results"][4]["ok"] is right
