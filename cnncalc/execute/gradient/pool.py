"""Gradients of pools: that of a maximum goes to the largest number, that of a sum to each of its numbers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.execute.engine.windows import ones, pad, tap
from cnncalc.execute.gradient.autodiff import new_node, value
from cnncalc.execute.gradient.custom_gradient import Followed, unwrapped
from cnncalc.execute.gradient.windows import pad_back
from cnncalc.execute.kernel import Array, Weights
from cnncalc.execute.kernels import pool as forward

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.layers.pool import AvgPool, LPPool, MaxPool

_max_pool, _largest, _sums = unwrapped(forward.max_pool), unwrapped(forward.largest), unwrapped(forward.window_sums)


def max_pool(layer: MaxPool, weights: Weights, x: Array) -> Array | dict[str, Array]:
    """The gradient goes to the first maximum in row order; where windows overlap, gradients add."""
    a = value(x)
    with_places: Any = SimpleNamespace(
        kernel_size=layer.kernel_size,
        stride=layer.stride,
        padding=layer.padding,
        dilation=ones(layer, "dilation", a.ndim - 2),
        ceil_mode=layer.ceil_mode,
        return_indices=True,
    )
    made = _max_pool(with_places, {}, a)
    _note_ties(with_places, weights, a, made)
    output = picked(x, made["output"], made["indices"])
    return {"output": output, "indices": made["indices"]} if layer.return_indices else output


def picked(x: Array, made: Array, places: Array) -> Array:
    """Numbers of each channel that stand at places of its flat image."""
    a = value(x)
    n, channels = a.shape[:2]
    flat = places.reshape(n, channels, -1)

    def pull(g: Array) -> Array:
        total = np.zeros((n, channels, int(np.prod(a.shape[2:]))), g.dtype)
        np.add.at(total, (np.arange(n)[:, None, None], np.arange(channels)[:, None], flat), g.reshape(flat.shape))
        return total.reshape(a.shape)

    return new_node(made, (x, pull))


def _note_ties(layer: MaxPool, weights: Weights, a: Array, made: dict[str, Array]) -> None:
    """Say how many windows have several largest numbers: the derivative is a choice there."""
    if not isinstance(weights, Followed):
        return
    # From the other end the first maximum is the last one.
    turned = tuple(range(2, a.ndim))
    count, _, filled = forward.placed(layer, a.shape[2:])
    span = [
        (c - 1) * s + (k - 1) * d + 1
        for c, s, k, d in zip(count, layer.stride, layer.kernel_size, layer.dilation, strict=True)
    ]
    padded = pad(a, filled, value=forward.lowest(a))
    seen = padded[(slice(None), slice(None), *(slice(0, size) for size in span))]
    back = SimpleNamespace(**{**vars(layer), "padding": ((0, 0),) * len(span), "ceil_mode": False})
    last = _max_pool(back, {}, np.flip(seen, turned))["indices"]
    # Contiguous: NumPy's unravel_index reads beside large arrays whose steps are negative.
    there = np.ascontiguousarray(np.flip(int(np.prod(span)) - 1 - last, turned))
    place = np.unravel_index(there, span)
    index = np.zeros(there.shape, np.int64)
    for axis, size in enumerate(a.shape[2:]):
        index = index * size + place[axis] - filled[axis][0]
    ties = int((index != made["indices"]).sum())
    if ties:
        said = "1 window has" if ties == 1 else f"{ties} windows have"
        weights.note(f"{said} several largest numbers; the first in row order gets the gradient")


def largest(x: Array, places: list[Array], indices: bool) -> Array | dict[str, Array]:
    """The same for bins."""
    a = value(x)
    if 0 in [place.size for place in places]:
        empty: Array | dict[str, Array] = _largest(a, places, indices)
        return empty
    made = _largest(a, places, True)
    output = picked(x, made["output"], made["indices"])
    return {"output": output, "indices": made["indices"]} if indices else output


def window_sums(layer: AvgPool | LPPool, x: Array) -> tuple[Array, Array]:
    """The sum of every window, and how many numbers it counts: each number gets what its windows get."""
    a = value(x)
    total, sizes = _sums(layer, a)
    count, _, filled = forward.placed(layer, a.shape[2:])

    def pull(g: Array) -> Array:
        space = [size + before + after for size, (before, after) in zip(a.shape[2:], filled, strict=True)]
        for axis in reversed(range(len(space))):
            whole = np.zeros((*g.shape[: 2 + axis], space[axis], *g.shape[3 + axis :]), g.dtype)
            for at in range(layer.kernel_size[axis]):
                target = tap(whole, 2 + axis, at, layer.stride[axis], count[axis])
                target += g
            g = whole
        return pad_back(g, a.shape, filled, "zeros")

    return new_node(total, (x, pull)), sizes


def global_pool(layer: Layer, weights: Weights, x: Array) -> Array:
    """The mean's share to all, or everything to the first maximum."""
    a = value(x)
    made = unwrapped(forward.global_pool)(layer, {}, a)
    flat = a.reshape(*a.shape[:2], -1)
    if layer.type() == "GlobalAvgPool":
        size = flat.shape[-1]
        return new_node(made, (x, lambda g: np.repeat(g.reshape(*a.shape[:2], 1) / size, size, -1).reshape(a.shape)))
    return picked(x, made, flat.argmax(-1))


def max_unpool(layer: Layer, weights: Weights, x: Array, indices: Array) -> Array:
    """Every number was put at its place: from there its gradient comes back."""
    a, places = value(x), value(indices)
    made = unwrapped(forward.max_unpool)(layer, {}, a, places)
    flat = places.reshape(*a.shape[:2], -1).astype(np.int64)

    def pull(g: Array) -> Array:
        return np.take_along_axis(g.reshape(*a.shape[:2], -1), flat, -1).reshape(a.shape)

    return new_node(made, (x, pull))
