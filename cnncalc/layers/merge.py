"""Layers that put several inputs together side by side. Source: PyTorch's torch.cat and torch.stack."""

from __future__ import annotations

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import integer
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.axes import axis


class Concat(Layer):
    """Put inputs one behind the other along an axis; the other axes agree."""

    inputs = (1, None)
    parallel = "passes"
    receptive = "concat"
    example = "2x4, 3x4 -> {type}(dim=1)"
    carries = True
    torch = "cat"
    saves = "nothing"
    category = "merge"
    explained = "nothing"

    dim = integer("axis", default=1)

    def shape(self, *xs: Shape) -> Shape:
        first = xs[0]
        if len({len(x) for x in xs}) > 1:
            raise Fault("shapes-differ", f"Concat needs inputs with the same number of axes, not {_texts(xs)}")
        at = axis(self, self.dim, first)
        for other in range(1, len(first)):
            for x in xs[1:]:
                if other != at and x[other] != first[other]:
                    raise self._differ(xs, at, other)
        total: Number = first[at]
        for x in xs[1:]:
            total = total + x[at]
        return (*first[:at], total, *first[at + 1 :])

    def _differ(self, xs: tuple[Shape, ...], at: int, other: int) -> Fault:
        hints = []
        differing = [place for place in range(1, len(xs[0])) if any(x[place] != xs[0][place] for x in xs)]
        if len(differing) == 1:
            hints.append(f"dim={differing[0]} would fit: the inputs differ in that axis alone")
        return Fault(
            "shapes-differ",
            f"Concat along axis {at} needs equal sizes elsewhere, but axis {other} differs in {_texts(xs)}",
            option="dim",
            help=tuple(hints),
        )


class Stack(Layer):
    """Put inputs of one shape side by side on a new axis."""

    inputs = (1, None)
    receptive = "stack"
    example = "2x4, 2x4 -> {type}(dim=1)"
    carries = True
    torch = "stack"
    saves = "nothing"
    category = "merge"
    explained = "nothing"

    dim = integer("the new axis", default=1)

    def shape(self, *xs: Shape) -> Shape:
        first = xs[0]
        for x in xs[1:]:
            if len(x) != len(first) or any(size != mine for size, mine in zip(x[1:], first[1:], strict=True)):
                raise Fault("shapes-differ", f"Stack needs inputs of one shape, not {_texts(xs)}")
        at = axis(self, self.dim, first, new=True)
        return (*first[:at], len(xs), *first[at:])


def _texts(xs: tuple[Shape, ...]) -> str:
    return " and ".join(shape_text(x) for x in xs)
