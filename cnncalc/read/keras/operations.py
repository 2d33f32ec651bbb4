"""Operators and functions of keras.ops between the layers of a Keras file."""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault
from cnncalc.read.keras.config import _config, _name
from cnncalc.read.keras.options import bound
from cnncalc.read.opaque import opaque

MERGES = {
    "Add": "Add", "Subtract": "Subtract", "Multiply": "Multiply", "Average": "Average", "Maximum": "Maximum",
    "Minimum": "Minimum", "Divide": "Divide", "TrueDivide": "Divide",
}  # fmt: skip
COMPARISONS = ("NotEqual", "Equal", "Greater", "GreaterEqual", "Less", "LessEqual")


class Call(NamedTuple):
    """What a layer is called with.

    shapes   of the inputs, with batch
    turned   for each input, whether its channels are last here and first in the file
    plain    arguments that are no tensors, by place; kwargs: by name
    """

    shapes: list[tuple[Any, ...]]
    turned: list[bool]
    plain: list[Any]
    kwargs: dict[str, Any]
    channels_first: bool


def operation(layer: Any, call: Call) -> Layer:
    """An operator or function of keras.ops between layers."""
    kind, name = layer["class_name"], _name(layer)
    tensors = call.shapes
    number = next((value for value in [*call.plain, *call.kwargs.values()] if isinstance(value, (int, float))), None)
    if kind in MERGES:
        if len(tensors) == 2:
            return bound(MERGES[kind], {}, name)
        if number is not None:
            return bound(MERGES[kind], {"value": number}, name)
    simple = {
        "Relu": "ReLU", "Sigmoid": "Sigmoid", "Tanh": "Tanh", "Silu": "SiLU", "Gelu": "GELU", "Exp": "Exp",
        "Log": "Log", "Sqrt": "Sqrt", "Negative": "Neg", "Absolute": "Abs", "Square": "Square", "Matmul": "MatMul",
        "HardSwish": "Hardswish", "HardSigmoid": "Hardsigmoid", "Softmax": "Softmax", "Sin": "Sin", "Cos": "Cos",
    }  # fmt: skip
    if kind in simple and (kind == "Matmul") == (len(tensors) == 2):
        return bound(simple[kind], {}, name, "pytorch")
    config = _config(layer)
    if kind == "Pad" and len(tensors) == 1:
        pairs = config.get("pad_width") or call.kwargs.get("pad_width")
        shape = tensors[0]
        if isinstance(pairs, list) and len(pairs) == len(shape) and all(len(pair) == 2 for pair in pairs):
            if call.turned[0] and len(pairs) > 2:
                pairs = [pairs[0], *pairs[2:], pairs[1]]  # inside, channels are last
            return opaque("Pad", tuple(size + sum(pair) for size, pair in zip(shape, pairs, strict=True))[1:])
    if kind in ("Mean", "Sum", "Max", "Min") and len(tensors) == 1 and not any(call.turned):
        axis = config.get("axis", call.kwargs.get("axis"))
        axes = [axis] if isinstance(axis, int) else axis
        options = {"dim": axes, "keepdim": bool(config.get("keepdims", call.kwargs.get("keepdims", False)))}
        return bound(kind, options, name, "pytorch")
    moved = _moved(kind, config, call) if len(tensors) == 1 and not any(call.turned) else None
    if moved is not None:
        return opaque(kind, moved)
    if kind == "Concatenate" and not any(call.turned):
        axis = config.get("axis", -1)
        if axis != 0:
            return bound("Concatenate", {"axis": axis}, name)
    raise Fault("keras-layer", f"{name} is the operation {kind}, which is not known", option=name)


# Functions of TensorFlow between the layers of a Keras 2 file, by the last part of their names.
FUNCTIONS = {
    "add": "Add", "AddV2": "Add", "multiply": "Multiply", "mul": "Multiply", "subtract": "Subtract", "sub": "Subtract",
    "truediv": "Divide", "divide": "Divide", "maximum": "Maximum", "minimum": "Minimum", "relu": "Relu",
    "sigmoid": "Sigmoid", "tanh": "Tanh", "silu": "Silu", "swish": "Silu", "gelu": "Gelu", "exp": "Exp", "log": "Log",
    "sqrt": "Sqrt", "negative": "Negative", "abs": "Absolute", "square": "Square", "matmul": "Matmul",
    "softmax": "Softmax", "reduce_mean": "Mean", "reduce_sum": "Sum", "reduce_max": "Max", "reduce_min": "Min",
}  # fmt: skip


def function(layer: Any, call: Call) -> Layer:
    """A function of TensorFlow that is named in the file, and that is one of those known here."""
    named = str(_config(layer).get("function") or "")
    kind = FUNCTIONS.get(named.rpartition(".")[2])
    if named == "__operators__.getitem" and not any(call.turned):
        cut = _cut(tuple(call.shapes[0]), _keys(call.kwargs.get("slice_spec")))
        if cut is not None:
            return opaque("GetItem", cut)
    ordered = not call.plain or kind not in ("Subtract", "Divide")  # a number in front is not taken from behind
    if kind is None or not ordered or (kind == "Softmax" and call.kwargs.get("axis") not in (None, -1)):
        raise Fault("keras-layer", f"{_name(layer)} is the function {named}, which is not known", option=_name(layer))
    return operation({**layer, "class_name": kind}, call)


def _moved(kind: str, config: dict[str, Any], call: Call) -> tuple[Any, ...] | None:
    """The shape, without the batch axis, of what is one tensor compared, cut or in another order; None if not known."""
    shape = tuple(call.shapes[0])
    if kind in COMPARISONS and len(call.plain) == 1 and isinstance(call.plain[0], (int, float)):
        return shape[1:]
    if kind == "GetItem":
        return _cut(shape, call.plain)
    if kind == "Transpose":
        axes = config.get("axes")
        if isinstance(axes, list) and sorted(axes) == list(range(len(shape))) and axes[0] == 0:
            return tuple(shape[axis] for axis in axes)[1:]
    if kind == "Reshape":
        wanted = config.get("newshape")
        if isinstance(wanted, list) and len(wanted) > 1 and all(type(size) is int for size in wanted):
            fits = wanted[0] == -1 and min(wanted[1:]) > 0 and prod(wanted[1:]) == prod(shape[1:])
            return tuple(wanted[1:]) if fits else None
    return None


def _cut(shape: tuple[Any, ...], keys: list[Any]) -> tuple[Any, ...] | None:
    """The shape of `x[keys]` without the batch axis, which the first key has to leave as it is."""
    if not keys or not _is_slice(keys[0]) or any(keys[0]["config"].get(end) is not None for end in ENDS):
        return None
    if len([key for key in keys if key is not None]) > len(shape):
        return None
    found: list[Any] = []
    sizes = list(shape[1:])
    for key in keys[1:]:
        if key is None:
            found.append(1)
            continue
        size = sizes.pop(0)
        if _is_slice(key):
            ends = [key["config"].get(end) for end in ENDS]
            if ends == [None, None, None]:
                found.append(size)
            elif type(size) is int and all(end is None or type(end) is int for end in ends) and ends[2] != 0:
                found.append(len(range(*slice(*ends).indices(size))))
            else:
                return None
        elif type(key) is not int or type(size) is not int or not -size <= key < size:
            return None
    return (*found, *sizes)


def _keys(spec: Any) -> list[Any]:
    """The keys of a slice as Keras 2 writes them, in the words of Keras 3."""
    keys = spec if isinstance(spec, list) else [spec]
    return [{"class_name": "__slice__", "config": key} if isinstance(key, dict) else key for key in keys]


ENDS = ("start", "stop", "step")


def _is_slice(key: Any) -> bool:
    return isinstance(key, dict) and key.get("class_name") == "__slice__" and isinstance(key.get("config"), dict)
