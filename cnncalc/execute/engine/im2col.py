"""Convolutions as matrix products: windows are copied in blocks that stay in cache, and multiplied into the output."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, prod
from typing import Any

import numpy as np

from cnncalc.execute.engine import buffers, threads
from cnncalc.execute.kernel import Array

# Bytes of window matrix copied before it is multiplied: about what a core's cache holds.
BLOCK = 1 << 21
# How many filters times the part of columns that straddle rows make it cheaper to leave these out while copying.
STRADDLING = 12


def convolve(layer: Any, weight: Array, bias: Array | None, x: Array, out: Array) -> None:
    """Filters [C_out, C_in / G, *K] over a padded x [N, C_in, *space] into out [N, C_out, *windows]."""
    if tuple(layer.stride) == weight.shape[2:] and all(step == 1 for step in layer.dilation):
        _patches(layer, weight, bias, x, out)
    else:
        _windows(layer, weight, bias, x, out)


def _patches(layer: Any, weight: Array, bias: Array | None, x: Array, out: Array) -> None:
    """Windows that touch but do not overlap: the image is cut, each number is copied once."""
    n, channels = x.shape[:2]
    g, filters, count, kernel_size = layer.groups, out.shape[1], out.shape[2:], weight.shape[2:]
    x = x[(slice(None), slice(None), *(slice(0, c * k) for c, k in zip(count, kernel_size, strict=True)))]
    cut = x.reshape(n, g, channels // g, *(part for pair in zip(count, kernel_size, strict=True) for part in pair))
    axes = len(count)
    order = (0, 1, *range(3, 3 + 2 * axes, 2), 2, *range(4, 4 + 2 * axes, 2))
    columns = buffers.scratch("columns", tuple(cut.shape[axis] for axis in order), x.dtype)
    threads.parallel_copy(columns, cut.transpose(order))
    matrix = columns.reshape(n, g, prod(count), -1).swapaxes(-1, -2)
    made = out.reshape(n, g, filters // g, -1)
    shift = None if bias is None else bias.reshape(g, filters // g, 1)
    threads.parallel_matmul(weight.reshape(g, filters // g, -1), matrix, made, shift)


def _windows(layer: Any, weight: Array, bias: Array | None, x: Array, out: Array) -> None:
    """Copy the windows of a few rows (or of a few small samples) into a matrix, multiply, go on."""
    n, channels = x.shape[:2]
    g, filters, count, kernel_size = layer.groups, out.shape[1], out.shape[2:], weight.shape[2:]
    own = filters // g
    matrix = weight.reshape(g, own, -1)
    shift = None if bias is None else bias.reshape(g, own, 1)
    parts, across = phases(x, kernel_size, layer.stride, layer.dilation)
    row, steps = prod(across), [prod(across), *_steps(across)]
    # Every row of the window matrix is one run of a flat phase: columns that straddle the end of a row are multiplied
    # too, and dropped. Where that costs more than copying in shorter runs, they are left out.
    tail = row - 1 - sum((size - 1) * step for size, step in zip(count[1:], steps[1:], strict=True))
    short = own * (row - prod(count[1:])) > STRADDLING * prod(count[1:])
    row = prod(count[1:]) if short else row
    room = max(1, BLOCK // (max(channels * prod(kernel_size), filters // 2) * row * x.itemsize))
    heavy = weight.size * prod(count) >= threads.PRODUCT
    if heavy and weight.size < channels * prod(kernel_size) * prod(count) and n == 1:  # each thread has some rows
        room = min(room, -(-count[0] // threads.count()))
    rows, samples = min(count[0], room), min(n, max(1, room // count[0]))
    grouped = out.reshape(n, g, own, *count)
    crop = (slice(None),) * 4 + tuple(slice(0, size) for size in count[1:])

    def work(todo: Iterator[tuple[int, int]]) -> None:
        scratch = buffers.scratch("columns", (samples * channels * prod(kernel_size) * rows * row,), x.dtype)
        room_of_product = None if short else buffers.scratch("product", (samples, g, own, rows * row), out.dtype)
        for first, top in todo:
            here, high = min(samples, n - first), min(rows, count[0] - top)
            inner = (high, *count[1:]) if short else (high * row - tail,)
            shape = (here, channels, *kernel_size, *inner)
            columns = scratch[: prod(shape)].reshape(shape)
            for taps, phase, apart, start in parts:
                target = columns[taps]
                run = phase[first : first + here, :, start + top * steps[0] :]
                strides = (*phase.strides[:2], *(x.itemsize * step for step in (*apart, *(steps if short else (1,)))))
                threads.parallel_copy(
                    target, np.lib.stride_tricks.as_strided(run, target.shape, strides, writeable=False)
                )
            columns = columns.reshape(here, g, matrix.shape[2], -1)
            target = grouped[first : first + here, :, :, top : top + high]
            if room_of_product is None:
                made = target.reshape(here, g, own, -1)
                threads.parallel_matmul(matrix, columns, made, shift)
                continue
            threads.parallel_matmul(matrix, columns, room_of_product[:here, ..., : inner[0]])
            made = room_of_product[:here, ..., : high * row].reshape(here, g, own, high, *across)[crop]
            if shift is None:
                target[...] = made
            else:
                np.add(made, shift.reshape(g, own, *(1,) * len(count)), out=target)

    todo = [(first, top) for first in range(0, n, samples) for top in range(0, count[0], rows)]
    threads.parallel_for(work, todo, alone=len(todo) < threads.count())


# Which elements of the kernel, the flat phase that they read, how far they are apart in it, and where the first is.
Part = tuple[tuple[Any, ...], Array, list[int], int]


def phases(
    x: Array, kernel_size: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[list[Part], tuple[int, ...]]:
    """With stride S an image is S x S images of every S-th row and column, in each of which windows are one step apart.

    Kernel elements that read the same of these images belong together. Also gives the phases' size behind the first
    axis. The image is copied once, not once for each element of the kernel.
    """
    space = tuple(-(-size // step) for size, step in zip(x.shape[2:], stride, strict=True))
    period = [step // gcd(step, apart) for step, apart in zip(stride, dilation, strict=True)]
    found: dict[tuple[int, ...], Array] = {}
    parts: list[Part] = []
    for begin in np.ndindex(*(min(many, k) for many, k in zip(period, kernel_size, strict=True))):
        offset = [at * d for at, d in zip(begin, dilation, strict=True)]
        which = tuple(at % s for at, s in zip(offset, stride, strict=True))
        if which not in found:
            found[which] = _phase(x, which, stride, space)
        flat = _steps(space)
        start = sum(at // s * step for at, s, step in zip(offset, stride, flat, strict=True))
        steps = [d * many // s * step for d, many, s, step in zip(dilation, period, stride, flat, strict=True)]
        taps = (slice(None), slice(None), *(slice(at, None, many) for at, many in zip(begin, period, strict=True)))
        parts.append((taps, found[which], steps, start))
    return parts, space[1:]


def _phase(x: Array, which: tuple[int, ...], stride: tuple[int, ...], space: tuple[int, ...]) -> Array:
    """Every S-th element of each axis from `which` on, channels flat; a last row that is missing is never read."""
    taken = x[(slice(None), slice(None), *(slice(at, None, step) for at, step in zip(which, stride, strict=True)))]
    if taken.shape[2:] == space and taken.flags.c_contiguous:
        return taken.reshape(*x.shape[:2], -1)
    whole = buffers.scratch(f"phase {which}", (*x.shape[:2], *space), x.dtype)
    inside = whole[(slice(None), slice(None), *(slice(0, size) for size in taken.shape[2:]))]
    threads.parallel_copy(inside, taken)
    for axis, size in enumerate(taken.shape[2:], 2):
        whole[(slice(None),) * axis + (slice(size, None),)] = 0
    return whole.reshape(*x.shape[:2], -1)


def _steps(sizes: tuple[int, ...]) -> list[int]:
    """How far apart in flat memory two neighbours along each axis are."""
    return [prod(sizes[axis + 1 :]) for axis in range(len(sizes))]
