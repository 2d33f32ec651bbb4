"""Activations that are layers. Source: Keras, keras.layers.ReLU to keras.layers.Softmax."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Weight
from cnncalc.core.number import Shape, counted, prod
from cnncalc.core.option import custom, real
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers import activation
from cnncalc.layers.axes import Pointwise
from cnncalc.layers.keras.base import KerasLayer, from_one
from cnncalc.layers.keras.norm import axis_list, place


class Elementwise(Pointwise, KerasLayer, abstract=True):
    """A function of each number alone: the shape stays."""

    example = "[16] -> {type}()"
    saves = "input"
    category = "activation"
    of_one = ("", "")


class ReLU(Elementwise):
    """max(x, 0), with an upper bound, a slope below the threshold, or another threshold."""

    example = "[16] -> {type}(max_value=6)"
    saves = "output"
    explained = "nothing"

    max_value = real("largest output", default=None)
    negative_slope = real("factor below the threshold", default=0.0)
    threshold = real("where the function bends", default=0.0)


class LeakyReLU(Elementwise):
    """x, or negative_slope * x below 0."""

    explained = "function"
    of_one = activation.LeakyReLU.of_one

    negative_slope = real("factor below 0", default=0.3)
    also = {"alpha": "negative_slope"}  # its name before Keras 3


class ELU(Elementwise):
    """x, or alpha * (exp(x) - 1) below 0."""

    explained = "function"
    of_one = activation.ELU.of_one

    alpha = real("the limit below 0 is -alpha", default=1.0)


class Softmax(Elementwise):
    """Exponentials along an axis, divided by their sum."""

    receptive = "along"
    saves = "output"
    explained = "softmax"

    axis = axis_list("axis that sums to 1 (the batch is 0)")

    def shape(self, x: Shape) -> Shape:
        for dim in self.axis:
            place(self, dim, x)
        return x


class PReLU(Elementwise):
    """x, or a trained factor times x below 0: one for each number of a sample, but for the axes that share it."""

    example = "{image} -> {type}(shared_axes=[1, 2])"
    drawn = (0.2, 0.3)
    explained = "function"
    of_one = activation.PReLU.of_one

    shared_axes = custom(
        "axes along which one factor serves, the first is 1", from_one, default=None, expects="a list of axes from 1"
    )

    def factors(self, x: Shape) -> Shape:
        """The shape of the factors."""
        shared = self.shared_axes or ()
        for dim in shared:
            if dim > len(x) - 1:
                raise Fault(
                    "axis-out-of-range",
                    f"PReLU has shared_axes {list(shared)}, but {shape_text(x)} has axes 1 to {len(x) - 1}",
                    option="shared_axes",
                )
        return tuple(1 if at in shared else size for at, size in enumerate(x) if at > 0)

    def shape(self, x: Shape) -> Shape:
        self.factors(x)
        return x

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("alpha", self.factors(x))

    def convention_note(self, *xs: Shape) -> str:
        count = counted(prod(self.factors(xs[0])))
        return f"Keras' PReLU has a factor for each number of a sample, {count} here; PyTorch's one for all"
