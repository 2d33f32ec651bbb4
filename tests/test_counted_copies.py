"""A network that leaves out copies which are alike says what it says with every copy in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.core.problem import SpecError
from cnncalc.network.expansion import expand
from cnncalc.pages import params, shapes
from cnncalc.pages.fold import COPIES
from cnncalc.render import csv, json, plain
from tests.test_copies import HEAD, SPECS

MORE = {
    "two repeats": (
        "define:\n  a: [Conv2d(8, 8, 1), {residual: [BatchNorm2d(8), ReLU]}]\nlayers:\n- x: ReLU\n"
        "- {a: a, repeat: 12, name: one}\n- sequential: [{b: a, repeat: 7}, Conv2d(8, 4, 1), Conv2d(4, 8, 3)]\n"
        "- {from: [one, one], add: {}}\n- {from: [one.0.conv2d_1, one.11.conv2d_1], Concat: {}}\n"
        "- Flatten\n- Linear(out_features=2)\n"
    ),
    "a copy that is left out": "layers:\n- g: [y: Tanh, Conv2d(8, 8, 1)]\n  repeat: 9\n- {from: [g, g.5.y], add: {}}\n",
    "every copy": "layers:\n- g: Tanh\n  repeat: 9\n- {from: g.*, add: {}}\n",
    "what a window leaves": ("layers:\n- sequential: [MaxPool2d(2, stride=4), Upsample(size=[6, 6])]\n  repeat: 12\n"),
    "outputs of each copy": (
        "input: [5, 8]\nlayers:\n- g: [r: 'LSTM(8, 8)', {from: [r, r.h_n], a: {Add: {}}}]\n  repeat: 6\n"
        "- {from: g.5.r.c_n, ReLU: {}}\n"
    ),
    "a size that shrinks": "input: [8, 30, 30]\nlayers:\n- g: [Conv2d(8, 8, 3), ReLU]\n  repeat: 12\n",
    "what each copy adds to all before": (
        "layers:\n- x: Conv2d(8, 8, 1)\n- g: [c: Conv2d(8, 8, 1), {from: [c, x], add: {}}, "
        "{from: [input, x], y: {Concat: {}}}, Conv2d(16, 8, 1)]\n  repeat: 8\n- Flatten\n"
    ),
}
FOLDED = {
    "a layer",
    "a block in a block",
    "branches",
    "further outputs",
    "what is noted",
    "groups inside",
    "what stands before",
    "two repeats",
    "what a window leaves",
    "outputs of each copy",
    "what each copy adds to all before",
}


def said(text: str, patch: pytest.MonkeyPatch, folds: bool) -> tuple[Any, bool]:
    """All that the two commands print of a spec, or what is wrong with it; and whether copies were left out."""
    patch.setattr(expand, "LONG", 4)
    network = cnncalc.loads(text)
    network.folds = folds
    try:
        report = network.report()
    except SpecError as error:
        return [(problem.code, problem.message, problem.span) for problem in error.problems], False
    pages = [shapes.page(report, depth=depth, macs=True, more=["input"]) for depth in (None, 1, 2, COPIES)]
    pages += [params.page(report, depth=depth, compare_dense=True, macs=True) for depth in (None, 1, 2, COPIES)]
    texts = [render.render(page) for page in pages for render in (plain, csv)]
    notes = [(note.code, note.message) for note in network.notes]
    return (json.render(report.document()), texts, notes, report.layers), bool(report.graph.runs)


@pytest.mark.parametrize("name", [*SPECS, *MORE])
def test_copies_that_are_left_out_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = {**SPECS, **MORE}[name]
    text = text if text.startswith("input") else HEAD + text
    whole, made = said(text, monkeypatch, False)
    folded, left_out = said(text, monkeypatch, True)
    assert folded == whole
    assert not made and left_out == (name in FOLDED)


MILLION = HEAD + "layers:\n- {b: [Conv2d(8, 8, 1), ReLU], repeat: 1000000}\n"


@pytest.mark.parametrize(
    ("words", "output"),
    [
        (["shapes"], "b.*.conv2d_1 × 1000000  Conv2d(8, 8, 1)  (N, 8, 6, 6)  72,000,000"),
        (["params", "--depth", "1"], "b × 1000000  2 layers  64,000,000  8,000,000  72,000,000  100.00%"),
        (["params", "--total"], "72000000"),
        (["shapes", "--full", "--format", "html"], "the table would have 2,000,000 rows, more than 50,000"),
        (["cost"], "the network would have more than 50,000 layers"),
        (["shapes", "--receptive"], "the network would have more than 50,000 layers"),
    ],
)
def test_a_million_copies(words: list[str], output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "net.yaml").write_text(MILLION, "utf-8")
    main([words[0], str(tmp_path / "net.yaml"), *words[1:]])
    assert output in "".join(capsys.readouterr())


@pytest.mark.parametrize("format", ["markdown", "latex", "html", "csv", "plain"])
def test_every_format_has_a_row_for_each_of_some(
    format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "net.yaml").write_text(MILLION.replace("1000000", "1000"), "utf-8")
    assert main(["shapes", str(tmp_path / "net.yaml"), "--full", "--format", format]) == 0
    assert capsys.readouterr().out.count("Conv2d") == 1000


def test_rows_of_copies_are_made_one_by_one() -> None:
    network = cnncalc.loads(MILLION)
    network.folds = True
    document = network.report().document()
    rows = document["layers"]
    assert isinstance(rows, Iterator)
    picked = list(islice(rows, 2 * 4321, 2 * 4321 + 2))
    assert [(row["name"], row["from"], row["params"]) for row in picked] == [
        ("b.4321.conv2d_1", ["b.4320.relu_1"], 72),
        ("b.4321.relu_1", ["b.4321.conv2d_1"], 0),
    ]
