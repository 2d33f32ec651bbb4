"""What Keras' layers do to what is seen of the input: channels are the last axis of a sample."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from cnncalc.analysis import receptive_mixing as mixing
from cnncalc.analysis import receptive_rules as rules
from cnncalc.analysis.extent import Extent
from cnncalc.analysis.receptive_rules import Rule
from cnncalc.analysis.seen import View, mix, relabel, slide
from cnncalc.number import Shape
from cnncalc.window import pads


def windows(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A pool, or the spatial part of a convolution."""
    view = views[0]
    for axis, (kernel, stride, dilation, (before, _)) in enumerate(
        zip(layer.kernel_size, layer.stride, layer.dilation, pads(layer, xs[0][:-1]), strict=True)
    ):
        view = slide(view, axis, Extent.windows, kernel, stride, dilation, before)
    return view


def convolution(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Windows over all channels."""
    view = windows(layer, xs, y, views)
    return view if view is None else mix(view, (len(y) - 1,), xs[0])


def transposed(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A transposed convolution: where the output is cut decides which inputs a place sees."""
    view = views[0]
    for axis, (kernel, stride, dilation) in enumerate(
        zip(layer.kernel_size, layer.stride, layer.dilation, strict=True)
    ):
        span = dilation * (kernel - 1) + 1
        if not all(type(number) is int for number in (span, stride)):
            return None
        same = layer.padding == "same"
        cut = 0 if not same else span // 2 if layer.output_padding is not None else max(span - stride, 0) // 2
        view = slide(view, axis, Extent.transposed, kernel, stride, dilation, cut)
    return mix(view, (len(y) - 1,), xs[0])


def everywhere(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """One number a channel from all places."""
    view = mix(views[0], range(len(xs[0]) - 1), xs[0])
    return relabel(view, {len(xs[0]) - 1: len(y) - 1})


def adaptive(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Parts of a size that follows from the output's."""
    view = views[0]
    for axis in range(len(y) - 1):
        size, out = xs[0][axis], y[axis]
        if type(size) is not int or type(out) is not int:
            return None
        if size != out:
            view = slide(view, axis, Extent.bins, size, out)
    return view


def moved(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Padding and cropping: places move."""
    view = views[0]
    for axis, (before, _) in enumerate(getattr(layer, "padding", None) or layer.cropping):
        signed = before if hasattr(layer, "padding") else -before
        view = slide(view, axis, Extent.windows, 1, 1, 1, signed)
    return view


def enlarged(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Places repeated, or interpolated between their neighbours."""
    view = views[0]
    how = getattr(layer, "interpolation", "nearest")
    if how not in ("nearest", "bilinear"):
        return None
    for axis in range(len(y) - 1):
        size, out = xs[0][axis], y[axis]
        if type(size) is not int or type(out) is not int:
            return None
        view = slide(view, axis, Extent.scaled, size, out, how, None, False)
    return view


def concat(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Side by side along an axis."""
    return mixing.concat(SimpleNamespace(dim=layer.axis), xs, y, views)


def along(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A function of whole axes, which stay."""
    return mix(views[0], (at - 1 if at > 0 else at % len(y) for at in layer.axis), xs[0])


# Names of layer classes; a layer takes the rule of the nearest of its bases.
RULES: dict[str, Rule] = {
    "Conv": convolution,
    "DepthwiseConv": windows,
    "SeparableConv": convolution,
    "ConvTranspose": transposed,
    "Pooling": windows,
    "GlobalPooling": everywhere,
    "AdaptivePooling": adaptive,
    "ZeroPadding": moved,
    "Cropping": moved,
    "UpSampling": enlarged,
    "Resizing": enlarged,
    "Dense": mixing.last,
    "Embedding": rules.append,
    "Flatten": rules.reshape,
    "Reshape": rules.reshape,
    "Permute": rules.permute,
    "Concatenate": concat,
    "Softmax": along,
    "LayerNormalization": along,
    "RMSNormalization": along,
    "UnitNormalization": along,
    "GroupNormalization": mixing.sample,
    "Recurrent": mixing.sample,
    "Bidirectional": mixing.sample,
    "Projected": mixing.sample,
    "Attention": mixing.sample,
}
