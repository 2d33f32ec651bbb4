"""Channels into pixels, and channels among themselves. Source: PyTorch, torch.nn.PixelShuffle to ChannelShuffle."""

from __future__ import annotations

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import positive
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.axes import Rearranged


def _image(layer: Layer, x: Shape) -> tuple[Shape, Number, Number, Number]:
    """Leading axes, channels, height, width."""
    if len(x) < 4:
        raise Fault("wrong-axes", f"{layer.type()} takes [channels, height, width], but gets {shape_text(x)}")
    return x[:-3], x[-3], x[-2], x[-1]


class PixelShuffle(Rearranged):
    """Make an image `upscale_factor` times as large of the square of that many times fewer channels."""

    keeps_axes = True
    takes, gives = "N * C H W", "N * C_out H_out W_out"
    receptive = "pixel_shuffle"
    example = "{image} -> {type}(2)"
    torch = "nn.{type}"

    upscale_factor = positive("how many times as large", symbol="R")

    def shape(self, x: Shape) -> Shape:
        lead, c, h, w = _image(self, x)
        factor = self.upscale_factor
        if c % (factor * factor) != 0:
            raise Fault(
                "channels-do-not-divide",
                f"{c} channels cannot be split into blocks of {factor} × {factor} = {factor * factor} pixels",
                option="upscale_factor",
            )
        return (*lead, c // (factor * factor), h * factor, w * factor)


class PixelUnshuffle(Rearranged):
    """Make channels of blocks of pixels: PixelShuffle undone."""

    keeps_axes = True
    takes, gives = "N * C H W", "N * C_out H_out W_out"
    receptive = "pixel_unshuffle"
    example = "{image} -> {type}(2)"
    torch = "nn.{type}"

    downscale_factor = positive("how many times smaller", symbol="R")

    def shape(self, x: Shape) -> Shape:
        lead, c, h, w = _image(self, x)
        factor = self.downscale_factor
        for name, size in (("height", h), ("width", w)):
            if size % factor != 0:
                raise Fault(
                    "size-does-not-divide",
                    f"a {name} of {size} cannot be cut into blocks of {factor}",
                    option="downscale_factor",
                )
        return (*lead, c * factor * factor, h // factor, w // factor)


class ChannelShuffle(Rearranged):
    """Deal the channels of `groups` groups out like cards: one of each group, then the next of each."""

    keeps_axes = True
    takes, gives = "N C *", "N C *"
    receptive = "channels"
    example = "{image} -> {type}(4)"
    torch = "nn.{type}"

    groups = positive("how many groups", symbol="G")

    def shape(self, x: Shape) -> Shape:
        if len(x) < 3:
            raise Fault("wrong-axes", f"ChannelShuffle takes [channels, ...] with a spatial axis, not {shape_text(x)}")
        if x[1] % self.groups != 0:
            raise Fault(
                "groups-do-not-divide",
                f"{x[1]} input channels cannot be split into {self.groups} groups",
                option="groups",
            )
        return x
