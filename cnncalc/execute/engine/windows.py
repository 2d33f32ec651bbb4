"""Padding and sliding windows of arrays [N, C, *space]; the number of windows follows from the array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.execute.engine import threads
from cnncalc.execute.gradient.custom_gradient import custom_vjp
from cnncalc.execute.kernel import Array

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer

MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@custom_vjp
def pad(x: Array, pads: Sequence[tuple[int, int]], mode: str = "zeros", value: float = 0.0) -> Array:
    """The array with its last axes padded, one (before, after) pair an axis; negative amounts crop.

    Modes are PyTorch's: zeros or constant (filled with `value`), reflect, replicate, circular.
    """
    if all(before == 0 and after == 0 for before, after in pads):
        return x
    first = x.ndim - len(pads)
    if any(before < 0 or after < 0 for before, after in pads):
        cut: list[slice] = [slice(None)] * x.ndim
        late = mode in ("reflect", "replicate")  # what will be cut off is still there to be reflected or repeated
        grown = [(max(before, 0), max(after, 0)) for before, after in pads]
        x = pad(x, grown, mode) if late else x
        for axis, (before, after) in enumerate(pads):
            cut[first + axis] = slice(max(-before, 0), x.shape[first + axis] - max(-after, 0))
        x = x[tuple(cut)]
        if late:
            return x
        pads = grown
    if mode in MODES:
        if 0 in x.shape:
            return np.zeros([n + sum(p) for n, p in zip(x.shape, [(0, 0)] * first + [*pads], strict=True)], x.dtype)
        return np.pad(x, [(0, 0)] * first + [*pads], mode=MODES[mode])  # type: ignore[call-overload,no-any-return]
    shape = list(x.shape)
    inside: list[slice] = [slice(None)] * x.ndim
    for axis, (before, after) in enumerate(pads):
        inside[first + axis] = slice(before, before + shape[first + axis])
        shape[first + axis] += before + after
    padded = np.empty(shape, x.dtype)
    for axis, (before, after) in enumerate(pads, first):  # the frame, each part of it once
        lead = tuple(inside[:axis])
        padded[(*lead, slice(0, before))] = value
        padded[(*lead, slice(shape[axis] - after, None))] = value
    threads.parallel_copy(padded[tuple(inside)], x)
    return padded


def counts(space: Sequence[int], kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> list[int]:
    """How many windows start at 0, S, 2S, ... and end inside the axis: counted as positions, not by a formula."""
    return [len(range(0, size - d * (k - 1), s)) for size, k, s, d in zip(space, kernel, stride, dilation, strict=True)]


def windows(x: Array, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> Array:
    """A read-only view [*lead, *windows, *kernel] of an array [*lead, *space]."""
    axes = len(kernel)
    lead = x.ndim - axes
    count = counts(x.shape[lead:], kernel, stride, dilation)
    steps = x.strides[lead:]
    return np.lib.stride_tricks.as_strided(
        x,
        (*x.shape[:lead], *count, *kernel),
        (
            *x.strides[:lead],
            *(step * s for step, s in zip(steps, stride, strict=True)),
            *(step * d for step, d in zip(steps, dilation, strict=True)),
        ),
        writeable=False,
    )


def tap(x: Array, axis: int, start: int, stride: int, count: int) -> Array:
    """Elements start, start + stride, ... of one axis: `count` of them."""
    index: list[slice] = [slice(None)] * x.ndim
    index[axis] = slice(start, start + (count - 1) * stride + 1, stride)
    return x[tuple(index)]


def ones(layer: Layer, name: str, axes: int) -> tuple[int, ...]:
    """An option with one number per axis, or ones where the layer does not have it."""
    value = getattr(layer, name, None)
    return (1,) * axes if value is None else value
