"""Pools over [*space, channels]. Source: Keras, keras.layers.MaxPooling1D to GlobalAveragePooling3D."""

from __future__ import annotations

from cnncalc.core.layer import by_axes
from cnncalc.core.number import Shape
from cnncalc.core.option import Sizes, flag, pair
from cnncalc.core.problem import Fault
from cnncalc.core.window import windows
from cnncalc.layers.adaptive import enlarged
from cnncalc.layers.keras.base import KerasLayer, Sliding, data_format, neighbours, same_or_valid


class Pooling(Sliding, abstract=True):
    """Slide a window over every channel apart; no weights, no products."""

    takes, gives = "N {space} C", "N {space_out} C"
    receptive = "windows"
    example = "{image} -> {type}(2)"
    saves = "input"
    category = "pool"
    worked = "windows"
    explained = "windows"

    pool_size = pair("window size", symbol="K", default=2)
    strides = pair("stride", symbol="S", like="pool_size")
    padding = same_or_valid()
    data_format = data_format()

    @property
    def kernel_size(self) -> Sizes:
        """The window's size, under PyTorch's name."""
        return self.pool_size

    def shape(self, x: Shape) -> Shape:
        n, *space, c = x
        return (n, *windows(self, tuple(space)), c)


class MaxPooling(Pooling, abstract=True):
    """Keep the largest of every window of {image}."""

    saves = "input positions"


class AveragePooling(Pooling, abstract=True):
    """The mean of every window of {image}."""

    pool_size = pair("window size", symbol="K")


MaxPooling1D, MaxPooling2D, MaxPooling3D = by_axes(MaxPooling, 1, 2, 3)
AveragePooling1D, AveragePooling2D, AveragePooling3D = by_axes(AveragePooling, 1, 2, 3)


class GlobalPooling(KerasLayer, abstract=True):
    """One number per channel from all its positions."""

    takes, gives = "N {space} C", "N C"
    receptive = "everywhere"
    example = "{image} -> {type}()"
    saves = "nothing"
    category = "pool"
    explained = "nothing"

    data_format = data_format()
    keepdims = flag("keep the spatial axes, of size 1", default=False)

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return neighbours(self, x)

    def shape(self, x: Shape) -> Shape:
        return (x[0], *(1,) * self.axes, x[-1]) if self.keepdims else (x[0], x[-1])


class GlobalAveragePooling(GlobalPooling, abstract=True):
    """The mean of every channel of {kind}."""


class GlobalMaxPooling(GlobalPooling, abstract=True):
    """The largest number of every channel of {kind}."""

    saves = "input output"


GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D = by_axes(GlobalAveragePooling, 1, 2, 3)
GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D = by_axes(GlobalMaxPooling, 1, 2, 3)


class AdaptivePooling(KerasLayer, abstract=True):
    """As many windows as the output has, of sizes that cover the input; no weights."""

    takes, gives = "N {space} C", "N {space_out} C"
    receptive = "bins"
    example = "{image} -> {type}(4)"
    saves = "input"
    category = "pool"
    explained = "bins"

    output_size = pair("the output's size", symbol="O")
    data_format = data_format()

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return neighbours(self, x)

    def shape(self, x: Shape) -> Shape:
        return (x[0], *self.output_size, x[-1])

    def notes(self, x: Shape) -> list[Fault]:
        return enlarged(self, x[1:-1], self.output_size)


class AdaptiveAveragePooling(AdaptivePooling, abstract=True):
    """The mean of windows over {image}."""


class AdaptiveMaxPooling(AdaptivePooling, abstract=True):
    """The largest of windows over {image}."""

    saves = "input positions"


AdaptiveAveragePooling1D, AdaptiveAveragePooling2D, AdaptiveAveragePooling3D = by_axes(AdaptiveAveragePooling, 1, 2, 3)
AdaptiveMaxPooling1D, AdaptiveMaxPooling2D, AdaptiveMaxPooling3D = by_axes(AdaptiveMaxPooling, 1, 2, 3)
