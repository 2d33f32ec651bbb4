"""Norms that compare channels with one another."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Shape
from cnncalc.core.option import real
from cnncalc.layers.norm import with_channels


class GRN(Layer):
    """Divide the length of each channel by the mean length of all, and add the input: ConvNeXt V2's response norm."""

    takes = gives = "N C *"
    elementwise = True
    example = "{image} -> {type}"
    origin = "Woo et al. 2023 (ConvNeXt V2)."
    receptive = "everything"
    saves = "input"
    category = "norm"
    explained = "nothing"

    eps = real("added to the mean length", default=1e-6)

    def accept(self, xs: tuple[Shape, ...]) -> None:
        for x in xs:
            with_channels(self, x)
        super().accept(xs)

    def shape(self, x: Shape) -> Shape:
        return x

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("weight", (x[1],))
        yield Weight("bias", (x[1],))
