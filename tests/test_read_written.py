"""Models as students and engineers write them, against what PyTorch says of them (record_written.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cnncalc

FOLDER = Path(__file__).parent / "data" / "written"
CASES = json.loads((FOLDER / "answers.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["net"])
def test_a_model_file(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    report = cnncalc.load(case["net"], input_shapes=case["inputs"]).report()
    assert report.totals.params == case["params"]
    assert report.totals.trainable == case["trainable"]
    outputs = [list(report.shown(report.shape_of(ref), ref)) for ref in report.graph.outputs]
    assert outputs == case["outputs"]


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(cnncalc.SpecError, match=r'there is no file "nowhere\.py"'):
        cnncalc.load("nowhere.py:Net(3)")
