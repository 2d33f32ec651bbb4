"""Formulas put together: sums, products and powers, each in one form; a number times a sum is multiplied out."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, cast

from cnncalc.core.steps import STEPS
from cnncalc.symbolic.algebra.exact import Exact, exact, raised, square
from cnncalc.symbolic.algebra.facts import integer, nonnegative
from cnncalc.symbolic.algebra.kinds import (
    ONE,
    ZERO,
    Add,
    Arithmetic,
    Exponent,
    Expr,
    Number,
    Pow,
    Product,
    Scaled,
    lifted,
    one,
    powers,
    with_factor,
)


def kept(factor: Exact, expr: Expr) -> Expr:
    """A number times a formula, a sum not multiplied out: 2·(H + 1)."""
    return Scaled(factor, expr) if type(expr) is Add and factor != 1 else scaled(factor, expr)


def scaled(factor: Exact, expr: Expr) -> Expr:
    """A number times a formula."""
    if factor == 1 or factor == 0:
        return expr if factor else ZERO
    kind = type(expr)
    if kind is Number:
        return Number(factor * cast(Number, expr).value)
    if kind is Add:
        found = cast(Add, expr)
        return Add(exact(factor * found.constant), {core: exact(factor * own) for core, own in found.terms.items()})
    if kind is Scaled:
        own = cast(Scaled, expr)
        factor = exact(factor * own.factor)
        return scaled(factor, own.core) if type(own.core) is Add else with_factor(factor, own.core)
    return Scaled(factor, expr)


def add(*items: Expr) -> Expr:
    """The sum."""
    number: Exact = 0
    found: dict[Expr, Exact] = {}
    for item in items:
        kind = type(item)
        if kind is Number:
            number += cast(Number, item).value
        elif kind is Add:
            number += cast(Add, item).constant
            if found:
                for core, factor in cast(Add, item).terms.items():
                    found[core] = found.get(core, 0) + factor
            else:
                found.update(cast(Add, item).terms)
        elif kind is Scaled:
            core = cast(Scaled, item).core
            found[core] = found.get(core, 0) + cast(Scaled, item).factor
        else:
            found[item] = found.get(item, 0) + 1
    return collected(number, found)


def collected(number: Exact, found: dict[Expr, Exact]) -> Expr:
    """The sum of a constant and cores with factors, some of which may be 0."""
    STEPS.spent += 3
    if not all(found.values()):
        found = {core: factor for core, factor in found.items() if factor}
    if not found:
        return Number(number)
    if not number and len(found) == 1:
        core, factor = next(iter(found.items()))
        return with_factor(exact(factor), core)
    return Add(exact(number), {core: exact(factor) for core, factor in found.items()})


def mul(*items: Expr) -> Expr:
    """The product; a number times a sum alone is multiplied out."""
    number: Exact = 1
    found: dict[Expr, Exponent] = {}
    for item in items:
        if type(item) is Number:
            number *= item.value
            continue
        if type(item) is Scaled:
            number *= item.factor
            item = item.core
        for base, exponent in powers(item).items():
            present = found.get(base)
            found[base] = exponent if present is None else _more(present, exponent)
    return multiplied(number, found)


def _more(a: Exponent, b: Exponent) -> Exponent:
    """The sum of two exponents."""
    total = a + b
    if isinstance(total, Expr):
        return total.value if type(total) is Number else total
    return exact(total)


def multiplied(number: Exact, found: dict[Expr, Exponent]) -> Expr:
    """The product of a number and bases with exponents, some of which may be 0."""
    if not number:
        return ZERO
    STEPS.spent += 2 + len(found)
    plain: dict[Expr, Exponent] = {}
    for base, exponent in found.items():
        if type(base) is Number and type(exponent) is int:
            number = number * raised(base.value, exponent)
        elif not (type(exponent) is int and exponent == 0):
            plain[base] = exponent
    number = exact(number)
    if not plain:
        return Number(number)
    if len(plain) > 1:
        return with_factor(number, one(Product(plain)))
    base, exponent = next(iter(plain.items()))
    return scaled(number, base) if exponent == 1 else with_factor(number, one(Pow(base, exponent)))


def power(base: Expr, exponent: Any) -> Expr:
    """A formula to a power."""
    if isinstance(exponent, Number):
        exponent = exponent.value
    if isinstance(exponent, Expr):
        return _symbolic(base, exponent)
    exponent = exact(exponent)
    if exponent == 1 or exponent == 0:
        return base if exponent else ONE
    kind = type(base)
    if kind is Number:
        value = cast(Number, base).value
        return Number(raised(value, exponent)) if type(exponent) is int else _root(value, exponent)
    whole = type(exponent) is int
    if kind is Scaled:
        factor, core = cast(Scaled, base).factor, cast(Scaled, base).core
        if whole:
            return mul(Number(raised(factor, exponent)), power(core, exponent))
        return mul(_root(factor, exponent), power(core, exponent)) if factor > 0 else Pow(base, exponent)
    if kind in (Product, Pow):
        inner = powers(base)
        if whole or all(nonnegative(part) for part in inner):
            return multiplied(1, {part: _times(own, exponent) for part, own in inner.items()})
    return one(Pow(base, exponent))


def _symbolic(base: Expr, exponent: Expr) -> Expr:
    if base == ONE:
        return ONE
    if type(base) is Pow and integer(exponent):
        return power(base.base, mul(lifted(base.exponent), exponent))
    return one(Pow(base, exponent))


def _times(a: Exponent, b: Exact) -> Exponent:
    """The product of an exponent and a number."""
    return scaled(b, a) if isinstance(a, Expr) else exact(a * b)


def _root(value: Exact, exponent: Fraction) -> Expr:
    """A number to a power that is no whole number; squares stand before a square root."""
    if value in (0, 1):
        return Number(value)
    times = exponent.numerator // exponent.denominator  # the whole part
    rest = exponent - times
    if value < 0:
        return Pow(Number(value), exponent)
    if rest == Fraction(1, 2):
        over, top = square(value.numerator)
        under, bottom = square(value.denominator)
        outside = exact(Fraction(over, under * bottom)) * raised(value, times)
        inside = top * bottom
        return Number(outside) if inside == 1 else with_factor(exact(outside), Pow(Number(inside), rest))
    return mul(Number(raised(value, times)), Pow(Number(value), rest))


Expr.arithmetic = Arithmetic(add, mul, scaled, power)
