"""The parts of a formula: terms, symbols, calls, numerator and denominator, and the coefficient of a part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from cnncalc.symbolic.algebra.exact import Exact
from cnncalc.symbolic.algebra.kinds import (
    ONE,
    ZERO,
    Add,
    Call,
    Exponent,
    Expr,
    Number,
    Pow,
    Product,
    Scaled,
    Symbol,
    once,
    powers,
    split,
)
from cnncalc.symbolic.algebra.make import add, mul, multiplied, power, scaled


def summands(expr: Expr) -> list[Expr]:
    """The terms of a sum; of anything else, itself."""
    return expr.args if type(expr) is Add else [expr]


def terms(expr: Expr) -> Iterable[tuple[Exact, Expr]]:
    """The terms of a sum, each as a number and the rest; 1 is the rest of a constant."""
    if type(expr) is not Add:
        return [split(expr)]
    found = [(factor, core) for core, factor in expr.terms.items()]
    return [(expr.constant, ONE), *found] if expr.constant else found


def constant(expr: Expr) -> Exact:
    """What is added that has no symbols in it and is exact."""
    return expr.constant if type(expr) is Add else expr.value if type(expr) is Number else 0


def parts(expr: Expr) -> Iterable[Expr]:
    """What it is made of, numbers left out: the cores of a sum, the bases of a product, the arguments of a call."""
    kind = type(expr)
    if kind is Add:
        return cast(Add, expr).terms
    if kind is Scaled:
        return (cast(Scaled, expr).core,)
    if kind is Product or kind is Pow:
        found = powers(expr)
        return [*found, *(own for own in found.values() if isinstance(own, Expr))]
    return cast(Iterable[Expr], expr.args)


@once
def symbols(expr: Expr) -> frozenset[Symbol]:
    """The symbols in it."""
    if type(expr) is Symbol:
        return frozenset([expr])
    return frozenset().union(*map(symbols, parts(expr)))


@once
def levels(expr: Expr) -> int:
    """How many formulas stand inside each other at most."""
    return 1 + max(map(levels, parts(expr)), default=0)


@once
def inner(expr: Expr) -> frozenset[Call]:
    """All calls in it, however deep, itself included."""
    found = frozenset().union(*map(inner, parts(expr)))
    return found | {expr} if isinstance(expr, Call) else found


# --- fractions -------------------------------------------------------------------------------------------------------


@once
def fraction(expr: Expr) -> tuple[Expr, Expr]:
    """The top and the bottom of a product; of a sum, itself and 1."""
    if type(expr) is Add:
        return expr, ONE
    number, core = split(expr)
    if number == 0:
        return ZERO, ONE
    top: dict[Expr, Exponent] = {}
    bottom: dict[Expr, Exponent] = {}
    for base, exponent in powers(core).items():
        if isinstance(exponent, Expr):
            negative = split(exponent)[0] < 0
            (bottom if negative else top)[base] = scaled(-1, exponent) if negative else exponent
        elif exponent < 0:
            bottom[base] = -exponent
        else:
            top[base] = exponent
    if not bottom and number.denominator == 1:
        return (multiplied(number, top) if type(core) is Add else expr), ONE
    return multiplied(number.numerator, top), multiplied(number.denominator, bottom)


# --- what stands beside a part ---------------------------------------------------------------------------------------


def linear(expr: Expr, part: Expr) -> tuple[Expr, Expr] | None:
    """a and b where the formula is a·part + b, neither of them having the part in it; None where it is not of that
    form."""
    slope: list[Expr] = []
    rest: list[Expr] = []
    for number, core in terms(expr):
        found = powers(core)
        exponent = found.get(part)
        others = {base: own for base, own in found.items() if base is not part and base != part}
        if any(_holds(base, part) or _holds(own, part) for base, own in others.items()):
            return None
        if exponent is None:
            rest.append(scaled(number, core))
        elif exponent == 1:
            slope.append(multiplied(number, others))
        else:
            return None
    return add(*slope), add(*rest)


def coefficient(expr: Expr, part: Expr) -> Expr:
    """What stands before the part, where it stands alone to the first power."""
    slope = []
    for number, core in terms(expr):
        found = powers(core)
        if found.get(part) == 1:
            slope.append(multiplied(number, {base: own for base, own in found.items() if base != part}))
    return add(*slope)


def _holds(expr: Exponent, part: Expr) -> bool:
    if not isinstance(expr, Expr):
        return False
    return part in (inner(expr) if isinstance(part, Call) else symbols(expr))


def mapped(expr: Expr, change: Callable[[Call], Expr]) -> Expr:
    """The formula with each outermost call replaced by what `change` makes of it."""
    if isinstance(expr, Call):
        return change(expr)
    if not inner(expr):
        return expr
    kind = type(expr)
    if kind is Add:
        found = cast(Add, expr)
        parts = [scaled(factor, mapped(core, change)) for core, factor in found.terms.items()]
        return add(Number(found.constant), *parts)
    if kind is Scaled:
        number, core = split(expr)
        return scaled(number, mapped(core, change))
    return mul(
        *(
            power(mapped(base, change), mapped(exponent, change) if isinstance(exponent, Expr) else exponent)
            for base, exponent in powers(expr).items()
        )
    )
