"""What is known of formulas in free dimensions: which are whole numbers, which are never negative."""

from __future__ import annotations

from typing import Any, TypeAlias

from sympy import (  # type: ignore[import-untyped]
    Add,
    Dummy,
    Max,
    Min,
    Mod,
    S,
    ceiling,
    expand,
    floor,
    fraction,
    together,
)

from cnncalc.symbolic import floors
from cnncalc.symbolic.floors import Whole, measured, normal, plainly_whole, symbols_of

Expr: TypeAlias = Any

# Parts of formulas that are looked at closely; after that nothing new is known of them, and all else is assumed.
MOST_PARTS = 20_000
# Parts of formulas that are compared at all: a few seconds.
MOST_COMPARED = 200_000
# How many floors, one in another or side by side, are looked through.
DEPTH = 4


class KnownBounds:
    """Facts about the free dimensions of one network, and what follows from them.

    least   the smallest value each symbol may have; 0 for a padding, 1 for a size
    above   expressions that are at least 0, in normal form -> as they were asked
    whole   fractions that are whole numbers, `C/G`
    same    pairs of expressions that are equal
    """

    __slots__ = ("above", "compared", "decided", "least", "looked", "same", "whole")

    def __init__(self) -> None:
        self.least: dict[Expr, int] = {}
        self.above: dict[Expr, Expr] = {}
        self.whole: list[Expr] = []
        self.same: list[tuple[Expr, Expr]] = []
        self.looked = self.compared = 0  # parts of formulas
        self.decided: dict[tuple[Expr, int], bool] = {}  # questions that came up, until a fact is added

    @property
    def tells(self) -> Whole:
        """What says whether an expression is whole: the quicker one while nothing is assumed to be."""
        return self.is_whole if self.whole else plainly_whole

    def is_whole(self, expr: Expr) -> bool:
        """Whether an expression is known to be a whole number."""
        if plainly_whole(expr):
            return True
        if not self.whole:
            return False
        if any(whole_if(expr, fact) for fact in self.whole):
            return True
        return isinstance(expr, Add) and all(self.is_whole(term) for term in expr.args)

    def nonnegative(self, expr: Expr) -> bool:
        """Whether it is known to be at least 0."""
        self.compared += measured(expr)[0] * (1 + len(self.above))
        expr = normal(expr, self.tells)
        if self._known(expr, DEPTH):
            return True
        if self.looked > MOST_PARTS:
            return False
        return any(self._known(normal(expr - fact, self.tells), 1) for fact in self.above)

    def negative(self, expr: Expr) -> bool:
        """Whether it is known to be below 0."""
        top, _ = fraction(together(expr))
        return self.nonnegative(-top - 1) if self.is_whole(expand(top)) else self.nonnegative(-expr - 1)

    def _known(self, expr: Expr, depth: int) -> bool:
        if expr.is_number:
            return bool(expr >= 0)
        found = self.decided.get((expr, depth))
        if found is None:
            self.looked += measured(expr)[0]
            if self.looked > MOST_PARTS:
                return False
            found = self.decided[expr, depth] = self._decide(expr, depth)
        return found

    def _decide(self, expr: Expr, depth: int) -> bool:
        top, bottom = fraction(together(expr))
        if not bottom.is_nonnegative:
            return False
        expr = expand(top)
        if self._coefficients(expr):
            return True
        if depth == 0:
            return False
        inner = rounded(expr)
        if len(inner) > 1 and self._paired(expr, inner, depth - 1):
            return True
        return any(self._replaced(expr, part, depth - 1) for part in inner)

    def _paired(self, expr: Expr, inner: list[Expr], depth: int) -> bool:
        """The same with ⌊u⌋ − ⌊v⌋ replaced by −⌈v − u⌉, which it is not below."""
        factors = {part: expr.coeff(part, 1) for part in inner if isinstance(part, floor)}
        for f, more in factors.items():
            for g, less in factors.items():
                if not (more.is_number and less.is_number and more > 0 > less):
                    continue
                over = expand(g.args[0] - f.args[0])
                if not over.is_number and not self._known(-over, 0):
                    continue
                count = Min(more, -less)
                most = ceiling(over) if over.is_number else S.Zero
                if self._known(expand(expr - count * (f - g + most)), depth):
                    return True
        return False

    def _coefficients(self, expr: Expr) -> bool:
        """Whether no coefficient is negative once every symbol is written as its least value and a rest."""
        moved: dict[Expr, Expr] = {}
        for inner in rounded(expr):
            least = self._least_of(inner)
            if least is None:
                return False
            moved[inner] = Dummy(nonnegative=True) + least
        expr = expr.xreplace(moved)
        moved = {symbol: symbol + self.least[symbol] for symbol in expr.free_symbols if self.least.get(symbol)}
        expr = expr.xreplace(moved) if moved else expr
        if max(measured(expr)[1:]) > floors.MOST_TERMS:
            return False
        expr = expand(expr)
        return all(
            term.as_coeff_Mul()[0] >= 0 and (term.is_number or term.is_nonnegative is not False)
            for term in Add.make_args(expr)
        )

    def _least_of(self, inner: Expr) -> int | None:
        """0 or 1 where a floor, a largest, a smallest or a rest is known to be at least that."""
        if isinstance(inner, Mod):
            return 0
        for least in (1, 0):
            sides = (arg - least for arg in inner.args)
            known = (self._known(normal(side, self.tells), 1) for side in sides)
            if all(known) if isinstance(inner, Min) else any(known):
                return least
        return None

    def _replaced(self, expr: Expr, inner: Expr, depth: int) -> bool:
        """The same with ⌊u⌋ replaced by what it is not below (or above), a largest or smallest by its sides."""
        mark = Dummy(integer=True)
        marked = expr.xreplace({inner: mark})
        factor, rest = marked.coeff(mark, 1), marked.coeff(mark, 0)
        if expand(marked - factor * mark - rest) != 0:
            return False
        rises = self._coefficients(factor)
        if not rises and not self._coefficients(-factor):
            return False
        if isinstance(inner, floor):
            top, bottom = fraction(together(inner.args[0]))
            lowest = inner.args[0] - 1 + 1 / bottom if self.is_whole(expand(top)) else inner.args[0] - 1
            return self._known(expand(factor * (lowest if rises else inner.args[0]) + rest), depth)
        if isinstance(inner, Mod):
            return self._known(expand(factor * (0 if rises else inner.args[1] - 1) + rest), depth)
        sides = (self._known(expand(factor * side + rest), depth) for side in inner.args)
        return any(sides) if rises == isinstance(inner, Max) else all(sides)


def rounded(expr: Expr) -> list[Expr]:
    """The floors, rests, largest and smallest in an expression that stand in no other one of them."""
    found: dict[Expr, None] = {}
    waiting = [expr]
    while waiting:
        part = waiting.pop()
        if isinstance(part, (floor, Mod, Max, Min)):
            found[part] = None
        else:
            waiting.extend(part.args)
    return sorted(found, key=str)


def whole_if(expr: Expr, fact: Expr) -> bool:
    """Whether an expression is whole if another one is: a multiple of it, but for what is whole anyway."""
    if plainly_whole(expr / fact):
        return True
    expr, fact = expand(expr), expand(fact)
    for symbol in symbols_of(fact):
        slope = fact.coeff(symbol, 1)
        times = expr.coeff(symbol, 1) / slope if slope != 0 else S.Zero
        if times.is_Integer and times != 0 and plainly_whole(expand(expr - times * fact)):
            return True
    return False
