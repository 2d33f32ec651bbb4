"""Padding, cropping and resizing over [*space, channels]. Source: Keras, keras.layers.ZeroPadding1D to Resizing."""

from __future__ import annotations

from cnncalc.core.number import Number, Shape
from cnncalc.core.option import choice, flag, ignored, pair, positive
from cnncalc.core.problem import Fault
from cnncalc.core.window import AXIS_NAMES
from cnncalc.layers.axes import Rearranged
from cnncalc.layers.keras.base import KerasLayer, data_format, neighbours, pairs

INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area")


class Spatial(Rearranged, KerasLayer, abstract=True):
    """A layer that changes the spatial axes alone."""

    takes, gives = "N {space} C", "N {space_out} C"
    example = "{image} -> {type}(1)"

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return neighbours(self, x)

    def shape(self, x: Shape) -> Shape:
        n, *space, c = x
        return (n, *self.sizes(tuple(space)), c)

    def sizes(self, space: Shape) -> list[Number]:
        """The spatial sizes that come out."""
        raise NotImplementedError  # pragma: no cover - every layer has its own


class ZeroPadding(Spatial, abstract=True):
    """Put zeros around the input."""

    takes, gives = "N {space} C", "N {space_out} C"
    receptive = "shift"

    padding = pairs("zeros before and after each axis")

    def sizes(self, space: Shape) -> list[Number]:
        return [size + before + after for size, (before, after) in zip(space, self.padding, strict=True)]


class ZeroPadding1D(ZeroPadding, axes=1):
    """Zeros before and after a sequence [length, channels]."""


class ZeroPadding2D(ZeroPadding, axes=2):
    """Zeros around an image [height, width, channels]."""

    data_format = data_format()


class ZeroPadding3D(ZeroPadding, axes=3):
    """Zeros around a volume [depth, height, width, channels]."""

    data_format = data_format()


class Cropping(Spatial, abstract=True):
    """Take elements away on each side."""

    takes, gives = "N {space} C", "N {space_out} C"
    receptive = "shift"

    cropping = pairs("elements taken away before and after each axis")

    def sizes(self, space: Shape) -> list[Number]:
        sizes = []
        names = AXIS_NAMES[self.axes]
        for name, size, (before, after) in zip(names, space, self.cropping, strict=True):
            if size < before + after + 1:
                raise Fault(
                    "no-output",
                    f"{self.type()} takes {before} + {after} away, but the {name} is {size}",
                    option="cropping",
                )
            sizes.append(size - before - after)
        return sizes


class Cropping1D(Cropping, axes=1):
    """Take steps away from a sequence [length, channels]."""


class Cropping2D(Cropping, axes=2):
    """Take rows and columns away from an image [height, width, channels]."""

    data_format = data_format()


class Cropping3D(Cropping, axes=3):
    """Take slices away from a volume [depth, height, width, channels]."""

    data_format = data_format()


class UpSampling(Spatial, abstract=True):
    """Repeat rows, columns, ...: `size` times as many."""

    takes, gives = "N {space} C", "N {space_out} C"
    receptive = "interpolation"
    example = "{image} -> {type}(2)"

    size = pair("how often each is repeated", symbol="R", default=2)

    def sizes(self, space: Shape) -> list[Number]:
        return [length * times for length, times in zip(space, self.size, strict=True)]


class UpSampling1D(UpSampling, axes=1):
    """Repeat the steps of a sequence [length, channels]."""


class UpSampling2D(UpSampling, axes=2):
    """Repeat the rows and columns of an image [height, width, channels], or interpolate between them."""

    data_format = data_format()
    interpolation = choice("how numbers between are found", INTERPOLATIONS, default="nearest")


class UpSampling3D(UpSampling, axes=3):
    """Repeat slices, rows and columns of a volume [depth, height, width, channels]."""

    data_format = data_format()


class Resizing(Spatial, axes=2):
    """Make an image of height x width, by interpolation."""

    receptive = "interpolation"
    example = "[32, 32, 3] -> {type}(24, 24)"

    height = positive("rows of the output", symbol="H_out")
    width = positive("columns of the output", symbol="W_out")
    interpolation = choice("how numbers between are found", INTERPOLATIONS, default="bilinear")
    crop_to_aspect_ratio = flag("cut rather than stretch", default=False)
    pad_to_aspect_ratio = flag("pad rather than stretch", default=False)
    fill_mode = ignored()
    fill_value = ignored()
    antialias = flag("smooth before making smaller", default=False)
    data_format = data_format()

    def sizes(self, space: Shape) -> list[Number]:
        return [self.height, self.width]


class CenterCrop(Spatial, axes=2):
    """Cut the middle out of an image; a smaller image is resized."""

    receptive = "center"
    example = "[32, 32, 3] -> {type}(24, 24)"

    height = positive("rows of the output", symbol="H_out")
    width = positive("columns of the output", symbol="W_out")
    data_format = data_format()

    def sizes(self, space: Shape) -> list[Number]:
        return [self.height, self.width]
