"""3 x 3 convolutions with a quarter of the multiplications (Winograd 1980, Lavin and Gray 2016), single precision only.

A tile of 6 x 6 numbers gives 4 x 4 outputs: tiles and filters are transformed, multiplied element by element and summed
over channels (36 matrix products), and transformed back. All transforms are matrix products too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.execute.engine import threads
from cnncalc.execute.engine.windows import pad
from cnncalc.execute.kernel import Array

if TYPE_CHECKING:
    from cnncalc.layers.conv import Conv


# Bytes of transformed tiles, and of filters, worked on at once, and how many tiles a matrix product needs to be quick.
BLOCK, PART, TILES = 1 << 21, 1 << 23, 128

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


def pays(layer: Conv, weight: Array, x: Array, count: tuple[int, ...]) -> bool:
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
    room = max(BLOCK // (36 * max(channels, filters) * wide * x.itemsize), -(-TILES // wide))
    rows, samples = min(tall, room), min(n, max(1, room // tall))
    blocks = [
        (slice(a, min(a + samples, n)), slice(b, min(b + rows, tall)))
        for a in range(0, n, samples)
        for b in range(0, tall, rows)
    ]
    if len(blocks) == 1:
        # Transformed filters are four times the filters: of those of a small image only some are there at once.
        turned = _turned(x, *blocks[0], wide)

        def some(todo: Iterator[slice]) -> None:
            for part in todo:
                kernels = _kernels(weight[part])
                _back(kernels, turned, None if bias is None else bias[part], out[:, part], 0)

        products = 36 * filters * channels * n * tall * wide
        cuts = threads.parts(filters, 36 * channels * x.itemsize, PART, threads.STEP, products)
        threads.parallel_for(some, cuts)
        return
    kernels = _kernels(weight)

    def work(todo: Iterator[tuple[slice, slice]]) -> None:
        for some, lines in todo:
            _back(kernels, _turned(x, some, lines, wide), bias, out[some], lines.start)

    threads.parallel_for(work, blocks, alone=len(blocks) < 2 * threads.count())


def _kernels(weight: Array) -> Array:
    """Transformed filters [36, C_out, C_in]."""
    filters, channels = weight.shape[:2]
    made = np.empty((36, filters * channels), weight.dtype)
    return threads.parallel_matmul(_both(FILTER), weight.reshape(-1, 9).T, made).reshape(36, filters, channels)


def _turned(x: Array, some: slice, lines: slice, wide: int) -> Array:
    """Transformed tiles [36, C_in, N, rows, columns] of some samples and rows of tiles."""
    x = x[some, :, 4 * lines.start : 4 * lines.stop + 2]
    shape = (6, 6, x.shape[1], x.shape[0], lines.stop - lines.start, wide)
    tiles = np.empty(shape, x.dtype)
    # The last row or column of tiles may hang over the end: there zeros are read.
    down, right = (x.shape[2] - 2) // 4, (x.shape[3] - 2) // 4
    _cut(tiles[..., :down, :right], x)
    if right < wide:
        edge = x[:, :, :, 4 * right :]
        _cut(tiles[..., right:], pad(edge, [(0, 4 * shape[4] + 2 - x.shape[2]), (0, 6 - edge.shape[3])]))
    if down < shape[4]:
        edge = x[:, :, 4 * down :]
        _cut(tiles[..., down:, :right], pad(edge, [(0, 6 - edge.shape[2]), (0, 0)]))
    made = np.empty((36, prod(shape[2:])), x.dtype)
    return threads.parallel_matmul(_both(TILE), tiles.reshape(36, -1), made).reshape(36, *shape[2:])


def _cut(tiles: Array, x: Array) -> None:
    """Copy tiles [6, 6, C_in, N, rows, columns] out of an image."""
    a, b, row, step = x.strides
    seen = np.lib.stride_tricks.as_strided(x, tiles.shape, (row, step, b, a, 4 * row, 4 * step), writeable=False)
    for line in range(6):
        threads.parallel_copy(tiles[line], seen[line])


def _back(kernels: Array, turned: Array, bias: Array | None, out: Array, first: int) -> None:
    """Multiply, sum over channels, transform back, and put it into out from the row of tiles `first` on."""
    filters, (n, high, wide) = kernels.shape[1], turned.shape[2:]
    many = n * high * wide
    summed = np.empty((36, filters, many), out.dtype)
    threads.parallel_matmul(kernels, turned.reshape(36, -1, many), summed)
    made = np.empty((16, filters * many), out.dtype)
    threads.parallel_matmul(_both(BACK), summed.reshape(36, -1), made)
    made = made.reshape(4, 4, filters, n, high, wide)
    if bias is not None:
        made += bias.reshape(-1, 1, 1, 1)
    made = made.transpose(3, 2, 4, 0, 5, 1)
    below, width = min(4 * high, out.shape[2] - 4 * first), out.shape[3]
    target = out[:, :, 4 * first : 4 * first + below]
    if below == 4 * high and width == 4 * wide:
        threads.parallel_copy(target.reshape(n, filters, high, 4, wide, 4), made)
    else:
        target[...] = made.reshape(n, filters, 4 * high, 4 * wide)[:, :, :below, :width]


def _both(matrix: Sequence[Sequence[float]]) -> Array:
    """The transform of both axes at once."""
    one = np.array(matrix, np.float32)
    return (one[:, None, :, None] * one[None, :, None, :]).reshape(len(one) ** 2, -1)
