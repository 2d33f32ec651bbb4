"""ONNX' own tests of its operators: shapes and numbers are theirs, or the file is refused; nothing is wrong."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnncalc
from cnncalc.core.problem import Fault, SpecError

pytest.importorskip("onnx")

# Operators that work on tables, sequences, texts or trees, on control flow, or that train: no network's layers.
OTHER = {
    "Scan", "Loop", "If", "Unique", "ImageDecoder", "NonMaxSuppression", "Compress", "NonZero", "Not", "LabelEncoder",
    "ArrayFeatureExtractor", "Binarizer", "TreeEnsemble", "Adam", "Adagrad", "Momentum",
}  # fmt: skip


def sizes(array: Any) -> tuple[int, ...] | None:
    """The sizes of an array of a test; None for a sequence."""
    if hasattr(array, "shape"):
        return tuple(array.shape)
    return tuple(array.dims) if hasattr(array, "dims") else None


def same(mine: tuple[int, ...], theirs: tuple[int, ...] | None) -> bool:
    """Whether a shape is theirs, with the batch axis of 1 in front or without."""
    return theirs is not None and (mine == theirs or (mine[:1] == (1,) and mine[1:] == theirs))


def test_shapes_and_numbers_of_every_operator(tmp_path: Path) -> None:
    """In one test, since it takes seconds to make the operators' cases."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        cases = collect_testcases(None)
    path = tmp_path / "one.onnx"
    count: Counter[str] = Counter()
    for case in cases:
        path.write_bytes(case.model.SerializeToString())
        plain = "_expanded" not in case.name and case.model.graph.node[0].op_type not in OTHER
        count["cases"] += 1
        count["plain"] += plain
        given, wanted = case.data_sets[0]
        numeric = all(isinstance(array, np.ndarray) and array.dtype.kind in "fiub" for array in (*given, *wanted))
        count["numeric"] += numeric
        try:
            net = cnncalc.load(str(path))
            report = net.report()
        except SpecError as error:
            assert error.problems[0].message
            continue
        found = [tuple(report.shape_of(ref)) for ref in report.graph.outputs]
        assert len(found) == len(wanted), case.name
        for mine, theirs in zip(found, map(sizes, wanted), strict=True):
            assert same(mine, theirs), f"{case.name}: {mine} for {theirs}"
        count["right"] += 1
        count["plain right"] += plain
        if numeric:
            count["numeric right"] += right_numbers(net, report, given, wanted, case.name)
    assert count["right"] >= 0.9 * count["cases"]
    assert count["plain right"] >= 0.9 * count["plain"]
    assert count["numeric right"] >= 0.94 * count["numeric"]


def right_numbers(net: cnncalc.Network, report: cnncalc.Report, given: Any, wanted: Any, name: str) -> bool:
    """Whether a network is executed; if it is, its numbers are those wanted."""
    from cnncalc.execute.run import execute

    try:
        values = {
            taken.name: array[0] if array.shape == (1, *taken.shape) else array
            for taken, array in zip(report.graph.inputs, given, strict=True)
        }
        wide = any(array.dtype == np.float64 for array in given)
        run = execute(report, values=net.given(values), keep="all", dtype="float64" if wide else "float32")
    except (SpecError, Fault):
        return False
    if run.differences:
        assert "cannot be executed" in run.differences[0], name
        return False
    for ref, array in zip(report.graph.outputs, wanted, strict=True):
        half = array.dtype == np.float16
        found = np.asarray(run.value(ref)).reshape(array.shape).astype(float)
        assert np.allclose(
            found, array.astype(float), rtol=1e-2 if half else 1e-3, atol=1e-2 if half else 1e-5, equal_nan=True
        ), name
    return True


@pytest.mark.parametrize("target", ["pytorch", "keras"])
def test_an_operator_with_arrays_is_not_written_as_the_layer_of_its_name(
    target: str, tmp_path: Path, capsys: Any
) -> None:
    """`Add` of an array that the file holds: without it the code would be another network."""
    from cnncalc.cli.app import main

    onnx = pytest.importorskip("onnx")
    make, kind = onnx.helper, onnx.TensorProto
    values = [make.make_tensor_value_info(name, kind.FLOAT, [1, 3]) for name in ("x", "y")]
    array = make.make_tensor("w", kind.FLOAT, [1, 3], [1.0, 2.0, 3.0])
    graph = make.make_graph([make.make_node("Add", ["x", "w"], ["y"])], "g", values[:1], values[1:], [array])
    onnx.save(make.make_model(graph), tmp_path / "net.onnx")
    assert main(["export", str(tmp_path / "net.onnx"), "--to", target, "-o", str(tmp_path / "net.py")]) == 2
    assert capsys.readouterr().err.startswith("error[cannot-export]: y: Add cannot be written for ")
