"""Convolutions that share no filters: each position has its own. Source: Keras 2, keras.layers.LocallyConnected2D.

The weights are [out_channels, *positions, in_channels, *kernel_size]: `local.weight[f, i, j]` is a position's filter.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Layer, Weight, by_axes
from cnncalc.core.number import Number, Shape, counted, prod
from cnncalc.core.option import flag, inferred, padding, pair, positive
from cnncalc.core.window import windows
from cnncalc.layers.axes import other_axes


class LocallyConnected(Layer, abstract=True):
    """A convolution {over} {image} whose every position has filters of its own."""

    takes, gives = "N C_in {space}", "N C_out {space_out}"
    scratch = "output"
    parallel = "whole"
    receptive = "convolution"
    saves = "input"
    origin = "Keras 2, keras.layers.LocallyConnected1D and LocallyConnected2D."
    example = "{image} -> {type}(8, 4, 3)"
    category = "convolution"
    explained = "positions"

    in_channels = inferred("channels of the input", symbol="C_in")
    out_channels = positive("filters of each position", symbol="C_out")
    kernel_size = pair("kernel size", symbol="K")
    stride = pair("stride", symbol="S", default=1)
    padding = padding("zeros on each side, or 'valid'", words=("valid",))
    dilation = pair("dilation (spacing between kernel elements)", symbol="D", default=1)
    bias = flag("add one number per filter and position", default=True)

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return other_axes(self, x)

    def shape(self, x: Shape) -> Shape:
        return (x[0], self.out_channels, *windows(self, tuple(x[2:])))

    def weights(self, x: Shape) -> Iterator[Weight]:
        places = windows(self, tuple(x[2:]))
        yield Weight("weight", (self.out_channels, *places, x[1], *self.kernel_size))
        if self.bias:
            yield Weight("bias", (self.out_channels, *places))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        return {"windows": prod(y) * x[1] * prod(self.kernel_size)}

    def summed(self, shape: Shape) -> Number | None:
        return prod(shape[1 + self.axes :])

    def convention_note(self, *xs: Shape) -> str:
        shared = self.out_channels * xs[0][1] * prod(self.kernel_size) + (self.out_channels if self.bias else 0)
        return f"a convolution of the same size shares its filters: {counted(shared)} parameters"


LocallyConnected1d, LocallyConnected2d = by_axes(LocallyConnected, 1, 2)
