"""Between numbers of categories and arrays. Source: PyTorch's torch.nn.functional.one_hot and torch.argmax."""

from __future__ import annotations

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import flag, integer, positive
from cnncalc.layers.axes import axis


class OneHot(Layer):
    """A category as a vector of `num_classes`, 1 at its place and 0 elsewhere."""

    takes, gives = "N *", "N * C"
    receptive = "append"
    example = "int 10 -> {type}(5)"
    torch = "nn.functional.one_hot"
    saves = "nothing"
    category = "other"
    explained = "nothing"

    num_classes = positive("how many categories there are", symbol="C")

    def shape(self, x: Shape) -> Shape:
        return (*x, self.num_classes)

    def chooses(self, slot: int, *xs: Shape) -> Number | None:
        return self.num_classes


class ArgMax(Layer):
    """Where the largest number along an axis stands."""

    receptive = "reduced"
    example = "8x16 -> {type}(dim=2)"
    torch = "argmax"
    saves = "nothing"
    category = "other"
    explained = "nothing"

    dim = integer("axis")
    keepdim = flag("keep the axis, of size 1", default=False)

    def shape(self, x: Shape) -> Shape:
        at = axis(self, self.dim, x)
        return (*x[:at], *((1,) if self.keepdim else ()), *x[at + 1 :])
