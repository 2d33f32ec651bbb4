"""Convolutions over [*space, channels]. Source: Keras, keras.layers.Conv1D to SeparableConv2D and Conv3DTranspose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.core.layer import Weight, by_axes
from cnncalc.core.number import Number, Shape, is_free, largest, prod
from cnncalc.core.option import choice, flag, pair, positive
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.core.window import AXIS_NAMES, reach, windows
from cnncalc.layers.conv import groups_fault
from cnncalc.layers.keras.base import Sliding, data_format, nonlinearity, same_or_valid


class Conv(Sliding, abstract=True):
    """Slide filters {over} {image}."""

    takes, gives = "N {space} C_in", "N {space_out} F"
    scratch = "padded"
    parallel = "whole"
    receptive = "convolution"
    example = "{image} -> {type}(16, 3, strides=2, padding='same')"
    saves = "input"
    category = "convolution"
    worked = "windows"
    explained = "windows"

    filters = positive("number of filters", symbol="F")
    kernel_size = pair("kernel size", symbol="K")
    strides = pair("stride", symbol="S", default=1)
    padding = same_or_valid()
    data_format = data_format()
    dilation_rate = pair("dilation (spacing between kernel elements)", symbol="D", default=1)
    groups = positive("groups (channels convolved separately)", symbol="G", default=1)
    activation = nonlinearity()
    use_bias = flag("add one number per filter", default=True)

    def prepare(self) -> None:
        refuse_both(self)
        if self.filters % self.groups != 0:
            raise groups_fault("out_channels", self.filters, self.groups)

    def shape(self, x: Shape) -> Shape:
        n, *space, c = x
        if c % self.groups != 0:
            raise groups_fault("input channels", c, self.groups)
        return (n, *windows(self, tuple(space)), self.filters)

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("kernel", (*self.kernel_size, x[-1] // self.groups, self.filters))
        if self.use_bias:
            yield Weight("bias", (self.filters,))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        return {"windows": prod(y) * (x[-1] // self.groups) * prod(self.kernel_size)}


class Conv1D(Conv, axes=1):
    padding = choice(
        "valid: none; same: as many windows as the stride leaves; causal: only before",
        ("valid", "same", "causal"),
        default="valid",
    )


Conv2D, Conv3D = by_axes(Conv, 2, 3)


class DepthwiseConv(Sliding, abstract=True):
    """Convolve every channel of {image} apart."""

    takes, gives = "N {space} C_in", "N {space_out} C_out"
    scratch = "padded"
    parallel = "whole"
    receptive = "windows"
    example = "{image} -> {type}(3, padding='same')"
    saves = "input"
    category = "convolution"
    worked = "windows"
    explained = "windows"

    kernel_size = pair("kernel size", symbol="K")
    strides = pair("stride", symbol="S", default=1)
    padding = same_or_valid()
    depth_multiplier = positive("filters for each channel", symbol="M", default=1)
    data_format = data_format()
    dilation_rate = pair("dilation (spacing between kernel elements)", symbol="D", default=1)
    activation = nonlinearity()
    use_bias = flag("add one number per output channel", default=True)

    def shape(self, x: Shape) -> Shape:
        n, *space, c = x
        return (n, *windows(self, tuple(space)), c * self.depth_multiplier)

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("kernel", (*self.kernel_size, x[-1], self.depth_multiplier))
        if self.use_bias:
            yield Weight("bias", (x[-1] * self.depth_multiplier,))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        return {"windows": prod(y) * prod(self.kernel_size)}


DepthwiseConv1D, DepthwiseConv2D = by_axes(DepthwiseConv, 1, 2)


class SeparableConv(Sliding, abstract=True):
    """Convolve every channel apart, then mix the channels at each place; one bias, after both."""

    takes, gives = "N {space} C_in", "N {space_out} F"
    scratch = "padded"
    parallel = "whole"
    receptive = "convolution"
    example = "{image} -> {type}(16, 3, padding='same')"
    saves = "input"
    category = "convolution"
    explained = "windows"

    filters = positive("channels of the output", symbol="F")
    kernel_size = pair("size of the depthwise filters", symbol="K")
    strides = pair("stride", symbol="S", default=1)
    padding = same_or_valid()
    data_format = data_format()
    dilation_rate = pair("dilation (spacing between kernel elements)", symbol="D", default=1)
    depth_multiplier = positive("depthwise filters for each channel", symbol="M", default=1)
    activation = nonlinearity()
    use_bias = flag("add one number per output channel", default=True)

    def shape(self, x: Shape) -> Shape:
        n, *space, _ = x
        return (n, *windows(self, tuple(space)), self.filters)

    def weights(self, x: Shape) -> Iterator[Weight]:
        between = x[-1] * self.depth_multiplier
        yield Weight("depthwise_kernel", (*self.kernel_size, x[-1], self.depth_multiplier))
        yield Weight("pointwise_kernel", (*(1,) * self.axes, between, self.filters))
        if self.use_bias:
            yield Weight("bias", (self.filters,))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        between = prod(y[:-1]) * x[-1] * self.depth_multiplier
        return {"depthwise": between * prod(self.kernel_size), "pointwise": between * self.filters}


class SeparableConv1D(SeparableConv, axes=1):
    """Convolve the channels of a sequence [length, channels] apart, then mix them."""

    padding = choice(
        "valid: none; same: as many windows as the stride leaves; causal: only before",
        ("valid", "same", "causal"),
        default="valid",
    )


class SeparableConv2D(SeparableConv, axes=2):
    """Convolve the channels of an image [height, width, channels] apart, then mix them."""


class ConvTranspose(Sliding, abstract=True):
    """Spread {image} over a {larger} one."""

    takes, gives = "N {space} C_in", "N {space_out} F"
    scratch = "columns"
    parallel = "whole"
    receptive = "transposed"
    example = "{image} -> {type}(4, 2, strides=2)"
    saves = "input"
    category = "convolution"
    worked = "windows"
    explained = "nothing"

    filters = positive("number of filters", symbol="F")
    kernel_size = pair("kernel size", symbol="K")
    strides = pair("stride of the output", symbol="S", default=1)
    padding = same_or_valid("valid: all that the windows reach; same: the size times the stride")
    output_padding = pair("added at the end of the output", symbol="P_out", default=None, least=0)
    data_format = data_format()
    dilation_rate = pair("dilation (spacing between kernel elements)", symbol="D", default=1)
    activation = nonlinearity()
    use_bias = flag("add one number per filter", default=True)

    def prepare(self) -> None:
        refuse_both(self)
        for extra, stride in zip(self.output_padding or (), self.strides, strict=False):
            if extra > stride - 1:
                raise Fault(
                    "output-padding-too-large",
                    f"output_padding {extra} must be smaller than the stride {stride}",
                    option="output_padding",
                )

    def shape(self, x: Shape) -> Shape:
        n, *space, _ = x
        sizes = []
        for axis, size in enumerate(space):
            stride = self.strides[axis]
            span = reach(self.kernel_size[axis], self.dilation_rate[axis])
            if self.output_padding is None:
                # Without output_padding Keras leaves no part of a step out, also where the kernel is shorter.
                made = size * stride
                made = made if self.padding == "same" else made + largest(span - stride, 0)
            else:
                cut = span // 2 if self.padding == "same" else 0
                made = (size - 1) * stride + span - 2 * cut + self.output_padding[axis]
            if made < 1:
                raise Fault(
                    "no-output",
                    f"{self.type()} would make {shape_text(x)} a {AXIS_NAMES[self.axes][axis]} of {made}",
                    option="padding",
                )
            sizes.append(made)
        return (n, *sizes, self.filters)

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("kernel", (*self.kernel_size, self.filters, x[-1]))
        if self.use_bias:
            yield Weight("bias", (self.filters,))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        # Every input number meets every filter once: input positions count, not the output's.
        return {"windows": prod(x) * self.filters * prod(self.kernel_size)}


Conv1DTranspose, Conv2DTranspose, Conv3DTranspose = by_axes(ConvTranspose, 1, 2, 3, name="Conv{n}DTranspose")


def refuse_both(layer: Any) -> None:
    """Keras has no strides together with a dilation."""
    # That one of two free sizes is 1 cannot be said in one assumption: then nothing is refused.
    steps = [step for step in layer.strides if not is_free(step) and step != 1]
    apart = [rate for rate in layer.dilation_rate if not is_free(rate) and rate != 1]
    if steps and apart:
        raise Fault(
            "stride-with-dilation",
            f"Keras refuses strides {steps[0]} together with dilation_rate {apart[0]}",
            option="dilation_rate",
            help="one of the two must be 1",
        )
