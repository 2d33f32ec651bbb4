"""Strides that divide wrongly: with one of them the window rule itself makes the mistake.

⌊room / S⌋ + 1 divides by the stride, so a stride with another idea of division is all that a mistake needs.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from cnncalc.core.number import Number
from cnncalc.core.term import Term, leaf, lift


def _not_rounded(room: Number, stride: Number) -> object:
    whole = room // stride
    return whole if whole * stride == room else Fraction(int(room), int(stride))


WAYS: dict[str, Callable[[Number, Number], Any]] = {
    "up": lambda room, stride: -(-room // stride),
    "exact": _not_rounded,
    "less": lambda room, stride: room // stride - 1,
    "two less": lambda room, stride: room // stride - 2,
    "more": lambda room, stride: room // stride + 1,
}


class WrongStride(int):
    """A stride by which a whole number is divided in another way: up, exact, less (by one or two) or more (by one)."""

    way: str

    def __new__(cls, stride: int, way: str) -> WrongStride:
        """The stride of that size, dividing in that way."""
        made = super().__new__(cls, stride)
        made.way = way
        return made

    def __rfloordiv__(self, room: Number) -> Any:
        return WAYS[self.way](room, int(self))

    def remembered(self) -> WrongStrideTerm:
        """The same with a symbolic trace, for the formula."""
        return WrongStrideTerm(self)


class WrongStrideTerm(Term):
    """A stride in a formula that divides in another way."""

    __slots__ = ("way",)

    def __init__(self, stride: WrongStride) -> None:
        super().__init__("leaf", int(stride), (), "S", "S")
        self.way = stride.way

    def __rfloordiv__(self, room: object) -> Number:
        windows: Number = WAYS[self.way](lift(room), leaf("S", self.value))
        return windows
