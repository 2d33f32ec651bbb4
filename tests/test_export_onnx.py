"""A network as an ONNX file: checked by onnx, run by onnxruntime, and read again with the same report."""

from __future__ import annotations

import tempfile
from math import prod
from pathlib import Path
from typing import Any

import pytest
from export_cases import networks
from onnx_networks import networks as more

import cnncalc
from cnncalc.core.problem import SpecError
from cnncalc.execute import integer_inputs as whole
from cnncalc.execute.run import execute

onnx = pytest.importorskip("onnx")

NEAR = 1e-5


def written(report: Any, values: Any = None, **options: Any) -> Any:
    from cnncalc.export.onnx.model import export

    return export(report, values, **options)


def read_again(made: Any) -> Any:
    """The report of the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        path.write_bytes(made.data)
        return cnncalc.load(str(path)).report()


def outputs(report: Any) -> list[Any]:
    return [tuple(report.shape_of(ref)) for ref in report.graph.outputs or [report.graph.output]]


def test_what_cannot_be_written_is_refused_at_once() -> None:
    network = cnncalc.loads("input: [4, 8, 8]\nlayers: [{a: 'Unfold(2)'}, {from: input, b: 'Unfold(1)'}]\n", "net")
    with pytest.raises(SpecError) as caught:
        written(network.report())
    assert [problem.code for problem in caught.value.problems] == ["cannot-export"] * 2


def small(network: Any) -> Any:
    """The report of a network that is run here; None for one that is not."""
    report = network.report()
    return None if report.totals.params > 1e6 or report.totals.macs > 5e7 else report


def furthest(report: Any, dtype: str) -> float:
    """How far onnxruntime's outputs are from ours, as a part of the largest number."""
    import numpy as np
    import onnxruntime

    run = execute(report, dtype=dtype, batch=2, keep="all")
    made = written(report, run.weights, dtype=dtype)
    onnx.checker.check_model(made.model, full_check=True)
    limits = whole.limits(report)
    feeds = {
        given.name: run.value(at).astype(np.int64 if at in limits else dtype)
        for at, given in enumerate(report.graph.inputs)
    }
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    found = onnxruntime.InferenceSession(made.data, options).run(None, feeds)
    most = 0.0
    for mine, ref in zip(found, report.graph.outputs or [report.graph.output], strict=True):
        wanted = np.nan_to_num(run.value(ref).astype(float))
        if mine.shape != wanted.shape:
            return float("inf")
        apart = np.abs(np.nan_to_num(mine.astype(float)) - wanted).max(initial=0)
        most = max(most, float(apart / max(1, np.abs(wanted).max(initial=0))))
    return most


def test_onnxruntime_gives_our_numbers() -> None:
    pytest.importorskip("onnxruntime")
    ran, wrong = 0, {}
    for name, network in (*networks(), *more()):
        report = small(network)
        if report is None:
            continue
        try:
            apart = furthest(report, "float32")
        except SpecError as error:
            assert all(problem.code == "cannot-export" for problem in error.problems)
            continue
        if not apart <= NEAR:
            wrong[name] = apart
        ran += 1
    assert wrong == {}
    assert ran > 350


def test_onnxruntime_gives_our_numbers_in_double_precision() -> None:
    """Of the operators that it has in double precision."""
    pytest.importorskip("onnxruntime")
    from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as Lacking
    from onnxruntime.capi.onnxruntime_pybind11_state import RuntimeException as Failed

    ran, wrong = 0, {}
    for name, network in more():
        try:
            apart = furthest(network.report(), "float64")
        except (SpecError, Lacking):
            continue
        except Failed as error:
            assert "does not support double" in str(error)
            continue
        if not apart <= 1e-10:
            wrong[name] = apart
        ran += 1
    assert wrong == {}
    assert ran > 50


def test_what_is_read_again_counts_the_same() -> None:
    """Scans, experts, cells and layers that share: their weights once, and the products of the rule."""
    wrong = {}
    for name, network in more():
        report = network.report()
        try:
            made = written(report, numbers=False)
        except SpecError:
            continue
        again = read_again(made)
        statistics = sum(
            prod(held.shape) for row in report.rows for held in row.facts.buffers if row.layer.counts_buffers
        )
        mine = [report.totals.params - statistics, report.totals.macs, outputs(report)]
        if [again.totals.params, again.totals.macs, outputs(again)] != mine:
            wrong[name] = (again.totals.params, again.totals.macs, mine)
    assert wrong == {}


def test_the_numbers_are_ours_in_double_precision(tmp_path: Path) -> None:
    import numpy as np

    text = (
        "input: [6, 16]\nlayers: [{a: 'MultiheadAttention(num_heads=4)'}, LayerNorm, Flatten, {b: 'Linear(96, 5)'}]\n"
    )
    report = cnncalc.loads(text, "net").report()
    run = execute(report, dtype="float64", keep="all")
    path = tmp_path / "net.onnx"
    path.write_bytes(written(report, run.weights, dtype="float64").data)
    network = cnncalc.load(str(path))
    again = execute(network.report(), values=network.given({"input": run.value(0)}), dtype="float64")
    assert np.abs(again["output"] - run["output"]).max() < 1e-10


def test_operators_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    from cnncalc.export.onnx import builder

    monkeypatch.setattr(builder, "MOST_NODES", 50)
    report = cnncalc.loads("input: [4]\nlayers: [{a: 'Linear(4, 4)', repeat: 60}]\n", "net").report()
    with pytest.raises(SpecError) as raised:
        written(report, None)
    assert [(one.code, one.message) for one in raised.value.problems] == [
        ("too-many-parts", "a.50: the ONNX file would have more than 50 operators")
    ]


def test_many_weights_are_drawn_where_they_are_asked_for(tmp_path: Path) -> None:
    """Beyond `DRAWN` the file has names and sizes, in little time and memory; a seed asks for numbers."""
    from cnncalc.export.targets import Request, write

    large = cnncalc.loads("input: [6000]\nlayers: [{a: 'Linear(6000, 6000)'}]\n", "net").report()
    made = write("onnx", large, None, Request())
    assert isinstance(made.content, bytes) and len(made.content) < 1000
    assert made.remarks == ("the weights are 144 MB: the file has their names and sizes alone; --seed 0 draws numbers",)
    (tmp_path / "net.onnx").write_bytes(made.content)
    again = cnncalc.load(str(tmp_path / "net.onnx")).report()
    assert (again.totals.params, again.totals.macs) == (36_006_000, 36_000_000)

    small = cnncalc.loads("input: [6]\nlayers: [{a: 'Linear(6, 6)'}]\n", "net").report()
    one, other = (write("onnx", small, None, Request(seed=seed)) for seed in (0, 1))
    assert one.content == write("onnx", small, None, Request()).content != other.content
    assert other.remarks == ("the weights are random, from seed 1; --weights FILE.npz writes others",)
    assert written(small, seed=1).absent == 0


def test_a_seed_asks_for_all_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    from cnncalc.export.onnx import model

    monkeypatch.setattr(model, "DRAWN", 100)
    report = cnncalc.loads("input: [6]\nlayers: [{a: 'Linear(6, 6)'}]\n", "net").report()
    assert written(report).absent == 168
    assert written(report, seed=0).absent == 0
    assert written(report, {}).absent == 0


def test_a_large_array_is_held_once_while_it_is_written() -> None:
    import tracemalloc

    report = cnncalc.loads("input: [2000]\nlayers: [{a: 'Linear(2000, 2000)', repeat: 3}]\n", "net").report()
    given = execute(report, keep="all").weights
    tracemalloc.start()
    made = written(report, given)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(made.model.graph.initializer) == 6
    assert most < 80_000_000  # three arrays of 16 MB, one of them twice; what the file holds itself is not traced
