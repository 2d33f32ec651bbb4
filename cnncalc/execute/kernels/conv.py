"""Convolutions and their transposes: windows are copied in blocks that stay in cache, then multiplied as matrices."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.execute.windows import counts, pad, tap, windows
from cnncalc.window import pads

# Bytes of window matrix copied before it is multiplied: about what a core's cache holds.
BLOCK = 1 << 21


@kernel("Conv1d", "Conv2d", "Conv3d", "LazyConv1d", "LazyConv2d", "LazyConv3d")
def conv(layer: Any, weights: Weights, x: Array) -> Array:
    """Filters [C_out, C_in / G, *K] slide over [N, C_in, *space]."""
    weight = weights["weight"]
    x = pad(x, pads(layer, x.shape[2:]), layer.padding_mode)
    n, filters, kernel_size = x.shape[0], weight.shape[0], weight.shape[2:]
    count = counts(x.shape[2:], kernel_size, layer.stride, layer.dilation)
    out = np.empty((n, filters, *count), np.result_type(x, weight))
    if out.size:
        if prod(kernel_size) == 1:
            _pointwise(layer, weight, x, out)
        elif weight.shape[1] == 1 and layer.groups > 1:
            _depthwise(layer, weight, x, out)
        else:
            _blocks(layer, weight, np.ascontiguousarray(x), out)
    if "bias" in weights:
        out += weights["bias"].reshape(-1, *(1,) * len(count))
    return out


def _pointwise(layer: Any, weight: Array, x: Array, out: Array) -> None:
    """A kernel of one element is one matrix product on the array as it lies."""
    for axis, (step, count) in enumerate(zip(layer.stride, out.shape[2:], strict=True)):
        x = tap(x, 2 + axis, 0, step, count)
    g = layer.groups
    taken = x.reshape(x.shape[0], g, x.shape[1] // g, -1)
    np.matmul(weight.reshape(g, -1, weight.shape[1]), taken, out=out.reshape(out.shape[0], g, out.shape[1] // g, -1))


def _depthwise(layer: Any, weight: Array, x: Array, out: Array) -> None:
    """One channel a filter: multiply and add a shifted image for every element of the kernel."""
    n, g = out.shape[:2]
    times = g // layer.groups
    count = out.shape[2:]
    plane = max(1, prod(count) * times * out.itemsize)
    step = max(1, min(layer.groups, (BLOCK >> 3) // plane))
    for first in range(0, layer.groups, step):
        last = min(first + step, layer.groups)
        taken = x[:, first:last]
        result = out[:, first * times : last * times].reshape(n, last - first, times, *count)
        factors = weight[first * times : last * times, 0].reshape(last - first, times, *weight.shape[2:])
        product = np.empty(result.shape, out.dtype)
        result = np.zeros(result.shape, out.dtype)
        for position in np.ndindex(*weight.shape[2:]):
            shifted = taken
            for axis, at in enumerate(position):
                shifted = tap(shifted, 2 + axis, at * layer.dilation[axis], layer.stride[axis], count[axis])
            factor = factors[(slice(None), slice(None), *position)]
            np.multiply(shifted[:, :, None], factor.reshape(*factor.shape, *(1,) * len(count)), out=product)
            result += product
        out[:, first * times : last * times] = result.reshape(n, -1, *count)


def _blocks(layer: Any, weight: Array, x: Array, out: Array) -> None:
    """Copy the windows of a few rows (or of a few small samples) into a matrix, multiply, go on."""
    n, channels = x.shape[:2]
    g, filters, count = layer.groups, out.shape[1], out.shape[2:]
    kernel_size, elements = weight.shape[2:], weight[0].size
    matrix = weight.reshape(g, filters // g, elements)
    # Where windows start at every element, a row of the matrix is one run of the flat padded image: columns that
    # straddle the end of a row are multiplied too, and dropped.
    dense = all(step == 1 for step in layer.stride)
    across = x.shape[3:] if dense else count[1:]
    row = prod(across)
    tail = row - 1 - sum((size - 1) * step for size, step in zip(count[1:], _steps(across), strict=True))
    room = max(1, BLOCK // (channels * prod(kernel_size) * row * x.itemsize))
    rows = min(count[0], room)
    samples = min(n, max(1, room // count[0]))
    scratch = np.empty((samples, channels, *kernel_size, rows * row), x.dtype)
    product = np.empty((samples, g, filters // g, rows * row), out.dtype)
    grouped = out.reshape(n, g, filters // g, *count)
    crop = (slice(None),) * 4 + tuple(slice(0, size) for size in count[1:])
    for first in range(0, n, samples):
        here = min(samples, n - first)
        for top in range(0, count[0], rows):
            high = min(rows, count[0] - top)
            width = high * row - tail
            columns = scratch[:here, ..., :width]
            if dense:
                np.copyto(columns, _runs(x[first : first + here], kernel_size, layer.dilation, top * row, width))
            else:
                below = x[first : first + here, :, top * layer.stride[0] :]
                taken = windows(below, kernel_size, layer.stride, layer.dilation)[:, :, :high]
                taken = np.moveaxis(taken, range(2, 2 + len(count)), range(-len(count), 0))
                np.copyto(columns.reshape(taken.shape), taken)
            made = product[:here, ..., :width]
            np.matmul(matrix, columns.reshape(here, g, elements, width), out=made)
            made = product[:here, ..., : high * row].reshape(here, g, filters // g, high, *across)
            grouped[first : first + here, :, :, top : top + high] = made[crop]


def _steps(sizes: tuple[int, ...]) -> list[int]:
    """How far apart in flat memory two neighbours along each axis are."""
    return [prod(sizes[axis + 1 :]) for axis in range(len(sizes))]


def _runs(x: Array, kernel_size: tuple[int, ...], dilation: tuple[int, ...], start: int, width: int) -> Array:
    """For each kernel element the run of `width` numbers of every channel that it meets: [n, C, *K, width]."""
    steps = [step * d * x.itemsize for step, d in zip(_steps(x.shape[2:]), dilation, strict=True)]
    flat = x.reshape(*x.shape[:2], -1)[..., start:]
    return np.lib.stride_tricks.as_strided(
        flat, (*x.shape[:2], *kernel_size, width), (*x.strides[:2], *steps, x.itemsize), writeable=False
    )


@kernel(
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
)
def conv_transpose(layer: Any, weights: Weights, x: Array) -> Array:
    """Every number of [N, C_in, *space] spreads over a window; filters are [C_in, C_out / G, *K]."""
    weight = weights["weight"]
    n, channels, *space = x.shape
    g, kernel_size, axes = layer.groups, weight.shape[2:], weight.ndim - 2
    filters = weight.shape[1] * g
    matrix = weight.reshape(g, channels // g, -1).transpose(0, 2, 1)
    spread = np.matmul(matrix, x.reshape(n, g, channels // g, -1)).reshape(n, filters, *kernel_size, *space)
    borders = pads(layer, tuple(space))
    full, inside = [], []
    for axis in range(axes):
        end = (space[axis] - 1) * layer.stride[axis] + (kernel_size[axis] - 1) * layer.dilation[axis] + 1
        before, after = borders[axis]
        size = end + layer.output_padding[axis] - before - after
        if getattr(layer, "output_size", None) is not None:
            size = layer.output_size[axis]
        full.append(max(end, before + size))
        inside.append(slice(before, before + size))
    whole = np.zeros((n, filters, *full), spread.dtype)
    for position in np.ndindex(*kernel_size):
        target = whole
        for axis, at in enumerate(position):
            target = tap(target, 2 + axis, at * layer.dilation[axis], layer.stride[axis], space[axis])
        target += spread[(slice(None), slice(None), *position)]
    out = np.ascontiguousarray(whole[(slice(None), slice(None), *inside)])
    if "bias" in weights:
        out += weights["bias"].reshape(-1, *(1,) * axes)
    return out
