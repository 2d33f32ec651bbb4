"""Single operations on tensors, against what PyTorch says of their shapes (record_operations.py)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from record_operations import NET, SHAPE

import cnncalc
from cnncalc.core.problem import SpecError

CASES = json.loads((Path(__file__).parent / "data" / "operations.json").read_text())


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_an_operation(expression: str, expected: list[list[int]] | None) -> None:
    net = cnncalc.loads(NET.replace("EXPRESSION", expression), input_shapes=["x".join(map(str, SHAPE))])
    if expected is None:
        with pytest.raises(SpecError):
            net.report()
    else:
        report = net.report()
        assert [list(report.shown(report.shape_of(ref), ref)) for ref in report.graph.outputs] == expected
