"""Every bundled network's forward pass in NumPy gives the predicted shapes.

By default those of at most 3 GMACs and 200 million parameters are run; CNNCALC_HEAVY=1 runs all that fit into memory.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import cnncalc
from cnncalc.execute.memory import estimate
from cnncalc.execute.run import execute

SPECS = sorted((Path(__file__).parent.parent / "specs").glob("**/*.yaml"))
HEAVY = os.environ.get("CNNCALC_HEAVY") == "1"


def test_there_are_specs() -> None:
    assert len(SPECS) > 100


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_executed_as_predicted(path: Path) -> None:
    network = cnncalc.load(str(path))
    report = network.report()
    if any(not isinstance(size, int) for row in report for size in row.output_shape):
        pytest.skip("has free dimensions")
    totals = report.totals
    if not HEAVY and (totals.macs > 3_000_000_000 or totals.params > 200_000_000):
        pytest.skip("heavy: run with CNNCALC_HEAVY=1")
    if estimate(report, 1, "float32") > 16_000_000_000:
        pytest.skip("needs more than 16 GB")
    run = execute(report, values=network.given(), dtype="float32")
    assert run.differences == []
    assert len(run.rows) == len(report.rows)
    assert all(row.executed == row.predicted for row in run.rows)
