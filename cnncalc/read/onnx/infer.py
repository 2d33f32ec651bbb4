"""The sizes that one operator gives: ONNX' own inference, asked a node at a time with what is known of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncalc.core.number import prod
from cnncalc.core.problem import Fault
from cnncalc.read.onnx.file import library
from cnncalc.read.onnx.values import Value

if TYPE_CHECKING:
    from onnx import NodeProto, OperatorSetIdProto, TensorProto, ValueInfoProto

MOST_CARRIED = 4_096  # numbers of a value that what follows is worked out from


def infer(
    node: NodeProto, ins: list[Value | None], versions: Sequence[OperatorSetIdProto], ir: int
) -> list[tuple[tuple[int, ...], int] | None]:
    """Sizes and element type of each output; None for one that cannot be known."""
    onnx = library()
    helper, proto = onnx.helper, onnx.TensorProto
    inputs: list[ValueInfoProto] = []
    constants: list[TensorProto] = []
    for name, value in zip(node.input, ins, strict=True):
        if value is None or any(known.name == name for known in inputs):
            continue
        inputs.append(helper.make_tensor_value_info(name, value.dtype or proto.FLOAT, list(value.dims)))
        if value.data is not None and value.data.size <= MOST_CARRIED:
            array = value.data
            constants.append(onnx.numpy_helper.from_array(array, name))
    # Numbers of one axis are carried one by one, also those of a million that nobody knows.
    few = all(value is None or prod(value.dims) <= MOST_CARRIED for value in ins)
    names = [name for name in node.output if name]
    outputs = [onnx.ValueInfoProto(name=name) for name in names]
    graph = helper.make_graph([node], "one", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=versions, ir_version=ir)
    try:
        made = onnx.shape_inference.infer_shapes(model, check_type=False, strict_mode=True, data_prop=few)
    except Exception as error:  # InferenceError, by version
        reason = " ".join(str(error).split())
        reason = reason.rpartition("[ShapeInferenceError]")[2].strip() or reason
        raise Fault("onnx-shapes", f"{node.op_type}: {reason[:200]}") from None
    found: dict[str, tuple[tuple[int, ...], int]] = {}
    for value in made.graph.output:
        tensor = value.type.tensor_type
        if tensor.HasField("shape") and all(size.HasField("dim_value") for size in tensor.shape.dim):
            found[value.name] = (tuple(size.dim_value for size in tensor.shape.dim), tensor.elem_type)
    return [found.get(name) for name in node.output]
