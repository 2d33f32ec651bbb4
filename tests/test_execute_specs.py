"""Every bundled network's forward pass in NumPy gives the predicted shapes.

By default those of at most 3 GMACs and 200 million parameters are run; CNNCALC_HEAVY=1 runs all that fit into memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import cnncalc
from cnncalc.execute.engine import threads
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


SHARED = ["alexnet", "mobilenet_v2", "transformer_encoder"]


@pytest.fixture
def two_threads() -> Iterator[None]:
    """BLAS is told to take two threads, as on a machine that has nothing else to do."""
    before = [library.num_threads for library in threads._libraries()]
    for library in threads._libraries():
        library.set_num_threads(2)
    yield
    for library, many in zip(threads._libraries(), before, strict=True):
        library.set_num_threads(many)


@pytest.mark.parametrize("name", SHARED)
def test_two_threads_give_what_one_gives(name: str, two_threads: None, monkeypatch: pytest.MonkeyPatch) -> None:
    report = cnncalc.load(name).report()
    shared = execute(report, dtype="float32")["output"]
    monkeypatch.setattr(threads, "_libraries", lambda: ())
    alone = execute(report, dtype="float32")["output"]
    np.testing.assert_allclose(shared, alone, rtol=1e-3, atol=1e-4 * float(np.abs(alone).max()))
