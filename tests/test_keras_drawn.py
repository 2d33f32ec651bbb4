"""Models whose layers and options are drawn at random: counts and shapes are those of Keras.

`tests/record_keras_drawn.py` records anew. Nothing here needs Keras.
"""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

import cnncalc

RECORDED = Path(__file__).parent / "data" / "keras_drawn.jsonl.xz"
LINES = [json.loads(line) for line in lzma.decompress(RECORDED.read_bytes()).decode().splitlines()]


def mine(line: dict[str, Any]) -> dict[str, Any]:
    """The same of what is read here."""
    report = cnncalc.loads(json.dumps(line["model"]), "model").report()
    totals = report.to_dict()["totals"]
    rows = {row.name: [list(row.facts.shape[1:]), row.params] for row in report.rows}
    outputs = [list(report.shape_of(ref)[1:]) for ref in report.graph.outputs]
    layers = [[name, *rows[name]] for name, *_ in line["layers"] if name in rows]
    return {"params": totals["params"], "trainable": totals["trainable"], "outputs": outputs, "layers": layers}


def test_counts_and_shapes_are_those_of_keras() -> None:
    wrong = []
    for line in LINES:
        found = mine(line)
        names = {name for name, *_ in found["layers"]}
        wanted = {**line, "layers": [row for row in line["layers"] if row[0] in names]}
        if any(found[key] != wanted[key] for key in found):
            wrong.append((found, {key: wanted[key] for key in found}))
    assert wrong == []
    assert len(LINES) > 300


@pytest.mark.parametrize(("rows", "said"), [(1, [2, 3]), (2, None)])
def test_an_array_that_is_written_into_the_file(rows: int, said: list[int] | None) -> None:
    """As Keras writes `x * keras.ops.ones((1, 2, 3))`; an array with samples of its own is refused."""
    value = [[[1.0] * 3] * 2] * rows
    x = {"class_name": "__keras_tensor__", "config": {"shape": [None, 2, 3], "keras_history": ["i", 0, 0]}}
    args = [x, {"class_name": "__tensor__", "config": {"value": value, "dtype": "float32"}}]
    given = {"class_name": "InputLayer", "config": {"batch_shape": [None, 2, 3], "name": "i"}}
    made = {"module": "keras.src.ops.numpy", "class_name": "Multiply", "config": {"name": "m"}}
    layers = [
        {**given, "name": "i", "inbound_nodes": []},
        {**made, "name": "m", "inbound_nodes": [{"args": args, "kwargs": {}}]},
    ]
    config = {"name": "net", "layers": layers, "input_layers": [["i", 0, 0]], "output_layers": [["m", 0, 0]]}
    network = cnncalc.loads(json.dumps({"class_name": "Functional", "config": config}), "net")
    if said is None:
        with pytest.raises(cnncalc.SpecError, match="the operation Multiply"):
            network.report()
    else:
        assert list(network.report().output_shape) == said


@pytest.mark.parametrize(("axis", "params"), [(1, 32), (2, 96), (-1, 40), ([3], 40)])
def test_a_norm_over_another_axis_where_channels_come_first(axis: int | list[int], params: int) -> None:
    """Keras counts 4 · 4, 20 · 4 and 6 · 4 parameters beside the 16 of a convolution to 4 channels of [3, 20, 6]."""

    def call(name: str) -> list[dict[str, Any]]:
        shape = {"class_name": "__keras_tensor__", "config": {"shape": [None, 4, 20, 6], "keras_history": [name, 0, 0]}}
        return [{"args": [shape], "kwargs": {}}]

    conv = {"name": "c", "filters": 4, "kernel_size": [1, 1], "data_format": "channels_first"}
    given, norm = {"name": "i", "batch_shape": [None, 3, 20, 6]}, {"name": "b", "axis": axis}
    kinds = (("InputLayer", given, []), ("Conv2D", conv, call("i")), ("BatchNormalization", norm, call("c")))
    layers = [
        {"class_name": kind, "config": options, "name": options["name"], "inbound_nodes": nodes}
        for kind, options, nodes in kinds
    ]
    config = {"name": "net", "layers": layers, "input_layers": [["i", 0, 0]], "output_layers": [["b", 0, 0]]}
    report = cnncalc.loads(json.dumps({"class_name": "Functional", "config": config}), "net").report()
    assert report.totals.params == params


def _model(name: str, layers: list[dict[str, Any]], outputs: list[list[Any]]) -> dict[str, Any]:
    """A model of these layers; the first one is its input."""
    config = {"name": name, "layers": layers, "input_layers": [[layers[0]["name"], 0, 0]], "output_layers": outputs}
    return {"class_name": "Functional", "name": name, "config": config}


def _layer(kind: str, name: str, *taken: list[Any], **config: Any) -> dict[str, Any]:
    """A layer with a call for each of the tensors that it takes."""
    calls = [
        {
            "args": [{"class_name": "__keras_tensor__", "config": {"shape": [None, 5], "keras_history": one}}],
            "kwargs": {},
        }
        for one in taken
    ]
    return {
        "class_name": kind,
        "module": "keras.layers",
        "name": name,
        "config": {**config, "name": name},
        "inbound_nodes": calls,
    }


def test_outputs_of_a_model_that_is_called_twice() -> None:
    """Keras 3 numbers them from 1, and from 0 where a layer takes them; its own predictions told which is which."""
    given = {"batch_shape": [None, 5]}
    inner = _model(
        "blk", [_layer("InputLayer", "i", **given), _layer("Dense", "d", ["i", 0, 0], units=5)], [["d", 0, 0]]
    )
    inner["inbound_nodes"] = _layer("", "", ["x", 0, 0], ["blk", 0, 0])["inbound_nodes"]
    layers = [_layer("InputLayer", "x", **given), inner, _layer("Dense", "e", ["blk", 0, 0], units=2)]
    text = json.dumps(_model("net", layers, [["blk", 1, 0], ["blk", 2, 0], ["e", 0, 0]]))
    report = cnncalc.loads(text, "net").report()
    assert report.totals.params == 5 * 5 + 5 + 5 * 2 + 2
    assert [report.graph.label(ref) for ref in report.graph.outputs] == ["blk.d", "blk.d (2)", "e"]


@pytest.mark.parametrize(
    "config",
    [
        {"lora_rank": 4},
        {"dtype": "int8_from_float32"},
        {"dtype": {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "source_name": "float32"}}},
        {"dtype": {"class_name": "Int4DTypePolicy", "config": {"mode": "int4/128", "source_name": "float32"}}},
    ],
)
def test_other_weights_than_a_layer_has_are_refused(config: dict[str, Any]) -> None:
    layers = [_layer("InputLayer", "x", batch_shape=[None, 5]), _layer("Dense", "d", ["x", 0, 0], units=3, **config)]
    with pytest.raises(cnncalc.SpecError, match="are not read"):
        cnncalc.loads(json.dumps(_model("net", layers, [["d", 0, 0]])), "net").report()
