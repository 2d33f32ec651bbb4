"""Layers that put inputs together. Source: Keras, keras.layers.Concatenate."""

from __future__ import annotations

from cnncalc.core.number import Number, Shape
from cnncalc.core.option import integer
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.keras.base import KerasLayer
from cnncalc.layers.keras.norm import place


class Concatenate(KerasLayer):
    """Put inputs one behind the other along an axis, by default the last, that of the channels."""

    inputs = (1, None)
    parallel = "passes"
    receptive = "concat"
    example = "[16]; [4] -> {type}()"
    carries = True
    saves = "nothing"
    category = "merge"
    explained = "nothing"

    axis = integer("axis (the batch is 0)", default=-1)

    def shape(self, *xs: Shape) -> Shape:
        first = xs[0]
        texts = " and ".join(shape_text(x) for x in xs)
        if len({len(x) for x in xs}) > 1:
            raise Fault("shapes-differ", f"Concatenate needs inputs with the same number of axes, not {texts}")
        at = place(self, self.axis, first)
        total: Number = 0
        for x in xs:
            for other in range(1, len(first)):
                if other != at and x[other] != first[other]:
                    raise Fault(
                        "shapes-differ",
                        f"Concatenate along axis {at} needs equal sizes elsewhere, but axis {other} differs in {texts}",
                        option="axis",
                    )
            total = total + x[at]
        return (*first[:at], total, *first[at + 1 :])
