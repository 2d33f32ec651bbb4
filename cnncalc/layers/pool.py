"""Pools that slide a window: largest, mean and power mean. Source: PyTorch, torch.nn.MaxPool1d to LPPool3d."""

from __future__ import annotations

from cnncalc.core.layer import Layer, by_axes
from cnncalc.core.number import Number, Shape, largest
from cnncalc.core.option import DROPPED, Option, Pads, Sizes, custom, flag, padding, pair, real, whole
from cnncalc.core.problem import Fault
from cnncalc.core.window import AXIS_NAMES, pads, reach, windows
from cnncalc.layers.axes import other_axes

# ONNX' and Keras' ways to pad; PyTorch has numbers only.
WORDS = ("valid", "same_upper", "same_lower")


class Pool(Layer, abstract=True):
    """Slide a window over every channel apart; no weights, no products."""

    receptive = "windows"
    example = "{image} -> {type}(2, 2)"
    torch = "nn.{type}"
    saves = "input"

    kernel_size: Sizes
    stride: Sizes
    padding: Pads | str
    dilation: Sizes
    ceil_mode: bool
    category = "pool"
    explained = "windows"

    def shape(self, x: Shape) -> Shape:
        n, c, *space = x
        return (n, c, *windows(self, tuple(space), self.ceil_mode))

    def reached(self, x: Shape, y: Shape) -> list[tuple[Number, Number]]:
        """Padding with which windows that are counted down fit as often as the output says."""
        return [
            (before, largest((out - 1) * stride + reach(kernel, dilation) - size - before, 0))
            for out, size, stride, kernel, dilation, (before, _) in zip(
                y[2:], x[2:], self.stride, self.kernel_size, self.dilation, pads(self, x[2:]), strict=True
            )
        ]

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return other_axes(self, x)

    def _limit_padding(self) -> None:
        """PyTorch refuses windows that could lie in the padding alone."""
        if isinstance(self.padding, str):
            return
        for (before, after), kernel in zip(self.padding, self.kernel_size, strict=True):
            for amount in (before, after):
                if amount > kernel // 2:
                    raise Fault(
                        "padding-too-large",
                        f"{self.type()} may be padded by half its kernel at most: {amount} is more than {kernel} // 2",
                        option="padding",
                        help=f"a ZeroPad layer before it pads any amount; here at most padding={kernel // 2}",
                    )


class MaxPool(Pool, abstract=True):
    """Keep the largest of every window of {image}."""

    takes, gives = "N C {space}", "N C {space_out}"
    example = "{image} -> {type}(3, stride=2, padding=1)"
    saves = "input positions"
    keras = "MaxPooling{n}D"
    worked = "windows"

    kernel_size = pair("window size", symbol="K")
    stride = pair("stride", symbol="S", like="kernel_size")
    padding = padding("added on each side, never the largest", words=WORDS)
    dilation = pair("distance between the numbers of a window", symbol="D", default=1)
    return_indices = flag("also give the positions of the maxima, as output indices", default=False)
    ceil_mode = flag("round up: windows may hang over the end", default=False)

    def prepare(self) -> None:
        self._limit_padding()

    def ports(self, x: Shape) -> dict[str, Shape]:
        return {"indices": self.shape(x)} if self.return_indices else {}


MaxPool1d, MaxPool2d, MaxPool3d = by_axes(MaxPool, 1, 2, 3)


class AvgPool(Pool, abstract=True):
    """The mean of every window."""

    takes, gives = "N C {space}", "N C {space_out}"
    example = "{image} -> {type}(2)"
    keras = "AveragePooling{n}D"
    worked = "windows"

    kernel_size = pair("window size", symbol="K")
    stride = pair("stride", symbol="S", like="kernel_size")
    padding = padding("zeros on each side", words=WORDS)
    ceil_mode = flag("round up: windows may hang over the end", default=False)
    count_include_pad = flag("zeros of the padding count in the mean", default=True)
    divisor_override = real("divide by this in place of the window's size", default=None)

    def prepare(self) -> None:
        self.dilation = (1,) * self.axes
        self._limit_padding()
        if self.__dict__.get("divisor_override") == 0:
            raise Fault("option-value", "divisor_override must not be 0", option="divisor_override")


class AvgPool1d(AvgPool, axes=1):
    """The mean of every window of a sequence [channels, length]."""

    divisor_override = DROPPED


class AvgPool2d(AvgPool, axes=2):
    """The mean of every window of an image [channels, height, width]."""


class AvgPool3d(AvgPool, axes=3):
    """The mean of every window of a volume [channels, depth, height, width]."""

    def shape(self, x: Shape) -> Shape:
        check_volume(self, x)
        return super().shape(x)


def check_volume(layer: Pool, x: Shape) -> None:
    """In three dimensions PyTorch wants every mean's window inside the input, whatever the padding or the rounding."""
    for name, size, kernel in zip(AXIS_NAMES[3], x[2:], layer.kernel_size, strict=True):
        if size < kernel:
            raise Fault(
                "kernel-larger-than-input",
                f"{layer.type()} needs a {name} of at least {kernel}, even with padding; the input has {size}",
                option="kernel_size",
            )


class LPPool(Pool, abstract=True):
    """The power mean of every window, times the number of its elements: (sum of x ** norm_type) ** (1 / norm_type)."""

    takes, gives = "N C {space}", "N C {space_out}"
    saves = "input powers"

    norm_type = real("the power")
    kernel_size = pair("window size", symbol="K")
    stride = pair("stride", symbol="S", like="kernel_size")
    ceil_mode = flag("round up: windows may hang over the end", default=False)

    def prepare(self) -> None:
        self.dilation = (1,) * self.axes
        self.padding = ((0, 0),) * self.axes
        if self.norm_type == 0:
            raise Fault("option-value", "norm_type must not be 0", option="norm_type")


def _one_number(value: object, option: Option, axes: int) -> tuple[int, ...]:
    size = whole(value)  # a list is none: PyTorch refuses it too
    if size is None or size < 1:
        raise option.refuse(value)
    return (size,)


class LPPool1d(LPPool, axes=1):
    """The power mean of every window of a sequence [channels, length]."""

    norm_type = real("the power")
    kernel_size = custom("window size", _one_number, symbol="K", expects="a whole number of at least 1")
    stride = pair("stride", symbol="S", like="kernel_size")
    ceil_mode = flag("round up: windows may hang over the end", default=False)


class LPPool2d(LPPool, axes=2):
    """The power mean of every window of an image [channels, height, width]."""


class LPPool3d(LPPool, axes=3):
    """The power mean of every window of a volume [channels, depth, height, width]."""

    def shape(self, x: Shape) -> Shape:
        check_volume(self, x)
        return super().shape(x)
