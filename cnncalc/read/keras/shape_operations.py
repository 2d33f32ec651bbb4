"""Functions of keras.ops that are known by their shapes: elementwise ones, sums, axes that are moved, cut, repeated."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.core.number import Number, Shape
    from cnncalc.read.keras.config import Options

# One number for each number of the inputs, which broadcast.
_ELEMENTWISE = """
Abs Absolute Arccos Arccosh Arcsin Arcsinh Arctan Arctan2 Arctanh BitwiseAnd BitwiseOr Cast Cbrt Ceil Celu Clip Copy
Cumprod Cumsum Elu Erf Erfinv Exp2 Expm1 Flip Floor FloorDivide HardShrink HardTanh Heaviside Hypot Isfinite Isinf
Isnan LayerNorm LeakyRelu Log10 Log1p Log2 LogSigmoid LogSoftmax Logaddexp LogicalAnd LogicalNot LogicalOr LogicalXor
Mod NanToNum Normalize Power Reciprocal Relu6 RmsNorm Roll Round Rsqrt Selu Sign Sinh Softplus SoftShrink Softmax
Softsign Sort SparsePlus Squareplus StopGradient Tan TanhShrink Threshold Trunc Where
NotEqual Equal Greater GreaterEqual Less LessEqual
"""
ELEMENTWISE = frozenset(_ELEMENTWISE.split())
# One number for each row along some axes.
REDUCTIONS = {
    "All", "Any", "Argmax", "Argmin", "CountNonzero", "Logsumexp", "Median", "Norm", "Prod", "Std", "Var",
}  # fmt: skip
ENDS = ("start", "stop", "step")
BINARY = frozenset(("Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Maximum", "Minimum"))
# Sizes of all axes together that a result may have.
LARGEST = 1 << 60


def shape_after(kind: str, config: Options, shapes: list[Shape], plain: list[object]) -> Shape | None:
    """The shape without the batch axis that an operation gives; None for one that is not known, or moves the batch.

    shapes   of the inputs, with batch
    plain    arguments that are no tensors
    """
    if not shapes or any(not shape for shape in shapes):
        return None
    if kind in ELEMENTWISE:
        axis = config.get("axis", -1)
        axes = [_place(one, len(shapes[0])) for one in (axis if isinstance(axis, list) else [axis])]
        return None if None in axes or 0 in axes else _broadcast(shapes)  # along the batch, samples are not apart
    if kind == "Stack":
        return _stacked(config.get("axis"), shapes)
    if len(shapes) != 1:
        return None
    rule = _ONE.get(kind)
    if kind in REDUCTIONS:
        return _reduced(shapes[0], config.get("axis"), bool(config.get("keepdims")))
    if kind in BINARY:
        return _with_constant(shapes[0], plain)
    return None if rule is None else rule(tuple(shapes[0]), config, plain)


def _place(axis: object, rank: int) -> int | None:
    """An axis counted from the front; None where there is none."""
    if type(axis) is not int or not -rank <= axis < rank:
        return None
    return axis % rank


def _broadcast(shapes: list[Shape]) -> Shape | None:
    """The sample's shape of values that broadcast from their last axis on; the batch is in front of each."""
    rank = max(len(shape) for shape in shapes)
    if any(len(shape) != rank for shape in shapes):
        return None
    found = []
    for sizes in zip(*(shape[1:] for shape in shapes), strict=True):
        wide = [size for size in sizes if type(size) is not int or size != 1]
        if any(size != wide[0] for size in wide[1:]):
            return None
        found.append(wide[0] if wide else 1)
    return tuple(found)


def _stacked(axis: object, shapes: list[Shape]) -> Shape | None:
    at = _place(axis, len(shapes[0]) + 1)
    if not at or any(tuple(shape) != tuple(shapes[0]) for shape in shapes):
        return None
    return (*shapes[0][1:at], len(shapes), *shapes[0][at:])


def _reduced(shape: Shape, axis: object, keep: bool) -> Shape | None:
    axes = [_place(one, len(shape)) for one in (axis if isinstance(axis, list) and axis else [axis or 0])]
    if None in axes or 0 in axes:
        return None
    return tuple(1 if at in axes else size for at, size in enumerate(shape) if at and (keep or at not in axes))


def _with_constant(shape: Shape, plain: list[object]) -> Shape | None:
    """An array that is written into the file is combined with a value: only one that does not make it larger."""
    value = next((found for found in map(_array, plain) if found is not None), None)
    sizes: list[int] = []
    while isinstance(value, list) and value:
        sizes.append(len(value))
        value = value[0]
    fits = len(sizes) <= len(shape) and all(a in (1, b) for a, b in zip(sizes[::-1], shape[::-1], strict=False))
    if not sizes or not fits or (len(sizes) == len(shape) and sizes[0] != 1):
        return None
    return shape[1:]


def _array(value: object) -> object:
    """The lists of an array; None where it is none."""
    if not isinstance(value, dict) or value.get("class_name") not in ("__tensor__", "__numpy__"):
        return None
    config = value.get("config")
    return config.get("value") if isinstance(config, dict) else None


def _expanded(shape: Shape, config: Options, plain: list[object]) -> Shape | None:
    axis = config.get("axis")
    axes = [_place(one, len(shape) + 1) for one in ([axis] if isinstance(axis, int) else [])]
    if not axes or not axes[0]:
        return None
    return (*shape[1 : axes[0]], 1, *shape[axes[0] :])


def _squeezed(shape: Shape, config: Options, plain: list[object]) -> Shape | None:
    axis = config.get("axis")
    if axis is None:
        return None
    axes = [_place(one, len(shape)) for one in (axis if isinstance(axis, list) else [axis])]
    if None in axes or any(not at or shape[at] != 1 for at in axes):
        return None
    return tuple(size for at, size in enumerate(shape) if at and at not in axes)


def _swapped(shape: Shape, config: Options, plain: list[object]) -> Shape | None:
    first, second = (_place(config.get(name), len(shape)) for name in ("axis1", "axis2"))
    if not first or not second:
        return None
    sizes = list(shape)
    sizes[first], sizes[second] = sizes[second], sizes[first]
    return tuple(sizes[1:])


def _moved(shape: Shape, config: Options, plain: list[object]) -> Shape | None:
    source, target = (_place(config.get(name), len(shape)) for name in ("source", "destination"))
    if not source or not target:
        return None
    sizes = list(shape)
    sizes.insert(target, sizes.pop(source))
    return tuple(sizes[1:])


def _transposed(shape: Shape, config: Options, plain: list[object]) -> Shape | None:
    axes = config.get("axes")
    if not isinstance(axes, list) or sorted(map(str, axes)) != sorted(map(str, range(len(shape)))) or axes[0] != 0:
        return None
    return tuple(shape[axis] for axis in axes)[1:]


def _reshaped(shape: Shape, config: Options, plain: list[object]) -> Shape | None:
    wanted = config.get("newshape")
    if not isinstance(wanted, list) or len(wanted) < 2 or any(type(size) is not int for size in wanted):
        return None
    fits = wanted[0] == -1 and min(wanted[1:]) > 0 and prod(wanted[1:]) == prod(shape[1:])
    return tuple(wanted[1:]) if fits else None


def _repeated(shape: Shape, config: Options, plain: list[object]) -> Shape | None:
    axis, times = _place(config.get("axis"), len(shape)), config.get("repeats")
    if not axis or type(times) is not int or not 0 < times < LARGEST:
        return None
    return tuple(size * times if at == axis else size for at, size in enumerate(shape))[1:]


def _tiled(shape: Shape, config: Options, plain: list[object]) -> Shape | None:
    times = config.get("repeats")
    if not isinstance(times, list) or any(type(one) is not int or not 0 < one < LARGEST for one in times):
        return None
    times = [1] * (len(shape) - len(times)) + times
    if len(times) != len(shape) or times[0] != 1:
        return None
    return tuple(size * one for size, one in zip(shape, times, strict=True))[1:]


def _chosen(shape: Shape, config: Options, plain: list[object]) -> Shape | None:
    """What `take` picks along an axis: one place, or a list of them."""
    axis = _place(config.get("axis"), len(shape))
    if not axis or len(plain) != 1:
        return None
    taken = () if type(plain[0]) is int else (len(plain[0]),) if isinstance(plain[0], list) else None
    return None if taken is None else (*shape[1:axis], *taken, *shape[axis + 1 :])


def _largest(shape: Shape, config: Options, plain: list[object]) -> Shape | None:
    count = config.get("k")
    return (*shape[1:-1], count) if type(count) is int and count > 0 and len(shape) > 1 else None


def _one_hot(shape: Shape, config: Options, plain: list[object]) -> Shape | None:
    count = config.get("num_classes")
    return (*shape[1:], count) if type(count) is int and count > 0 and config.get("axis") == -1 else None


def _cut(shape: Shape, config: Options, plain: list[object]) -> Shape | None:
    return cut(shape, plain)


_ONE = {
    "ExpandDims": _expanded, "Squeeze": _squeezed, "Swapaxes": _swapped, "Moveaxis": _moved, "Transpose": _transposed,
    "Reshape": _reshaped, "Repeat": _repeated, "Tile": _tiled, "Take": _chosen, "TopK": _largest, "OneHot": _one_hot,
    "GetItem": _cut,
}  # fmt: skip


def cut(shape: Shape, keys: list[object]) -> Shape | None:
    """The shape of `x[keys]` without the batch axis, which the first key has to leave as it is; None if not known."""
    dots = [at for at, key in enumerate(keys) if isinstance(key, dict) and key.get("class_name") == "__ellipsis__"]
    if len(dots) == 1:
        missing = len(shape) - len([key for at, key in enumerate(keys) if key is not None and at != dots[0]])
        whole = {"class_name": "__slice__", "config": dict.fromkeys(ENDS)}
        keys = [*keys[: dots[0]], *[whole] * missing, *keys[dots[0] + 1 :]]
    if not keys or _ends(keys[0]) != [None, None, None]:
        return None
    if len([key for key in keys if key is not None]) > len(shape):
        return None
    found: list[Number] = []
    sizes = list(shape[1:])
    for key in keys[1:]:
        if key is None:
            found.append(1)
            continue
        size = sizes.pop(0)
        ends = _ends(key)
        if ends is not None:
            if ends == [None, None, None]:
                found.append(size)
            elif type(size) is int and all(end is None or type(end) is int for end in ends) and ends[2] != 0:
                found.append(len(range(*slice(*ends).indices(size))))
            else:
                return None
        elif type(key) is not int or type(size) is not int or not -size <= key < size:
            return None
    return (*found, *sizes)


def _ends(key: object) -> list[object] | None:
    """Start, stop and step of a slice; None for what is none."""
    if not isinstance(key, dict) or key.get("class_name") != "__slice__" or not isinstance(key.get("config"), dict):
        return None
    return [key["config"].get(end) for end in ENDS]
