"""Convolutions. Source: PyTorch, torch.nn.Conv1d to Conv3d."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from cnncalc.core.layer import Layer, Weight, by_axes
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.option import ANY, DROPPED, choice, flag, ignored, inferred, padding, pair, positive
from cnncalc.core.problem import Fault
from cnncalc.core.window import AXIS_NAMES, pads, reach, windows
from cnncalc.layers.axes import other_axes

MODES = ("zeros", "reflect", "replicate", "circular")


class Conv(Layer, abstract=True):
    """Slide filters {over} {image}."""

    takes, gives = "N C_in {space}", "N C_out {space_out}"
    scratch = "padded"
    parallel = "whole"
    receptive = "convolution"
    example = "{image} -> {type}(8, 16, 3, stride=2, padding=1)"
    torch = "nn.{type}"
    saves = "input"
    keras = "Conv{n}D"
    category = "convolution"
    explained = "windows"
    worked = "windows"

    in_channels = inferred("channels of the input", symbol="C_in")
    out_channels = positive("number of filters", symbol="C_out")
    kernel_size = pair("kernel size", symbol="K")
    stride = pair("stride", symbol="S", default=1)
    padding = padding(
        "zeros on each side, or 'same', 'valid'",
        words=("same", "valid", "same_upper", "same_lower", "causal"),
        least=ANY,
    )
    dilation = pair("dilation (spacing between kernel elements)", symbol="D", default=1)
    groups = positive("groups (channels convolved separately)", symbol="G", default=1)
    bias = flag("add one number per filter", default=True)
    padding_mode = choice("what the padding holds", MODES, default="zeros")
    device, dtype = ignored(), ignored()

    def prepare(self) -> None:
        if self.out_channels % self.groups != 0:
            raise groups_fault("out_channels", self.out_channels, self.groups, self.in_channels)
        if self.in_channels is not None and self.in_channels % self.groups != 0:
            raise groups_fault("in_channels", self.in_channels, self.groups, self.out_channels)
        if self.padding == "same" and any(step != 1 for step in self.stride):
            raise Fault(
                "same-with-stride",
                f'PyTorch refuses padding="same" with stride {_one(self.stride)}',
                option="padding",
                help=f"padding={_one([(k - 1) // 2 for k in self.kernel_size])} halves an even size with stride 2; "
                'Keras\' rule, ⌈size / stride⌉, is padding="same_upper"',
            )

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return other_axes(self, x)

    def shape(self, x: Shape) -> Shape:
        n, c, *space = x
        if c % self.groups != 0:
            raise groups_fault("input channels", c, self.groups, self.out_channels)
        if not isinstance(self.padding, str) or self.padding_mode != "zeros":
            check_mode(self, tuple(space))
        return (n, self.out_channels, *windows(self, tuple(space)))

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("weight", (self.out_channels, x[1] // self.groups, *self.kernel_size))
        if self.bias:
            yield Weight("bias", (self.out_channels,))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        return {"windows": prod(y) * (x[1] // self.groups) * prod(self.kernel_size)}

    def along(self) -> int | None:
        if self.axes != 1:
            return None
        places = reach(self.kernel_size[0], self.dilation[0])
        plain = self.stride[0] == 1 and self.padding_mode == "zeros"
        return places if plain and type(places) is int and places > 1 else None


class LazyConv(Conv, abstract=True):
    """Conv{axes}d without in_channels, which the input gives anyway."""

    example = "{image} -> {type}(16, 3, padding=1)"

    in_channels = DROPPED


Conv1d, Conv2d, Conv3d = by_axes(Conv, 1, 2, 3)
LazyConv1d, LazyConv2d, LazyConv3d = by_axes(LazyConv, 1, 2, 3)


def check_mode(layer: Conv, space: Shape) -> None:
    """Refuse paddings that the mode cannot fill: reflection needs P < size, a circle P <= size, zeros P >= 0."""
    mode = layer.padding_mode
    for axis, (size, (before, after)) in enumerate(zip(space, pads(layer, space), strict=True)):
        name = AXIS_NAMES[len(space)][axis]
        for amount in (before, after):
            if mode == "zeros" and amount < 0:
                raise Fault("option-value", f"padding must be at least 0, not {amount}", option="padding")
            if mode == "reflect" and amount > size - 1:
                raise Fault(
                    "padding-too-large",
                    f"reflecting {amount} needs a {name} of more than {amount}, the input has {size}",
                    option="padding",
                )
            if mode == "circular" and amount > size:
                raise Fault(
                    "padding-too-large",
                    f"wrapping {amount} around needs a {name} of at least {amount}, the input has {size}",
                    option="padding",
                )


def groups_fault(what: str, channels: Number, groups: Number, others: Number | None = None) -> Fault:
    """The fault for channels that do not divide into the groups."""
    fits = ""
    if type(channels) is int:
        common = gcd(channels, others) if type(others) is int else channels
        divisors = [d for d in range(1, min(common, 1024) + 1) if common % d == 0]
        if common > 1024:
            divisors.append(common)
        shown = divisors if len(divisors) <= 8 else [*divisors[:6], "...", common]
        fits = _either([str(d) for d in shown]) + " would do"
    label = "input channels" if what != "out_channels" else "output channels"
    return Fault(
        "groups-do-not-divide",
        f"{channels} {label} cannot be split into {groups} groups",
        option="groups",
        help=(fits,) if fits else (),
    )


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _one(values: list[Number] | tuple[Number, ...]) -> str:
    if all(value == values[0] for value in values):
        return str(values[0])
    return "[" + ", ".join(str(value) for value in values) + "]"
