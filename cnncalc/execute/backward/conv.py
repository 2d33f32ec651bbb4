"""Convolutions backwards: the input's gradient spreads every output over its window, the filters' correlates."""

from __future__ import annotations

from math import prod
from types import SimpleNamespace
from typing import Any

import numpy as np

from cnncalc.execute.backward.trace import link, value
from cnncalc.execute.backward.windows import pad, pad_back
from cnncalc.execute.followed import plainly
from cnncalc.execute.kernel import Array, Weights
from cnncalc.execute.kernels import conv as forward
from cnncalc.window import pads

_conv, _conv_transpose = plainly(forward.conv), plainly(forward.conv_transpose)


def conv(layer: Any, weights: Weights, x: Any) -> Any:
    """Filters slide over an input, either of which is followed."""
    plain = {name: value(array) for name, array in weights.items()}
    image, weight = value(x), plain["weight"]
    borders = pads(layer, image.shape[2:])

    def to_x(g: Array) -> Array:
        space = [size + before + after for size, (before, after) in zip(image.shape[2:], borders, strict=True)]
        inner = spread(layer, weight, g, (len(image), image.shape[1], *space))
        return pad_back(inner, image.shape, borders, layer.padding_mode)

    def to_weight(g: Array) -> Array:
        return correlated(layer, pad(image, borders, layer.padding_mode), g, weight.shape)

    return _with_bias(_conv(layer, plain, image), weights, (x, to_x), (weights["weight"], to_weight))


def conv_transpose(layer: Any, weights: Weights, x: Any) -> Any:
    """Every number spreads over a window: its gradient is a convolution of what comes back."""
    plain = {name: value(array) for name, array in weights.items()}
    image, weight = value(x), plain["weight"]
    made = _conv_transpose(layer, plain, image)
    borders = pads(layer, image.shape[2:])
    step = SimpleNamespace(
        padding=((0, 0),) * (image.ndim - 2),
        padding_mode="zeros",
        kernel_size=weight.shape[2:],
        stride=layer.stride,
        dilation=layer.dilation,
        groups=layer.groups,
    )

    def whole(g: Array) -> Array:
        """The gradient of all that the windows reach, before it was cut."""
        sides = []
        for size, have, k, s, d, (before, _) in zip(
            image.shape[2:], g.shape[2:], weight.shape[2:], layer.stride, layer.dilation, borders, strict=True
        ):
            sides.append((before, (size - 1) * s + (k - 1) * d + 1 - before - have))
        return pad(g, sides)  # type: ignore[no-any-return]

    def to_x(g: Array) -> Array:
        return _conv(step, {"weight": weight}, whole(g))  # type: ignore[no-any-return]

    def to_weight(g: Array) -> Array:
        shape = (image.shape[1], weight.shape[1], *weight.shape[2:])
        return correlated(step, whole(g), image, shape)

    return _with_bias(made, weights, (x, to_x), (weights["weight"], to_weight))


def _with_bias(made: Array, weights: Weights, *links: Any) -> Any:
    """The result, and the bias' gradient where there is one: the sum over everything but the channels."""
    if "bias" in weights:
        axes = (0, *range(2, made.ndim))
        links = (*links, (weights["bias"], lambda g: g.sum(axes)))
    return link(made, *links)


def spread(layer: Any, weight: Array, g: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of a padded input: every number of g [N, C_out, *windows] times its filter, overlaps added."""
    n, channels = shape[:2]
    groups, filters, count = layer.groups, weight.shape[0], g.shape[2:]
    kernel_size = weight.shape[2:]
    if 0 in g.shape or 0 in weight.shape:
        return np.zeros(shape, g.dtype)
    matrix = weight.reshape(groups, filters // groups, -1).swapaxes(1, 2)
    total = np.zeros(shape, g.dtype)
    rows = _rows(channels * prod(kernel_size) * prod(count[1:]) * g.itemsize, count[0])
    for sample in range(n):
        for top in range(0, count[0], rows):
            part = g[sample, :, top : top + rows]
            high = part.shape[1]
            columns = np.matmul(matrix, part.reshape(groups, filters // groups, -1))
            columns = columns.reshape(channels, *kernel_size, high, *count[1:])
            for position in np.ndindex(*kernel_size):
                index: Any = (sample, slice(None), *_window(layer, position, top, (high, *count[1:])))
                total[index] += columns[(slice(None), *position)]
    return total


def correlated(layer: Any, padded: Array, g: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of filters: for each of their numbers the input that it met times g, summed over all windows."""
    n, channels = padded.shape[:2]
    groups, filters, kernel_size, count = layer.groups, shape[0], shape[2:], g.shape[2:]
    total = np.zeros((groups, filters // groups, channels // groups * prod(kernel_size)), g.dtype)
    if 0 in g.shape or 0 in padded.shape or 0 in shape:
        return total.reshape(shape)
    rows = _rows(channels * prod(kernel_size) * prod(count[1:]) * g.itemsize, count[0])
    scratch = np.empty((channels, *kernel_size, rows, *count[1:]), padded.dtype)
    for sample in range(n):
        for top in range(0, count[0], rows):
            part = g[sample, :, top : top + rows]
            high = part.shape[1]
            columns = scratch if high == rows else np.empty((channels, *kernel_size, high, *count[1:]), padded.dtype)
            for position in np.ndindex(*kernel_size):
                index: Any = (sample, slice(None), *_window(layer, position, top, (high, *count[1:])))
                columns[(slice(None), *position)] = padded[index]
            matrix = columns.reshape(groups, total.shape[2], -1)
            total += np.matmul(part.reshape(groups, filters // groups, -1), matrix.swapaxes(1, 2))
    return total.reshape(shape)


def _rows(row: int, most: int) -> int:
    """How many rows of windows are worked on at once, so that they stay in cache."""
    return max(1, min(most, forward.BLOCK // max(row, 1)))


def _window(layer: Any, position: tuple[int, ...], top: int, count: tuple[int, ...]) -> tuple[slice, ...]:
    """What one element of the kernel meets in the windows of some rows."""
    starts = [at * d for at, d in zip(position, layer.dilation, strict=True)]
    starts[0] += top * layer.stride[0]
    return tuple(
        slice(start, start + (size - 1) * step + 1, step)
        for start, size, step in zip(starts, count, layer.stride, strict=True)
    )
