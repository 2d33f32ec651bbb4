"""Layers that make one number of an axis. Source: PyTorch's torch.mean, sum, amax, amin; torch.nn.CosineSimilarity."""

from __future__ import annotations

from cnncalc.core.layer import Layer
from cnncalc.core.number import Shape
from cnncalc.core.option import ANY, flag, integer, real, sizes
from cnncalc.layers.axes import axes, axis, broadcast


class Reduce(Layer, abstract=True):
    """One number of all that stand along the axes `dim`; of the whole sample where dim is left out."""

    receptive = "reduced"
    example = "8x16 -> {type}(dim=2)"
    saves = "nothing"
    category = "other"
    explained = "nothing"

    dim = sizes("the axis, or axes; all of a sample where it is left out", default=None, least=ANY)
    keepdim = flag("keep the axes, of size 1", default=False)

    def prepare(self) -> None:
        self.__dict__["keeps_axes"] = bool(self.keepdim)

    def over(self, rank: int) -> tuple[int, ...]:
        """The axes of an input with so many, as they are written."""
        return tuple(self.dim or range(1, rank))

    def shape(self, x: Shape) -> Shape:
        among = axes(self, self.over(len(x)), x)
        kept = [1 if at in among else size for at, size in enumerate(x) if self.keepdim or at not in among]
        return tuple(kept)


class Mean(Reduce):
    """The mean along axes."""

    torch = "mean"


class Sum(Reduce):
    """The sum along axes."""

    example = "8x16 -> {type}(dim=1, keepdim=True)"
    torch = "sum"


class Max(Reduce):
    """The largest number along axes."""

    torch = "amax"
    saves = "input output"


class Min(Reduce):
    """The smallest number along axes."""

    torch = "amin"
    saves = "input output"


class CosineSimilarity(Layer):
    """The cosine between two inputs along an axis."""

    inputs = (2, 2)
    receptive = "reduced"
    example = "8x16, 8x16 -> {type}(dim=2)"
    torch = "nn.{type}"
    saves = "input"
    category = "other"
    explained = "nothing"

    dim = integer("axis", default=1)
    eps = real("the least length that is divided by", default=1e-8)

    def shape(self, a: Shape, b: Shape) -> Shape:
        both = (a[0], *broadcast([a[1:], b[1:]], self))
        at = axis(self, self.dim, both)
        return (*both[:at], *both[at + 1 :])


class PairwiseDistance(Layer):
    """The distance between two inputs along the last axis."""

    inputs = (2, 2)
    receptive = "reduced"
    example = "8x16, 8x16 -> {type}"
    torch = "nn.{type}"
    saves = "output"
    category = "other"
    explained = "nothing"

    p = real("the power of the norm", default=2.0)
    eps = real("added to the differences", default=1e-6)
    keepdim = flag("keep the axis, of size 1", default=False)

    def shape(self, a: Shape, b: Shape) -> Shape:
        both = (a[0], *broadcast([a[1:], b[1:]], self))
        return (*both[:-1], 1) if self.keepdim else both[:-1]
