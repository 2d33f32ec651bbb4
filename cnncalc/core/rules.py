"""The rules that a layer type may have, and what each answers where a class does not write it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cnncalc.core.declarations import Declarations
from cnncalc.core.number import Number, Shape
from cnncalc.core.problem import Fault


class Weight(NamedTuple):
    """One parameter array: PyTorch's name and the shape."""

    name: str
    shape: Shape


class Rules(Declarations):
    """What a layer type says by rules. They see shapes with the batch axis in front and return the same."""

    def shape(self, *xs: Any, **_: Any) -> Shape:
        """The output's shape, batch axis first; raises `Fault` where the inputs do not fit."""
        raise NotImplementedError  # pragma: no cover - every registered layer has its own

    def ports(self, *xs: Any, **_: Any) -> dict[str, Shape]:
        """Further outputs by name, batch axis first."""
        return {}

    def inside(self, *xs: Any, **_: Any) -> dict[str, Shape]:
        """What it makes on its way and gives where it is asked for, as `ports`: a state by steps, a gate, scores."""
        return {}

    def weights(self, *xs: Any, **_: Any) -> Iterator[Weight]:
        """The parameter arrays, with PyTorch's names."""
        return iter(())

    def buffers(self, *xs: Any, **_: Any) -> Iterator[Weight]:
        """State that is not a parameter (running statistics)."""
        return iter(())

    def macs(self, *xs: Any, **_: Any) -> dict[str, Number]:
        """Multiply-accumulates of matrix products and convolutions, by named part, for the given shapes."""
        return {}

    def between(self, *xs: Any) -> Number:
        """Numbers of a sample that lie between two matrices beside one of its own: an adapter's."""
        return 0

    def chooses(self, slot: int, *xs: Any) -> Number | None:
        """Of how many things each whole number of an input chooses one; None where the input holds any numbers."""
        return None

    def summed(self, shape: Shape) -> Number | None:
        """How many numbers one output adds up with a weight of that shape; None for all sizes but the first."""
        return None

    def convention_note(self, *xs: Any) -> str:
        """What other conventions would count for these inputs, in a sentence; empty where all agree."""
        return ""

    def carried(self, *xs: Any) -> Number:
        """Numbers of a sample that one step hands to the next, besides keys and values; 0 without steps."""
        return 0

    def space(self, x: Shape) -> Shape:
        """The spatial sizes of an input with channels: PyTorch has them after the channels, Keras before."""
        return x[2:]

    def remarks(self) -> list[Fault]:
        """What is no mistake but worth a note."""
        return []

    def notes(self, *xs: Any) -> list[Fault]:
        """What is no mistake with these inputs but worth a note."""
        return []
