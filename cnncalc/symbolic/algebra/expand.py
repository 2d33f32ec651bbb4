"""Formulas multiplied out, and how large they would become."""

from __future__ import annotations

from math import comb
from typing import TypeAlias, cast

from cnncalc.symbolic.algebra.exact import Exact
from cnncalc.symbolic.algebra.functions import rebuilt
from cnncalc.symbolic.algebra.kinds import (
    ONE,
    Add,
    Call,
    Exponent,
    Expr,
    Number,
    Pow,
    Product,
    Scaled,
    once,
    powers,
    split,
)
from cnncalc.symbolic.algebra.look import fraction, terms
from cnncalc.symbolic.algebra.make import add, collected, mul, multiplied, power, scaled

# What has more terms once it is multiplied out is left as it is.
MOST_TERMS = 1_000
# Terms are counted up to this power of a sum; what has more is too long in any case.
HIGHEST = 1000

Size: TypeAlias = tuple[int, int, int]


@once
def measured(expr: Expr) -> Size:
    """How many parts it has; and about how many terms top and bottom have once they are multiplied out.

    A sum counts as having a constant: it has one as soon as sizes are known to be at least 1.
    """
    kind = type(expr)
    if kind is Add:
        return _size_of_sum(cast(Add, expr))
    if kind is Product:
        parts, top, bottom = 1, 1, 1
        for base, exponent in cast(Product, expr).powers.items():
            more, above, below = _size_of_power(base, exponent)
            parts, top, bottom = parts + more, top * above, bottom * below
        return parts, top, bottom
    if kind is Pow:
        return _size_of_power(cast(Pow, expr).base, cast(Pow, expr).exponent)
    if kind is Scaled:
        core = cast(Scaled, expr).core
        parts, top, bottom = measured(core)
        return parts + (1 if type(core) is Product else 2), top, bottom
    return 1 + sum(measured(arg)[0] for arg in expr.args), 1, 1


def _size_of_sum(expr: Add) -> Size:
    parts = 1 + bool(expr.constant)
    top, bottom = 1, 1  # its constant
    below: dict[Expr, None] = {}
    for core, factor in expr.terms.items():
        more, above, under = measured(core)
        parts += more + (0 if factor == 1 else 1 if type(core) is Product else 2)
        top += above
        if under > 1 or (type(core) in (Product, Pow) and fraction(core)[1] is not ONE):
            below[fraction(core)[1]] = None
    for denominator in below:
        bottom *= measured(denominator)[1]
    return parts, top * bottom, bottom


def _size_of_power(base: Expr, exponent: Exponent) -> Size:
    parts, top, bottom = measured(base)
    if type(exponent) is not int:
        return parts + 1 + (measured(exponent)[0] if isinstance(exponent, Expr) else 1), 1, 1
    if exponent == 1:
        return parts, top, bottom
    if top > 1 or bottom > 1:
        times = min(abs(exponent), HIGHEST)
        top = comb(times + max(top, 2) - 1, times)
        bottom = 1 if bottom == 1 else comb(times + bottom - 1, times)
    return (parts + 2, top, bottom) if exponent > 0 else (parts + 2, bottom, top)


@once
def surface(expr: Expr) -> int:
    """How many parts it has where each call is one: what an operation on it takes."""
    kind = type(expr)
    if kind is Add:
        return 1 + sum(map(surface, cast(Add, expr).terms))
    if kind in (Product, Pow):
        return 1 + sum(map(surface, powers(expr)))
    return surface(cast(Scaled, expr).core) if kind is Scaled else 1


@once
def expand(expr: Expr) -> Expr:
    """The formula multiplied out, inside of calls too, unless it would become too long."""
    if max(measured(expr)[1:]) > MOST_TERMS:
        return expr
    return _expanded(expr, True)


@once
def flat(expr: Expr) -> Expr:
    """A product with its sums multiplied out, a power of a sum as a sum; what stands inside of them is left as it
    is."""
    number, core = split(expr)
    if max(measured(expr)[1:]) > MOST_TERMS or type(core) not in (Product, Pow):
        return expr
    found = powers(core)
    if type(core) is Pow:
        exponent = core.exponent
        return expr if type(exponent) is not int or number != 1 else _expanded(core, False)
    under = fraction(expr)[1]
    if type(under) is Product and any(type(base) is Add for base in under.powers):
        return flat(mul(fraction(expr)[0], power(_expanded(under, False), -1)))
    sums = [base for base, exponent in found.items() if type(base) is Add and exponent == 1]
    result = multiplied(number, {base: exponent for base, exponent in found.items() if base not in sums})
    for part in sums:
        result = distributed(result, part)
    return result


def _expanded(expr: Expr, deep: bool) -> Expr:
    kind = type(expr)
    if kind is Add:
        found = cast(Add, expr)
        if not any(_open(core, deep) for core in found.terms):
            return expr
        parts = [scaled(factor, _expanded(core, deep)) for core, factor in found.terms.items()]
        return add(Number(found.constant), *parts)
    if kind is Scaled:
        factor, core = split(expr)
        top, under = fraction(expr) if type(factor) is not int else (core, ONE)
        if type(under) is Add:  # 1/(2·(K + 1)) as 1/(2·K + 2)
            return _expanded(mul(top, power(under, -1)), deep)
        return scaled(factor, _expanded(core, deep))
    if isinstance(expr, Call):
        if not deep:
            return expr
        args = [expand(arg) for arg in expr.args]
        return expr if all(new is old for new, old in zip(args, expr.args, strict=True)) else rebuilt(expr, args)
    if kind in (Product, Pow) and _open(expr, deep):
        return _multiplied_out(expr, deep)
    return expr


def _open(core: Expr, deep: bool) -> bool:
    """Whether there may be something to multiply out in a product without a number."""
    return any(
        type(base) is Add or (isinstance(base, Call) and deep) or isinstance(exponent, Expr)
        for base, exponent in powers(core).items()
    )


def _multiplied_out(core: Expr, deep: bool) -> Expr:
    """A product or a power of sums as a sum."""
    single: list[Expr] = []
    sums: list[Expr] = []
    below: list[Expr] = []
    for base, exponent in powers(core).items():
        inside = _expanded(base, deep)
        if type(exponent) is int and exponent < 0:
            below.append(power(inside, -exponent))
        elif type(exponent) is int and type(inside) is Add:
            sums.extend([inside] * exponent)
        elif isinstance(exponent, Expr):
            single.append(_power_of_sum(inside, _expanded(exponent, deep)))
        else:
            single.append(power(inside, exponent))
    under = mul(*below)
    if any(type(base) is Add for base in powers(split(under)[1])) and type(under) is not Add:
        under = _expanded(under, deep)
    result = mul(*single, power(under, -1))
    for part in sums:
        result = distributed(result, part)
    return result


def _power_of_sum(base: Expr, exponent: Expr) -> Expr:
    """2^(C + 1) as 2·2^C."""
    return mul(*(power(base, term) for term in (exponent.args if type(exponent) is Add else [exponent])))


def distributed(a: Expr, b: Expr) -> Expr:
    """The product of two sums, term by term."""
    number: Exact = 0
    found: dict[Expr, Exact] = {}
    others = terms(b)
    for one, core in terms(a):
        for factor, other in others:
            times, joined = split(_joined(core, other))
            if joined == ONE:
                number += one * factor * times
            else:
                found[joined] = found.get(joined, 0) + one * factor * times
    return collected(number, found)


def _joined(a: Expr, b: Expr) -> Expr:
    """The product of two cores."""
    if a is ONE or b is ONE:
        return b if a is ONE else a
    return mul(a, b)
