"""What was read from another tool's file and written as a spec gives the same report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import exchange
import pytest
from test_read_exchange import written

import cnncalc
from cnncalc.core.problem import Fault
from cnncalc.export.spec_text import spec_text

KINDS = ("torch_source", "torch_text", "keras", "onnx")
FULL = [item for kind in KINDS for item in exchange.items(kind) if item["answerable"] == "full"]


def test_most_files_can_be_said_as_a_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = 0
    for item in FULL:
        said += same(item, tmp_path)
    assert said > 0.6 * len(FULL)


def same(item: dict[str, Any], folder: Path) -> bool:
    """Whether an item can be said; what is said must be the same network."""
    net = written(item, folder)
    report = cnncalc.load(net, input_shapes=exchange.inputs(item)).report()
    if report.assumptions is not None:
        return False
    try:
        text, notes = spec_text(report)
    except Fault as fault:
        assert fault.code == "import-unsaid"
        return False
    again = cnncalc.loads(text).report()
    if not notes:
        assert again.totals.params == report.totals.params, item["id"]
        assert again.totals.trainable == report.totals.trainable, item["id"]
    assert again.totals.macs == report.totals.macs, item["id"]
    assert (
        list(again.output_shape) == [list(report.shown(report.shape_of(ref), ref)) for ref in report.graph.outputs][-1]
    )
    return True
