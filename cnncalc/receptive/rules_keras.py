"""Receptive fields through one layer of Keras: channels are the last axis of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.core.number import Shape
from cnncalc.core.window import pads
from cnncalc.receptive import rules_sequence
from cnncalc.receptive.position_map import PositionMap
from cnncalc.receptive.rules import Rule
from cnncalc.receptive.view import View, mix, relabel, slide

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.core.window import Windowed
    from cnncalc.layers.keras.conv import ConvTranspose
    from cnncalc.layers.keras.conv_recurrent import ConvLSTM
    from cnncalc.layers.keras.merge import Concatenate


def windows(layer: Windowed, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A pool, or the spatial part of a convolution."""
    view = views[0]
    for axis, (kernel, stride, dilation, (before, _)) in enumerate(
        zip(layer.kernel_size, layer.stride, layer.dilation, pads(layer, xs[0][:-1]), strict=True)
    ):
        view = slide(view, axis, PositionMap.windows, kernel, stride, dilation, before)
    return view


def convolution(layer: Windowed, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Windows over all channels."""
    view = windows(layer, xs, y, views)
    return view if view is None else mix(view, (len(y) - 1,), xs[0])


def transposed(layer: ConvTranspose, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
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
        view = slide(view, axis, PositionMap.transposed, kernel, stride, dilation, cut)
    return mix(view, (len(y) - 1,), xs[0])


def everywhere(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """One number per channel from all positions."""
    view = mix(views[0], range(len(xs[0]) - 1), xs[0])
    return relabel(view, {len(xs[0]) - 1: len(y) - 1})


def adaptive(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Parts of a size that follows from the output's."""
    view = views[0]
    for axis in range(len(y) - 1):
        size, out = xs[0][axis], y[axis]
        if type(size) is not int or type(out) is not int:
            return None
        if size != out:
            view = slide(view, axis, PositionMap.bins, size, out)
    return view


def moved(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Padding and cropping: places move."""
    view = views[0]
    for axis, (before, _) in enumerate(getattr(layer, "padding", None) or layer.cropping):
        signed = before if layer.has("padding") else -before
        view = slide(view, axis, PositionMap.windows, 1, 1, 1, signed)
    return view


def enlarged(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Places repeated, or interpolated between their neighbours."""
    view = views[0]
    how = getattr(layer, "interpolation", "nearest")
    if how not in ("nearest", "bilinear") or _fitted(layer, xs[0], y):
        return None
    how = "nearest-exact" if how == "nearest" else how  # centres of pixels lie at halves
    for axis in range(len(y) - 1):
        size, out = xs[0][axis], y[axis]
        if type(size) is not int or type(out) is not int:
            return None
        view = slide(view, axis, PositionMap.scaled, size, out, how, None, False)
    return view


def _fitted(layer: Layer, x: Shape, y: Shape) -> bool:
    """Whether an image is cut, padded or smoothed before it is resized."""
    kept = getattr(layer, "crop_to_aspect_ratio", False) or getattr(layer, "pad_to_aspect_ratio", False)
    return bool(kept or getattr(layer, "antialias", False))


def concat(layer: Concatenate, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Side by side along an axis."""
    return rules_sequence.side_by_side(layer.axis, xs, y, views)


def along(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A function of whole axes, which stay."""
    return mix(views[0], (at - 1 if at > 0 else at % len(y) for at in layer.axis), xs[0])


def center(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """The middle of an image; a smaller one is enlarged first."""
    view = views[0]
    for axis in range(len(y) - 1):
        size, out = xs[0][axis], y[axis]
        if type(size) is not int or type(out) is not int or size < out:
            return None
        view = slide(view, axis, PositionMap.windows, 1, 1, 1, -((size - out) // 2))
    return view


def repeat(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A vector as every step of a sequence."""
    return relabel(views[0], {0: 1})


def conv_recurrent(layer: ConvLSTM, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A convolution of each step, and of the state from step to step, which spreads by a window each time."""
    steps, place = xs[0][0], 1 if layer.return_sequences else 0
    view = mix(views[0], (0, len(xs[0]) - 1), xs[0])
    if type(steps) is not int:
        return None
    window = zip(layer.kernel_size, layer.stride, layer.dilation, pads(layer, xs[0][1:-1]), strict=True)
    for axis, (kernel, stride, dilation, (before, _)) in enumerate(window, 1):
        view = slide(view, axis, PositionMap.windows, kernel, stride, dilation, before)
        view = slide(
            view, axis, PositionMap.windows, (kernel - 1) * (steps - 1) + 1, 1, 1, (kernel - 1) // 2 * (steps - 1)
        )
    return relabel(view, {axis: axis - 1 + place for axis in range(1, len(xs[0]))})


# Rules for channels last; what is not here is read as in `rules`.
RULES: dict[str, Rule] = {
    "convolution": convolution,
    "windows": windows,
    "transposed": transposed,
    "everywhere": everywhere,
    "bins": adaptive,
    "shift": moved,
    "interpolation": enlarged,
    "center": center,
    "concat": concat,
    "along": along,
    "repeat": repeat,
    "conv_recurrent": conv_recurrent,
}
