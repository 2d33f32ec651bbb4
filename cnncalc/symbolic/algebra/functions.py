"""Calls of functions on formulas, evaluated where their arguments are numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from cnncalc.symbolic.algebra.calls import Abs, Floor, Function, Max, Min, Mod
from cnncalc.symbolic.algebra.exact import Exact, common
from cnncalc.symbolic.algebra.facts import integer, nonnegative
from cnncalc.symbolic.algebra.kinds import ONE, ZERO, Call, Expr, Number, Pow, Symbol, one, powers, split
from cnncalc.symbolic.algebra.look import summands, terms
from cnncalc.symbolic.algebra.make import add, mul, scaled


def rebuilt(call: Call, args: list[Expr]) -> Expr:
    """The same function of other formulas."""
    if isinstance(call, Function):
        return function(call.name, args[0])
    return MAKERS[type(call)](*args)


def floor(expr: Expr) -> Expr:
    """⌊expr⌋, with its whole terms outside."""
    outside, inside = [], []
    for term in summands(expr):
        if integer(term):
            outside.append(term)
        else:
            inside.append(term)
    if not inside:
        return expr
    within = add(*inside) if outside else expr
    if type(within) is Number:
        return add(*outside, Number(within.value // 1))
    return add(*outside, one(Floor(within)))


def maximum(*args: Expr) -> Expr:
    """The largest, as far as that can be told from the signs of differences."""
    return _extreme(Max, args)


def minimum(*args: Expr) -> Expr:
    """The smallest."""
    return _extreme(Min, args)


def _extreme(kind: type[Call], args: tuple[Expr, ...]) -> Expr:
    left: list[Expr] = []
    waiting = [part for arg in args for part in (arg.args if type(arg) is kind else [arg])]
    for arg in waiting:
        for at, other in enumerate(left):
            over = arg - other if kind is Max else other - arg
            if nonnegative(over):
                left[at] = arg
                break
            if nonnegative(-over):
                break
        else:
            left.append(arg)
    left = list(dict.fromkeys(left))
    return left[0] if len(left) == 1 else one(kind(*left))


def mod(a: Expr, b: Expr) -> Expr:
    """What is left of a after so many times b."""
    common = _common(a, b)
    if common != ONE:
        return mul(common, mod(a / common, b / common))
    rest: list[Expr] = []
    for term in summands(a):
        number = split(term)[0]
        if type(b) is Number and b.whole and type(number) is int and integer(term):
            term = scaled(number % b.value, split(term)[1]) if number else ZERO
        if not integer(term / b):
            rest.append(term)
    left = add(*rest)
    if type(left) is Number and type(b) is Number:
        return Number(left.value % b.value)
    if left == ZERO:
        return ZERO
    return left if type(left) is Mod and left.args[1] == b else one(Mod(left, b))


def _common(a: Expr, b: Expr) -> Expr:
    """What every term of both has as a factor."""
    number: Exact = 0
    shared: dict[Expr, Any] | None = None
    for factor, core in [*terms(a), *terms(b)]:
        number = common([number, factor])
        own: dict[Expr, Any] = {
            base: exponent
            for base, exponent in powers(core).items()
            if type(base) is Symbol and type(exponent) is int and exponent > 0
        }
        shared = own if shared is None else {base: min(own[base], shared[base]) for base in shared if base in own}
    return mul(
        Number(number), *(Pow(base, exponent) if exponent > 1 else base for base, exponent in (shared or {}).items())
    )


def absolute(expr: Expr) -> Expr:
    """|expr|."""
    if nonnegative(expr):
        return expr
    return -expr if nonnegative(-expr) else one(Abs(expr))


def function(name: str, arg: Expr) -> Expr:
    """A function of the expression language; only what is plain is worked out."""
    if arg == ZERO and name in ("sin", "tanh"):
        return ZERO
    if arg == ZERO and name in ("exp", "cos"):
        return ONE
    if name == "log":
        if arg == ONE:
            return ZERO
        if isinstance(arg, Function) and arg.name == "exp":
            return cast(Expr, arg.args[0])
    if name == "exp" and isinstance(arg, Function) and arg.name == "log":
        return cast(Expr, arg.args[0])
    return one(Function(name, arg))


MAKERS: dict[type[Call], Callable[..., Expr]] = {
    Floor: floor,
    Max: maximum,
    Min: minimum,
    Mod: mod,
    Abs: absolute,
}
