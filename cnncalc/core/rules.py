"""The rules that a layer type may have, and what each answers where a class does not write it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cnncalc.core.declarations import Declarations
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.problem import Fault


class Weight(NamedTuple):
    """One parameter array: PyTorch's name and the shape."""

    name: str
    shape: Shape


def is_bias(name: str) -> bool:
    """Whether a weight's name says that it is a bias: `bias`, `bias_ih_l0`, `in_proj_bias`, `b_q`."""
    last = name.rsplit(".", 1)[-1]
    return "bias" in last or last.startswith("b_") or last == "beta"


class Attended(NamedTuple):
    """One attention inside a layer: which of its inputs asks, and which is read.

    `numbers` are those of all keys and values of a sample, `queries` and `length` the positions that ask and that are
    read. `pair` are multiply-accumulates for a pair of positions, `ask` and `tell` those of the projections for one
    that asks and one that is read. `causal` is None where the layer does not say it; `masks` are inputs that may.
    """

    query: int
    memory: int
    queries: Number
    length: Number
    numbers: Number
    pair: Number
    causal: bool | None
    ask: Number = 0
    tell: Number = 0
    masks: tuple[int, ...] = ()
    window: Number | None = None  # how many positions one reads at most, up to itself, or both ways
    appended: Number = 0  # keys that are read besides those of the memory
    heads: Number = 0  # of the query; 0 where the layer projects nothing
    shared: Number | None = None  # heads of keys and values, where they are fewer


class Rules(Declarations):
    """What a layer type says by rules. They see shapes with the batch axis in front and return the same."""

    def shape(self, *xs: Any, **_: Any) -> Shape:
        """The output's shape, batch axis first; raises `Fault` where the inputs do not fit."""
        raise NotImplementedError(f"{type(self)} has no rule `shape`")  # pragma: no cover - every layer type has one

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
        """Multiply-accumulates of matrix products and convolutions, by component, for the given shapes."""
        return {}

    def additions(self, y: Shape, *xs: Any) -> Number:
        """Additions of biases for a sample, beside the products: of one bias, once for each number of the output."""
        return prod(y[1:]) if any(is_bias(weight.name) for weight in self.weights(*xs)) else 0

    def biases(self, *xs: object) -> Number:
        """The numbers of all biases."""
        return sum(prod(weight.shape) for weight in self.weights(*xs) if is_bias(weight.name))

    def used(self, positions: Number, *xs: Any) -> Number | None:
        """How many parameters so many positions take part of at most; None where it is always all of them."""
        return None

    def parts(self, *xs: Any) -> Iterator[tuple[str, Rules, tuple[Shape, ...]]]:
        """The layers that it is made of: their names, and what they get."""
        return iter(())

    def repeated(self, *xs: Any) -> Iterator[tuple[str, Rules, tuple[Shape, ...]]]:
        """Of `parts` those that run again for each new position of what is generated."""
        return self.parts(*xs)

    def attended(self, *xs: Any) -> Iterator[Attended]:
        """Each attention that it computes, and what that reads."""
        return iter(())

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

    def along(self) -> int | None:
        """Places under a window that moves along [channels, length] by one place at a time; None without such a one."""
        return None

    def ends(self) -> tuple[int, int] | None:
        """How many places a layer that does nothing else puts before and after a sequence; None for other layers."""
        return None

    def space(self, x: Shape) -> Shape:
        """The spatial sizes of an input with channels: PyTorch has them after the channels, Keras before."""
        return x[2:]

    def remarks(self) -> list[Fault]:
        """What is no mistake but worth a note."""
        return []

    def notes(self, *xs: Any) -> list[Fault]:
        """What is no mistake with these inputs but worth a note."""
        return []
