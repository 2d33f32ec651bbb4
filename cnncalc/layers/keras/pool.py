"""Pools over [*space, channels]. Source: Keras, keras.layers.MaxPooling1D to GlobalAveragePooling3D."""

from __future__ import annotations

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


class MaxPooling1D(Pooling, axes=1):
    """Keep the largest of every window of a sequence [length, channels]."""

    saves = "input positions"


class MaxPooling2D(Pooling, axes=2):
    """Keep the largest of every window of an image [height, width, channels]."""

    saves = "input positions"


class MaxPooling3D(Pooling, axes=3):
    """Keep the largest of every window of a volume [depth, height, width, channels]."""

    saves = "input positions"


class AveragePooling(Pooling, abstract=True):
    """The mean of every window; padding never counts."""

    pool_size = pair("window size", symbol="K")


class AveragePooling1D(AveragePooling, axes=1):
    """The mean of every window of a sequence [length, channels]."""


class AveragePooling2D(AveragePooling, axes=2):
    """The mean of every window of an image [height, width, channels]."""


class AveragePooling3D(AveragePooling, axes=3):
    """The mean of every window of a volume [depth, height, width, channels]."""


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


class GlobalAveragePooling1D(GlobalPooling, axes=1):
    """The mean of every channel of a sequence."""


class GlobalAveragePooling2D(GlobalPooling, axes=2):
    """The mean of every channel of an image."""


class GlobalAveragePooling3D(GlobalPooling, axes=3):
    """The mean of every channel of a volume."""


class GlobalMaxPooling1D(GlobalPooling, axes=1):
    """The largest number of every channel of a sequence."""

    saves = "input output"


class GlobalMaxPooling2D(GlobalPooling, axes=2):
    """The largest number of every channel of an image."""

    saves = "input output"


class GlobalMaxPooling3D(GlobalPooling, axes=3):
    """The largest number of every channel of a volume."""

    saves = "input output"


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


class AdaptiveAveragePooling1D(AdaptivePooling, axes=1):
    """The mean of windows over a sequence [length, channels]."""


class AdaptiveAveragePooling2D(AdaptivePooling, axes=2):
    """The mean of windows over an image [height, width, channels]."""


class AdaptiveAveragePooling3D(AdaptivePooling, axes=3):
    """The mean of windows over a volume [depth, height, width, channels]."""


class AdaptiveMaxPooling1D(AdaptivePooling, axes=1):
    """The largest of windows over a sequence [length, channels]."""

    saves = "input positions"


class AdaptiveMaxPooling2D(AdaptivePooling, axes=2):
    """The largest of windows over an image [height, width, channels]."""

    saves = "input positions"


class AdaptiveMaxPooling3D(AdaptivePooling, axes=3):
    """The largest of windows over a volume [depth, height, width, channels]."""

    saves = "input positions"
