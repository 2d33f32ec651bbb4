"""Whether two formulas are equal for all sizes: by algebra where that decides it, else by many random sizes."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextvars import ContextVar
from fractions import Fraction
from random import Random
from typing import Any, TypeAlias

from sympy import (  # type: ignore[import-untyped]
    Abs,
    Add,
    Max,
    Min,
    Mod,
    Mul,
    Pow,
    ceiling,
    cos,
    exp,
    floor,
    fraction,
    log,
    simplify,
    sin,
    tanh,
    together,
)

from cnncalc.symbolic.floors import measured, normal
from cnncalc.symbolic.inequalities import KnownBounds

Expr: TypeAlias = Any
Values: TypeAlias = dict[Any, Any]

POINTS = 300
FEW = 20  # where algebra has the last word, or there are no steps to miss
TRIES = 40
NEAR = 1e-9
# A formula of more parts is compared by values alone; a power of more bits is not computed for that.
LONGEST = 200
MOST_BITS = 20_000
FUNCTIONS: dict[Any, Callable[..., float]] = {
    cos: math.cos,
    exp: math.exp,
    log: math.log,
    sin: math.sin,
    tanh: math.tanh,
}

# How comparisons came out, for those who want to say it: (equal, sentence).
remarks: ContextVar[list[str] | None] = ContextVar("remarks", default=None)


def identical(a: Expr, b: Expr, known: KnownBounds) -> bool:
    """Whether a and b are equal for all sizes that satisfy what is assumed."""
    difference = normal(a - b, known.is_whole)
    if difference == 0:
        return True
    if not difference.free_symbols:
        return bool(abs(float(difference)) <= NEAR)
    symbols = sorted(a.free_symbols | b.free_symbols, key=str)
    rough = difference.has(floor, Max, Min, Mod, Abs)
    tried, exact = 0, True
    for values in points(symbols, known, POINTS if rough else FEW):
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
    _remark(f"compared by values: the same for {tried} choices of {', '.join(map(str, symbols))}")
    return True


def _vanishes(difference: Expr) -> bool:
    """Whether an expression without floors is 0."""
    if fraction(together(difference))[0].expand() == 0:
        return True
    return bool(simplify(difference) == 0)


def _remark(text: str) -> None:
    found = remarks.get()
    if found is not None:
        found.append(text)


def _said(values: Values) -> str:
    return ", ".join(f"{symbol} = {size}" for symbol, size in sorted(values.items(), key=lambda pair: str(pair[0])))


def number(found: Any) -> str:
    """A value of a formula as text."""
    if isinstance(found, Fraction):
        return str(found.numerator) if found.denominator == 1 else f"{float(found):.6g}"
    return f"{found:.6g}"


def same(a: Any, b: Any) -> bool:
    """Whether two values agree: exactly where both are exact."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a == b
    return bool(abs(a - b) <= NEAR * max(1, abs(a), abs(b)))


# --- values of a formula ---------------------------------------------------------------------------------------------


def value(expr: Expr, values: Values) -> Any:
    """The formula's value: a Fraction, or a float where a root or a logarithm is in it.

    Raises ArithmeticError or ValueError where there is none, or one too large to be held against another.
    """
    if expr.is_Symbol:
        return Fraction(values[expr])
    if expr.is_Rational:
        return Fraction(int(expr.p), int(expr.q))
    if not expr.args:
        return float(expr)
    args = [value(arg, values) for arg in expr.args]
    if isinstance(expr, Add):
        return sum(args[1:], args[0])
    if isinstance(expr, Mul):
        return math.prod(args[1:], start=args[0])
    if isinstance(expr, Pow):
        base, exponent = args
        if isinstance(exponent, Fraction) and exponent.denominator == 1:
            size = max(base.numerator.bit_length(), base.denominator.bit_length()) if isinstance(base, Fraction) else 1
            if size * abs(exponent) > MOST_BITS:
                raise OverflowError
            return base ** int(exponent)
        found = float(base) ** float(exponent)
        if isinstance(found, complex):
            raise ValueError
        return found
    if isinstance(expr, (floor, ceiling)):
        return Fraction(math.floor(args[0]) if isinstance(expr, floor) else math.ceil(args[0]))
    if isinstance(expr, Abs):
        return abs(args[0])
    if isinstance(expr, Mod):
        return args[0] % args[1]
    if isinstance(expr, (Max, Min)):
        return max(args) if isinstance(expr, Max) else min(args)
    function = FUNCTIONS.get(expr.func)
    if function is None:
        raise ValueError
    return function(*map(float, args))


def holds(known: KnownBounds, values: Values) -> bool:
    """Whether sizes satisfy all that is assumed; symbols without a value are not looked at."""
    for symbol, size in values.items():
        if size < known.least.get(symbol, 0):
            return False
    for expr in known.above:
        if expr.free_symbols <= values.keys() and value(expr, values) < 0:
            return False
    for fact in known.whole:
        if fact.free_symbols <= values.keys() and value(fact, values).denominator != 1:
            return False
    return all(
        (a.free_symbols | b.free_symbols) - values.keys() or same(value(a, values), value(b, values))
        for a, b in known.same
    )


def points(symbols: list[Any], known: KnownBounds, count: int, seed: int = 0) -> list[Values]:
    """Random sizes, small ones often, that satisfy what is assumed."""
    random = Random(seed)
    wanted = set(symbols)
    for expr in [*known.above, *known.whole, *(side for pair in known.same for side in pair)]:
        if expr.free_symbols & wanted:
            wanted |= expr.free_symbols
    names = sorted(wanted, key=str)
    found: list[Values] = []
    for _ in range(count * TRIES):
        most = random.choice((4, 12, 40, 200))
        values: Values = {symbol: known.least.get(symbol, 1) + random.randrange(most) for symbol in names}
        repair(known, values)
        try:
            if holds(known, values):
                found.append({symbol: values[symbol] for symbol in symbols})
        except (ArithmeticError, ValueError):
            continue
        if len(found) == count:
            break
    return found


def repair(known: KnownBounds, values: Values) -> None:
    """Make sizes divisible and equal that have to be, where one symbol alone can do it."""
    for fact in known.whole:
        top, bottom = fraction(together(fact))
        if top.is_Symbol and top in values and bottom.free_symbols <= values.keys():
            values[top] *= int(value(bottom, values))
    for a, b in known.same:
        for side, other in ((a, b), (b, a)):
            if side.is_Symbol and side in values and other.free_symbols <= values.keys() - {side}:
                wanted = value(other, values)
                if isinstance(wanted, Fraction) and wanted.denominator == 1:
                    values[side] = int(wanted)
                break
