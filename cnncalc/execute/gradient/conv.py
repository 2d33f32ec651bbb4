"""Gradients of convolutions: a transposed convolution for the input, a correlation for the filters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import prod
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from cnncalc.core.window import pads
from cnncalc.execute.engine import threads
from cnncalc.execute.gradient.autodiff import Pull, new_node, value
from cnncalc.execute.gradient.custom_gradient import unwrapped
from cnncalc.execute.gradient.windows import pad, pad_back
from cnncalc.execute.kernel import Array, Weights
from cnncalc.execute.kernels import conv as forward

if TYPE_CHECKING:
    from cnncalc.core.window import Windowed
    from cnncalc.layers.conv import Conv
    from cnncalc.layers.conv_transpose import ConvTranspose

# Bytes of window matrix worked on at once: about what a core's cache holds.
BLOCK = 1 << 21

_conv, _conv_transpose = unwrapped(forward.conv), unwrapped(forward.conv_transpose)


def conv(layer: Conv, weights: Weights, x: Array) -> Array:
    """Filters slide over an input, either of which is followed."""
    plain = {name: value(array) for name, array in weights.items()}
    image, weight = value(x), plain["weight"]
    borders = pads(layer, image.shape[2:])

    def to_x(g: Array) -> Array:
        if all(step == 1 for step in layer.stride) and layer.padding_mode == "zeros" and 0 not in weight.shape:
            return _turned(layer, weight, g, borders)
        space = [size + before + after for size, (before, after) in zip(image.shape[2:], borders, strict=True)]
        inner = spread(layer, weight, g, (len(image), image.shape[1], *space))
        return pad_back(inner, image.shape, borders, layer.padding_mode)

    def to_weight(g: Array) -> Array:
        return correlated(layer, pad(image, borders, layer.padding_mode), g, weight.shape)

    return _with_bias(_conv(layer, plain, image), weights, (x, to_x), (weights["weight"], to_weight))


def conv_transpose(layer: ConvTranspose, weights: Weights, x: Array) -> Array:
    """Every number spreads over a window: its gradient is a convolution of what comes back."""
    plain = {name: value(array) for name, array in weights.items()}
    image, weight = value(x), plain["weight"]
    made = _conv_transpose(layer, plain, image)
    borders = pads(layer, image.shape[2:])
    step: Any = SimpleNamespace(
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
        return pad(g, sides)

    def to_x(g: Array) -> Array:
        return _conv(step, {"weight": weight}, whole(g))  # type: ignore[no-any-return]

    def to_weight(g: Array) -> Array:
        shape = (image.shape[1], weight.shape[1], *weight.shape[2:])
        return correlated(step, whole(g), image, shape)

    return _with_bias(made, weights, (x, to_x), (weights["weight"], to_weight))


def _with_bias(made: Array, weights: Weights, *links: tuple[object, Pull]) -> Array:
    """The result, and the bias' gradient where there is one: the sum over everything but the channels."""
    if "bias" in weights:
        axes = (0, *range(2, made.ndim))
        links = (*links, (weights["bias"], lambda g: g.sum(axes)))
    return new_node(made, *links)


def spread(layer: Conv, weight: Array, g: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of a padded input: every number of g [N, C_out, *windows] times its filter, overlaps added."""
    total = np.zeros(shape, g.dtype)
    if 0 in g.shape or 0 in weight.shape:
        return total

    def work(todo: Iterator[Cut]) -> None:
        for groups, filters, inside, channels in todo:
            _spread(layer, groups, weight[filters, inside], g[:, filters], total[:, channels])

    threads.parallel_for(work, _cuts(layer.groups, len(weight), shape[1], g.size * weight[0].size))
    return total


def _turned(layer: Conv, weight: Array, g: Array, borders: Sequence[tuple[int, int]]) -> Array:
    """The gradient of an input whose windows are one step apart: a convolution too, filters from last to first element.

    `borders` are the zeros around the input that the windows met.
    """
    kernel_size, groups = weight.shape[2:], layer.groups
    filters = weight.reshape(groups, -1, weight.shape[1], *kernel_size).swapaxes(1, 2)
    filters = np.flip(filters, tuple(range(3, filters.ndim))).reshape(-1, len(weight) // groups, *kernel_size)
    around = [(k - 1) * apart for k, apart in zip(kernel_size, layer.dilation, strict=True)]
    step: Any = SimpleNamespace(
        padding=tuple((size - before, size - after) for size, (before, after) in zip(around, borders, strict=True)),
        padding_mode="zeros",
        kernel_size=kernel_size,
        stride=layer.stride,
        dilation=layer.dilation,
        groups=groups,
    )
    return _conv(step, {"weight": filters}, g)  # type: ignore[no-any-return]


def _spread(layer: Windowed, groups: int, weight: Array, g: Array, total: Array) -> None:
    """The same for some channels, added to their gradient."""
    filters, channels, kernel_size = weight.shape[0], total.shape[1], weight.shape[2:]
    matrix = weight.reshape(groups, filters // groups, -1).swapaxes(1, 2)
    for samples, top, part in _parts(g, channels * prod(kernel_size)):
        if filters == groups == channels:  # one filter a channel: nothing is summed
            for position in np.ndindex(*kernel_size):
                one = weight[(slice(None), 0, *position)].reshape(-1, *(1,) * len(kernel_size))
                total[_window(layer, position, samples, top, part.shape[2:])] += part * one
            continue
        columns = np.matmul(matrix, _merged(part, groups)).reshape(channels, *kernel_size, len(part), *part.shape[2:])
        for position in np.ndindex(*kernel_size):
            index = _window(layer, position, samples, top, part.shape[2:])
            total[index] += columns[(slice(None), *position)].swapaxes(0, 1)


def correlated(layer: Conv, padded: Array, g: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of filters: for each of their numbers the input that it met times g, summed over all windows."""
    total = np.zeros(shape, g.dtype)
    if 0 in g.shape or 0 in padded.shape or 0 in shape:
        return total

    def work(todo: Iterator[Cut]) -> None:
        for groups, filters, inside, channels in todo:
            part = total[filters, inside]
            part += _correlated(layer, groups, padded[:, channels], g[:, filters], part.shape)

    threads.parallel_for(work, _cuts(layer.groups, shape[0], padded.shape[1], g.size * prod(shape[1:])))
    return total


def _correlated(layer: Windowed, groups: int, padded: Array, g: Array, shape: tuple[int, ...]) -> Array:
    """The same for some channels."""
    channels, filters, kernel_size = padded.shape[1], shape[0], shape[2:]
    total = np.zeros((groups, filters // groups, channels // groups * prod(kernel_size)), g.dtype)
    for samples, top, part in _parts(g, channels * prod(kernel_size)):
        columns = np.empty((channels, *kernel_size, len(part), *part.shape[2:]), padded.dtype)
        for position in np.ndindex(*kernel_size):
            index = _window(layer, position, samples, top, part.shape[2:])
            columns[(slice(None), *position)] = padded[index].swapaxes(0, 1)
        total += np.matmul(_merged(part, groups), columns.reshape(groups, total.shape[2], -1).swapaxes(1, 2))
    return total.reshape(shape)


# Groups, their filters, and of their channels those of a filter and those of the input that one thread works on.
Cut: TypeAlias = "tuple[int, slice, slice, slice]"


def _cuts(groups: int, filters: int, channels: int, work: int) -> list[Cut]:
    """Groups, or the channels of the only one, for each thread, where the multiplications are worth it."""
    many = threads.count() if work > threads.PRODUCT else 1
    whole = slice(None)
    if groups == 1:
        return [(1, whole, part, part) for part in _even(channels, many)]
    return [
        (
            part.stop - part.start,
            slice(part.start * filters // groups, part.stop * filters // groups),
            whole,
            slice(part.start * channels // groups, part.stop * channels // groups),
        )
        for part in _even(groups, many)
    ]


def _even(size: int, many: int) -> list[slice]:
    ends = [size * at // many for at in range(many + 1)]
    return [slice(start, end) for start, end in pairwise(ends) if end > start]


def _parts(g: Array, row: int) -> Iterator[tuple[slice, int, Array]]:
    """A few rows of windows (or a few small samples) at a time, so that their columns stay in cache."""
    n, count = len(g), g.shape[2]
    room = max(1, BLOCK // max(row * prod(g.shape[3:]) * g.itemsize, 1))
    rows, samples = min(count, room), min(n, max(1, room // count))
    for first in range(0, n, samples):
        for top in range(0, count, rows):
            yield slice(first, first + samples), top, g[first : first + samples, :, top : top + rows]


def _merged(part: Array, groups: int) -> Array:
    """[n, C_out, *windows] as [G, C_out / G, everything else]."""
    return part.swapaxes(0, 1).reshape(groups, part.shape[1] // groups, -1)


def _window(
    layer: Windowed, position: tuple[int, ...], samples: slice, top: int, count: tuple[int, ...]
) -> tuple[slice, ...]:
    """What one element of the kernel meets in the windows of some rows, as an index of the padded input."""
    starts = [at * d for at, d in zip(position, layer.dilation, strict=True)]
    starts[0] += top * layer.stride[0]
    return (
        samples,
        slice(None),
        *(
            slice(start, start + (size - 1) * step + 1, step)
            for start, size, step in zip(starts, count, layer.stride, strict=True)
        ),
    )
