"""Pools: a window of two or three axes is worked off one axis after the other wherever the result allows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.core.window import pads
from cnncalc.execute.engine import threads
from cnncalc.execute.engine.windows import ones, pad, tap, windows
from cnncalc.execute.gradient.custom_gradient import custom_vjp
from cnncalc.execute.kernel import Array, Weights, kernel

if TYPE_CHECKING:
    from cnncalc.layers.adaptive import AdaptiveAvgPool, AdaptiveMaxPool, FractionalMaxPool, GlobalPool
    from cnncalc.layers.pool import AvgPool, LPPool, MaxPool, Pool
    from cnncalc.layers.unpool import MaxUnpool

# Bytes of an image that are worked on at once, some channels of it.
LARGE = 1 << 19


def placed(layer: Pool, space: tuple[int, ...]) -> tuple[list[int], list[tuple[int, int]], list[tuple[int, int]]]:
    """Windows on each axis, the padding that was asked for, and the padding that lets the last window end inside.

    With ceil_mode a last window may hang over the end, but it starts in the input or the padding before it.
    """
    kernel_size = layer.kernel_size
    count, asked, filled = [], [], []
    for size, k, s, d, (before, after) in zip(
        space, kernel_size, layer.stride, ones(layer, "dilation", len(space)), pads(layer, space), strict=True
    ):
        span = d * (k - 1) + 1
        last = before + size + after - span
        starts = range(0, min(last + s, before + size) if layer.ceil_mode else last + 1, s)
        count.append(len(starts))
        asked.append((before, after))
        filled.append((before, max(after, (len(starts) - 1) * s + span - before - size)))
    return count, asked, filled


def lowest(x: Array) -> Any:
    """What loses against every number of the array."""
    return -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min


@kernel("MaxPool1d", "MaxPool2d", "MaxPool3d")
@custom_vjp
def max_pool(layer: MaxPool, weights: Weights, x: Array) -> Array | dict[str, Array]:
    """The largest number of every window; padding never wins."""
    space = x.shape[2:]
    count, _, filled = placed(layer, space)
    dilation = ones(layer, "dilation", len(space))

    def highest(x: Array) -> Array:
        x = pad(x, filled, value=lowest(x))
        for axis, k in enumerate(layer.kernel_size):
            x = _along(np.maximum, x, 2 + axis, k, layer.stride[axis], dilation[axis], count[axis])
        return x

    if not layer.return_indices:
        return highest(x) if x.nbytes < LARGE else _by_channels(highest, x, count)
    padded = pad(x, filled, value=lowest(x))
    seen = windows(padded, layer.kernel_size, layer.stride, dilation)
    seen = seen[(slice(None), slice(None), *(slice(0, c) for c in count))]
    flat = seen.reshape(*x.shape[:2], *count, -1)
    best = flat.argmax(-1)
    place = np.unravel_index(best, layer.kernel_size)
    index = np.zeros(best.shape, np.int64)
    for axis, size in enumerate(space):
        start = np.arange(count[axis]) * layer.stride[axis] - filled[axis][0]
        start = start.reshape(-1, *(1,) * (len(space) - 1 - axis))
        index = index * size + start + place[axis] * dilation[axis]
    return {"output": np.take_along_axis(flat, best[..., None], -1)[..., 0], "indices": index}


def _by_channels(pooled: Callable[[Array], Array], x: Array, count: list[int]) -> Array:
    """A pool of some channels at once."""
    out = np.empty((*x.shape[:2], *count), x.dtype)

    def work(todo: Iterator[slice]) -> None:
        for part in todo:
            out[:, part] = pooled(x[:, part])

    threads.parallel_for(work, threads.parts(x.shape[1], x.nbytes // x.shape[1], LARGE))
    return out


def _along(
    combine: Callable[..., Array], x: Array, axis: int, kernel: int, stride: int, dilation: int, count: int
) -> Array:
    """Combine the `kernel` numbers of every window along one axis."""
    result = tap(x, axis, 0, stride, count)
    if kernel == 1:
        return result
    result = combine(result, tap(x, axis, dilation, stride, count))
    for at in range(2, kernel):
        combine(result, tap(x, axis, at * dilation, stride, count), out=result)
    return result


@kernel("AvgPool1d", "AvgPool2d", "AvgPool3d")
def avg_pool(layer: AvgPool, weights: Weights, x: Array) -> Array:
    """The mean of every window; what an overhanging window has outside the padding never counts."""
    total, sizes = window_sums(layer, x)
    divisor = getattr(layer, "divisor_override", None)
    if divisor is not None:
        return total / divisor  # type: ignore[no-any-return]
    if not layer.ceil_mode and not any(map(any, pads(layer, x.shape[2:]))):
        total /= prod(layer.kernel_size)
        return total
    for axis, size in enumerate(sizes):
        total /= size.reshape(-1, *(1,) * (len(sizes) - 1 - axis)).astype(total.dtype)
    return total


@custom_vjp
def window_sums(layer: AvgPool | LPPool, x: Array) -> tuple[Array, list[Array]]:
    """The sum of every window, and how many numbers of each axis it counts."""
    space = x.shape[2:]
    count, asked, filled = placed(layer, space)
    total = pad(x, filled)
    sizes = []
    for axis, k in enumerate(layer.kernel_size):
        total = _along(np.add, total, 2 + axis, k, layer.stride[axis], 1, count[axis])
        start = np.arange(count[axis]) * layer.stride[axis] - asked[axis][0]
        end = start + k
        if getattr(layer, "count_include_pad", False):
            sizes.append(np.minimum(end, space[axis] + asked[axis][1]) - start)
        else:
            sizes.append(np.minimum(end, space[axis]) - np.maximum(start, 0))
    return (total.copy() if np.may_share_memory(total, x) else total), sizes


@kernel("LPPool1d", "LPPool2d", "LPPool3d")
def lp_pool(layer: LPPool, weights: Weights, x: Array) -> Array:
    """(mean of x ** p, times the kernel size) ** (1 / p): as in PyTorch, an overhanging window is scaled up."""
    with np.errstate(invalid="ignore"):
        total, sizes = window_sums(layer, x**layer.norm_type)
        for axis, size in enumerate(sizes):
            total /= size.reshape(-1, *(1,) * (len(sizes) - 1 - axis)).astype(total.dtype)
        total *= prod(layer.kernel_size)
        return total ** (1 / layer.norm_type)


@kernel("AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d")
def adaptive_avg_pool(layer: AdaptiveAvgPool, weights: Weights, x: Array) -> Array:
    """The mean of every bin: bin j is [floor(j i / o), ceil((j + 1) i / o))."""
    for axis, wanted in enumerate(layer.output_size):
        size = x.shape[2 + axis]
        if wanted is None or wanted == size:
            continue
        share = np.zeros((wanted, size), x.dtype)
        for bin_, (start, end) in enumerate(bins(size, wanted)):
            share[bin_, start:end] = 1 / (end - start)
        x = np.moveaxis(np.moveaxis(x, 2 + axis, -1) @ share.T, -1, 2 + axis)
    return x


def bins(size: int, wanted: int) -> list[tuple[int, int]]:
    """Where each of `wanted` bins of an axis starts and ends."""
    return [(j * size // wanted, -((-(j + 1) * size) // wanted)) for j in range(wanted)]


@kernel("AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d")
def adaptive_max_pool(layer: AdaptiveMaxPool, weights: Weights, x: Array) -> Array | dict[str, Array]:
    """The largest number of every bin, and where it stood."""
    places = []
    for axis, wanted in enumerate(layer.output_size):
        size = x.shape[2 + axis]
        edges = bins(size, size if wanted is None else wanted)
        widest = max((end - start for start, end in edges), default=1)
        # A shorter bin is filled up with its last place again, which changes neither the largest nor the first of it.
        places.append(np.array([[min(start + at, end - 1) for at in range(widest)] for start, end in edges], np.int64))
    return largest(x, places, layer.return_indices)


@custom_vjp
def largest(x: Array, places: list[Array], indices: bool) -> Array | dict[str, Array]:
    """The largest number at the places [bins, candidates] of each axis; the first of them in row order."""
    if not indices or 0 in [place.size for place in places]:
        taken = x
        for axis, place in enumerate(places):
            if place.size == 0:
                taken = taken.take(place.reshape(-1), 2 + axis)
                continue
            taken = np.maximum.reduce([taken.take(column, 2 + axis) for column in place.T])
        return taken if not indices else {"output": taken, "indices": np.zeros(taken.shape, np.int64)}
    axes = len(places)
    flat = np.zeros((), np.int64)
    for axis, place in enumerate(places):
        shape = [1] * (2 * axes)
        shape[axis], shape[axes + axis] = place.shape
        flat = flat * x.shape[2 + axis] + place.reshape(shape)
    count = flat.shape[:axes]
    flat = np.ascontiguousarray(flat).reshape(*count, -1)
    taken = x.reshape(*x.shape[:2], -1)[:, :, flat]
    best = taken.argmax(-1)[..., None]
    where = np.broadcast_to(flat, taken.shape)
    return {
        "output": np.take_along_axis(taken, best, -1)[..., 0],
        "indices": np.take_along_axis(where, best, -1)[..., 0],
    }


@kernel("GlobalAvgPool", "GlobalMaxPool")
@custom_vjp
def global_pool(layer: GlobalPool, weights: Weights, x: Array) -> Array:
    """One number per channel."""
    flat = x.reshape(*x.shape[:2], -1)
    best: Array = flat.mean(-1) if layer.type() == "GlobalAvgPool" else flat.max(-1)
    return best.reshape(*x.shape[:2], *(1,) * (x.ndim - 2)) if layer.keepdim else best


@kernel("MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d")
@custom_vjp
def max_unpool(layer: MaxUnpool, weights: Weights, x: Array, indices: Array) -> Array:
    """Put every number where its index says, zeros elsewhere."""
    space = getattr(layer, "output_size", None)
    if space is None:
        padding = pads(layer, x.shape[2:])
        space = [
            (size - 1) * s + k - before - after
            for size, s, k, (before, after) in zip(x.shape[2:], layer.stride, layer.kernel_size, padding, strict=True)
        ]
    out = np.zeros((*x.shape[:2], prod(space)), x.dtype)
    np.put_along_axis(out, indices.reshape(*x.shape[:2], -1).astype(np.int64), x.reshape(*x.shape[:2], -1), -1)
    return out.reshape(*x.shape[:2], *space)


@kernel("FractionalMaxPool2d", "FractionalMaxPool3d")
def fractional_max_pool(layer: FractionalMaxPool, weights: Weights, x: Array) -> Array | dict[str, Array]:
    """Windows at uneven steps. PyTorch draws where they start; here the draw is its middle, 1/2, every time."""
    places = []
    for axis, k in enumerate(layer.kernel_size):
        size = x.shape[2 + axis]
        wanted = int(size * layer.output_ratio[axis]) if layer.output_size is None else layer.output_size[axis]
        alpha = (size - k) / (wanted - 1) if wanted > 1 else 0.0
        starts = [int((j + 0.5) * alpha) - int(0.5 * alpha) for j in range(wanted - 1)] + [size - k]
        places.append(np.array(starts[:wanted], dtype=np.int64)[:, None] + np.arange(k))
    return largest(x, places, layer.return_indices)
