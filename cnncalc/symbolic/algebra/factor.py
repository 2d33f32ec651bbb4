"""Fractions over a common denominator, and common factors in front of a sum."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

from cnncalc.core.steps import STEPS
from cnncalc.symbolic.algebra.exact import Exact, common, exact
from cnncalc.symbolic.algebra.functions import rebuilt
from cnncalc.symbolic.algebra.kinds import (
    ONE,
    ZERO,
    Add,
    Call,
    Expr,
    Number,
    Pow,
    Product,
    Scaled,
    factors,
    once,
    powers,
    split,
)
from cnncalc.symbolic.algebra.look import summands, terms
from cnncalc.symbolic.algebra.make import add, kept, mul, multiplied, power, scaled

Factors = dict[Expr, int]


def primitive(expr: Expr) -> tuple[Exact, Expr]:
    """The greatest number that divides all factors of a sum, and the sum without it; of all else 1 and itself."""
    if type(expr) is not Add:
        return 1, expr
    content = common([factor for factor, _ in terms(expr)])
    if content == 1:
        return 1, expr
    return content, scaled(exact(1 / Fraction(content)), expr)


def content(expr: Expr, clear: bool = True) -> tuple[Exact, Expr]:
    """The number that can be taken out of a formula, out of sums inside products too, and the rest.

    Unless `clear`, no fraction is taken out of a sum that has a whole factor then.
    """
    kind = type(expr)
    if kind is Add:
        taken, plain = primitive(add(*(_own(*content(arg, clear)) for arg in expr.args)))
        if not clear and type(taken) is not int and type(plain) is Add:
            over = Fraction(1, taken.denominator)
            less = scaled(over, plain)
            if any(type(factor) is int for factor, _ in terms(less)):
                return taken.numerator, less
        return taken, plain
    if kind is Number:
        value = cast(Number, expr).value
        return (value, ONE) if value > 0 else (-value, Number(-1)) if value else (1, expr)
    if kind in (Product, Scaled):
        number, core = split(expr)
        whole: Exact = number if number > 0 else -number
        found: list[Expr] = []
        for factor in factors(core):
            more, left = content(factor, clear)
            whole = exact(whole * more)
            found.append(left)
        return whole, mul(Number(-1 if number < 0 else 1), *found)
    if kind is Pow and type(cast(Pow, expr).exponent) is int:
        exponent = cast(int, cast(Pow, expr).exponent)
        taken, plain = content(cast(Pow, expr).base, clear)
        return exact(Fraction(taken) ** exponent), power(plain, exponent)
    return 1, expr


def _own(number: Exact, rest: Expr) -> Expr:
    """A number times a summand, a sum not multiplied out."""
    return Scaled(number, rest) if type(rest) is Add and number != 1 else scaled(number, rest)


# --- fractions over one bottom ---------------------------------------------------------------------------------------


def decomposed(base: Expr, exponent: object) -> tuple[Expr, int]:
    """A power as another one with a whole exponent: x^(2/3) as (x^(1/3))²."""
    if type(exponent) is int:
        return base, exponent
    if isinstance(exponent, Fraction):
        return power(base, Fraction(1, exponent.denominator)), exponent.numerator
    number, rest = split(cast(Expr, exponent))
    return power(base, scaled(Fraction(1, number.denominator), rest)), number.numerator


class _Term:
    """A summand as a number, and the powers above and below."""

    __slots__ = ("bottom", "number", "top")

    def __init__(self, expr: Expr) -> None:
        number, core = split(expr)
        self.top: Factors = {}
        self.bottom: Factors = {}
        for base, exponent in powers(core).items():
            base, whole = decomposed(base, exponent)
            if type(base) is Add:
                own, base = primitive(base)
                number = exact(number * Fraction(own) ** whole)
            side = self.top if whole > 0 else self.bottom
            side[base] = side.get(base, 0) + abs(whole)
        self.number = number


def _shared(sides: list[Factors]) -> Factors:
    """What all have."""
    found = dict(sides[0])
    for side in sides[1:]:
        found = {base: min(times, side[base]) for base, times in found.items() if base in side}
    return found


def _without(side: Factors, taken: Factors) -> Factors:
    return {base: times - taken.get(base, 0) for base, times in side.items() if times > taken.get(base, 0)}


def _product(side: Factors) -> Expr:
    return multiplied(1, dict(side))


def over_one(summed: list[Expr], isprimitive: bool = False, clear: bool = True, fractions: bool = True) -> Expr:
    """A sum as what all summands have times a sum, over one bottom if `fractions`."""
    found = [_Term(summand) for summand in summed if summand != ZERO]
    STEPS.spent += 5 * len(found)
    if not found:
        return ZERO
    if len(found) == 1:
        number, top, below = found[0].number, _product(found[0].top), _product(found[0].bottom)
        shared: Expr = ONE
    else:
        number = common([term.number for term in found])
        above, under = _shared([term.top for term in found]), _shared([term.bottom for term in found])
        shared = mul(_product(above), power(_product(under), -1))
        bottom: Factors = {}
        for term in found:
            term.number = exact(Fraction(term.number) / Fraction(number))
            term.top, term.bottom = _without(term.top, above), _without(term.bottom, under)
            for base, times in term.bottom.items():
                bottom[base] = max(bottom.get(base, 0), times)
        parts = []
        for term in found:
            if fractions:
                raised = dict(term.top)
                for base, times in _without(bottom, term.bottom).items():
                    raised[base] = raised.get(base, 0) + times
                parts.append(scaled(term.number, _product(raised)))
            else:
                parts.append(scaled(term.number, mul(_product(term.top), power(_product(term.bottom), -1))))
        top = add(*parts)
        below = _product(bottom) if fractions else ONE
    if not isprimitive and type(top) is Add:
        taken, top = primitive(top)
        number = exact(number * taken)
    if not clear and type(number) is not int and type(top) is Add:
        smaller = scaled(Fraction(1, number.denominator), top)
        if any(type(factor) is int for factor, _ in terms(smaller)):
            top, number = smaller, number.numerator
    return _with_number(number, mul(shared, top, power(below, -1)), clear)


def _with_number(number: Exact, expr: Expr, clear: bool = True, sign: bool = False) -> Expr:
    """A number times a formula, a sum not multiplied out unless a whole factor comes of it."""
    if number == -1 and not sign:
        return scaled(-1, expr)
    if type(expr) is Add and number != 1:
        if not clear and type(number) is not int:
            more = scaled(number, expr)
            if any(type(factor) is int for factor, _ in terms(more)):
                return more
        return Scaled(number, expr)
    return kept(number, expr)


@once
def together(expr: Expr) -> Expr:
    """The formula over one bottom; calls are left as they are."""
    kind = type(expr)
    if kind is Add:
        return over_one([together(arg) for arg in expr.args])
    if kind is Pow:
        return power(together(cast(Pow, expr).base), cast(Pow, expr).exponent)
    if kind in (Product, Scaled):
        number, core = split(expr)
        return mul(Number(number), *(together(factor) for factor in factors(core)))
    return expr


@once
def factored(expr: Expr) -> Expr:
    """The formula with what all terms of a sum have in front of it, inside of calls too."""
    if not expr.args:
        return expr
    if isinstance(expr, Call):
        args = [factored(arg) for arg in expr.args]
        return expr if args == list(expr.args) else rebuilt(expr, args)
    if type(expr) is Pow:
        exponent = expr.exponent
        return power(factored(expr.base), factored(exponent) if isinstance(exponent, Expr) else exponent)
    number, plain = content(expr, clear=False)
    if type(plain) is Add:
        parts = [factored(arg) for arg in summands(plain)]
        if all(split(part)[0] < 0 for part in parts):
            number = -number
            parts = [scaled(-1, part) for part in parts]
        plain = over_one(parts, isprimitive=True, clear=False, fractions=False)
    elif plain.args:
        own, core = split(plain)
        plain = mul(Number(own), *(factored(factor) for factor in factors(core)))
    return _with_number(number, plain, clear=False, sign=True)
