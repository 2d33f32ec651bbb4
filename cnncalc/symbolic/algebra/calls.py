"""Formulas that are more than sums and products: floors, maxima and minima, remainders, functions."""

from __future__ import annotations

from cnncalc.symbolic.algebra.kinds import Call, Expr


class Floor(Call):
    """⌊x⌋."""


class Max(Call):
    """The largest of some, the order being of no matter."""

    def key(self) -> object:
        return frozenset(self.args)


class Min(Call):
    """The smallest of some."""

    def key(self) -> object:
        return frozenset(self.args)


class Mod(Call):
    """What is left of a after so many times b: a − b·⌊a/b⌋."""


class Abs(Call):
    """|x|."""


class Function(Call):
    """A function of one real number, by its name: exp, log, sin, cos, tanh."""

    __slots__ = ("name",)

    def __init__(self, name: str, arg: Expr) -> None:
        super().__init__(arg)
        self.name = name

    def key(self) -> object:
        return self.name, self.args
