"""A spec that builds on another: its constants, its blocks, and where its mistakes are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnncalc

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
