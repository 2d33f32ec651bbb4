"""Summary tables of torchinfo, torchsummary and Keras against what the frameworks themselves say of the models."""

from __future__ import annotations

import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.core.problem import SpecError

DATA = Path(__file__).parent / "data" / "summaries.json.xz"


@cache
def items() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(lzma.decompress(DATA.read_bytes())))


NAMES = [item["name"] for item in items()]


def item(name: str) -> dict[str, Any]:
    return next(item for item in items() if item["name"] == name)


def read(text: str, folder: Path) -> Any:
    path = folder / "summary.txt"
    path.write_text(text, "utf-8")
    return cnncalc.load(str(path))


def cut(given: dict[str, Any]) -> bool:
    """Whether the terminal's width cut the numbers off, so that they are not in the text."""
    return "Param #" not in given["text"]


@pytest.mark.parametrize("name", NAMES)
def test_counts(name: str, tmp_path: Path) -> None:
    given = item(name)
    network = read(given["text"], tmp_path)
    if cut(given):
        with pytest.raises(SpecError, match="Param #"):
            network.counts()
        return
    report = network.counts()
    assert report is not None
    document = report.to_dict()
    if name == "shared-torchsummary":  # which counts the block twice, and not what is never called
        assert document["totals"]["params"] == 2646
        return
    assert document["totals"]["params"] == given["params"]
    assert document["totals"]["trainable"] == given["trainable"]
    assert document["totals"]["macs"] is None


@pytest.mark.parametrize("name", NAMES)
def test_shapes(name: str, tmp_path: Path) -> None:
    given = item(name)
    if cut(given):
        return
    network = read(given["text"], tmp_path)
    if given["way"] == "sizeless":
        with pytest.raises(SpecError, match="no shapes"):
            network.shown()
        return
    report = network.shown()
    assert report is not None
    found = [[row["type"], row["output_shape"]] for row in report.to_dict()["layers"]]
    if given["way"] == "depth" or "vit" in name:  # rows inside are left out
        return
    for kind, shape in given["leaves"]:
        assert any(kind.startswith(row[0].rstrip("…")) and row[1] == shape[1:] for row in found), (kind, shape)


def dressed(text: str) -> dict[str, str]:
    """The same table as people paste it."""
    return {
        "fence": f"This is my model:\n```\n{text}\n```\nwhat is wrong?",
        "prompt": f">>> model.summary()\n{text}\n>>> ",
        "notebook": f"In [3]: model.summary()\n{text}",
        "log": "\n".join(f"2024-05-01 12:00:00,123 INFO  {line}" for line in ("begin", *text.split("\n"), "end")),
        "crlf": text.replace("\n", "\r\n"),
        "trailing": text.replace("\n", "   \n"),
        "cell": f"import torch\nmodel.summary(   # shown below\n{text}",
    }


@pytest.mark.parametrize(
    "name", ["lenet-plain", "shared-all", "resnet-torchsummary", "convolutional-plain", "joined-plain"]
)
def test_dress_changes_nothing(name: str, tmp_path: Path) -> None:
    given = item(name)
    plain = read(given["text"], tmp_path).shown().to_dict()
    assert plain["totals"]["params"] == given["params"]
    for dress, text in dressed(given["text"]).items():
        assert read(text, tmp_path).shown().to_dict() == plain, dress


KERAS_2 = """Model: "sequential"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 conv2d (Conv2D)             (None, 26, 26, 32)        320

 max_pooling2d (MaxPooling2  (None, 13, 13, 32)        0
 D)

 flatten (Flatten)           (None, 5408)              0

 dense (Dense)               (None, 10)                54090

=================================================================
Total params: 54410 (212.54 KB)
Trainable params: 54410 (212.54 KB)
Non-trainable params: 0 (0.00 Byte)
_________________________________________________________________
"""


def test_the_tables_of_keras_2(tmp_path: Path) -> None:
    report = read(KERAS_2, tmp_path).shown()
    assert [(row.name, row.type, row.output_shape, row.params) for row in report] == [
        ("conv2d", "Conv2D", (26, 26, 32), 320),
        ("max_pooling2d", "MaxPooling2D", (13, 13, 32), 0),
        ("flatten", "Flatten", (5408,), 0),
        ("dense", "Dense", (10,), 54090),
    ]


@pytest.mark.parametrize(
    ("name", "before", "after", "message"),
    [
        ("convolutional-plain", "54,090", "54,089", "dense_1: Dense from 5408 features to 10"),
        ("convolutional-plain", "(None, 5408)", "(None, 5409)", "flatten: Flatten of"),
        ("convolutional-plain", "128 │", "127 │", "batch_normalization: BatchNormalization has four numbers"),
        ("convolutional-plain", "320 │", "352 │", "the rows add up to 54,570, and the table says 54,538"),
        ("convolutional-plain", "54,474", "54,475", "trainable and other parameters add up to 54,539"),
        ("lenet-plain", "48,120", "48,121", "1-8: the parameters of Linear with 120 outputs"),
        ("lenet-all", "48,120", "48,240", "8|6: Linear from 400 features to 120 has 48,000 weights, 48,120"),
        ("nested-plain", "835 │", "836 │", "the rows add up to 844"),
        ("nested-nested", "835 │", "836 │", "functional shows 836 parameters, and its rows add up to 835"),
        ("resnet-torchsummary", "9,216", "9,217", "Conv2d-9: the parameters of Conv2d with 32 filters"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_named(name: str, before: str, after: str, message: str, tmp_path: Path) -> None:
    text = item(name)["text"]
    assert before in text
    with pytest.raises(SpecError, match=message):
        read(text.replace(before, after, 1), tmp_path).counts()


def test_source_that_quotes_a_table_is_source(tmp_path: Path) -> None:
    text = f'"""\n{KERAS_2}"""\nfrom torch import nn\nmodel = nn.Sequential(nn.Linear(3, 4))\n'
    assert read(text, tmp_path).counts().totals.params == 16


@pytest.mark.parametrize("name", ["lenet-plain", "resnet-torchsummary", "convolutional-plain"])
@pytest.mark.parametrize("digits", ["9" * 5000, "9" + ",999" * 2000, "9" * 30])
def test_numbers_without_end_are_refused(name: str, digits: str, tmp_path: Path) -> None:
    text = item(name)["text"]
    for before in ("1-2", "Conv2d-2", "54,090", "48,120", "2,304", "Total params: "):
        if before in text:
            network = read(text.replace(before, before + digits), tmp_path)
            try:
                network.counts()
            except SpecError as error:
                assert all(problem.code.startswith("summary-") for problem in error.problems)
