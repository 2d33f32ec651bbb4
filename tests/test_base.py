"""A spec that builds on another: its constants, its blocks, and where its mistakes are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.read import resolve

BASE = """\
input: [8]
let: {kind: relu}
define:
  act(k):
    - relu: ReLU
      when: k == "relu"
    - tanh: Tanh
      when: k == "tanh"
layers:
  - first: act(kind)
"""


def variant(folder: Path, text: str) -> str:
    (folder / "a.yaml").write_text(BASE, encoding="utf-8")
    path = folder / "b.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_layers_and_blocks_of_a_variant_call_the_blocks_of_its_base(tmp_path: Path) -> None:
    text = "base: a\nlet: {kind: tanh, width: 5}\ndefine:\n  own(n):\n    - fc: Linear(8, n)\n    - act: act(kind)\n"
    report = cnncalc.load(variant(tmp_path, text + "layers:\n  - y: own(width)\n")).report()
    assert [(row.name, row.layer.type()) for row in report.rows] == [("y.fc", "Linear"), ("y.act.tanh", "Tanh")]
    assert report.totals.params == 8 * 5 + 5


def test_a_variant_without_layers_sets_constants_of_its_base_only(tmp_path: Path) -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.load(variant(tmp_path, "base: a\nlet: {kid: tanh}\n")).report()
    assert [problem.code for problem in caught.value.problems] == ["unknown-setting"]


@pytest.mark.parametrize(
    ("text", "file", "line", "column"),
    [
        ("base: a\n\n\nlayers:\n  - y: Linear(8, 4)\n  - z: Linear(9, 8)\n", "b.yaml", 6, 15),
        ("base: a\n\n\nlayers:\n  - y: Linear(8, wide)\n", "b.yaml", 5, 18),
        ("base: a\n\n\ndefine:\n  own():\n    - z: Linear(9, 8)\nlayers:\n  - own\n", "b.yaml", 6, 17),
        ('base: a\n\n\nlayers:\n  - act("relu", 3)\n', "b.yaml", 5, 5),
    ],
)
def test_mistakes_of_a_variant_stand_in_its_own_file(
    tmp_path: Path, text: str, file: str, line: int, column: int
) -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.load(variant(tmp_path, text)).report()
    problem = caught.value.problems[0]
    assert (Path(problem.file or "").name, problem.line, problem.column) == (file, line, column)


def test_a_base_that_cannot_be_read_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain of variants whose last one builds on nothing: each file is read once, not twice as often as the next."""
    for number in range(12):
        (tmp_path / f"a{number}.yaml").write_text(f"base: a{number + 1}\nlayers:\n  - ReLU\n", encoding="utf-8")
    (tmp_path / "a12.yaml").write_text("# none\nbase: nowhere_at_all\nlayers:\n  - ReLU\n", encoding="utf-8")
    read: list[str] = []
    first = resolve.read_file

    def counted(path: str, *more: Any, **named: Any) -> Any:
        read.append(path)
        return first(path, *more, **named)

    monkeypatch.setattr(resolve, "read_file", counted)
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.load(str(tmp_path / "a0.yaml"))
    assert len(read) == len(set(read)) == 13
    (problem,) = caught.value.problems
    assert (problem.code, Path(problem.file or "").name, problem.line) == ("unknown-base", "a12.yaml", 2)
