"""Which arrays of an ONNX file are parameters, where exporters have stored them in unusual ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.pages.notes import shared_notes

pytest.importorskip("onnx")


def saved(path: Path, nodes: list[Any], arrays: dict[str, list[int]]) -> str:
    """A file with these nodes between "x", [1, 4, 5, 5], and "y", and arrays of these sizes."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 5, 5])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.ones(sizes, np.float32), name) for name, sizes in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return str(path)


def test_one_array_for_weight_and_statistics_is_a_statistic(tmp_path: Path) -> None:
    """Fresh norms have ones and zeros, which exporters store once: the file's parameters are without statistics."""
    from onnx import helper

    norm = helper.make_node("BatchNormalization", ["c", "one", "zero", "zero", "one"], ["y"], name="norm")
    conv = helper.make_node("Conv", ["x", "w", "zero"], ["c"], name="conv")
    net = saved(tmp_path / "a.onnx", [conv, norm], {"w": [4, 4, 3, 3], "zero": [4], "one": [4]})
    report = cnncalc.load(net).report()
    assert report.totals.params == 4 * 4 * 3 * 3
    assert [row.params for row in report.rows] == [144, 0]
    text = " ".join(note.text for note in shared_notes(report))
    assert "running statistics" in text


def test_one_number_expanded_is_no_weight(tmp_path: Path) -> None:
    """A norm without weights: TensorFlow's takes ones and zeros that are one number each in the file."""
    import numpy as np
    from onnx import helper, numpy_helper

    sizes = helper.make_node("Constant", [], ["sizes"], value=numpy_helper.from_array(np.array([4])))
    ones = helper.make_node("Expand", ["number", "sizes"], ["ones"])
    norm = helper.make_node("BatchNormalization", ["x", "ones", "ones", "mean", "var"], ["y"], name="norm")
    net = saved(tmp_path / "a.onnx", [sizes, ones, norm], {"number": [], "mean": [4], "var": [4]})
    assert cnncalc.load(net).report().totals.params == 0


def test_a_mean_that_is_worked_out_of_weights_leaves_them_parameters(tmp_path: Path) -> None:
    """Standardised weights: their mean is taken from a second, transposed copy."""
    from onnx import helper

    nodes = [
        helper.make_node("ReduceMean", ["t"], ["mean"], axes=[0], keepdims=0),
        helper.make_node("BatchNormalization", ["w", "gain", "none", "mean", "one"], ["v"], name="norm"),
        helper.make_node("Reshape", ["v", "sizes"], ["kernel"]),
        helper.make_node("Conv", ["x", "kernel"], ["y"], name="conv"),
    ]
    import numpy as np
    from onnx import numpy_helper

    nodes.insert(0, helper.make_node("Constant", [], ["sizes"], value=numpy_helper.from_array(np.array([6, 4, 3, 3]))))
    arrays = {"w": [1, 6, 36], "t": [36, 6], "gain": [6], "none": [6], "one": [6]}
    report = cnncalc.load(saved(tmp_path / "a.onnx", nodes, arrays)).report()
    assert report.totals.params == 216 + 216 + 6 + 6
