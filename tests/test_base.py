"""A spec that builds on another: its constants, its blocks, and where its mistakes are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.network.expansion.expand import Expander
from cnncalc.read import resolve
from cnncalc.spec.words.said import UNSAID

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


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read, one after the other."""
    found: list[str] = []
    first = resolve.read_file

    def counted(path: str, *more: Any, **named: Any) -> Any:
        found.append(Path(path).stem)
        return first(path, *more, **named)

    monkeypatch.setattr(resolve, "read_file", counted)
    return found


def test_a_base_that_cannot_be_read_is_tried_once(tmp_path: Path, read: list[str]) -> None:
    """A chain of variants whose last one builds on nothing: each file is read once, not twice as often as the next."""
    for number in range(12):
        (tmp_path / f"a{number}.yaml").write_text(f"base: a{number + 1}\nlayers:\n  - ReLU\n", encoding="utf-8")
    (tmp_path / "a12.yaml").write_text("# none\nbase: nowhere_at_all\nlayers:\n  - ReLU\n", encoding="utf-8")
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.load(str(tmp_path / "a0.yaml"))
    assert len(read) == len(set(read)) == 13
    assert [problem.code for problem in caught.value.problems] == ["unknown-base"]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("input: [4]\nlayers:\n  - x: {net: NEXT}\n  - y: {net: LATER}\n", "input: [4]\nlayers: [ReLU]\n"),
        ("base: NEXT\nlayers:\n  - x: {net: NEXT}\n  - y: {net: LATER}\n", "input: [4]\nlayers: [ReLU]\n"),
    ],
)
def test_a_spec_that_several_name_is_read_once(tmp_path: Path, read: list[str], text: str, last: str) -> None:
    """Files that each name the next two: as many reads as there are files."""
    for number in range(12):
        named = text.replace("NEXT", f"a{number + 1}").replace("LATER", f"a{number + 2}")
        (tmp_path / f"a{number}.yaml").write_text(named, encoding="utf-8")
    for number in (12, 13):
        (tmp_path / f"a{number}.yaml").write_text(last, encoding="utf-8")
    report = cnncalc.load(str(tmp_path / "a0.yaml")).report()
    assert sorted(read) == sorted(f"a{number}" for number in range(14))
    assert len(report.rows) == 377  # Fibonacci's: each has what the next two have


def test_layers_of_specs_as_blocks_are_counted_before_they_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        text = f"input: [4]\nlayers:\n  - x: {{net: a{number + 1}}}\n  - y: {{net: a{number + 1}}}\n"
        (tmp_path / f"a{number}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "a50.yaml").write_text("input: [4]\nlayers: [ReLU]\n", encoding="utf-8")
    network = cnncalc.load(str(tmp_path / "a0.yaml"))
    monkeypatch.setattr(Expander, "entry", None)
    with pytest.raises(cnncalc.SpecError) as caught:
        network.report()
    assert [(problem.code, problem.line) for problem in caught.value.problems] == [("too-many-layers", 3)]


def test_constants_of_specs_as_blocks_cost_what_those_of_the_network_cost(tmp_path: Path) -> None:
    lines = "".join(f"  v{number}: 1 + {number}\n" for number in range(400))
    (tmp_path / "inner.yaml").write_text(f"input: [4]\nlet:\n{lines}layers: [ReLU]\n", encoding="utf-8")
    copies = "  - repeat: 9000\n    sequential:\n      - x: {net: inner}\n      - Scale: index\n"  # no two are alike
    (tmp_path / "outer.yaml").write_text(f"input: [4]\nlayers:\n{copies}", encoding="utf-8")
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.load(str(tmp_path / "outer.yaml")).report()
    assert caught.value.problems[0].code == "too-many-steps"


def test_a_base_in_other_words_stays_what_it_is_where_it_stands_as_a_block(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("input: [8]\ndefine:\n  b: [BatchNorm1d]\nlayers: [b, BatchNorm1d]\n", "utf-8")
    (tmp_path / "k.yaml").write_text("base: a\nconvention: textbook\n", encoding="utf-8")
    (tmp_path / "both.yaml").write_text("base: a\nlayers:\n  - x: {net: a}\n", encoding="utf-8")
    load = resolve.Load(str(tmp_path / "top.yaml"))
    plain, words = (load.get(str(tmp_path / f"{name}.yaml"), UNSAID) for name in ("a", "k"))
    assert [entry.convention for entry in (*plain.layers, *plain.blocks["b"].body)][1:] == ["pytorch"] * 2
    assert [entry.convention for entry in (*words.layers, *words.blocks["b"].body)][1:] == ["textbook"] * 2


def test_defaults_of_a_spec_do_not_reach_into_another_one_of_the_same_entries(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("input: [8]\nlayers:\n  - fc: Linear(8, 8)\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("base: a\ndefaults:\n  Linear: {bias: false}\n", encoding="utf-8")
    text = "input: [8]\nlayers:\n  - x: {net: a}\n  - y: {net: b}\n  - z: {net: a}\n"
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    report = cnncalc.load(str(tmp_path / "c.yaml")).report()
    assert [row.params for row in report.rows] == [72, 64, 72]


def test_the_shape_of_an_input_is_given_once() -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.load("3x8x8 -> Flatten", input_shapes=["3x8x8", "input=3x9x9"]).report()
    assert [problem.code for problem in caught.value.problems] == ["duplicate-name"]
