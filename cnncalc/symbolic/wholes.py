"""Which formulas are whole numbers: whatever their symbols are, or where some are assumed to be."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from cnncalc.symbolic.algebra.calls import Floor, Mod
from cnncalc.symbolic.algebra.expand import expand
from cnncalc.symbolic.algebra.facts import integer
from cnncalc.symbolic.algebra.kinds import ONE, ZERO, Add, Call, Expr, Number, Pow, Product, Scaled, factors, once
from cnncalc.symbolic.algebra.look import coefficient, symbols

Whole: TypeAlias = Callable[[Expr], bool]


@once
def plainly_whole(expr: Expr) -> bool:
    """Whether it is whole whatever its symbols are, divisors not being 0."""
    known = integer(expr)
    if known is not None:
        return known
    if type(expr) is Scaled and expr.factor == Fraction(1, 2):  # T·(T + 1)/2
        parts = factors(expr.core)
        return any(expand(x - y) == ONE for x in parts for y in parts) and all(map(plainly_whole, parts))
    if type(expr) in (Add, Product, Scaled):
        return all(map(plainly_whole, expr.args))
    if type(expr) is Pow:
        return type(expr.exponent) is int and expr.exponent > 0 and plainly_whole(expr.base)
    return type(expr) in (Floor, Mod)


class Wholes:
    """Says it where some fractions are assumed to be whole; what it said, and what became of floors, is kept."""

    __slots__ = ("decided", "facts", "normal")

    def __init__(self, facts: list[Expr]) -> None:
        self.facts = facts
        self.decided: dict[Expr, bool] = {}
        self.normal: dict[Call, Expr] = {}

    def __call__(self, expr: Expr) -> bool:
        found = self.decided.get(expr)
        if found is None:
            found = plainly_whole(expr) or any(whole_if(expr, fact) for fact in self.facts)
            found = found or (type(expr) is Add and all(map(self, expr.args)))
            self.decided[expr] = found
        return found


def whole_if(expr: Expr, fact: Expr) -> bool:
    """Whether an expression is whole if another one is: a multiple of it, but for what is whole anyway."""
    if symbols(fact).isdisjoint(symbols(expr)):
        return False
    if plainly_whole(expr / fact):
        return True
    expr, fact = expand(expr), expand(fact)
    for symbol in sorted(symbols(fact), key=lambda symbol: symbol.name):
        slope = coefficient(fact, symbol)
        if slope == ZERO:
            continue
        times = coefficient(expr, symbol) / slope
        if type(times) is Number and times.whole and times != ZERO and plainly_whole(expand(expr - times * fact)):
            return True
    return False
