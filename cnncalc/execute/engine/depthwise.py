"""Convolutions of one channel a group: each element of the kernel is one long run over the images of many channels."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from cnncalc.execute.engine import buffers
from cnncalc.execute.engine.im2col import BLOCK, phases
from cnncalc.execute.kernel import Array


def convolve(layer: Any, weight: Array, bias: Array | None, x: Array, out: Array) -> None:
    """Filters [C m, 1, *K] over a padded x [N, C, *space] into out [N, C m, *windows]."""
    n, channels = x.shape[:2]
    many, count, kernel_size = len(weight) // channels, out.shape[2:], weight.shape[2:]
    parts, across = phases(x, kernel_size, layer.stride, layer.dilation)
    # What a kernel element meets is its flat image, shifted; columns that straddle rows are multiplied too and dropped.
    taps: list[tuple[Array, int]] = []
    order = []
    number = np.arange(prod(kernel_size)).reshape(1, 1, *kernel_size)
    for which, phase, steps, start in parts:
        met = number[which][0, 0]
        for place in np.ndindex(*met.shape):
            taps.append((phase, start + sum(at * step for at, step in zip(place, steps, strict=True))))
            order.append(met[place])
    plane = parts[0][1].shape[2]
    row = prod(across)
    width = 1 + (count[0] - 1) * row
    width += sum((size - 1) * prod(across[axis + 1 :]) for axis, size in enumerate(count[1:]))
    matrix = weight.reshape(channels, many, -1)
    if len(parts) > 1:
        matrix = matrix[..., order]
    shift = None if bias is None else bias.reshape(channels, many, *(1,) * len(count))
    target = out.reshape(n, channels, many, *count)
    crop = (slice(None), slice(None), *(slice(0, size) for size in count))
    # By one thread alone: so many short calls would wait for one another's turn of the interpreter.
    most = max(1, BLOCK // ((len(taps) + many) * plane * x.itemsize))
    cuts = [slice(start, min(start + most, channels)) for start in range(0, channels, most)]

    columns = buffers.scratch("columns", (len(taps), min(most, channels) * plane), x.dtype)
    product = buffers.scratch("product", (min(most, channels), many, count[0] * row), out.dtype)
    for sample in range(n):
        for part in cuts:
            here = part.stop - part.start
            length = (here - 1) * plane + width
            for column, (phase, start) in zip(columns, taps, strict=True):
                column[:length] = phase[sample, part].reshape(-1)[start : start + length]
            seen = columns[:, : here * plane].reshape(len(taps), here, plane)[..., :width].swapaxes(0, 1)
            np.matmul(matrix[part], seen, out=product[:here, :, :width])
            made = product[:here].reshape(here, many, count[0], *across)[crop]
            if shift is None:
                target[sample, part] = made
            else:
                np.add(made, shift[part], out=target[sample, part])
