"""A network as an ONNX file: checked by onnx, run by onnxruntime, and read again with the same report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from export_cases import networks

import cnncalc
from cnncalc.bundled import bundled
from cnncalc.core.problem import SpecError
from cnncalc.execute import integer_inputs as whole
from cnncalc.execute.run import execute

onnx = pytest.importorskip("onnx")

# What ONNX has no operator for, or none that counts the same.
UNWRITTEN = {
    "attention_rnn2", "gated_cell", "recitation_rnn", "mixtral_8x7b", "mixtral_8x22b", "cats_dogs_keras",
    "fashion_mlp_keras", "mnist_convnet_keras", "unet_keras",
    "deepseek_v2_lite", "deepseek_v3", "mamba_130m", "mamba_2_8b", "qwen3_30b_a3b",
}  # fmt: skip
NEAR = 1e-5


def written(report: Any, values: Any = None, **options: Any) -> Any:
    from cnncalc.export.onnx.model import export

    return export(report, values, **options)


def outputs(report: Any) -> list[Any]:
    return [tuple(report.shape_of(ref)) for ref in report.graph.outputs or [report.graph.output]]


@pytest.mark.parametrize("name", sorted(set(bundled()) - UNWRITTEN))
def test_what_is_read_again_gives_the_same_report(name: str, tmp_path: Path) -> None:
    report = cnncalc.load(name).report()
    path = tmp_path / "net.onnx"
    path.write_bytes(written(report, numbers=False).data)
    again = cnncalc.load(str(path)).report()
    assert again.totals.params == report.totals.params
    assert again.totals.macs == report.totals.macs
    assert outputs(again) == outputs(report)


def test_what_cannot_be_written_is_refused_at_once() -> None:
    network = cnncalc.loads("input: [4, 8, 8]\nlayers: [{a: 'Unfold(2)'}, {from: input, b: 'Unfold(1)'}]\n", "net")
    with pytest.raises(SpecError) as caught:
        written(network.report())
    assert [problem.code for problem in caught.value.problems] == ["cannot-export"] * 2
    for name in sorted(UNWRITTEN):
        with pytest.raises(SpecError):
            written(cnncalc.load(name).report(), numbers=False)


def small(network: Any) -> Any:
    """The report of a network that is run here; None for one that is not."""
    report = network.report()
    if report.totals.params > 1e6 or report.totals.macs > 5e7 or report.graph.convention == "keras":
        return None
    return report


def test_onnxruntime_gives_our_numbers() -> None:
    runtime = pytest.importorskip("onnxruntime")
    import numpy as np

    ran, wrong = 0, {}
    for name, network in networks():
        report = small(network)
        if report is None:
            continue
        run = execute(report, dtype="float32", batch=2, keep="all")
        try:
            made = written(report, run.weights)
        except SpecError as error:
            assert all(problem.code == "cannot-export" for problem in error.problems)
            continue
        onnx.checker.check_model(made.model, full_check=True)
        limits = whole.limits(report)
        feeds = {
            given.name: run.value(at).astype(np.int64 if at in limits else np.float32)
            for at, given in enumerate(report.graph.inputs)
        }
        options = runtime.SessionOptions()
        options.log_severity_level = 4
        found = runtime.InferenceSession(made.data, options).run(None, feeds)
        for mine, ref in zip(found, report.graph.outputs or [report.graph.output], strict=True):
            wanted = np.nan_to_num(run.value(ref).astype(float))
            apart = (
                np.abs(np.nan_to_num(mine.astype(float)) - wanted).max(initial=0) if mine.shape == wanted.shape else 9
            )
            if not apart <= NEAR * max(1, np.abs(wanted).max(initial=0)):
                wrong[name] = apart
        ran += 1
    assert wrong == {}
    assert ran > 200


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
