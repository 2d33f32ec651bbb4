"""The numbers behind the values of an ONNX graph: initializers and what is made of them, read when they are needed.

An array is asked for with `get`, which gives the numbers of an initializer by its name: those of the file, those that
the user gave, or drawn ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from math import prod
from typing import Any

from cnncalc.core.problem import Fault
from cnncalc.read.onnx.file import library
from cnncalc.read.onnx.values import Value

Get = Callable[[str], Any]


def array_of(value: Value, get: Get) -> Any:
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


def compute(node: Any, feeds: list[Any], versions: dict[str, int]) -> list[Any]:
    """What ONNX' own NumPy implementation of an operator gives for these arrays."""
    from onnx.reference import ReferenceEvaluator

    if node.op_type in CHANCE:
        raise Fault("no-kernel", f"{node.op_type} cannot be executed: its numbers are drawn")
    if node.op_type in FLATTENED and versions[""] < 13:
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


def flattened(op: str, versions: dict[str, int], attrs: dict[str, Any], rank: int) -> bool:
    """Whether an operator works on all axes from one on as if they were one, and that one is not the last."""
    return op in FLATTENED and versions[""] < 13 and int(attrs.get("axis", 1)) % max(rank, 1) != rank - 1


def _flattened(node: Any, x: Any) -> Any:
    from onnx.reference import ReferenceEvaluator

    axis = next((one.i for one in node.attribute if one.name == "axis"), 1)
    one = library().helper.make_node(node.op_type, ["x"], ["y"], axis=-1)
    rows = x.reshape(prod(x.shape[: axis % x.ndim]), -1)
    found: Any = ReferenceEvaluator(one).run(None, {"x": rows})
    return found[0].reshape(x.shape)


def _alike(feeds: list[Any]) -> list[Any]:
    """The arrays with their floats equally precise, as the widest of them is."""
    import numpy as np

    floats = {array.dtype for array in feeds if array is not None and array.dtype.kind == "f"}
    if len(floats) < 2:
        return feeds
    widest = np.result_type(*floats)
    return [array if array is None or array.dtype.kind != "f" else array.astype(widest) for array in feeds]


def _alone(node: Any, named: dict[str, Any], versions: dict[str, int]) -> Any:
    """A model of one operator, with the types of what goes in."""
    onnx = library()
    inputs = [
        onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        for name, array in named.items()
    ]
    outputs = [onnx.ValueInfoProto(name=name) for name in node.output if name]
    graph = onnx.helper.make_graph([node], "one", inputs, outputs)
    opsets = [onnx.helper.make_opsetid(domain, version) for domain, version in versions.items()]
    return onnx.helper.make_model(graph, opset_imports=opsets)


def stored(tensor: Any, folder: str | None) -> Any:
    """The numbers of an initializer, external ones from a file beside the model; None where they are not there."""
    onnx = library()
    if tensor.data_location == 1 or tensor.external_data:
        if folder is None:
            return None
        tensor = _beside(tensor, folder)
        if tensor is None:
            return None
    try:
        array = onnx.numpy_helper.to_array(tensor)
    except Exception as error:  # what the package raises differs by version
        reason = " ".join(str(error).split())[:100]
        raise Fault("onnx-broken", f"the initializer {tensor.name} cannot be read: {reason}") from None
    if array.dtype.kind not in "fiub" or (array.dtype.itemsize == 1 and array.dtype.kind == "f"):
        import numpy as np

        array = array.astype(np.float32)
    return array


def _beside(tensor: Any, folder: str) -> Any:
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
