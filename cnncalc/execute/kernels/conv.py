"""Convolutions and their transposes: windows are copied in blocks that stay in cache, then multiplied as matrices."""

from __future__ import annotations

from math import gcd, prod
from typing import Any

import numpy as np

from cnncalc.execute import winograd
from cnncalc.execute.followed import derived
from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.execute.windows import counts, pad, tap
from cnncalc.window import pads

# Bytes of window matrix copied before it is multiplied: about what a core's cache holds.
BLOCK = 1 << 21
# Below so many outputs a channel, a depthwise convolution's runs along the channels are longer than along the image.
SMALL = 128


@kernel("Conv1d", "Conv2d", "Conv3d", "LazyConv1d", "LazyConv2d", "LazyConv3d")
@derived
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
        elif layer.groups == x.shape[1] == len(weight) and prod(count) < SMALL <= 2 * len(weight):
            _channels_last(layer, weight, x, out)
        elif len(count) == 2 and winograd.pays(layer, weight, x, out.shape[2:]):
            winograd.convolve(weight, x, out)
        else:
            _blocks(layer, weight, x, out)
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


def _channels_last(layer: Any, weight: Array, x: Array, out: Array) -> None:
    """One channel a filter, on small images with many channels: multiply and add for every element of the kernel."""
    last = np.ascontiguousarray(np.moveaxis(x, 1, -1))
    factors = np.ascontiguousarray(np.moveaxis(weight[:, 0], 0, -1))
    total = np.zeros((out.shape[0], *out.shape[2:], out.shape[1]), out.dtype)
    product = np.empty_like(total)
    for position in np.ndindex(*weight.shape[2:]):
        shifted = last
        for axis, at in enumerate(position):
            shifted = tap(shifted, 1 + axis, at * layer.dilation[axis], layer.stride[axis], out.shape[2 + axis])
        np.multiply(shifted, factors[position], out=product)
        total += product
    out[...] = np.moveaxis(total, -1, 1)


def _blocks(layer: Any, weight: Array, x: Array, out: Array) -> None:
    """Copy the windows of a few rows (or of a few small samples) into a matrix, multiply, go on."""
    n, channels = x.shape[:2]
    g, filters, count = layer.groups, out.shape[1], out.shape[2:]
    kernel_size, elements = weight.shape[2:], weight[0].size
    matrix = weight.reshape(g, filters // g, elements)
    parts, across = _phases(x, kernel_size, layer.stride, layer.dilation)
    # Every row of the window matrix is one run of a flat phase: columns that straddle the end of a row are multiplied
    # too, and dropped.
    row = prod(across)
    tail = row - 1 - sum((size - 1) * step for size, step in zip(count[1:], _steps(across), strict=True))
    room = max(1, BLOCK // (max(channels * prod(kernel_size), filters // 2) * row * x.itemsize))
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
            for taps, phase, steps, start in parts:
                np.copyto(
                    columns[taps], _runs(phase[first : first + here], columns[taps].shape, steps, start + top * row)
                )
            made = product[:here, ..., :width]
            np.matmul(matrix, columns.reshape(here, g, elements, width), out=made)
            made = product[:here, ..., : high * row].reshape(here, g, filters // g, high, *across)
            grouped[first : first + here, :, :, top : top + high] = made[crop]


# Which elements of the kernel, the flat phase that they read, how far they are apart in it, and where the first is.
Part = tuple[tuple[Any, ...], Array, list[int], int]


def _phases(
    x: Array, kernel_size: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[list[Part], tuple[int, ...]]:
    """With stride S an image is S x S images of every S-th row and column, in each of which windows are one step apart.

    Kernel elements that read the same of these images belong together. Also gives the phases' size behind the first
    axis. The image is copied once, not once for each element of the kernel.
    """
    space = tuple(-(-size // step) for size, step in zip(x.shape[2:], stride, strict=True))
    period = [step // gcd(step, apart) for step, apart in zip(stride, dilation, strict=True)]
    phases: dict[tuple[int, ...], Array] = {}
    parts: list[Part] = []
    for begin in np.ndindex(*(min(many, k) for many, k in zip(period, kernel_size, strict=True))):
        offset = [at * d for at, d in zip(begin, dilation, strict=True)]
        which = tuple(at % s for at, s in zip(offset, stride, strict=True))
        if which not in phases:
            phases[which] = _phase(x, which, stride, space)
        flat = _steps(space)
        start = sum(at // s * step for at, s, step in zip(offset, stride, flat, strict=True))
        steps = [d * many // s * step for d, many, s, step in zip(dilation, period, stride, flat, strict=True)]
        taps = (slice(None), slice(None), *(slice(at, None, many) for at, many in zip(begin, period, strict=True)))
        parts.append((taps, phases[which], steps, start))
    return parts, space[1:]


def _phase(x: Array, which: tuple[int, ...], stride: tuple[int, ...], space: tuple[int, ...]) -> Array:
    """Every S-th element of each axis from `which` on, channels flat; a last row that is missing is never read."""
    taken = x[(slice(None), slice(None), *(slice(at, None, step) for at, step in zip(which, stride, strict=True)))]
    if taken.shape[2:] != space:
        whole = np.zeros((*x.shape[:2], *space), x.dtype)
        whole[(slice(None), slice(None), *(slice(0, size) for size in taken.shape[2:]))] = taken
        taken = whole
    return np.ascontiguousarray(taken).reshape(*x.shape[:2], -1)


def _steps(sizes: tuple[int, ...]) -> list[int]:
    """How far apart in flat memory two neighbours along each axis are."""
    return [prod(sizes[axis + 1 :]) for axis in range(len(sizes))]


def _runs(phase: Array, shape: tuple[int, ...], steps: list[int], start: int) -> Array:
    """For each kernel element the run of numbers of every channel that it meets: a view [n, C, *K, width]."""
    strides = (*phase.strides[:2], *(step * phase.itemsize for step in steps), phase.itemsize)
    return np.lib.stride_tricks.as_strided(phase[..., start:], shape, strides, writeable=False)


@kernel(
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
)
@derived
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
