"""3 x 3 convolutions with a quarter of the multiplications (Winograd 1980, Lavin and Gray 2016), single precision only.

A tile of 6 x 6 numbers gives 4 x 4 outputs: tiles and filters are transformed, multiplied element by element and summed
over channels (36 matrix products), and transformed back. All transforms are matrix products too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from cnncalc.execute import threads
from cnncalc.execute.kernel import Array
from cnncalc.execute.windows import pad

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


def convolve(weight: Array, bias: Array | None, x: Array, out: Array) -> None:
    """Filters [C_out, C_in, 3, 3] over a padded x [N, C_in, H + 2, W + 2] into out [N, C_out, H, W]."""
    filters, channels = weight.shape[:2]
    n, _, height, width = out.shape
    tall, wide = -(-height // 4), -(-width // 4)
    if x.shape[2:] != (4 * tall + 2, 4 * wide + 2):
        x = pad(x, [(0, 4 * tall + 2 - x.shape[2]), (0, 4 * wide + 2 - x.shape[3])], passing="tiled")
    kernels = threads.room("filters", (36, filters * channels), x.dtype)
    kernels = threads.product(_both(FILTER), weight.reshape(-1, 9).T, kernels).reshape(36, filters, channels)
    tile, back = _both(TILE), _both(BACK)
    room = max(BLOCK // (36 * max(channels, filters) * wide * x.itemsize), -(-TILES // wide))
    rows, samples = min(tall, room), min(n, max(1, room // tall))
    a, b, row, step = x.strides

    def work(todo: Iterator[tuple[int, int]]) -> None:
        most = samples * rows * wide
        columns = threads.room("columns", (36 * channels * most,), x.dtype)
        turned = threads.room("turned", (36 * channels * most,), x.dtype)
        product = threads.room("product", (36 * filters * most,), x.dtype)
        for first, top in todo:
            here, high = min(samples, n - first), min(rows, tall - top)
            many = here * high * wide
            tiles = columns[: 36 * channels * many].reshape(6, 6, channels, here, high, wide)
            seen = np.lib.stride_tricks.as_strided(
                x[first:, :, 4 * top :], tiles.shape, (row, step, b, a, 4 * row, 4 * step), writeable=False
            )
            for line in range(6):
                threads.copy(tiles[line], seen[line])
            target = turned[: 36 * channels * many].reshape(36, -1)
            threads.product(tile, tiles.reshape(36, -1), target)
            summed = product[: 36 * filters * many].reshape(36, filters, many)
            threads.product(kernels, target.reshape(36, channels, many), summed)
            made = columns[: 16 * filters * many] if filters <= 2 * channels else np.empty(16 * filters * many, x.dtype)
            threads.product(back, summed.reshape(36, -1), made.reshape(16, -1))
            made = made.reshape(4, 4, filters, here, high, wide)
            if bias is not None:
                made += bias.reshape(-1, 1, 1, 1)
            made = made.transpose(3, 2, 4, 0, 5, 1)
            below = min(4 * high, height - 4 * top)
            target = out[first : first + here, :, 4 * top : 4 * top + below]
            if below == 4 * high and width == 4 * wide:
                threads.copy(target.reshape(here, filters, high, 4, wide, 4), made)
            else:
                target[...] = made.reshape(here, filters, 4 * high, 4 * wide)[:, :, :below, :width]

    todo = [(first, top) for first in range(0, n, samples) for top in range(0, tall, rows)]
    threads.share(work, todo, alone=len(todo) < 2 * threads.count())


def _both(matrix: Sequence[Sequence[float]]) -> Array:
    """The transform of both axes at once."""
    one = np.array(matrix, np.float32)
    return np.kron(one, one)
