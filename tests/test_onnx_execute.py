"""An ONNX file is executed with its own weights: what onnxruntime gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.execute.run import execute

onnx = pytest.importorskip("onnx")


def model(nodes: list[Any], inputs: dict[str, Any], outputs: list[str], arrays: dict[str, Any]) -> Any:
    helper, kinds = onnx.helper, onnx.TensorProto
    taken = [
        helper.make_tensor_value_info(name, kinds.INT64 if kind == "int" else kinds.FLOAT, dims)
        for name, (dims, kind) in inputs.items()
    ]
    made = [onnx.ValueInfoProto(name=name) for name in outputs]
    for value in made:
        value.type.tensor_type.elem_type = kinds.FLOAT
    stored = [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, "net", taken, made, stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def convolutional(numbers: Any) -> Any:
    make = onnx.helper.make_node
    nodes = [
        make("Conv", ["x", "w1", "b1"], ["c1"], name="conv1", pads=[1, 1, 1, 1]),
        make("BatchNormalization", ["c1", "s", "b", "m", "v"], ["n1"], name="norm"),
        make("HardSwish", ["n1"], ["a1"], name="act"),
        make("MaxPool", ["a1"], ["p1"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
        make("ConvTranspose", ["p1", "w2"], ["c2"], name="up", strides=[2, 2]),
        make("Resize", ["c2", "", "factors"], ["r"], name="resize", mode="linear"),
        make("GlobalAveragePool", ["r"], ["g"], name="mean"),
        make("Flatten", ["g"], ["f"], name="flat"),
        make("Gemm", ["f", "w3", "b3"], ["y"], name="fc"),
    ]
    arrays = {
        "w1": numbers(6, 3, 3, 3), "b1": numbers(6), "s": numbers(6), "b": numbers(6), "m": numbers(6),
        "v": abs(numbers(6)) + 1, "w2": numbers(6, 4, 2, 2), "factors": numbers(4) * 0 + [1, 1, 2, 2],
        "w3": numbers(4, 5), "b3": numbers(5),
    }  # fmt: skip
    arrays["factors"] = arrays["factors"].astype("float32")
    return model(nodes, {"x": (["batch", 3, 8, 8], "float")}, ["y"], arrays)


def attention(numbers: Any) -> Any:
    import numpy as np

    make = onnx.helper.make_node
    nodes = [
        make("Gather", ["table", "x"], ["e"], name="embed"),
        make("Add", ["e", "places"], ["h"], name="positions"),
        make("MatMul", ["h", "wq"], ["q"], name="query"),
        make("MatMul", ["h", "wk"], ["k"], name="key"),
        make("Transpose", ["k"], ["kt"], name="turn", perm=[0, 2, 1]),
        make("MatMul", ["q", "kt"], ["scores"], name="scores"),
        make("Softmax", ["scores"], ["p"], name="softmax", axis=-1),
        make("MatMul", ["p", "h"], ["o"], name="mix"),
        make("LayerNormalization", ["o", "scale", "shift"], ["n"], name="norm", axis=-1),
        make("ReduceMean", ["n", "axes"], ["y"], name="mean", keepdims=0),
    ]
    arrays = {
        "table": numbers(20, 8), "places": numbers(1, 6, 8), "wq": numbers(8, 8), "wk": numbers(8, 8),
        "scale": numbers(8), "shift": numbers(8), "axes": np.array([1], np.int64),
    }  # fmt: skip
    return model(nodes, {"x": ([1, 6], "int")}, ["y"], arrays)


@pytest.mark.parametrize("build", [convolutional, attention])
def test_the_numbers_are_those_of_onnxruntime(build: Any, tmp_path: Path) -> None:
    runtime = pytest.importorskip("onnxruntime")
    import numpy as np

    source = np.random.default_rng(3)
    made = build(lambda *shape: source.standard_normal(shape).astype(np.float32))
    path = tmp_path / "net.onnx"
    path.write_bytes(made.SerializeToString())
    net = cnncalc.load(str(path))
    report = net.report()
    taken = report.graph.inputs[0]
    shape = (1, *taken.shape)
    x = source.integers(0, 20, shape) if taken.dtype == "int" else source.standard_normal(shape).astype(np.float32)
    wanted = runtime.InferenceSession(made.SerializeToString()).run(None, {"x": x})[0]
    run = execute(report, values=net.given({"x": x}), dtype="float32")
    assert not run.differences
    assert np.allclose(run["output"], wanted, rtol=1e-4, atol=1e-5)


def test_external_numbers_stay_in_the_folder(tmp_path: Path) -> None:
    import numpy as np

    made = convolutional(lambda *shape: np.ones(shape, np.float32))
    tensor = made.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = 1
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../secret.bin"
    (tmp_path / "net").mkdir()
    (tmp_path / "secret.bin").write_bytes(b"\0" * 1000)
    path = tmp_path / "net" / "net.onnx"
    path.write_bytes(made.SerializeToString())
    net = cnncalc.load(str(path))
    assert net.report().totals.params
    with pytest.raises(cnncalc.SpecError, match="outside of the folder"):
        net.given()


@pytest.mark.parametrize(
    ("opset", "axis", "sums"), [(11, 1, (0, 1, 2)), (11, 2, (2,)), (9, None, (0, 1, 2)), (13, 1, (1,))]
)
def test_softmax_of_old_opsets_takes_all_axes_from_one_on(opset: int, axis: Any, sums: Any, tmp_path: Path) -> None:
    """Before opset 13 its input was a matrix, of whose rows each has the sum 1; onnxruntime gives the same sums."""
    import numpy as np

    node = onnx.helper.make_node("Softmax", ["x"], ["y"], name="s", **({} if axis is None else {"axis": axis}))
    made = model(
        [node, onnx.helper.make_node("Unsqueeze", ["y"], ["z"], name="u", axes=[1])],
        {"x": ([1, 3, 4], "float")},
        ["y"],
        {},
    )
    if opset >= 13:
        del made.graph.node[1]
    made.opset_import[0].version = opset
    (tmp_path / "a.onnx").write_bytes(made.SerializeToString())
    report = cnncalc.load(str(tmp_path / "a.onnx")).report()
    found = np.asarray(execute(report, keep="all").value(report.graph.outputs[0])).reshape(1, 3, 4)
    assert np.allclose(found.sum(sums), 1)
