"""3 x 3 convolutions with a quarter of the multiplications (Winograd 1980, Lavin and Gray 2016), single precision only.

A tile of 6 x 6 numbers gives 4 x 4 outputs: tiles and filters are transformed, multiplied element by element and summed
over channels (36 matrix products), and transformed back. All transforms are matrix products too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnncalc.execute.kernel import Array

# Bytes of transformed tiles worked on at once, and how many tiles a matrix product needs to be quick.
BLOCK, TILES = 1 << 21, 128

# Transforms of one axis for outputs of 4 and filters of 3, by interpolation at 0, 1, -1, 2, -2 and infinity.
TILE = [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
]
FILTER: list[list[float]] = [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
]
BACK = [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]


def pays(layer: Any, weight: Array, x: Array, count: tuple[int, ...]) -> bool:
    """Whether the convolution of a padded x is one of these, and the transforms cost less than they save."""
    if weight.shape[2:] != (3, 3) or layer.groups != 1 or x.dtype != np.float32 or weight.dtype != np.float32:
        return False
    if any(step != 1 for step in (*layer.stride, *layer.dilation)):
        return False
    filters, channels = weight.shape[:2]
    tiles = len(x) * -(-count[0] // 4) * -(-count[1] // 4)
    pairs = filters * channels
    # In multiplications; transforms and copies are counted as the multiplications that take as long, as measured.
    direct = 10.5 * len(x) * count[0] * count[1] * pairs
    ours = 40 * tiles * pairs + 2000 * pairs + (3200 * channels + 2500 * filters) * tiles
    return bool(ours < 0.9 * direct)


def convolve(weight: Array, x: Array, out: Array) -> None:
    """Filters [C_out, C_in, 3, 3] over a padded x [N, C_in, H + 2, W + 2] into out [N, C_out, H, W]."""
    filters, channels = weight.shape[:2]
    n, _, height, width = out.shape
    tall, wide = -(-height // 4), -(-width // 4)
    if x.shape[2:] != (4 * tall + 2, 4 * wide + 2):
        whole = np.zeros((n, channels, 4 * tall + 2, 4 * wide + 2), x.dtype)
        whole[:, :, : x.shape[2], : x.shape[3]] = x
        x = whole
    kernels = _both(FILTER) @ weight.reshape(-1, 9).T
    kernels = kernels.reshape(36, filters, channels)
    tile, back = _both(TILE), _both(BACK)
    room = max(BLOCK // (36 * max(channels, filters) * wide * x.itemsize), -(-TILES // wide))
    rows, samples = min(tall, room), min(n, max(1, room // tall))
    a, b, row, step = x.strides
    for first in range(0, n, samples):
        here = min(samples, n - first)
        for top in range(0, tall, rows):
            high = min(rows, tall - top)
            shape = (6, 6, channels, here, high, wide)
            tiles = np.lib.stride_tricks.as_strided(
                x[first:, :, 4 * top :], shape, (row, step, b, a, 4 * row, 4 * step), writeable=False
            )
            many = here * high * wide
            turned = tile @ np.ascontiguousarray(tiles).reshape(36, channels * many)
            summed = kernels @ turned.reshape(36, channels, many)
            made = (back @ summed.reshape(36, filters * many)).reshape(4, 4, filters, here, high, wide)
            made = made.transpose(3, 2, 4, 0, 5, 1)
            below, right = min(4 * high, height - 4 * top), width
            target = out[first : first + here, :, 4 * top : 4 * top + below]
            if below == 4 * high and right == 4 * wide:
                target.reshape(here, filters, high, 4, wide, 4)[...] = made
            else:
                target[...] = made.reshape(here, filters, 4 * high, 4 * wide)[:, :, :below, :right]


def _both(matrix: Sequence[Sequence[float]]) -> Array:
    """The transform of both axes at once."""
    one = np.array(matrix, np.float32)
    return np.kron(one, one)
