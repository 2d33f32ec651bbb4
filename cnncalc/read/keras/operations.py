"""Operators and functions of keras.ops between the layers of a Keras file."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault
from cnncalc.read.keras.config import _config, _name
from cnncalc.read.keras.options import bound
from cnncalc.read.keras.shape_operations import cut, shape_after
from cnncalc.read.opaque import opaque

if TYPE_CHECKING:
    from cnncalc.core.number import Shape
    from cnncalc.read.keras.config import Described, Options

MERGES = {
    "Add": "Add", "Subtract": "Subtract", "Multiply": "Multiply", "Average": "Average", "Maximum": "Maximum",
    "Minimum": "Minimum", "Divide": "Divide", "TrueDivide": "Divide",
}  # fmt: skip


class Call(NamedTuple):
    """What a layer is called with.

    shapes   of the inputs, with batch
    turned   for each input, whether its channels are last here and first in the file
    plain    arguments that are no tensors, by place; kwargs: by name
    ahead    whether the first argument is no tensor: 1 - x
    """

    shapes: list[Shape]
    turned: list[bool]
    plain: list[object]
    kwargs: Options
    channels_first: bool
    ahead: bool = False


def operation(layer: Described, call: Call) -> Layer:
    """An operator or function of keras.ops between layers."""
    kind, name = layer["class_name"], _name(layer)
    tensors = call.shapes
    number = next((value for value in [*call.plain, *call.kwargs.values()] if isinstance(value, (int, float))), None)
    if kind in MERGES:
        if len(tensors) == 2:
            return bound(MERGES[kind], {}, name)
        if number is not None:
            first = {"value_first": True} if call.ahead and MERGES[kind] in ("Subtract", "Divide") else {}
            return bound(MERGES[kind], {"value": number, **first}, name)
    simple = {
        "Relu": "ReLU", "Sigmoid": "Sigmoid", "Tanh": "Tanh", "Silu": "SiLU", "Gelu": "GELU", "Exp": "Exp",
        "Log": "Log", "Sqrt": "Sqrt", "Negative": "Neg", "Absolute": "Abs", "Square": "Square", "Matmul": "MatMul",
        "HardSwish": "Hardswish", "HardSigmoid": "Hardsigmoid", "Softmax": "Softmax", "Sin": "Sin", "Cos": "Cos",
    }  # fmt: skip
    config = _config(layer)
    if kind in simple and (kind == "Matmul") == (len(tensors) == 2):
        options: Options = {}
        if kind == "Gelu" and config.get("approximate", False):
            options["approximate"] = "tanh"
        if kind == "Softmax":
            options["dim"] = config.get("axis", -1)
        return bound(simple[kind], options, name, "pytorch")
    if kind == "Pad" and len(tensors) == 1:
        pairs = config.get("pad_width") or call.kwargs.get("pad_width")
        shape = tensors[0]
        if isinstance(pairs, list) and len(pairs) == len(shape) and all(len(pair) == 2 for pair in pairs):
            if call.turned[0] and len(pairs) > 2:
                pairs = [pairs[0], *pairs[2:], pairs[1]]  # inside, channels are last
            return opaque("Pad", tuple(size + sum(pair) for size, pair in zip(shape, pairs, strict=True))[1:])
    if kind in ("Mean", "Sum", "Max", "Min") and len(tensors) == 1 and not any(call.turned):
        axis = config.get("axis", call.kwargs.get("axis"))
        axes = [axis] if isinstance(axis, int) else axis if isinstance(axis, list) else []
        if not axes or any(not isinstance(one, int) or one % len(tensors[0]) == 0 for one in axes):
            raise Fault("keras-layer", f"{name}: {kind} over the batch is not read", option=name)
        options = {"dim": axes, "keepdim": bool(config.get("keepdims", call.kwargs.get("keepdims", False)))}
        return bound(kind, options, name, "pytorch")
    if kind == "Concatenate" and not any(call.turned):
        axis = config.get("axis", -1)
        if axis != 0:
            return bound("Concatenate", {"axis": axis}, name)
    if kind == "Einsum" and isinstance(config.get("subscripts"), str) and not any(call.turned):
        return bound("Einsum", {"equation": config["subscripts"]}, name, "pytorch")
    if kind == "Split" and len(tensors) == 1 and not any(call.turned):
        return bound("Split", {"sizes": _sizes(tensors[0], config, name), "dim": config.get("axis")}, name, "pytorch")
    known = shape_after(kind, config, tensors, call.plain) if not any(call.turned) else None
    if known is not None:
        return opaque(kind, known)
    raise Fault("keras-layer", f"{name} is the operation {kind}, which is not known", option=name)


def _sizes(shape: Shape, config: Options, name: str) -> list[int]:
    """The sizes of the pieces of a split: so many that are alike, or cut at places."""
    axis, cuts = config.get("axis"), config.get("indices_or_sections")
    size = shape[axis] if type(axis) is int and -len(shape) <= axis < len(shape) and axis % len(shape) else None
    if isinstance(size, int):
        if type(cuts) is int and 0 < cuts <= size and size % cuts == 0:
            return [size // cuts] * cuts
        if isinstance(cuts, list) and all(type(cut) is int for cut in cuts):
            ends = [0, *cuts, size]
            sizes = [end - start for start, end in pairwise(ends)]
            if min(sizes) > 0:
                return sizes
    raise Fault("keras-layer", f"{name}: these pieces of an axis are not read", option=name)


# Functions of TensorFlow between the layers of a Keras 2 file, by the last part of their names.
FUNCTIONS = {
    "add": "Add", "AddV2": "Add", "multiply": "Multiply", "mul": "Multiply", "subtract": "Subtract", "sub": "Subtract",
    "truediv": "Divide", "divide": "Divide", "maximum": "Maximum", "minimum": "Minimum", "relu": "Relu",
    "sigmoid": "Sigmoid", "tanh": "Tanh", "silu": "Silu", "swish": "Silu", "gelu": "Gelu", "exp": "Exp", "log": "Log",
    "sqrt": "Sqrt", "negative": "Negative", "abs": "Absolute", "square": "Square", "matmul": "Matmul",
    "softmax": "Softmax", "reduce_mean": "Mean", "reduce_sum": "Sum", "reduce_max": "Max", "reduce_min": "Min",
}  # fmt: skip


def function(layer: Described, call: Call) -> Layer:
    """A function of TensorFlow that is named in the file, and that is one of those known here."""
    named = str(_config(layer).get("function") or "")
    kind = FUNCTIONS.get(named.rpartition(".")[2])
    if named == "__operators__.getitem" and not any(call.turned):
        found = cut(tuple(call.shapes[0]), _keys(call.kwargs.get("slice_spec")))
        if found is not None:
            return opaque("GetItem", found)
    ordered = not call.plain or kind not in ("Subtract", "Divide")  # a number in front is not taken from behind
    if kind is None or not ordered or (kind == "Softmax" and call.kwargs.get("axis") not in (None, -1)):
        raise Fault("keras-layer", f"{_name(layer)} is the function {named}, which is not known", option=_name(layer))
    return operation({**layer, "class_name": kind}, call)


def _keys(spec: object) -> list[object]:
    """The keys of a slice as Keras 2 writes them, in the words of Keras 3."""
    keys = spec if isinstance(spec, list) else [spec]
    return [{"class_name": "__slice__", "config": key} if isinstance(key, dict) else key for key in keys]
