"""Pools whose output size is given: adaptive, global, fractional. Source: PyTorch, torch.nn.AdaptiveAvgPool1d etc."""

from __future__ import annotations

from typing import Any

from cnncalc.core.layer import Layer, by_axes
from cnncalc.core.number import Shape, scaled
from cnncalc.core.option import Option, custom, flag, ignored, pair, whole
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.core.window import AXIS_NAMES
from cnncalc.layers.axes import other_axes


def _size_or_kept(value: object, option: Option, axes: int) -> tuple[int | None, ...]:
    """One size per axis, None for an axis that keeps its size."""
    parts = list(value) if isinstance(value, (list, tuple)) else [value] * axes
    if len(parts) != axes or value is None:  # None is for one axis among several
        raise option.refuse(value)
    sizes: list[int | None] = []
    for part in parts:
        size = None if part is None else whole(part)
        if part is not None and (size is None or size < 0):
            raise option.refuse(value)
        sizes.append(size)
    return tuple(sizes)


class AdaptivePool(Layer, abstract=True):
    """Cut every spatial axis into `output_size` bins and make one number of each."""

    takes, gives = "N C {space}", "N C {space_out}"
    receptive = "bins"
    example = "{image} -> {type}(4)"
    torch = "nn.{type}"
    saves = "input"
    category = "pool"
    explained = "bins"

    output_size = custom(
        "the output's size, None keeps an axis",
        _size_or_kept,
        symbol="O",
        expects="a whole number of at least 0, or one (or None) for each axis",
    )

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return other_axes(self, x)

    def shape(self, x: Shape) -> Shape:
        n, c, *space = x
        kept = zip(self.output_size, space, strict=True)
        return (n, c, *(size if wanted is None else wanted for wanted, size in kept))

    def notes(self, x: Shape) -> list[Fault]:
        return enlarged(self, x[2:], self.shape(x)[2:])


def enlarged(layer: Layer, space: Shape, wanted: Shape) -> list[Fault]:
    """A note where an adaptive pool has more bins than its input has positions: numbers are only repeated."""
    sizes = [(size, bins) for size, bins in zip(space, wanted, strict=True) if type(size) is int and type(bins) is int]
    if not any(bins > size for size, bins in sizes) or any(size == 0 for size, _ in sizes):
        return []
    text = f"{layer.type()} makes {_by(wanted)} of {_by(space)}: it enlarges, which adds nothing new"
    help = "the network is made for a larger input; without this pool it would not take this one"
    return [Fault("pool-enlarges", text, help=help)]


def _by(sizes: Shape) -> str:
    return " × ".join(map(str, sizes))


class AdaptiveAvgPool(AdaptivePool, abstract=True):
    """The means of `output_size` bins of {image}."""

    keras = "AdaptiveAveragePooling{n}D"

    def prepare(self) -> None:
        super().prepare()
        if all(size == 1 for size in self.output_size):  # one mean of all: its gradient needs no numbers
            self.saves = "nothing"


AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d = by_axes(AdaptiveAvgPool, 1, 2, 3)


class AdaptiveMaxPool(AdaptivePool, abstract=True):
    """The largest of `output_size` bins of {image}."""

    saves = "input positions"
    keras = "AdaptiveMaxPooling{n}D"

    return_indices = flag("also give the positions of the maxima, as output indices", default=False)

    def ports(self, x: Shape) -> dict[str, Shape]:
        return {"indices": self.shape(x)} if self.return_indices else {}


AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d = by_axes(AdaptiveMaxPool, 1, 2, 3)


class GlobalPool(Layer, abstract=True):
    """One number per channel from all its positions."""

    takes, gives = "N C *", "N C"
    receptive = "everywhere"
    example = "{image} -> {type}"
    origin = "PyTorch's mean and amax over the spatial axes."
    category = "pool"
    explained = "nothing"

    keepdim = flag("keep the spatial axes, of size 1", default=False)

    def shape(self, x: Shape) -> Shape:
        if len(x) < 3:
            raise Fault(
                "wrong-axes",
                f"{self.type()} takes [channels, ...] with at least one spatial axis, but gets {shape_text(x)}",
            )
        n, c, *space = x
        return (n, c, *(1 for _ in space)) if self.keepdim else (n, c)


class GlobalAvgPool(GlobalPool):
    """The mean of every channel, over any number of spatial axes."""

    saves = "nothing"
    keras = "GlobalAveragePooling2D"


class GlobalMaxPool(GlobalPool):
    """The largest number of every channel, over any number of spatial axes."""

    saves = "input output"
    keras = "GlobalMaxPooling2D"


def _ratios(value: Any, option: Option, axes: int) -> tuple[float, ...]:
    parts = list(value) if isinstance(value, (list, tuple)) else [value] * axes
    if len(parts) != axes or any(isinstance(part, bool) or not isinstance(part, (int, float)) for part in parts):
        raise option.refuse(value)
    if not all(0 < part < 1 for part in parts):
        raise option.refuse(value)
    return tuple(parts)


class FractionalMaxPool(Layer, abstract=True):
    """The largest number of windows that start at random steps, as many as the output has."""

    takes, gives = "N C {space}", "N C {space_out}"
    receptive = "undefined"
    torch = "nn.{type}"
    saves = "input positions"
    category = "pool"
    explained = "nothing"

    kernel_size = pair("window size", symbol="K")
    output_size = pair("the output's size", symbol="O", default=None)
    output_ratio: Any = custom(
        "the output's size as a part of the input's",
        _ratios,
        default=None,
        expects="a number between 0 and 1, or one for each axis",
    )
    return_indices = flag("also give the positions of the maxima, as output indices", default=False)
    _random_samples = ignored()
    # How much larger than the last window's start the input must be.
    spare = 0

    def prepare(self) -> None:
        if (self.output_size is None) == (self.output_ratio is None):
            raise Fault(
                "option-value",
                f"{self.type()} needs output_size or output_ratio"
                + (", not both" if self.output_size is not None else ""),
                option="output_size",
            )

    def shape(self, x: Shape) -> Shape:
        n, c, *space = x
        sizes = []
        for axis, (size, kernel) in enumerate(zip(space, self.kernel_size, strict=True)):
            out = self.output_size[axis] if self.output_size else scaled(size, self.output_ratio[axis])
            if size < out + kernel - 1 + self.spare:
                name = AXIS_NAMES[self.axes][axis]
                raise Fault(
                    "kernel-larger-than-input",
                    f"{out} windows of {kernel} need a {name} of at least {out + kernel - 1 + self.spare},"
                    f" the input has {size}",
                    option="kernel_size",
                )
            sizes.append(out)
        return (n, c, *sizes)

    def ports(self, x: Shape) -> dict[str, Shape]:
        return {"indices": self.shape(x)} if self.return_indices else {}


class FractionalMaxPool2d(FractionalMaxPool, axes=2):
    """The largest of random windows of an image [channels, height, width]."""

    example = "{image} -> {type}(2, output_ratio=0.5)"


class FractionalMaxPool3d(FractionalMaxPool, axes=3):
    """The largest of random windows of a volume [channels, depth, height, width]."""

    example = "8x16x16x16 -> {type}(2, output_ratio=0.5)"
    spare = 1
