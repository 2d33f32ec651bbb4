"""Transposed convolutions. Source: PyTorch, torch.nn.ConvTranspose1d to ConvTranspose3d."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Layer, Weight, by_axes
from cnncalc.core.number import Number, Shape, largest, prod
from cnncalc.core.option import ANY, DROPPED, choice, flag, ignored, inferred, padding, pair, positive
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.core.window import AXIS_NAMES, reach
from cnncalc.layers.axes import other_axes
from cnncalc.layers.conv import groups_fault


class ConvTranspose(Layer, abstract=True):
    """Spread {image} over a {larger} one."""

    takes, gives = "N C_in {space}", "N C_out {space_out}"
    scratch = "columns"
    parallel = "whole"
    receptive = "transposed"
    example = "{image} -> {type}(8, 4, 2, stride=2)"
    torch = "nn.{type}"
    saves = "input"
    keras = "Conv{n}DTranspose"
    category = "convolution"
    explained = "nothing"
    worked = "windows"

    in_channels = inferred("channels of the input", symbol="C_in")
    out_channels = positive("number of filters", symbol="C_out")
    kernel_size = pair("kernel size", symbol="K")
    stride = pair("stride of the output", symbol="S", default=1)
    padding = padding("taken away on each side of the output")
    output_padding = pair("added at the end of the output", symbol="P_out", default=0, least=0)
    groups = positive("groups (channels convolved separately)", symbol="G", default=1)
    bias = flag("add one number per filter", default=True)
    dilation = pair("dilation (spacing between kernel elements)", symbol="D", default=1)
    padding_mode = choice("only zeros", ("zeros",), default="zeros")
    device, dtype = ignored(), ignored()
    output_size = pair("the output's size, in place of output_padding", default=None, least=ANY, keyword_only=True)

    def prepare(self) -> None:
        taken, made = self.__dict__.get("in_channels"), self.out_channels  # a lazy layer has no in_channels
        for what, channels, others in (("out_channels", made, taken), ("in_channels", taken, made)):
            if channels is not None and channels % self.groups != 0:
                raise groups_fault(what, channels, self.groups, others)
        if self.output_size is not None:
            return
        for extra, stride, dilation in zip(self.output_padding, self.stride, self.dilation, strict=True):
            if extra > largest(stride, dilation) - 1:
                raise Fault(
                    "output-padding-too-large",
                    f"output_padding {extra} must be smaller than the stride {stride} or the dilation {dilation}",
                    option="output_padding",
                )

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return other_axes(self, x)

    def shape(self, x: Shape) -> Shape:
        n, c, *space = x
        if c % self.groups != 0:
            raise groups_fault("input channels", c, self.groups, self.out_channels)
        return (n, self.out_channels, *self._space(tuple(space)))

    def _space(self, space: Shape) -> list[Number]:
        sizes = []
        for axis, size in enumerate(space):
            before, after = self.padding[axis]
            stride = self.stride[axis]
            least = (size - 1) * stride - (before + after) + reach(self.kernel_size[axis], self.dilation[axis])
            if self.output_size is None:
                out = least + self.output_padding[axis]
            else:
                out = self.output_size[axis]
                if out < least or out > least + stride - 1:
                    raise self._unreachable(axis, space, out, least, stride)
            if out < 1:
                raise Fault(
                    "no-output",
                    f"{self.type()} would make {shape_text((1, *space))} a {AXIS_NAMES[self.axes][axis]} of {out}",
                    option="padding",
                    help="a smaller padding would leave something",
                )
            sizes.append(out)
        return sizes

    def _unreachable(self, axis: int, space: Shape, out: Number, least: Number, stride: Number) -> Fault:
        name = AXIS_NAMES[self.axes][axis]
        reachable = f"{least}" if stride == 1 else f"{least} to {least + stride - 1}"
        return Fault(
            "output-size",
            f"a {name} of {space[axis]} cannot become {out}: output_size may be {reachable} here",
            option="output_size",
        )

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("weight", (x[1], self.out_channels // self.groups, *self.kernel_size))
        if self.bias:
            yield Weight("bias", (self.out_channels,))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        # Every input number meets every filter once: input positions count, not the output's.
        return {"windows": prod(x) * (self.out_channels // self.groups) * prod(self.kernel_size)}


class LazyConvTranspose(ConvTranspose, abstract=True):
    """ConvTranspose{axes}d without in_channels, which the input gives anyway."""

    example = "{image} -> {type}(4, 2, stride=2)"

    in_channels = DROPPED
    explained = "windows"


ConvTranspose1d, ConvTranspose2d, ConvTranspose3d = by_axes(ConvTranspose, 1, 2, 3)
LazyConvTranspose1d, LazyConvTranspose2d, LazyConvTranspose3d = by_axes(LazyConvTranspose, 1, 2, 3)
