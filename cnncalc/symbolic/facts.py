"""Facts about the free dimensions of one network."""

from __future__ import annotations

from cnncalc.symbolic.algebra.kinds import Expr, Symbol
from cnncalc.symbolic.algebra.look import symbols


class Facts:
    """What sizes have to satisfy.

    least   the smallest value each symbol may have; 0 for a padding, 1 for a size
    above   expressions that are at least 0, in normal form -> as they were asked
    whole   fractions that are whole numbers, `C/G`
    same    pairs of expressions that are equal
    """

    __slots__ = ("above", "changes", "least", "same", "whole")

    def __init__(self) -> None:
        self.least: dict[Expr, int] = {}
        self.above: dict[Expr, Expr] = {}
        self.whole: list[Expr] = []
        self.same: list[tuple[Expr, Expr]] = []
        self.changes = 0  # how often something was added

    def added(self) -> None:
        """Something has become known."""
        self.changes += 1

    def named(self) -> frozenset[Symbol]:
        """The symbols of which something is known."""
        told = [*self.least, *self.above, *self.whole, *(side for pair in self.same for side in pair)]
        return frozenset().union(*map(symbols, told))
