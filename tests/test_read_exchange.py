"""Files of other tools are read as data, and what is said of them is what their libraries say."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import exchange
import pytest

import cnncalc
from cnncalc.core.problem import SpecError

MARKER = "EXCHANGE_MARKER"


def ids(kind: str) -> list[Any]:
    return [pytest.param(item, id=Path(item["id"]).name) for item in exchange.items(kind)]


def written(item: dict[str, Any], folder: Path) -> str:
    """The item's file in a folder, and what names its network."""
    name = Path(item["id"]).name
    if "base64" in item:
        (folder / name).write_bytes(base64.b64decode(item["base64"]))
    else:
        (folder / name).write_bytes(item["text"].encode("utf-8", "surrogateescape"))
    _, colon, wanted = item.get("net", "").partition(".py:")
    return f"{name}:{wanted}" if colon else name


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    yield
    assert not os.path.exists(MARKER), "code of a file was run"


def shapes(report: Any) -> list[list[int]]:
    graph = report.graph
    return [list(report.shown(report.shape_of(ref), ref)) for ref in graph.outputs]


@pytest.mark.parametrize("item", ids("torch_source"))
def test_pytorch_source(item: dict[str, Any], tmp_path: Path) -> None:
    net, expect = written(item, tmp_path), item["expect"]
    if item["answerable"] in ("refuse", "safe"):
        try:
            report = cnncalc.load(net, input_shapes=exchange.inputs(item)).report()
        except SpecError as error:
            assert error.problems and all(problem.message for problem in error.problems)
            return
        assert item["answerable"] == "safe"
        assert report.totals.params == expect["params"]
        return
    report = cnncalc.load(net, input_shapes=exchange.inputs(item)).report()
    assert report.totals.params == expect["params"]
    assert report.totals.trainable == expect["trainable"]
    assert shapes(report) == (expect.get("output_shapes") or [expect["output_shape"]])
    rows = [(row.name.partition(" (")[0], list(row.output_shape), row.type) for row in report.rows]
    names = {name for name, _, _ in rows}
    for layer in expect["layers"]:
        if layer["name"] in names and layer["name"] != "wpe":  # positions have no batch axis to leave out
            assert (layer["name"], layer["output_shape"]) in [(name, shape) for name, shape, _ in rows]


@pytest.mark.parametrize("item", ids("torch_text"))
def test_printed_models(item: dict[str, Any], tmp_path: Path) -> None:
    net, expect = written(item, tmp_path), item["expect"]
    if item["answerable"] == "refuse":
        with pytest.raises(SpecError):
            cnncalc.load(net, input_shapes=exchange.inputs(item)).report()
        return
    network = cnncalc.load(net, input_shapes=exchange.inputs(item))
    if item["answerable"] == "full":
        report = network.report()
        assert report.totals.params == expect["params"]
        assert list(report.output_shape) == expect["output_shape"]
    else:
        counted = network.counts()
        assert counted is not None and counted.totals.params in expect["params_any"]


@pytest.mark.parametrize("item", ids("keras"))
def test_keras(item: dict[str, Any], tmp_path: Path) -> None:
    net, expect = written(item, tmp_path), item["expect"]
    if item["answerable"] == "refuse":
        with pytest.raises(SpecError):
            cnncalc.load(net, input_shapes=exchange.inputs(item)).report()
        return
    report = cnncalc.load(net, input_shapes=exchange.inputs(item)).report()
    assert report.totals.params == expect["params"]
    assert report.totals.trainable == expect["trainable"]
    found = shapes(report)
    wanted = expect.get("output_shapes") or [expect["output_shape"]]
    assert len(found) == len(wanted)
    for mine, theirs in zip(found, wanted, strict=True):
        assert [size for size, known in zip(mine, theirs, strict=True) if known is not None] == [
            known for known in theirs if known is not None
        ]


@pytest.mark.parametrize("item", ids("onnx"))
def test_onnx(item: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    net, expect = written(item, tmp_path), item["expect"]
    if item["answerable"] == "refuse":
        with pytest.raises(SpecError):
            cnncalc.load(net).report()
        return
    report = cnncalc.load(net, input_shapes=exchange.inputs(item)).report()
    if item["answerable"] == "safe":
        return
    assert report.totals.params in expect["params_any"]
    if expect.get("macs") is not None:
        assert report.totals.macs == expect["macs"]
    assert shapes(report) == (expect.get("output_shapes") or [expect["output_shape"]])
    rows = {row.name: row for row in report.rows}
    for layer in expect["layers"]:
        if layer["node"]:
            assert rows[layer["node"]].macs == layer["macs"]


# What print(model) shows in PyTorch 2.13, and the parameters that it has; None where they are not there yet.
PRINTED = [
    (
        "N(\n  (a): ParameterList(\n      (0): Parameter containing: [torch.float32 of size 3x4]\n"
        "      (1): Parameter containing: [torch.cuda.FloatTensor of size 5 (cuda:0)]\n  )\n"
        "  (b): ParameterDict(\n      (y): Parameter containing: [torch.FloatTensor of size ]\n  )\n"
        "  (f): Linear(in_features=2, out_features=2, bias=True)\n)\n",
        12 + 5 + 1 + 6,
    ),
    (
        "Net(\n  (norm): RMSNorm()\n  (fc): Linear(in_features=4, out_features=3, bias=True)\n)\n",
        15,
    ),  # a class of its own
    ("Net(\n  (fc): LazyLinear(in_features=0, out_features=16, bias=True)\n)\n", None),
]


@pytest.mark.parametrize(("text", "params"), PRINTED)
def test_what_print_shows(text: str, params: int | None) -> None:
    network = cnncalc.loads(text, "model")
    if params is None:
        with pytest.raises(SpecError, match="LazyLinear has no sizes before its first call"):
            network.counts()
    else:
        counted = network.counts()
        assert counted is not None and counted.totals.params == params
