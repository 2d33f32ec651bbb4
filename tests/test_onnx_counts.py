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


@pytest.mark.parametrize(
    ("nodes", "arrays", "params", "said"),
    [
        # a table that is looked up while its numbers are whole, and dequantised afterwards
        ("Gather table ids rows; DequantizeLinear rows scale y", {"table": "u8 7x4", "scale": "1"}, 28, ""),
        # two matrices of equal numbers, stored once
        ("MatMul x w a; MatMul a w y", {"w": "5x5"}, 25, "counted once, 25 parameters more if each use counts"),
        # a convolution with a norm folded into it, as PyTorch's exporter names it: 4 kernels, 4 channels
        ("Conv x onnx::Conv_9 onnx::Conv_10 y", {"onnx::Conv_9": "4x4x3x3", "onnx::Conv_10": "4"}, 148,
         "has 4 parameters more then, or 8"),
        # a mask, a table of positions, a single number
        ("Add x mask y", {"mask": "mask 5x5"}, 25, "mask (25 numbers): masks"),
        ("Add x pos y", {"pos": "5x5"}, 25, "pos (25 numbers): parameters, or buffers"),
        ("Mul x gain y", {"gain": "1"}, 0, "gain: single numbers, parameters or constants"),
        # a table that is stored a second time, transposed
        ("Gather table ids rows; MatMul rows t y", {"table": "7x4", "t": "4x7"}, 56,
         "table and t have the same numbers, transposed: one array in a model that ties them, 28 parameters fewer"),
    ],
)  # fmt: skip
def test_why_a_count_differs_from_the_model(
    nodes: str, arrays: dict[str, str], params: int, said: str, tmp_path: Path
) -> None:
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    held = []
    for name, text in arrays.items():
        *kind, sizes = text.split()
        array = np.ones([int(size) for size in sizes.split("x")], np.uint8 if kind == ["u8"] else np.float32)
        held.append(
            numpy_helper.from_array(np.triu(np.full_like(array, -np.inf), 1) if kind == ["mask"] else array, name)
        )
    graph = helper.make_graph(
        [helper.make_node(op, ins, [out], name=out) for op, *ins, out in map(str.split, nodes.split(";"))],
        "g",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, 6])]
        if "ids" in nodes
        else [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 5, 5])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        held,
    )
    path = tmp_path / "a.onnx"
    path.write_bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    )
    report = cnncalc.load(str(path)).report()
    assert report.totals.params == params
    assert said in " ".join(note.text for note in shared_notes(report))
