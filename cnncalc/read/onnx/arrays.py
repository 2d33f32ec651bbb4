"""The numbers behind the values of an ONNX graph: initializers and what is made of them, read when they are needed.

An array is asked for with `get`, which gives the numbers of an initializer by its name: those of the file, those that
the user gave, or drawn ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, TypeAlias

from cnncalc.core.problem import Fault
from cnncalc.read.onnx.values import Value

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

    from cnncalc.read.onnx.attributes import Attributes
    from cnncalc.spec.array_files import Array

Get: TypeAlias = "Callable[[str], Array]"


def array_of(value: Value, get: Get) -> Array:
    """The numbers of a value that does not flow in."""
    if value.made is not None:
        node, ins, versions = value.made
        feeds = [None if one is None else array_of(one, get) for one in ins]
        return compute(node, feeds, versions)[0]
    if value.data is not None and not (len(value.inits) == 1 and value.whole):
        return value.data
    return get(value.inits[0])


# Operators that before opset 13 worked on all axes from theirs on, the second one as usual.
FLATTENED = ("Softmax", "LogSoftmax", "Hardmax")
# Operators whose numbers differ from call to call.
CHANCE = ("Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike")


def compute(node: NodeProto, feeds: Sequence[Array | None], versions: dict[str, int]) -> list[Array]:
    """What ONNX' own NumPy implementation of an operator gives for these arrays."""
    from onnx.reference import ReferenceEvaluator

    if node.op_type in CHANCE:
        raise Fault("no-kernel", f"{node.op_type} cannot be executed: its numbers are drawn")
    if node.op_type in FLATTENED and versions[""] < 13 and feeds[0] is not None:
        return [_flattened(node, feeds[0])]
    feeds = _alike(feeds)
    named = {name: array for name, array in zip(node.input, feeds, strict=True) if name}
    try:
        try:
            found = ReferenceEvaluator(node, opsets=versions).run(None, named)
        except (NotImplementedError, RuntimeError, TypeError):  # whose form depends on the opset, or on what goes in
            found = ReferenceEvaluator(_alone(node, named, versions)).run(None, named)
    except (NotImplementedError, RuntimeError, TypeError, KeyError, AttributeError, ImportError) as error:
        reason = " ".join(str(error).split())[:120]
        raise Fault("no-kernel", f"{node.op_type} cannot be executed: {reason or type(error).__name__}") from None
    return list(found)


def flattened(op: str, versions: dict[str, int], attrs: Attributes, rank: int) -> bool:
    """Whether an operator works on all axes from one on as if they were one, and that one is not the last."""
    return op in FLATTENED and versions[""] < 13 and attrs.whole("axis", 1) % max(rank, 1) != rank - 1


def _flattened(node: NodeProto, x: Array) -> Array:
    import numpy as np
    from onnx import helper
    from onnx.reference import ReferenceEvaluator

    axis = next((one.i for one in node.attribute if one.name == "axis"), 1)
    one = helper.make_node(node.op_type, ["x"], ["y"], axis=-1)
    rows = x.reshape(prod(x.shape[: axis % x.ndim]), -1)
    (made,) = list(ReferenceEvaluator(one).run(None, {"x": rows}))
    return np.reshape(made, x.shape)


def _alike(feeds: Sequence[Array | None]) -> Sequence[Array | None]:
    """The arrays with their floats equally precise, as the widest of them is."""
    import numpy as np

    floats = {array.dtype for array in feeds if array is not None and array.dtype.kind == "f"}
    if len(floats) < 2:
        return feeds
    widest = np.result_type(*floats)
    return [array if array is None or array.dtype.kind != "f" else array.astype(widest) for array in feeds]


def _alone(node: NodeProto, named: dict[str, Array | None], versions: dict[str, int]) -> ModelProto:
    """A model of one operator, with the types of what goes in."""
    from onnx import ValueInfoProto, helper

    inputs = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        for name, array in named.items()
        if array is not None
    ]
    outputs = [ValueInfoProto(name=name) for name in node.output if name]
    graph = helper.make_graph([node], "one", inputs, outputs)
    opsets = [helper.make_opsetid(domain, version) for domain, version in versions.items()]
    return helper.make_model(graph, opset_imports=opsets)


def stored(tensor: TensorProto, folder: str | None) -> Array | None:
    """The numbers of an initializer, external ones from a file beside the model; None where they are not there."""
    from onnx.numpy_helper import to_array

    if tensor.data_location == 1 or tensor.external_data:
        if folder is None:
            return None
        beside = _beside(tensor, folder)
        if beside is None:
            return None
        tensor = beside
    try:
        array = to_array(tensor)
    except Exception as error:  # what the package raises differs by version
        reason = " ".join(str(error).split())[:100]
        raise Fault("onnx-broken", f"the initializer {tensor.name} cannot be read: {reason}") from None
    if array.dtype.kind not in "fiub" or (array.dtype.itemsize == 1 and array.dtype.kind == "f"):
        import numpy as np

        array = array.astype(np.float32)
    return array


def _beside(tensor: TensorProto, folder: str) -> TensorProto | None:
    """The tensor with the numbers of its external file, which must lie in the model's folder; None without the file."""
    from cnncalc.read.yaml.text_file import within

    told = {entry.key: entry.value for entry in tensor.external_data}
    path = within(folder, told.get("location", ""))
    if path is None:
        raise Fault("onnx-broken", f"the initializer {tensor.name} lies outside of the folder of the file")
    if not os.path.isfile(path):
        return None
    offset, length = int(told.get("offset", 0) or 0), int(told.get("length", -1) or -1)
    if offset < 0:
        raise Fault("onnx-broken", f"the initializer {tensor.name} starts before its file, at {offset}")
    with open(path, "rb") as file:
        file.seek(offset)
        data = file.read(length) if length >= 0 else file.read()
    copy = type(tensor)(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
    copy.raw_data = data
    return copy
