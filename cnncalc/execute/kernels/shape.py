"""Layers that arrange, pick or pad: views of the array wherever NumPy can give one. The batch axis is 0."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.core.window import pads
from cnncalc.execute.engine.windows import counts, pad, tap, windows
from cnncalc.execute.gradient.custom_gradient import custom_vjp
from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.layers.pad import pairs_of

if TYPE_CHECKING:
    from cnncalc.layers.indexing import Chunk, Flip, IndexSelect, Narrow, Roll, Select, Slice, Split
    from cnncalc.layers.pad import Crop, Pad
    from cnncalc.layers.reshape import (
        Expand,
        Flatten,
        Movedim,
        Permute,
        Reshape,
        Squeeze,
        Tile,
        Transpose,
        Unflatten,
        Unsqueeze,
        View,
    )
    from cnncalc.layers.shuffle import ChannelShuffle, PixelShuffle, PixelUnshuffle
    from cnncalc.layers.unfold import Fold, Unfold


@kernel("Flatten")
def flatten(layer: Flatten, weights: Weights, x: Array) -> Array:
    """Make one axis of several."""
    if x.ndim == 1:
        return x[:, None]
    first, last = layer.start_dim % x.ndim, layer.end_dim % x.ndim
    return x.reshape(*x.shape[:first], prod(x.shape[first : last + 1]), *x.shape[last + 1 :])


@kernel("Unflatten")
def unflatten(layer: Unflatten, weights: Weights, x: Array) -> Array:
    """Make several axes of one."""
    at = layer.dim % x.ndim
    return x.reshape(*x.shape[:at], *_filled(layer.unflattened_size, x.shape[at]), *x.shape[at + 1 :])


def _filled(sizes: tuple[int, ...], total: int) -> tuple[int, ...]:
    """Sizes with their one -1 computed."""
    known = prod(size for size in sizes if size != -1)
    return tuple(total // known if size == -1 else size for size in sizes)


@kernel("Reshape")
def reshape(layer: Reshape, weights: Weights, x: Array) -> Array:
    """Give each sample another shape."""
    return x.reshape(len(x), *_filled(layer.shape_, prod(x.shape[1:])))


@kernel("View")
def view(layer: View, weights: Weights, x: Array) -> Array:
    """Another shape, written with the batch axis."""
    return x.reshape(len(x), *layer.shape_[1:])


@kernel("Permute")
def permute(layer: Permute, weights: Weights, x: Array) -> Array:
    """The axes in another order."""
    return x.transpose([dim % x.ndim for dim in layer.dims])


@kernel("Transpose")
def transpose(layer: Transpose, weights: Weights, x: Array) -> Array:
    """Two axes exchanged."""
    return x.swapaxes(layer.dim0, layer.dim1)


@kernel("Movedim")
def movedim(layer: Movedim, weights: Weights, x: Array) -> Array:
    """Axes moved to another place."""
    return np.moveaxis(x, layer.source, layer.destination)


@kernel("Squeeze")
def squeeze(layer: Squeeze, weights: Weights, x: Array) -> Array:
    """Axes of size 1 taken away, the batch never."""
    among = range(1, x.ndim) if layer.dim is None else [dim % x.ndim for dim in layer.dim]
    return x.squeeze(tuple(axis for axis in among if x.shape[axis] == 1))


@kernel("Unsqueeze")
def unsqueeze(layer: Unsqueeze, weights: Weights, x: Array) -> Array:
    """A new axis of size 1."""
    return np.expand_dims(x, layer.dim)


@kernel("Expand")
def expand(layer: Expand, weights: Weights, x: Array) -> Array:
    """Axes of size 1 stretched; new axes come before those of the sample."""
    sizes = layer.sizes
    sample = (1,) * (len(sizes) - x.ndim + 1) + x.shape[1:]
    wanted = [have if size == -1 else size for size, have in zip(sizes, sample, strict=True)]
    return np.broadcast_to(x.reshape(len(x), *sample), (len(x), *wanted))


@kernel("Tile")
def tile(layer: Tile, weights: Weights, x: Array) -> Array:
    """Each sample repeated along its axes."""
    dims = layer.dims
    sample = (1,) * (len(dims) - x.ndim + 1) + x.shape[1:]
    times = (1,) * (len(sample) - len(dims)) + tuple(dims)
    return np.tile(x.reshape(len(x), *sample), (1, *times))


@kernel("Select")
def select(layer: Select, weights: Weights, x: Array) -> Array:
    """One position of an axis."""
    return x[_at(x, layer.dim, layer.index)]  # type: ignore[no-any-return]


def _at(x: Array, dim: int, index: object) -> tuple[Any, ...]:
    """An index that is `index` on one axis and everything on the others."""
    return (slice(None),) * (dim % x.ndim) + (index,)


@kernel("Slice")
def slice_(layer: Slice, weights: Weights, x: Array) -> Array:
    """Positions start, start + step, ... before stop."""
    return x[_at(x, layer.dim, slice(layer.start, layer.stop, layer.step))]  # type: ignore[no-any-return]


@kernel("Narrow")
def narrow(layer: Narrow, weights: Weights, x: Array) -> Array:
    """`length` positions from start on."""
    start = layer.start % x.shape[layer.dim] if layer.start < 0 else layer.start
    return x[_at(x, layer.dim, slice(start, start + layer.length))]  # type: ignore[no-any-return]


@kernel("IndexSelect")
def index_select(layer: IndexSelect, weights: Weights, x: Array, index: Array) -> Array:
    """The positions of an axis that the second input names, for each sample its own."""
    at = layer.dim % x.ndim
    shape = [1] * x.ndim
    shape[0], shape[at] = index.shape
    where = np.broadcast_to(index.reshape(shape), (*x.shape[:at], index.shape[1], *x.shape[at + 1 :]))
    return np.take_along_axis(x, where, at)


@kernel("Chunk")
def chunk(layer: Chunk, weights: Weights, x: Array) -> dict[str, Array]:
    """At most `chunks` pieces of equal size, the last one smaller."""
    size = x.shape[layer.dim]
    return _pieces(x, layer.dim, list(range(0, max(size, 1), max(1, -(-size // layer.chunks)))))


@kernel("Split")
def split(layer: Split, weights: Weights, x: Array) -> dict[str, Array]:
    """Pieces of one size, or of the sizes that are listed."""
    sizes = layer.sizes
    if isinstance(sizes, tuple):
        return _pieces(x, layer.dim, [sum(sizes[:at]) for at in range(len(sizes))])
    return _pieces(x, layer.dim, list(range(0, max(x.shape[layer.dim], 1), max(sizes, 1))))


def _pieces(x: Array, dim: int, starts: list[int]) -> dict[str, Array]:
    ends = [*starts[1:], x.shape[dim]]
    parts = {str(n): x[_at(x, dim, slice(*edges))] for n, edges in enumerate(zip(starts, ends, strict=True))}
    return {"output": parts["0"], **parts}


@kernel("Flip")
def flip(layer: Flip, weights: Weights, x: Array) -> Array:
    """The order reversed along axes."""
    return np.flip(x, layer.dims)


@kernel("Roll")
def roll(layer: Roll, weights: Weights, x: Array) -> Array:
    """Positions shifted along axes."""
    return np.roll(x, layer.shifts, layer.dims)


@kernel("PixelShuffle")
def pixel_shuffle(layer: PixelShuffle, weights: Weights, x: Array) -> Array:
    """[C r r, H, W] becomes [C, H r, W r]; the channel is c r r + dy r + dx."""
    r = layer.upscale_factor
    *lead, channels, height, width = x.shape
    apart = x.reshape(-1, channels // (r * r), r, r, height, width)
    return apart.transpose(0, 1, 4, 2, 5, 3).reshape(*lead, channels // (r * r), height * r, width * r)


@kernel("PixelUnshuffle")
def pixel_unshuffle(layer: PixelUnshuffle, weights: Weights, x: Array) -> Array:
    """The inverse of PixelShuffle."""
    r = layer.downscale_factor
    *lead, channels, height, width = x.shape
    apart = x.reshape(-1, channels, height // r, r, width // r, r)
    return apart.transpose(0, 1, 3, 5, 2, 4).reshape(*lead, channels * r * r, height // r, width // r)


@kernel("ChannelShuffle")
def channel_shuffle(layer: ChannelShuffle, weights: Weights, x: Array) -> Array:
    """Channels [G, C / G] transposed."""
    g = layer.groups
    return x.reshape(len(x), g, x.shape[1] // g, *x.shape[2:]).swapaxes(1, 2).reshape(x.shape)


@kernel("Unfold")
@custom_vjp
def unfold(layer: Unfold, weights: Weights, x: Array) -> Array:
    """Every window as a column [C * prod(K), windows]; rows in the order c, ky, kx."""
    x = pad(x, pads(layer, x.shape[2:]))
    seen = windows(x, layer.kernel_size, layer.stride, layer.dilation)
    axes = len(layer.kernel_size)
    turned = np.moveaxis(seen, range(2, 2 + axes), range(-axes, 0))
    return turned.reshape(len(x), x.shape[1] * prod(layer.kernel_size), -1)


@kernel("Fold")
@custom_vjp
def fold(layer: Fold, weights: Weights, x: Array) -> Array:
    """Columns put back where Unfold took them from, overlaps added up."""
    borders = pads(layer, layer.output_size)
    space = [size + before + after for size, (before, after) in zip(layer.output_size, borders, strict=True)]
    count = counts(space, layer.kernel_size, layer.stride, layer.dilation)
    channels = x.shape[1] // prod(layer.kernel_size)
    columns = x.reshape(len(x), channels, *layer.kernel_size, *count)
    whole = np.zeros((len(x), channels, *space), x.dtype)
    for position in np.ndindex(*layer.kernel_size):
        target = whole
        for axis, at in enumerate(position):
            target = tap(target, 2 + axis, at * layer.dilation[axis], layer.stride[axis], count[axis])
        target += columns[(slice(None), slice(None), *position)]
    inside = [slice(before, before + size) for size, (before, _) in zip(layer.output_size, borders, strict=True)]
    return np.ascontiguousarray(whole[(slice(None), slice(None), *inside)])


@kernel(
    *"""
    ZeroPad1d ZeroPad2d ZeroPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d ReflectionPad2d
    ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d CircularPad1d CircularPad2d CircularPad3d Pad
    """.split(),
)
def pad_layer(layer: Pad, weights: Weights, x: Array) -> Array:
    """Numbers around the array; amounts are written from the last axis on."""
    return _around(x, layer.padding, layer.mode, float(getattr(layer, "value", 0.0) or 0.0))


@kernel("Crop")
def crop(layer: Crop, weights: Weights, x: Array) -> Array:
    """Numbers cut off around the array."""
    return _around(x, layer.sides(x.ndim), "constant", 0.0)


def _around(x: Array, sides: list[int] | tuple[int, ...], mode: str, value: float) -> Array:
    return pad(x, pairs_of(sides), mode, value)
