"""What holds of a formula whatever its symbols are, which are whole numbers from 0."""

from __future__ import annotations

from typing import cast

from cnncalc.symbolic.algebra.calls import Abs, Floor, Function, Max, Min, Mod
from cnncalc.symbolic.algebra.kinds import (
    Add,
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


@once
def integer(expr: Expr) -> bool | None:
    """Whether it is a whole number; None where that depends."""
    kind = type(expr)
    if kind is Number:
        return cast(Number, expr).whole
    if kind in (Symbol, Floor):
        return True
    if kind is Add:
        found = cast(Add, expr)
        if all(type(factor) is int and integer(core) for core, factor in found.terms.items()):
            return type(found.constant) is int
        return None
    if kind is Scaled:
        factor, core = split(expr)
        return True if type(factor) is int and integer(core) else None
    if kind in (Product, Pow):
        return True if all(integer(base) and _counts(own) for base, own in powers(expr).items()) else None
    if kind in (Max, Min, Mod, Abs):
        return True if all(integer(arg) for arg in expr.args) else None
    return None


def _counts(exponent: Exponent) -> bool:
    """Whether an exponent is a whole number from 0."""
    if isinstance(exponent, Expr):
        return nonnegative(exponent) and bool(integer(exponent))
    return type(exponent) is int and exponent > 0


@once
def nonnegative(expr: Expr) -> bool:
    """Whether it is certainly not below 0."""
    kind = type(expr)
    if kind is Number:
        return cast(Number, expr).value >= 0
    if kind is Add:
        found = cast(Add, expr)
        return found.constant >= 0 and all(factor > 0 and nonnegative(core) for core, factor in found.terms.items())
    if kind is Scaled:
        factor, core = split(expr)
        return factor > 0 and nonnegative(core)
    if kind in (Product, Pow):
        return all((type(own) is int and own % 2 == 0) or nonnegative(base) for base, own in powers(expr).items())
    if kind is Max:
        return any(map(nonnegative, expr.args))
    if kind in (Min, Floor):
        return all(map(nonnegative, expr.args))
    if kind is Mod:
        return nonnegative(expr.args[1])
    if isinstance(expr, Function):
        return expr.name == "exp" or (expr.name == "tanh" and nonnegative(expr.args[0]))
    return kind in (Symbol, Abs)
