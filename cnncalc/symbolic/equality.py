"""Whether two formulas are equal for all sizes: by algebra where that decides it, else by many random sizes."""

from __future__ import annotations

from contextvars import ContextVar
from fractions import Fraction

from cnncalc.symbolic.algebra.calls import Abs, Floor, Function, Max, Min, Mod
from cnncalc.symbolic.algebra.expand import expand, measured
from cnncalc.symbolic.algebra.factor import together
from cnncalc.symbolic.algebra.kinds import ZERO, Expr, Number, Pow, Symbol, once
from cnncalc.symbolic.algebra.look import fraction, inner, symbols
from cnncalc.symbolic.algebra.sympy_form import sympy_form
from cnncalc.symbolic.floors import normal
from cnncalc.symbolic.inequalities import KnownBounds
from cnncalc.symbolic.values import NEAR, Values, points, same, value

POINTS = 300
FEW = 20  # where algebra has the last word, or there are no steps to miss
# Parts of formulas that are worked out to compare them, all points together.
MOST_VALUES = 500_000
# A formula of more parts is compared by values alone.
LONGEST = 200

# How comparisons came out, for those who want to say it: (equal, sentence).
remarks: ContextVar[list[str] | None] = ContextVar("remarks", default=None)


def identical(a: Expr, b: Expr, known: KnownBounds) -> bool:
    """Whether a and b are equal for all sizes that satisfy what is assumed."""
    difference = normal(a - b, known.tells)
    if difference == ZERO:
        return True
    if not symbols(difference):
        return bool(abs(float(value(difference, {}))) <= NEAR)
    names = sorted(symbols(a) | symbols(b), key=str)
    rough = any(type(call) in (Floor, Max, Min, Mod, Abs) for call in inner(difference))
    tried, exact = 0, True
    count = min(POINTS if rough else FEW, max(FEW, MOST_VALUES // (measured(a)[0] + measured(b)[0])))
    for values in points(names, known, count):
        try:
            left, right = value(a, values), value(b, values)
        except (ArithmeticError, ValueError):
            continue
        tried += 1
        exact = exact and isinstance(left, Fraction) and isinstance(right, Fraction)
        if not same(left, right):
            _remark(f"at {_said(values)} it is {number(left)}, not {number(right)}")
            return False
    if not tried:
        return False
    if not rough and measured(difference)[0] <= LONGEST:
        if _vanishes(difference):
            return True
        if exact:
            return False
    _remark(f"compared by values: the same for {tried} choices of {', '.join(map(str, names))}")
    return True


def _vanishes(difference: Expr) -> bool:
    """Whether an expression without floors is 0."""
    if expand(fraction(together(difference))[0]) == ZERO:
        return True
    if _rational(difference):
        return False
    from sympy import simplify  # type: ignore[import-untyped]

    return bool(simplify(sympy_form(difference)) == 0)


@once
def _rational(expr: Expr) -> bool:
    """Whether it is made of numbers, symbols and the four operations: there multiplying out decides."""
    if isinstance(expr, (Number, Symbol)):
        return True
    if type(expr) is Pow:
        return type(expr.exponent) is int and _rational(expr.base)
    return not isinstance(expr, Function) and all(map(_rational, expr.args))


def _remark(text: str) -> None:
    found = remarks.get()
    if found is not None:
        found.append(text)


def _said(values: Values) -> str:
    return ", ".join(f"{symbol} = {values[symbol]}" for symbol in sorted(values, key=str))


def number(found: object) -> str:
    """A value of a formula as text."""
    if isinstance(found, Fraction):
        return str(found.numerator) if found.denominator == 1 else f"{float(found):.6g}"
    return f"{found:.6g}"
