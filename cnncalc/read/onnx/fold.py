"""Arithmetic on small constants: what a graph computes of shapes, so that sizes are known before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from cnncalc.core.problem import Fault
from cnncalc.read.onnx.attributes import Attributes
from cnncalc.read.onnx.values import FOLDED

if TYPE_CHECKING:
    from cnncalc.spec.array_files import Array

LIMIT = FOLDED


class Inputs:
    """The arrays that go into an operator, some of which may be left out."""

    def __init__(self, arrays: list[Array | None]) -> None:
        self.arrays = arrays

    def get(self, at: int) -> Array | None:
        """One of them; None for one that is left out."""
        return self.arrays[at] if at < len(self.arrays) else None

    def __getitem__(self, at: int) -> Array:
        found = self.get(at)
        if found is None:
            raise IndexError(at)
        return found

    def every(self) -> list[Array]:
        """All of them."""
        return [self[at] for at in range(len(self.arrays))]


Rule: TypeAlias = "Callable[[Attributes, Inputs], Array | list[Array] | None]"


def fold(op: str, attrs: Attributes, arrays: list[Array | None]) -> list[Array] | None:
    """The numbers that an operator gives for these numbers, by output; None where it is not folded."""
    rule = _RULES.get(op)
    if rule is None:
        return None
    try:
        with np.errstate(all="ignore"):
            made = rule(attrs, Inputs(arrays))
    except (ValueError, TypeError, IndexError, ZeroDivisionError, OverflowError, KeyError, AttributeError, Fault):
        return None
    if made is None:
        return None
    found = [np.asarray(one) for one in (made if isinstance(made, list) else [made])]
    return found if all(one.size <= LIMIT for one in found) else None


def _axes(attrs: Attributes, ins: Inputs) -> tuple[int, ...] | None:
    given = ins.get(1)
    if given is not None:
        return tuple(int(a) for a in given.ravel())
    axes = attrs.wholes("axes")
    return None if axes is None else tuple(axes)


def _reshape(attrs: Attributes, ins: Inputs) -> Array | None:
    shape = [int(s) for s in ins[1].ravel()]
    if not attrs.get("allowzero"):
        shape = [ins[0].shape[i] if s == 0 else s for i, s in enumerate(shape)]
    return ins[0].reshape(shape)


def _squeeze(attrs: Attributes, ins: Inputs) -> Array | None:
    return np.squeeze(ins[0], _axes(attrs, ins))


def _unsqueeze(attrs: Attributes, ins: Inputs) -> Array | None:
    axes = _axes(attrs, ins) or ()
    rank = ins[0].ndim + len(axes)
    result = ins[0]
    for axis in sorted(a % rank for a in axes):
        result = np.expand_dims(result, axis)
    return result


def _slice(attrs: Attributes, ins: Inputs) -> Array | None:
    x = ins[0]

    def numbers(at: int, name: str) -> list[int] | None:
        given = ins.get(at)
        return attrs.wholes(name) if given is None else [int(one) for one in given.ravel()]

    starts, ends = numbers(1, "starts"), numbers(2, "ends")
    if starts is None or ends is None:
        return None
    axes, steps = numbers(3, "axes"), numbers(4, "steps")
    axes = list(range(len(starts))) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    cut = [slice(None)] * x.ndim
    for first, last, axis, by in zip(starts, ends, axes, steps, strict=True):
        cut[axis] = slice(first, None if by < 0 and last < -x.shape[axis] else last, by)
    found: Array = x[tuple(cut)]
    return found


def _cast(attrs: Attributes, ins: Inputs) -> Array | None:
    kinds = {
        1: np.float32, 10: np.float16, 11: np.float64, 6: np.int32, 7: np.int64, 9: np.bool_, 2: np.uint8, 3: np.int8,
    }  # fmt: skip
    kind = kinds.get(attrs.whole("to", 1))
    return None if kind is None else ins[0].astype(kind)


def _range(attrs: Attributes, ins: Inputs) -> Array | None:
    start, stop, step = (ins[at].item() for at in range(3))
    if step == 0 or (stop - start) / step > LIMIT:
        return None
    return np.arange(start, stop, step, dtype=ins[0].dtype)


def _filled(attrs: Attributes, ins: Inputs) -> Array | None:
    shape = [int(s) for s in ins[0].ravel()]
    if prod(shape) > LIMIT:
        return None
    value = attrs.array("value")
    return np.full(
        shape, 0.0 if value is None else value.ravel()[0], dtype=np.float32 if value is None else value.dtype
    )


def _expand(attrs: Attributes, ins: Inputs) -> Array | None:
    shape = np.broadcast_shapes(ins[0].shape, tuple(int(s) for s in ins[1].ravel()))
    return None if prod(shape) > LIMIT else np.broadcast_to(ins[0], shape)


def _split(attrs: Attributes, ins: Inputs) -> list[Array] | None:
    axis, given = attrs.whole("axis", 0), ins.get(1)
    sizes = attrs.wholes("split") if given is None else list(given.ravel())
    if sizes is None:
        count = attrs.whole("num_outputs", 0)
        if not count:
            return None
        each = -(-ins[0].shape[axis] // count)
        return np.split(ins[0], list(range(each, ins[0].shape[axis], each)), axis)
    return np.split(ins[0], [int(s) for s in np.cumsum(sizes)[:-1]], axis)


def _reduce(function: Callable[..., Array]) -> Rule:
    def rule(attrs: Attributes, ins: Inputs) -> Array | None:
        axes = _axes(attrs, ins)
        if axes == () or (axes is None and attrs.get("noop_with_empty_axes")):
            axes = None if not attrs.get("noop_with_empty_axes") else ()
        return function(ins[0], axis=axes, keepdims=bool(attrs.get("keepdims", 1)))

    return rule


def _div(attrs: Attributes, ins: Inputs) -> Array | None:
    if ins[0].dtype.kind in "iu":
        if (ins[1] == 0).any():
            return None
        return np.trunc(ins[0] / ins[1]).astype(ins[0].dtype)
    found: Array = ins[0] / ins[1]
    return found


def _constant(attrs: Attributes, ins: Inputs) -> Array | None:
    for name, kind in (
        ("value", None), ("value_float", np.float32), ("value_floats", np.float32), ("value_int", np.int64),
        ("value_ints", np.int64),
    ):  # fmt: skip
        if name in attrs:
            return attrs.array(name) if kind is None else np.asarray(attrs[name], dtype=kind)
    return None


def _two(function: np.ufunc) -> Rule:
    return lambda attrs, ins: function(ins[0], ins[1])


def _one(function: Callable[[Array], Array]) -> Rule:
    return lambda attrs, ins: function(ins[0])


_RULES: dict[str, Rule] = {
    "Constant": _constant,
    "Identity": lambda attrs, ins: ins[0],
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Slice": _slice,
    "Cast": _cast,
    "CastLike": lambda attrs, ins: ins[0].astype(ins[1].dtype),
    "Range": _range,
    "ConstantOfShape": _filled,
    "Expand": _expand,
    "Split": _split,
    "Concat": lambda attrs, ins: np.concatenate(ins.every(), axis=attrs.whole("axis", 0)),
    "Gather": lambda attrs, ins: np.take(ins[0], ins[1].astype(int), axis=attrs.whole("axis", 0)),
    "Transpose": lambda attrs, ins: np.transpose(ins[0], attrs.wholes("perm")),
    "Where": lambda attrs, ins: np.where(ins[0], ins[1], ins[2]),
    "Tile": lambda attrs, ins: (
        None if ins[0].size * int(np.prod(ins[1], dtype=float)) > LIMIT else np.tile(ins[0], ins[1].ravel().astype(int))
    ),
    "Add": _two(np.add),
    "Sub": _two(np.subtract),
    "Mul": _two(np.multiply),
    "Div": _div,
    "Mod": lambda attrs, ins: np.fmod(ins[0], ins[1]) if attrs.get("fmod") else np.mod(ins[0], ins[1]),
    "Pow": lambda attrs, ins: np.power(ins[0].astype(float), ins[1]).astype(ins[0].dtype),
    "Equal": _two(np.equal),
    "Less": _two(np.less),
    "LessOrEqual": _two(np.less_equal),
    "Greater": _two(np.greater),
    "GreaterOrEqual": _two(np.greater_equal),
    "And": _two(np.logical_and),
    "Or": _two(np.logical_or),
    "Not": _one(np.logical_not),
    "Neg": _one(np.negative),
    "Abs": _one(np.abs),
    "Floor": _one(np.floor),
    "Ceil": _one(np.ceil),
    "Round": _one(np.round),
    "Sqrt": _one(np.sqrt),
    "Reciprocal": _one(np.reciprocal),
    "Exp": _one(np.exp),
    "Log": _one(np.log),
    "Min": lambda attrs, ins: np.minimum.reduce(np.broadcast_arrays(*ins.every())),
    "Max": lambda attrs, ins: np.maximum.reduce(np.broadcast_arrays(*ins.every())),
    "ReduceProd": _reduce(np.prod),
    "ReduceSum": _reduce(np.sum),
    "ReduceMax": _reduce(np.max),
    "ReduceMin": _reduce(np.min),
    "ReduceMean": _reduce(np.mean),
    "CumSum": lambda attrs, ins: np.cumsum(ins[0], axis=int(ins[1].item())),
    "Size": lambda attrs, ins: np.asarray(ins[0].size, dtype=np.int64),
}
