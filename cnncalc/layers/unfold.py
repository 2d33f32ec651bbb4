"""Windows as columns, and back. Source: PyTorch, torch.nn.Unfold and torch.nn.Fold."""

from __future__ import annotations

from cnncalc.core.layer import Layer
from cnncalc.core.number import Shape, prod
from cnncalc.core.option import padding, pair
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.core.window import windows


class Unfold(Layer):
    """Write every window of an image as a column: [channels * window, number of windows]."""

    takes, gives, axes = "N C H W", "N C_window L_windows", 2
    receptive = "unfold"
    example = "{image} -> {type}(3, padding=1)"
    torch = "nn.{type}"
    saves = "nothing"
    category = "other"
    explained = "windows"

    kernel_size = pair("window size", symbol="K")
    dilation = pair("distance between the numbers of a window", symbol="D", default=1)
    padding = padding("zeros on each side")
    stride = pair("stride", symbol="S", default=1)

    def shape(self, x: Shape) -> Shape:
        n, c, *space = x
        return (n, c * prod(self.kernel_size), prod(windows(self, tuple(space))))


class Fold(Layer):
    """Add columns up to an image of `output_size`, each where its window lies."""

    takes, gives, axes = "N C_window L_windows", "N C H W", 2
    receptive = "fold"
    example = "72x64 -> {type}([8, 8], 3, padding=1)"
    torch = "nn.{type}"
    saves = "nothing"
    category = "other"
    explained = "windows"

    output_size = pair("height and width of the image", symbol="O")
    kernel_size = pair("window size", symbol="K")
    dilation = pair("distance between the numbers of a window", symbol="D", default=1)
    padding = padding("zeros on each side of the image, cut off")
    stride = pair("stride", symbol="S", default=1)

    def shape(self, x: Shape) -> Shape:
        n, columns, count = x
        size = prod(self.kernel_size)
        if columns % size != 0:
            raise Fault(
                "window-count",
                f"Fold cannot split the {columns} rows of {shape_text(x)} into windows of {size} numbers",
                option="kernel_size",
            )
        fits = windows(self, self.output_size)
        if prod(fits) != count:
            text = " × ".join(str(number) for number in fits)
            raise Fault(
                "window-count",
                f"an image of {' × '.join(str(side) for side in self.output_size)} has {text} = {prod(fits)} windows,"
                f" but {shape_text(x)} has {count} columns",
                option="output_size",
            )
        return (n, columns // size, *self.output_size)
