"""Convolutions as matrix products: the windows of some rows are copied side by side and multiplied into the output."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.execute.engine import threads
from cnncalc.execute.engine.windows import windows
from cnncalc.execute.kernel import Array

if TYPE_CHECKING:
    from cnncalc.layers.conv import Conv


# Bytes of window matrix copied before it is multiplied: about what a core's cache holds.
BLOCK = 1 << 21


def convolve(layer: Conv, weight: Array, bias: Array | None, x: Array, out: Array) -> None:
    """Filters [C_out, C_in / G, *K] over a padded x [N, C_in, *space] into out [N, C_out, *windows]."""
    n, channels, axes = x.shape[0], x.shape[1], x.ndim - 2
    g, count, kernel_size = layer.groups, out.shape[2:], weight.shape[2:]
    own, line = out.shape[1] // g, channels * prod(kernel_size) * prod(count[1:])  # line: of one row of windows
    matrix = weight.reshape(g, own, -1)
    shift = None if bias is None else bias.reshape(g, own, 1)
    seen = windows(x, kernel_size, layer.stride, layer.dilation)
    seen = seen.transpose(0, 1, *range(2 + axes, 2 + 2 * axes), *range(2, 2 + axes))
    room = max(1, BLOCK // (line * x.itemsize))
    heavy = weight.size * prod(count) >= threads.PRODUCT
    if heavy and weight.size < line * count[0] and n == 1:  # each thread has some rows
        room = min(room, -(-count[0] // threads.count()))
    rows, samples = min(count[0], room), min(n, max(1, room // count[0]))
    grouped = out.reshape(n, g, own, *count)

    def work(todo: Iterator[tuple[int, int]]) -> None:
        scratch = np.empty(samples * line * rows, x.dtype)
        for first, top in todo:
            part = seen[(slice(first, first + samples), *[slice(None)] * (1 + axes), slice(top, top + rows))]
            columns = scratch[: part.size].reshape(part.shape)
            threads.parallel_copy(columns, part)
            target = grouped[first : first + samples, :, :, top : top + rows]
            made = target.reshape(*target.shape[:3], -1)
            threads.parallel_matmul(matrix, columns.reshape(len(part), g, matrix.shape[2], -1), made, shift)

    todo = [(first, top) for first in range(0, n, samples) for top in range(0, count[0], rows)]
    threads.parallel_for(work, todo, alone=len(todo) < threads.count())
