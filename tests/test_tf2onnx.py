"""ONNX files of TensorFlow's networks, channels last with transposes: shapes and costs are those of onnxruntime."""

from __future__ import annotations

import base64
import json
import lzma
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.core.problem import SpecError

pytest.importorskip("onnx")

RECORDED = Path(__file__).parent / "data" / "tf2onnx.jsonl.xz"
LINES = [json.loads(line) for line in lzma.decompress(RECORDED.read_bytes()).decode().splitlines()]


def without_batch(sizes: list[int]) -> set[tuple[int, ...]]:
    """What is left without an axis of 1, wherever it stands; and all sizes."""
    return {tuple(sizes), *(tuple(sizes[:at] + sizes[at + 1 :]) for at, size in enumerate(sizes) if size == 1)}


@pytest.mark.parametrize("line", LINES, ids=[line["name"] for line in LINES])
def test_files_of_tf2onnx(line: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(base64.b64decode(line["base64"]))
    shapes = [f"{name}={'x'.join(map(str, sizes[1:]))}" for name, sizes in line["inputs"].items()]
    if line["refused"]:
        with pytest.raises(SpecError) as caught:
            cnncalc.load(str(path), input_shapes=shapes).report()
        assert caught.value.problems[0].code == "onnx-operator"
        assert all(name in caught.value.problems[0].message for name in line["refused"])
        return
    report = cnncalc.load(str(path), input_shapes=shapes).report()
    found = [list(report.shown(report.shape_of(ref), ref)) for ref in report.graph.outputs]
    assert found == [sizes[1:] for sizes in line["outputs"]]
    assert report.totals.params == line["floats"]
    if line["macs"] is not None:
        assert report.totals.macs == line["macs"]
    rows = {row.name: row for row in report.rows}
    for name, sizes in line["layers"].items():
        assert tuple(rows[name].output_shape) in without_batch(sizes)
