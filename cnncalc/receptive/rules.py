"""Receptive fields through one layer: a small rule for each way of reading its input, named by `Layer.receptive`.

A rule gets the layer, the shapes of its inputs and of its output (of one sample, channels first), and the receptive
fields of its inputs. It gives that of the output, or None where there is none to be said. Keras' layers, channels last,
have further rules under the same names in `rules_keras`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc.core.number import Shape, as_ints
from cnncalc.core.window import pads
from cnncalc.core.window import windows as counted_windows
from cnncalc.receptive.position_map import PositionMap
from cnncalc.receptive.rules_sequence import (
    along,
    attention,
    bag,
    cell,
    channels,
    concat,
    einsum,
    everything,
    features,
    halves,
    last,
    loss,
    outer,
    pointwise,
    positions,
    product,
    reduced,
    same,
    scan,
    stack,
    together,
    trailing,
)
from cnncalc.receptive.view import View, each, mix, regrouped, relabel, shuffle, slide

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.core.window import Windowed
    from cnncalc.layers.conv_transpose import ConvTranspose
    from cnncalc.layers.indexing import Narrow, Select, Slice
    from cnncalc.layers.position import ClassToken, PatchEmbedding
    from cnncalc.layers.resample import Upsample
    from cnncalc.layers.reshape import Unsqueeze
    from cnncalc.layers.shuffle import PixelShuffle, PixelUnshuffle
    from cnncalc.layers.unfold import Fold, Unfold
    from cnncalc.layers.unpool import MaxUnpool

Rule = Callable[[Any, list[Shape], Shape, list[View]], "View | None"]


def _plain(*numbers: object) -> bool:
    return all(type(number) is int for number in numbers)


# --- windows -------------------------------------------------------------------------------------------------------


def windows(layer: Windowed, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A pool, or the spatial part of a convolution."""
    view = views[0]
    space = xs[0][1:]
    for axis, (kernel, stride, dilation, (before, _)) in enumerate(
        zip(layer.kernel_size, layer.stride, layer.dilation, pads(layer, space), strict=True)
    ):
        view = slide(view, axis + 1, PositionMap.windows, kernel, stride, dilation, before)
    return view


def convolution(layer: Windowed, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Windows over all channels."""
    view = windows(layer, xs, y, views)
    return view if view is None else mix(view, (0,), xs[0])


def transposed(layer: ConvTranspose, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A transposed convolution: windows read backwards."""
    view = unpooled(layer, xs, y, views)
    return view if view is None else mix(view, (0,), xs[0])


def unpooled(layer: ConvTranspose | MaxUnpool, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A max-pool undone: numbers go back into the windows that they came from."""
    view = views[0]
    dilations = getattr(layer, "dilation", (1,) * len(layer.kernel_size))
    for axis, (kernel, stride, dilation, (before, _)) in enumerate(
        zip(layer.kernel_size, layer.stride, dilations, layer.padding, strict=True)
    ):
        if not _plain(kernel, stride, dilation, before):
            return None
        view = slide(view, axis + 1, PositionMap.transposed, kernel, stride, dilation, before)
    return view


def adaptive(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Bins of a size that follows from the output's."""
    view = views[0]
    for axis in range(1, len(y)):
        size, out = xs[0][axis], y[axis]
        if _plain(out) and out == 1:
            view = relabel(mix(view, (axis,), xs[0]), {a: a for a in range(len(y))})
        elif not _plain(size, out) or out < 1:
            return None
        elif size != out:
            view = slide(view, axis, PositionMap.bins, size, out)
    return view


def everywhere(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """One number per channel from all positions."""
    view = mix(views[0], range(1, len(xs[0])), xs[0])
    return relabel(view, {0: 0, **{a: a for a in range(1, len(y))}})


def interpolation(layer: Upsample, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Up- or downsampling; numbers between are made of their neighbours."""
    view = views[0]
    factors = layer.scale_factor
    for axis in range(1, len(y)):
        size, out = xs[0][axis], y[axis]
        if not _plain(size, out):
            return None
        factor = factors[axis - 1] if isinstance(factors, tuple) else factors
        asked = None if factor is None or layer.recompute_scale_factor else Fraction(str(factor))
        corners = bool(layer.align_corners)
        smooth = bool(getattr(layer, "antialias", False))
        view = slide(view, axis, PositionMap.scaled, size, out, layer.mode, asked, corners, smooth)
    return view


def pixel_shuffle(layer: PixelShuffle, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Channels become pixels: each of r x r pixels sees what the one did."""
    rank, factor = len(y), layer.upscale_factor
    if not _plain(factor):
        return None
    view = mix(views[0], (rank - 3,), xs[0])
    for axis in (rank - 2, rank - 1):
        view = slide(view, axis, PositionMap.through, factor, 1, [[0]] * factor)
    return view


def pixel_unshuffle(layer: PixelUnshuffle, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Pixels become channels: a position stands for r x r pixels."""
    rank, factor = len(y), layer.downscale_factor
    view = mix(views[0], (rank - 3,), xs[0])
    for axis in (rank - 2, rank - 1):
        view = slide(view, axis, PositionMap.windows, factor, factor, 1, 0)
    return view


def unfold(layer: Unfold, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Windows as columns."""
    view = windows(layer, xs, y, views)
    return view and each(mix(view, (0,), xs[0]), lambda s: s.spread((1,), xs[0]))


def patches(layer: PatchEmbedding, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Patches as a sequence."""
    view = mix(views[0], (0,), xs[0])
    for axis, patch in enumerate(layer.patch_size):
        view = slide(view, axis + 1, PositionMap.windows, patch, patch, 1, 0)
    return each(view, lambda s: s.spread((0,), xs[0]))


# --- positions -----------------------------------------------------------------------------------------------------


def shift(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Padding and cropping: positions move."""
    view = views[0]
    amounts = layer.padding if layer.has("padding") else layer.sides(len(y) + 1)
    for pair in range(len(amounts) // 2):
        axis, before = len(y) - 1 - pair, amounts[2 * pair]
        view = slide(view, axis, PositionMap.windows, 1, 1, 1, before)
    return view


def cut(layer: Slice | Narrow, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Slice and Narrow: positions start, start + step, ..."""
    at = layer.dim % (len(xs[0]) + 1) - 1
    size, start, step = xs[0][at], layer.start, getattr(layer, "step", 1)
    if not _plain(size, start, step):
        return shuffle(views[0], at, xs[0])
    first = min(max(size + start, 0) if start < 0 else start, size)
    return slide(views[0], at, PositionMap.windows, 1, step, 1, -first)


def pick(layer: Select, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """One position of an axis, which goes."""
    at = layer.dim % (len(xs[0]) + 1) - 1
    view = each(views[0], lambda s: s.spread(tuple(a for a in s.axes if a != at), xs[0]) if at in s.axes else s)
    return relabel(view, {a: a - (a > at) for a in range(len(xs[0])) if a != at})


def reordered(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Positions picked or turned around: sizes stay."""
    view = views[0]
    dims = layer.dims if layer.has("dims") else (layer.dim,)
    for dim in dims:
        view = shuffle(view, dim % (len(xs[0]) + 1) - 1, xs[0])
    return view


def reshape(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Axes cut or joined."""
    return regrouped(views[0], xs[0], y)


def permute(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Axes in another order: the layer's own rule is asked where each goes."""
    marks = as_ints(layer.shape((-1, *range(len(xs[0]))))[1:])
    return relabel(views[0], {old: new for new, old in enumerate(marks)})


def unsqueeze(layer: Unsqueeze, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A new axis."""
    at = layer.dim % (len(y) + 1) - 1
    return relabel(views[0], {a: a + (a >= at) for a in range(len(xs[0]))})


def token(layer: ClassToken, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Vectors in front of a sequence."""
    return slide(views[0], 0, PositionMap.windows, 1, 1, 1, layer.tokens)


def repeated(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A sample repeated along its axes, aligned from the right."""
    x, rank = xs[0], len(y)
    view = relabel(views[0], {a: a + rank - len(x) for a in range(len(x))})
    wide = (1,) * (rank - len(x)) + tuple(x)
    for axis, (size, made) in enumerate(zip(wide, y, strict=True)):
        view = view if _plain(size, made) and size == made else shuffle(view, axis, wide)
    return view


def fold(layer: Fold, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Windows added up to an image: a pixel sees the windows that lie over it, rows of them apart."""
    counts = counted_windows(layer, layer.output_size)
    if not _plain(*counts, *layer.kernel_size, *layer.stride, *layer.dilation, *layer.output_size):
        return None
    over = []
    for axis, size in enumerate(layer.output_size):
        window = layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis], layer.padding[axis][0]
        extent = PositionMap.identity().transposed(*window)
        if extent is None:
            return None
        over.append(min(extent.size(size), counts[axis]))
    reach = (over[0] - 1) * counts[1] + over[1]
    view = slide(mix(views[0], (0,), xs[0]), 1, PositionMap.windows, reach, 1, 1, 0)
    return each(view, lambda s: s.spread((1, 2), xs[0]))


# The names that layers give in `receptive`. "inner" and "steps" are rules of layers that hold another one, in
# `receptive/fields`.
RULES: dict[str, Rule] = {
    # by positions
    "pointwise": pointwise,  # each number by itself
    "convolution": convolution,  # windows over all channels
    "windows": windows,  # windows of each channel
    "transposed": transposed,
    "unpooled": unpooled,
    "bins": adaptive,
    "everywhere": everywhere,  # all positions of each channel
    "interpolation": interpolation,
    "shift": shift,  # padding and cropping
    "cut": cut,
    "pick": pick,
    "reordered": reordered,
    "tile": repeated,
    "token": token,
    "patches": patches,
    "unfold": unfold,
    "fold": fold,
    "pixel_shuffle": pixel_shuffle,
    "pixel_unshuffle": pixel_unshuffle,
    # axes moved, cut or joined
    "reshape": reshape,
    "permute": permute,
    "unsqueeze": unsqueeze,
    "append": same,  # each element becomes a vector: an axis behind the others
    "first": same,  # the first piece; `_port` has the others
    "constant": same,  # no input
    # several inputs
    "together": together,
    "concat": concat,
    "stack": stack,
    "product": product,
    "outer": outer,
    "einsum": einsum,
    # whole axes
    "last": last,  # a matrix times the last axis
    "features": features,
    "channels": channels,
    "positions": positions,
    "along": along,  # the axis `dim`, which stays
    "halves": halves,
    "reduced": reduced,  # the axes `dim`, which go
    "trailing": trailing,
    "attention": attention,
    "dot_product": attention,  # without projections, heads in front
    "cell": cell,
    "loss": loss,
    "bag": bag,
    "everything": everything,
    "scan": scan,
}
