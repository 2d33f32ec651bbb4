"""Derivatives of NumPy's functions where the library has none, is slow, or decides ties otherwise than PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from cnncalc.execute.gradient.autodiff import RULES, SparseGrad, new_node, summed, value
from cnncalc.execute.kernel import Array

# A number may stand where an array stands, and both may be followed.
Axes: TypeAlias = "int | tuple[int, ...] | None"

# --- number by number ------------------------------------------------------------------------------------------------


def add(x: Array, y: Array) -> Array:
    """x + y."""
    a, b = value(x), value(y)
    return new_node(a + b, (x, lambda g: summed(g, np.shape(a))), (y, lambda g: summed(g, np.shape(b))))


def subtract(x: Array, y: Array) -> Array:
    """x - y."""
    a, b = value(x), value(y)
    return new_node(a - b, (x, lambda g: summed(g, np.shape(a))), (y, lambda g: summed(-g, np.shape(b))))


def multiply(x: Array, y: Array) -> Array:
    """x times y."""
    a, b = value(x), value(y)
    return new_node(a * b, (x, lambda g: summed(g * b, np.shape(a))), (y, lambda g: summed(g * a, np.shape(b))))


def divide(x: Array, y: Array) -> Array:
    """x over y."""
    a, b = value(x), value(y)
    made = a / b
    return new_node(made, (x, lambda g: summed(g / b, np.shape(a))), (y, lambda g: summed(-g * made / b, np.shape(b))))


def tanh(x: Array) -> Array:
    """1 - tanh^2, which cannot overflow."""
    made = np.tanh(value(x))
    return new_node(made, (x, lambda g: g * (1 - made * made)))


def _extreme(function: np.ufunc, wins: np.ufunc) -> Callable[[Array, Array], Array]:
    def rule(x: Array, y: Array) -> Array:
        a, b = value(x), value(y)
        made = function(a, b)

        def pull(mine: Array, other: Array, alone: bool) -> Callable[[Array], Array]:
            # Against a constant nothing moves at a tie, as in ReLU; two followed numbers share it evenly.
            tie = 0.0 if alone else 0.5
            return lambda g: summed(g * np.where(mine == other, tie, wins(mine, other)), np.shape(mine))

        return new_node(made, (x, pull(a, b, y is b)), (y, pull(b, a, x is a)))

    return rule


def where(condition: Array, x: Array, y: Array) -> Array:
    """A choice: each gets the gradient where it was chosen."""
    chosen, a, b = value(condition), value(x), value(y)
    return new_node(
        np.where(chosen, a, b),
        (x, lambda g: summed(np.where(chosen, g, 0), np.shape(a))),
        (y, lambda g: summed(np.where(chosen, 0, g), np.shape(b))),
    )


def clip(x: Array, low: Array | float | None = None, high: Array | float | None = None) -> Array:
    """Nothing moves outside the bounds; on them it does."""
    a = value(x)
    inside = np.ones(a.shape, bool)
    if low is not None:
        inside &= a >= low
    if high is not None:
        inside &= a <= high
    return new_node(np.clip(a, low, high), (x, lambda g: g * inside))


# --- places ----------------------------------------------------------------------------------------------------------


def take(x: Array, index: Array, axis: int | None = None) -> Array:
    """Places of an axis, which may repeat."""
    a, places = value(x), np.asarray(value(index))
    if axis is None:
        raise TypeError("take without an axis cannot be followed")
    at = axis % a.ndim
    key = (slice(None),) * at + (places,)
    return new_node(a.take(places, at), (x, lambda g: SparseGrad(a.shape, key, g, True)))


def take_along_axis(x: Array, index: Array, axis: int = -1) -> Array:
    """Places of an axis, for each row its own."""
    a, places = value(x), value(index)
    at = axis % a.ndim
    key = list(np.ix_(*map(np.arange, places.shape)))
    key[at] = places
    return new_node(np.take_along_axis(a, places, at), (x, lambda g: SparseGrad(a.shape, tuple(key), g, True)))


def flip(x: Array, axis: Axes = None) -> Array:
    """The order reversed."""
    return new_node(np.flip(value(x), axis), (x, lambda g: np.flip(g, axis)))


def roll(x: Array, shift: int | list[int] | tuple[int, ...], axis: Axes = None) -> Array:
    """Positions shifted round."""
    back = [-step for step in shift] if isinstance(shift, (list, tuple)) else -shift
    return new_node(np.roll(value(x), shift, axis), (x, lambda g: np.roll(g, back, axis)))


def split(x: Array, parts: int | Sequence[int], axis: int = 0) -> list[Array]:
    """Slices of an axis."""
    size = x.shape[axis]
    ends = [size // parts * at for at in range(1, parts)] if isinstance(parts, int) else list(parts)
    lead = (slice(None),) * (axis % x.ndim)
    return [x[(*lead, slice(start, end))] for start, end in zip([0, *ends], [*ends, size], strict=True)]


def concatenate(parts: Sequence[Array], axis: int = 0) -> Array:
    """One behind the other."""
    arrays = [value(part) for part in parts]
    made = np.concatenate(arrays, axis)
    lead: tuple[slice, ...] = (slice(None),) * (axis % made.ndim)
    ends = np.cumsum([array.shape[axis] for array in arrays])

    def pull(end: int, size: int) -> Callable[[Array], Array]:
        return lambda g: g[(*lead, slice(end - size, end))]

    links = [(part, pull(int(end), array.shape[axis])) for part, end, array in zip(parts, ends, arrays, strict=True)]
    return new_node(made, *links)


def stack(parts: Sequence[Array], axis: int = 0) -> Array:
    """Side by side on a new axis."""
    made = np.stack([value(part) for part in parts], axis)
    lead: tuple[slice | int, ...] = (slice(None),) * (axis % made.ndim)

    def pull(at: int) -> Callable[[Array], Array]:
        return lambda g: g[(*lead, at)]

    return new_node(made, *[(part, pull(at)) for at, part in enumerate(parts)])


def repeat(x: Array, times: int, axis: int | None = None) -> Array:
    """Every place of an axis several times."""
    a = value(x)
    if axis is None:
        raise TypeError("repeat without an axis cannot be followed")
    at = axis % a.ndim
    apart = (*a.shape[: at + 1], times, *a.shape[at + 1 :])
    return new_node(np.repeat(a, times, at), (x, lambda g: g.reshape(apart).sum(at + 1)))


def tile(x: Array, times: Sequence[int]) -> Array:
    """The whole several times along each axis."""
    a = value(x)
    apart = [size for pair in zip(times, a.shape, strict=True) for size in pair]
    return new_node(np.tile(a, times), (x, lambda g: g.reshape(apart).sum(tuple(range(0, 2 * a.ndim, 2)))))


def broadcast_to(x: Array, shape: tuple[int, ...]) -> Array:
    """Axes of size 1 stretched."""
    a = value(x)
    return new_node(np.broadcast_to(a, shape), (x, lambda g: summed(g, a.shape)))


def broadcast_arrays(*xs: Array) -> list[Array]:
    """All stretched to one shape."""
    shape = np.broadcast_shapes(*(value(x).shape for x in xs))
    return [broadcast_to(x, shape) for x in xs]


def pad(x: Array, widths: Sequence[tuple[int, int]], mode: str = "constant", **options: float) -> Array:
    """Something around: what stands inside keeps its gradient."""
    if mode != "constant":
        raise TypeError(f"np.pad with mode {mode} cannot be followed")
    a = value(x)
    inside = tuple(slice(before, before + size) for (before, _), size in zip(widths, a.shape, strict=True))
    return new_node(np.pad(a, widths, mode, **options), (x, lambda g: g[inside]))  # type: ignore[call-overload]


# --- reductions and products -----------------------------------------------------------------------------------------


def _spread(g: Array, shape: tuple[int, ...], axis: Axes) -> Array:
    """A gradient of what was reduced, with the axes back, of size 1."""
    axes = range(len(shape)) if axis is None else [axis] if isinstance(axis, int) else axis
    gone = {at % len(shape) for at in axes}
    return g.reshape([1 if at in gone else size for at, size in enumerate(shape)])


def sum_(x: Array, axis: Axes = None, dtype: object = None, keepdims: bool = False) -> Array:
    """A sum: everything gets the same."""
    a = value(x)
    made = np.sum(a, axis=axis, keepdims=keepdims)
    return new_node(made, (x, lambda g: np.broadcast_to(_spread(g, a.shape, axis), a.shape)))


def mean(x: Array, axis: Axes = None, dtype: object = None, keepdims: bool = False) -> Array:
    """A mean: everything gets an equal share."""
    a = value(x)
    made = np.mean(a, axis=axis, keepdims=keepdims)
    count = a.size / max(np.size(made), 1)
    return new_node(made, (x, lambda g: np.broadcast_to(_spread(g / count, a.shape, axis), a.shape)))


def _furthest(function: Callable[..., Array]) -> Callable[..., Array]:
    def rule(x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
        a = value(x)
        made = function(a, axis=axis, keepdims=keepdims)
        best = a == _spread(np.asarray(made), a.shape, axis)

        def pull(g: Array) -> Array:
            axes = tuple(range(a.ndim)) if axis is None else axis
            return np.where(best, _spread(g, a.shape, axis) / best.sum(axes, keepdims=True), 0)

        return new_node(made, (x, pull))  # those that are equal share evenly

    return rule


def matmul(x: Array, y: Array) -> Array:
    """A matrix product, of vectors too."""
    a, b = value(x), value(y)
    left, right = (a[None] if a.ndim == 1 else a), (b[:, None] if b.ndim == 1 else b)
    made = a @ b

    def full(g: Array) -> Array:
        return g.reshape(*np.broadcast_shapes(left.shape[:-2], right.shape[:-2]), left.shape[-2], right.shape[-1])

    def to_x(g: Array) -> Array:
        if right.ndim == 2:  # one product for however many axes there are
            return (full(g).reshape(-1, right.shape[1]) @ right.T).reshape(a.shape)
        return summed(full(g) @ right.swapaxes(-1, -2), left.shape).reshape(a.shape)

    def to_y(g: Array) -> Array:
        if right.ndim == 2:
            rows, back = left.reshape(-1, left.shape[-1]), full(g).reshape(-1, right.shape[1])
            # of one row each number is one product, which BLAS takes eight times as long for
            found: Array = rows.T * back if len(rows) == 1 else rows.T @ back
            return found.reshape(b.shape)
        return summed(left.swapaxes(-1, -2) @ full(g), right.shape).reshape(b.shape)

    return new_node(made, (x, to_x), (y, to_y))


def dot(x: Array, y: Array) -> Array:
    """The product of matrices and vectors; with a matrix on the right it is that of `@`."""
    if value(y).ndim > 2:
        raise TypeError("np.dot with more than two axes cannot be followed")
    return matmul(x, y)


def power(x: Array, y: Array) -> Array:
    """x to the power of y."""
    a, b = value(x), value(y)
    made = a**b

    def to_x(g: Array) -> Array:
        # Of a constant power the derivative at 0 is right too: 0 ** 0 is 1.
        return summed(g * b * a ** np.where(np.equal(b, 0), 1, b - 1), np.shape(a))

    return new_node(made, (x, to_x), (y, lambda g: summed(g * made * np.log(np.where(a == 0, 1, a)), np.shape(b))))


def plain(name: str) -> Callable[..., object]:
    """A function without a derivative: of the values."""

    def rule(*args: Array, **options: object) -> object:
        return getattr(np, name)(*map(value, args), **options)

    return rule


PLAIN = (
    "argmax argmin argsort nonzero sign floor ceil round equal not_equal less less_equal greater greater_equal isnan "
    "isfinite logical_and logical_or logical_not zeros_like ones_like shape ndim size"
)
RULES.update(
    {
        "add": add,
        "subtract": subtract,
        "multiply": multiply,
        "divide": divide,
        "true_divide": divide,
        "tanh": tanh,
        "maximum": _extreme(np.maximum, np.greater),
        "minimum": _extreme(np.minimum, np.less),
        "where": where,
        "clip": clip,
        "take": take,
        "take_along_axis": take_along_axis,
        "flip": flip,
        "roll": roll,
        "split": split,
        "concatenate": concatenate,
        "stack": stack,
        "repeat": repeat,
        "tile": tile,
        "broadcast_to": broadcast_to,
        "broadcast_arrays": broadcast_arrays,
        "pad": pad,
        "sum": sum_,
        "mean": mean,
        "max": _furthest(np.max),
        "amax": _furthest(np.max),
        "min": _furthest(np.min),
        "amin": _furthest(np.min),
        "matmul": matmul,
        "dot": dot,
        "power": power,
        **{name: plain(name) for name in PLAIN.split()},
    }
)
