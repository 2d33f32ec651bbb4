"""Normalisation. Source: Keras, keras.layers.BatchNormalization to keras.layers.SpectralNormalization."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Shape, counted
from cnncalc.core.option import Option, anything, custom, flag, integer, real, whole
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.keras.base import KerasLayer


def _axes(value: object, option: Option, axes: int) -> tuple[int, ...]:
    parts = value if isinstance(value, (list, tuple)) else [value]
    numbers = [whole(part) for part in parts]
    if not numbers or None in numbers:
        raise option.refuse(value)
    # Keras sorts a list before it knows which place -1 is.
    return tuple(sorted(numbers))


def axis_list(help: str) -> tuple[int, ...]:
    """One axis or several; the batch is 0."""
    return custom(help, _axes, default=-1, expects="an axis or a list of them")


def place(layer: Layer, dim: int, x: Shape) -> int:
    """The axis as a number from 1; raises `Fault` for one that the input does not have."""
    at = dim + len(x) if dim < 0 else dim
    if not 0 < at < len(x):
        raise Fault(
            "axis-out-of-range",
            f"{layer.type()} has axis={dim}, but {shape_text(x)} has axes 1 to {len(x) - 1} (0 is the batch)",
            option="axis",
        )
    return at


class Normed(KerasLayer, abstract=True):
    """What norms share: the shape stays."""

    elementwise = True
    saves = "input"
    neutral = True
    category = "norm"

    def shape(self, x: Shape) -> Shape:
        self.sizes(x)
        return x

    def sizes(self, x: Shape) -> Shape:
        """The sizes of the axes that have weights."""
        axes = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        return tuple(x[place(self, dim, x)] for dim in axes)

    axis: Any = -1


class Scaled(Normed, abstract=True):
    """A norm with a trained factor and a trained shift."""

    center: bool
    scale: bool

    def weights(self, x: Shape) -> Iterator[Weight]:
        if self.scale:
            yield Weight("gamma", self.sizes(x))
        if self.center:
            yield Weight("beta", self.sizes(x))


class BatchNormalization(Scaled):
    """Bring each channel to mean 0 and variance 1 over the batch, by running statistics after training."""

    receptive = "pointwise"
    example = "{image} -> {type}()"
    explained = "batch norm"
    worked = "norm"

    axis = integer("the axis of the channels", default=-1)
    momentum = real("weight of the old statistics", default=0.99)
    epsilon = real("added to the variance before the root", default=1e-3)
    center = flag("train a shift, beta", default=True)
    scale = flag("train a factor, gamma", default=True)
    synchronized = flag("over several devices", default=False, keyword_only=True)
    renorm = flag("batch renormalisation, without effect here", default=False, keyword_only=True)

    def buffers(self, x: Shape) -> Iterator[Weight]:
        yield Weight("moving_mean", self.sizes(x))
        yield Weight("moving_variance", self.sizes(x))

    def convention_note(self, *xs: Shape) -> str:
        channels = self.sizes(xs[0])[0]
        trained = (int(self.scale) + int(self.center)) * channels
        return (
            f"Keras counts the moving statistics: {counted(trained + 2 * channels)}, "
            f"{counted(2 * channels)} of them non-trainable; PyTorch counts {counted(trained)}"
        )


class LayerNormalization(Scaled):
    """Bring the numbers along the given axes of each sample to mean 0 and variance 1."""

    receptive = "along"
    example = "[10, 16] -> {type}()"
    explained = "layer norm of axes"

    axis = axis_list("the axes that are normalised together")
    epsilon = real("added to the variance before the root", default=1e-3)
    center = flag("train a shift, beta", default=True)
    scale = flag("train a factor, gamma", default=True)
    rms_scaling = flag("divide by the root of the variance alone", default=False, keyword_only=True)


class GroupNormalization(Scaled):
    """Split the channels into groups, and bring each group of each sample to mean 0 and variance 1."""

    receptive = "everything"
    example = "{image} -> {type}(groups=4)"
    explained = "group norm"

    groups = integer("groups of channels; -1: one for each channel", symbol="G", default=32)
    axis = integer("the axis of the channels", default=-1)
    epsilon = real("added to the variance before the root", default=1e-3)
    center = flag("train a shift, beta", default=True)
    scale = flag("train a factor, gamma", default=True)

    def shape(self, x: Shape) -> Shape:
        (channels,) = self.sizes(x)
        if self.groups != -1 and (self.groups < 1 or channels % self.groups != 0):
            fits = ""
            if type(channels) is int:
                fits = ", ".join(str(d) for d in range(1, min(channels, 64) + 1) if channels % d == 0)
            raise Fault(
                "groups-do-not-divide",
                f"{channels} channels cannot be split into {self.groups} groups",
                option="groups",
                help=(f"{fits} would do",) if fits else (),
            )
        return x


class RMSNormalization(Normed):
    """Divide the numbers along the given axes of each sample by the root of their mean square."""

    receptive = "along"
    example = "[10, 16] -> {type}()"
    explained = "root mean square of axes"

    axis = axis_list("the axes that are normalised together")
    epsilon = real("added to the mean square", default=1e-6)

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("scale", self.sizes(x))


class UnitNormalization(Normed):
    """Divide the numbers along the given axes of each sample by their length."""

    receptive = "along"
    example = "[16] -> {type}()"
    explained = "nothing"

    axis = axis_list("the axes that together get length 1")


class Normalization(Normed):
    """Subtract a mean and divide by a standard deviation that the data gave; none of them is trained."""

    receptive = "pointwise"
    example = "[16] -> {type}()"
    saves = "nothing"
    explained = "nothing"

    axis = custom(
        "the axis that keeps its own statistics; None: one for all",
        lambda value, option, axes: None if value is None else _axes(value, option, axes),
        default=-1,
        expects="an axis, a list of them, or None",
    )
    mean = anything("the mean, where it is known before", default=None)
    variance = anything("the variance, where it is known before", default=None)
    invert = flag("the other way round", default=False)

    def sizes(self, x: Shape) -> Shape:
        return tuple(x[place(self, dim, x)] for dim in self.axis or ())

    def buffers(self, x: Shape) -> Iterator[Weight]:
        if self.mean is None:
            yield Weight("mean", self.sizes(x))
            yield Weight("variance", self.sizes(x))
            yield Weight("count", ())
