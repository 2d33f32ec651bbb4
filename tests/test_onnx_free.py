"""Axes that an ONNX file leaves open are free dimensions: the formulas give what each size gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.core.problem import SpecError
from cnncalc.symbolic.algebra.sympy_form import sympy_form

onnx = pytest.importorskip("onnx")


def saved(path: Path, nodes: list[Any], dims: list[Any], arrays: dict[str, Any], whole: bool = False) -> str:
    helper, kinds = onnx.helper, onnx.TensorProto
    taken = helper.make_tensor_value_info("x", kinds.INT64 if whole else kinds.FLOAT, dims)
    made = onnx.ValueInfoProto(name="y")
    made.type.tensor_type.elem_type = kinds.FLOAT
    stored = [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, "net", [taken], [made], stored)
    path.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]).SerializeToString())
    return str(path)


def attention(path: Path) -> str:
    import numpy as np

    make = onnx.helper.make_node
    nodes = [
        make("Gather", ["table", "x"], ["e"], name="embed"),
        make("Shape", ["e"], ["s"], start=0, end=2),
        make("Concat", ["s", "heads"], ["to"], axis=0),
        make("Reshape", ["e", "to"], ["apart"], name="apart"),
        make("Transpose", ["apart"], ["q"], name="q", perm=[0, 2, 1, 3]),
        make("Transpose", ["apart"], ["k"], name="k", perm=[0, 2, 3, 1]),
        make("MatMul", ["q", "k"], ["scores"], name="scores"),
        make("Softmax", ["scores"], ["p"], name="p", axis=-1),
        make("MatMul", ["p", "q"], ["y"], name="mix"),
    ]
    arrays = {"table": np.zeros((20, 8), np.float32), "heads": np.array([2, 4], np.int64)}
    return saved(path, nodes, ["batch", "length"], arrays, whole=True)


def convolutional(path: Path) -> str:
    import numpy as np

    make = onnx.helper.make_node
    nodes = [
        make("Conv", ["x", "w"], ["c"], name="conv", strides=[2, 2]),
        make("Relu", ["c"], ["r"], name="relu"),
        make("MaxPool", ["r"], ["y"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
    ]
    return saved(path, nodes, ["N", 3, "height", "width"], {"w": np.zeros((5, 3, 3, 3), np.float32)})


def test_formulas_of_a_length(tmp_path: Path) -> None:
    net = attention(tmp_path / "net.onnx")
    network = cnncalc.load(net)
    report = network.report()
    assert network.symbols == ["length"]
    assert {row.name: [str(size) for size in row.output_shape] for row in report.rows}["scores"] == [
        "2", "length", "length",
    ]  # fmt: skip
    macs = report.totals.macs
    for length in (1, 7, 64, 1000):
        given = cnncalc.load(net, input_shapes=[f"x={length}"]).report()
        assert (
            int(sympy_form(macs.expr).subs(dict.fromkeys(sympy_form(macs.expr).free_symbols, length)))
            == given.totals.macs
        )


def test_formulas_where_a_table_of_positions_is_short(tmp_path: Path) -> None:
    import numpy as np

    make = onnx.helper.make_node
    nodes = [
        make("Gather", ["table", "x"], ["e"], name="embed"),
        make("Shape", ["x"], ["s"], start=1, end=2),
        make("Slice", ["where", "zero", "s", "one"], ["at"]),
        make("Gather", ["places", "at"], ["p"], name="places"),
        make("Add", ["e", "p"], ["y"], name="sum"),
    ]
    arrays = {
        "table": np.zeros((20, 8), np.float32), "places": np.zeros((48, 8), np.float32),
        "where": np.arange(48)[None], "zero": np.array([0]), "one": np.array([1]),
    }  # fmt: skip
    network = cnncalc.load(saved(tmp_path / "net.onnx", nodes, ["batch", "length"], arrays, whole=True))
    report = network.report()
    assert network.symbols == ["length"]
    assert [str(size) for size in report.output_shape] == ["length", "8"]
    assert report.totals.params == 20 * 8 + 48 * 8


def test_formulas_of_an_image(tmp_path: Path) -> None:
    net = convolutional(tmp_path / "net.onnx")
    report = cnncalc.load(net).report()
    assert [str(size) for size in report.output_shape] == ["5", "floor((height - 1)/4)", "floor((width - 1)/4)"]
    for height, width in ((9, 30), (32, 17), (224, 225)):
        given = cnncalc.load(net, input_shapes=[f"x=3x{height}x{width}"]).report()
        assert list(given.output_shape) == [5, (height - 1) // 4, (width - 1) // 4]


def test_a_length_that_is_written_in_is_refused(tmp_path: Path) -> None:
    import numpy as np

    node = onnx.helper.make_node("Reshape", ["x", "to"], ["y"], name="flat")
    net = saved(tmp_path / "net.onnx", [node], ["N", "length", 4], {"to": np.array([1, 40], np.int64)})
    assert list(cnncalc.load(net, input_shapes=["x=10x4"]).report().output_shape) == [40]
    with pytest.raises(SpecError, match="another count"):
        cnncalc.load(net, input_shapes=["x=11x4"]).report()
    with pytest.raises(SpecError, match="length has no size"):
        cnncalc.load(net).report()
