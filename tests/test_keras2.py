"""Keras 2's form of JSON: counts, layers and shapes are those of Keras 2, the last one of which recorded them."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.core.problem import SpecError

RECORDED = Path(__file__).parent / "data" / "keras2.jsonl.xz"
LINES = [json.loads(line) for line in lzma.decompress(RECORDED.read_bytes()).decode().splitlines()]


def report(text: str, folder: Path, shapes: list[str] | None = None) -> Any:
    path = folder / "model.json"
    path.write_text(text)
    return cnncalc.load(str(path), input_shapes=shapes or []).report()


@pytest.mark.parametrize("line", LINES, ids=[line["name"] for line in LINES])
def test_what_keras_2_counts(line: dict[str, Any], tmp_path: Path) -> None:
    found = report(line["text"], tmp_path, [line["input"]] if line["input"] else [])
    assert (found.totals.params, found.totals.trainable) == (line["params"], line["trainable"])
    rows = {row.name: row.params for row in found.rows}
    assert {name: rows[name] for name in line["layers"] if name in rows} == {
        name: count for name, count in line["layers"].items() if name in rows
    }
    shapes = [list(found.shown(found.shape_of(ref), ref)) for ref in found.graph.outputs]
    assert len(shapes) == len(line["outputs"])
    for mine, theirs in zip(shapes, line["outputs"], strict=True):
        assert [size for size, known in zip(mine, theirs, strict=True) if known is not None] == [
            known for known in theirs if known is not None
        ]


def old(layers: list[tuple[str, dict[str, Any]]], version: str) -> str:
    """A Sequential of the years before its configuration was a mapping."""
    config = [{"class_name": kind, "config": options} for kind, options in layers]
    return json.dumps({"class_name": "Sequential", "config": config, "keras_version": version})


def test_a_gru_of_a_file_without_reset_after_has_one_bias(tmp_path: Path) -> None:
    layers = [
        ("Embedding", {"name": "e", "batch_input_shape": [None, 9], "input_dim": 100, "output_dim": 8}),
        ("GRU", {"name": "g", "units": 6, "use_bias": True}),
    ]
    assert report(old(layers, "2.1.6"), tmp_path).totals.params == 100 * 8 + 3 * 6 * (8 + 6 + 1)
    assert report(old(layers, "3.0.0"), tmp_path).totals.params == 100 * 8 + 3 * 6 * (8 + 6 + 2)


def test_functions_that_are_not_known_are_named(tmp_path: Path) -> None:
    layers: list[Any] = [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [None, 4]}, "inbound_nodes": []},
        {
            "class_name": "TFOpLambda",
            "config": {"name": "tf.linalg.svd", "function": "linalg.svd"},
            "inbound_nodes": [["x", 0, 0, {"full_matrices": False}]],
        },
    ]
    config = {"layers": layers, "input_layers": [["x", 0, 0]], "output_layers": [["tf.linalg.svd", 0, 0]]}
    text = json.dumps({"class_name": "Functional", "config": config, "keras_version": "2.15.0"})
    with pytest.raises(SpecError) as caught:
        report(text, tmp_path)
    assert caught.value.problems[0].code == "keras-layer"
    assert "linalg.svd" in caught.value.problems[0].message
