"""Lists of tensors whose length is known: shapes and numbers are those of ONNX' own evaluator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.core.problem import SpecError
from cnncalc.execute.run import execute

onnx = pytest.importorskip("onnx")

SPLITS = {"sizes": [2, 1, 3], "one size": 4, "no sizes": None}


def model(sizes: Any, tail: str, opset: int = 17) -> Any:
    """x [1, 6, 3] cut into a list along axis 1, of which `tail` makes y."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    arrays = {"zero": np.array(0), "last": np.array(-1)}
    if sizes is not None:
        arrays["sizes"] = np.array(sizes)
    nodes = [helper.make_node("SplitToSequence", ["x", *(["sizes"] if sizes is not None else [])], ["s"], axis=1)]
    if tail == "together":
        nodes.append(helper.make_node("ConcatFromSequence", ["s"], ["y"], axis=2 if sizes is None else 1))
    elif tail == "again":
        nodes.append(helper.make_node("SequenceAt", ["s", "zero"], ["a"]))
        nodes.append(helper.make_node("SequenceConstruct", ["a", "x", "a"], ["t"]))
        nodes.append(helper.make_node("ConcatFromSequence", ["t"], ["y"], axis=1))
    elif tail == "length":
        nodes.append(helper.make_node("SequenceLength", ["s"], ["n"]))
        nodes.append(helper.make_node("CastLike", ["n", "x"], ["f"]))
        nodes.append(helper.make_node("Mul", ["x", "f"], ["y"]))
    else:
        nodes.append(helper.make_node("SequenceAt", ["s", tail], ["a"]))
        nodes.append(helper.make_node("Relu", ["a"], ["y"]))
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 6, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array.astype(np.int64), name) for name, array in arrays.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


@pytest.mark.parametrize("sizes", SPLITS.values(), ids=SPLITS)
@pytest.mark.parametrize("tail", ["zero", "last", "together", "again", "length"])
def test_lists_are_taken_apart_and_put_together(sizes: Any, tail: str, tmp_path: Path) -> None:
    import numpy as np
    from onnx.reference import ReferenceEvaluator

    made = model(sizes, tail, 17 if tail == "length" else 12 if isinstance(sizes, list) else 17)
    path = tmp_path / "net.onnx"
    path.write_bytes(made.SerializeToString())
    x = np.random.default_rng(0).standard_normal((1, 6, 3)).astype(np.float32)
    wanted = ReferenceEvaluator(made).run(None, {"x": x})[0]
    network = cnncalc.load(str(path))
    report = network.report()
    assert tuple(report.shape_of(report.graph.outputs[0])) == wanted.shape
    run = execute(report, values=network.given({"x": x}))
    assert np.allclose(run.value(report.graph.outputs[0]), wanted, atol=1e-6)


def test_a_list_that_is_given_is_refused(tmp_path: Path) -> None:
    from onnx import TensorProto, helper

    given = helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, None)
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([helper.make_node("ConcatFromSequence", ["s"], ["y"], axis=1)], "g", [given], [output])
    path = tmp_path / "net.onnx"
    path.write_bytes(helper.make_model(graph).SerializeToString())
    with pytest.raises(SpecError, match='"s" is no tensor'):
        cnncalc.load(str(path)).report()


@pytest.mark.parametrize("wrong", [{"start": 1.5}, {"end": "last"}], ids=str)
def test_an_attribute_of_another_form_is_refused(wrong: dict[str, Any], tmp_path: Path) -> None:
    from onnx import TensorProto, helper

    nodes = [helper.make_node("Shape", ["x"], ["s"], **wrong), helper.make_node("Reshape", ["x", "s"], ["y"])]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 4])
    graph = helper.make_graph(nodes, "g", [given], [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    path = tmp_path / "net.onnx"
    path.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)]).SerializeToString())
    with pytest.raises(SpecError, match=f"the attribute {next(iter(wrong))} of an operator is no whole number"):
        cnncalc.load(str(path)).report()


def test_lists_are_bounded(tmp_path: Path) -> None:
    from onnx import TensorProto, helper

    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 30_000])
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    nodes = [helper.make_node("SplitToSequence", ["x"], ["s"], axis=1), helper.make_node("Relu", ["x"], ["y"])]
    path = tmp_path / "net.onnx"
    made = helper.make_model(helper.make_graph(nodes, "g", [x], [output]))
    path.write_bytes(made.SerializeToString())
    with pytest.raises(SpecError, match="lists of more than 10,000 tensors"):
        cnncalc.load(str(path)).report()
