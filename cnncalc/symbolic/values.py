"""Sizes put into formulas: the value for given sizes, and random sizes that satisfy all that is assumed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from random import Random
from typing import Any, TypeAlias, cast

from cnncalc.core.steps import STEPS
from cnncalc.symbolic.algebra.calls import Abs, Floor, Function, Max, Min, Mod
from cnncalc.symbolic.algebra.exact import MOST_BITS
from cnncalc.symbolic.algebra.factor import together
from cnncalc.symbolic.algebra.kinds import Add, Expr, Number, Pow, Symbol
from cnncalc.symbolic.algebra.look import fraction, symbols
from cnncalc.symbolic.facts import Facts

Values: TypeAlias = dict[Expr, int]

TRIES = 40
NEAR = 1e-9
FUNCTIONS: dict[str, Callable[..., float]] = {
    "cos": math.cos,
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "tanh": math.tanh,
}


def value(expr: Expr, values: Values) -> Any:
    """The formula's value: a Fraction, or a float where a root or a logarithm is in it.

    Raises ArithmeticError or ValueError where there is none, or one too large to be compared with another.
    """
    found = evaluated(expr, values, {})
    return Fraction(found) if type(found) is int else found


def evaluated(expr: Expr, values: Values, memo: dict[Expr, Any]) -> Any:
    """The same as a whole number where it is one; parts that occur twice are worked out once."""
    kind = type(expr)
    if kind is Symbol:
        return values[expr]
    if kind is Number:
        return cast(Number, expr).value
    found = memo.get(expr)
    if found is None:
        STEPS.spent += 2
        args = [evaluated(arg, values, memo) for arg in expr.args]
        found = _applied(expr, args)
        if type(found) is Fraction and found.denominator == 1:
            found = found.numerator
        memo[expr] = found
    return found


def _applied(expr: Expr, args: list[Any]) -> Any:
    kind = type(expr)
    if kind is Add:
        return sum(args[1:], args[0])
    if kind is Pow:
        return _raised(*args)
    if kind is Floor:
        return math.floor(args[0])
    if kind is Abs:
        return abs(args[0])
    if kind is Mod:
        return args[0] % args[1]
    if kind in (Max, Min):
        return max(args) if kind is Max else min(args)
    if isinstance(expr, Function):
        return FUNCTIONS[expr.name](*map(float, args))
    return math.prod(args[1:], start=args[0])


def _raised(base: Any, exponent: Any) -> Any:
    if type(exponent) is int:
        size = max(base.numerator.bit_length(), base.denominator.bit_length()) if not isinstance(base, float) else 1
        if size * abs(exponent) > MOST_BITS:
            raise OverflowError
        return base**exponent if exponent >= 0 or isinstance(base, float) else Fraction(base) ** exponent
    found = float(base) ** float(exponent)
    if isinstance(found, complex):
        raise ValueError
    return found


def same(a: Any, b: Any) -> bool:
    """Whether two values agree: exactly where both are exact."""
    if not (isinstance(a, float) or isinstance(b, float)):
        return bool(a == b)
    return bool(abs(a - b) <= NEAR * max(1, abs(a), abs(b)))


def holds(known: Facts, values: Values) -> bool:
    """Whether sizes satisfy all that is assumed; symbols without a value are not looked at."""
    for symbol, size in values.items():
        if size < known.least.get(symbol, 0):
            return False
    for expr in known.above:
        if symbols(expr) <= values.keys() and value(expr, values) < 0:
            return False
    for fact in known.whole:
        if symbols(fact) <= values.keys() and value(fact, values).denominator != 1:
            return False
    return all(
        (symbols(a) | symbols(b)) - values.keys() or same(value(a, values), value(b, values)) for a, b in known.same
    )


def points(needed: Sequence[Expr], known: Facts, count: int, seed: int = 0) -> list[Values]:
    """Random sizes, small ones often, that satisfy what is assumed."""
    random = Random(seed)
    wanted = set(needed)
    for expr in [*known.above, *known.whole, *(side for pair in known.same for side in pair)]:
        if symbols(expr) & wanted:
            wanted |= symbols(expr)
    names = sorted(wanted, key=str)
    found: list[Values] = []
    for _ in range(count * TRIES):
        most = random.choice((4, 12, 40, 200))
        values: Values = {symbol: known.least.get(symbol, 1) + random.randrange(most) for symbol in names}
        repair(known, values)
        try:
            if holds(known, values):
                found.append({symbol: values[symbol] for symbol in needed})
        except (ArithmeticError, ValueError):
            continue
        if len(found) == count:
            break
    return found


def repair(known: Facts, values: Values) -> None:
    """Make sizes divisible and equal that have to be, where one symbol alone can do it."""
    for fact in known.whole:
        top, bottom = fraction(together(fact))
        if type(top) is Symbol and top in values and symbols(bottom) <= values.keys():
            values[top] *= int(value(bottom, values))
    for a, b in known.same:
        for side, other in ((a, b), (b, a)):
            if type(side) is Symbol and side in values and symbols(other) <= values.keys() - {side}:
                wanted = value(other, values)
                if isinstance(wanted, Fraction) and wanted.denominator == 1:
                    values[side] = int(wanted)
                break
