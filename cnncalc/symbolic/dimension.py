"""Symbolic dimensions: numbers that are formulas, so that the rules of layers give formulas.

A `Free` has the arithmetic of an int. Comparisons are decided where they can be; while `assuming()` holds, the regular
case is taken elsewhere and noted, as `cnncalc.core.number` says. The algebra is imported with this module alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

from cnncalc.core.number import FreeNumber, largest, smallest
from cnncalc.core.problem import Fault
from cnncalc.core.steps import STEPS
from cnncalc.symbolic import equality, floors, printing
from cnncalc.symbolic.algebra.calls import Max, Min
from cnncalc.symbolic.algebra.expand import expand
from cnncalc.symbolic.algebra.functions import absolute, function, maximum, minimum, mod
from cnncalc.symbolic.algebra.kinds import ONE, ZERO, Expr, Number, Symbol
from cnncalc.symbolic.algebra.look import symbols
from cnncalc.symbolic.algebra.make import add, mul, power, scaled
from cnncalc.symbolic.assumptions import Assumptions
from cnncalc.symbolic.values import value

Made: TypeAlias = "int | float | Free"  # what an operation makes: a plain number where nothing is free any more

# What making a number takes besides its terms.
EACH = 10

_known: ContextVar[Assumptions | None] = ContextVar("known", default=None)
_NOTHING = Assumptions(open=False)


class FreeCount(Fault, TypeError):
    """A formula where a known number is needed; a TypeError for those who ask Python for an int."""


@contextmanager
def assuming(known: Assumptions | None = None) -> Iterator[Assumptions]:
    """What cannot be decided inside is assumed and noted in the result, which begins with what is known."""
    found = Assumptions() if known is None else known.again()
    token = _known.set(found)
    try:
        yield found
    finally:
        _known.reset(token)
        found.open = False


@contextmanager
def reading(known: Assumptions) -> Iterator[list[str]]:
    """Comparisons inside know what was assumed and assume no more; the result gets a remark for each formula held
    against another."""
    found: list[str] = []
    known.looked = known.compared = 0
    token, other = _known.set(known), equality.remarks.set(found)
    try:
        yield found
    finally:
        _known.reset(token)
        equality.remarks.reset(other)


def current() -> Assumptions:
    """What is known here."""
    known = _known.get()
    if known is None:
        known = _NOTHING
        known.looked = known.compared = 0  # each question is one of its own
    return known


def symbol(name: str) -> Free:
    """The free dimension of that name, a whole number from 0; rules that need a size make it at least 1."""
    return Free(Symbol(name))


class Free(FreeNumber):
    """A number that is a formula in free dimensions."""

    __slots__ = ("expr",)

    cnncalc_kind = "a formula"

    def __init__(self, expr: Expr) -> None:
        self.expr = expr

    # --- text ------------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        return printing.python(self.expr)

    def __repr__(self) -> str:
        return f"Free({self})"

    def __format__(self, _: str) -> str:
        return str(self)

    def pretty(self, grouped: bool = False) -> str:
        """As people write it: `⌊(H − 1)/2⌋ + 1`."""
        return printing.pretty(self.expr, grouped)

    def tex(self, grouped: bool = False) -> str:
        """The same in TeX."""
        return printing.tex(self.expr, grouped)

    def names(self) -> list[str]:
        """The names of its free dimensions."""
        return [symbol.name for symbol in floors.symbols_of(self.expr)]

    # --- what is no number -----------------------------------------------------------------------------------------

    def __index__(self) -> int:
        raise FreeCount(
            "free-count",
            f"a known number is needed here, and {self} is free",
            help=f"--set {self.names()[0]}=... gives it a value",
        )

    __int__ = __index__

    def __float__(self) -> float:
        return float(self.__index__())

    # --- comparisons -----------------------------------------------------------------------------------------------

    def __hash__(self) -> int:
        return hash(self.expr)

    def __bool__(self) -> bool:
        known = current()
        return known.at_least(self.expr, ONE) if known.open else True

    def __eq__(self, other: object) -> bool:
        expr = _lift(other)
        if expr is None:
            return NotImplemented  # a number with a trace compares itself
        return self.expr == expr or current().equal(self.expr, expr)

    # A number with a trace compares itself with a formula.

    def __ge__(self, other: object) -> bool:
        expr = _lift(other)
        return NotImplemented if expr is None else current().at_least(self.expr, expr)

    def __le__(self, other: object) -> bool:
        expr = _lift(other)
        return NotImplemented if expr is None else current().at_least(expr, self.expr)

    def __lt__(self, other: object) -> bool:
        expr = _lift(other)
        return NotImplemented if expr is None else not current().at_least(self.expr, expr)

    def __gt__(self, other: object) -> bool:
        expr = _lift(other)
        return NotImplemented if expr is None else not current().at_least(expr, self.expr)

    def as_whole(self) -> Free:
        """Itself as a size or a count; where it may be a fraction, that it is none is assumed."""
        known = current()
        if not known.is_whole(self.expr):
            if not known.open:
                raise Fault("option-value", f"{self} may not be a whole number")
            known.assume_whole(self.expr)
        return self

    # --- arithmetic ------------------------------------------------------------------------------------------------

    def __add__(self, other: object) -> Made:
        expr = _lift(other)
        return NotImplemented if expr is None else _make(add(self.expr, expr))

    __radd__ = __add__

    def __sub__(self, other: object) -> Made:
        expr = _lift(other)
        return NotImplemented if expr is None else _make(add(self.expr, scaled(-1, expr)))

    def __rsub__(self, other: object) -> Made:
        expr = _lift(other)
        return NotImplemented if expr is None else _make(add(expr, scaled(-1, self.expr)))

    def __mul__(self, other: object) -> Any:
        if isinstance(other, (list, tuple, str)):
            return other * self.__index__()
        expr = _lift(other)
        return NotImplemented if expr is None else _make(mul(self.expr, expr))

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Made:
        expr = _lift(other)
        return NotImplemented if expr is None else _make(_divided(self.expr, expr))

    def __rtruediv__(self, other: object) -> Made:
        expr = _lift(other)
        return NotImplemented if expr is None else _make(_divided(expr, self.expr))

    def __floordiv__(self, other: object) -> Made:
        expr = _lift(other)
        return NotImplemented if expr is None else _make(_quotient(self.expr, expr))

    def __rfloordiv__(self, other: object) -> Made:
        expr = _lift(other)
        return NotImplemented if expr is None else _make(_quotient(expr, self.expr))

    def __mod__(self, other: object) -> Made:
        expr = _lift(other)
        return NotImplemented if expr is None else _make(_rest(self.expr, expr))

    def __rmod__(self, other: object) -> Made:
        expr = _lift(other)
        return NotImplemented if expr is None else _make(_rest(expr, self.expr))

    def __pow__(self, other: object) -> Made:
        expr = _lift(other)
        return NotImplemented if expr is None else _make(power(self.expr, expr))

    def __rpow__(self, other: object) -> Made:
        expr = _lift(other)
        return NotImplemented if expr is None else _make(power(expr, self.expr))

    def __neg__(self) -> Made:
        return _make(_negated(self.expr))

    def __pos__(self) -> Free:
        return self

    def __abs__(self) -> Made:
        return self if current().nonnegative(self.expr) else _make(absolute(self.expr))

    def __floor__(self) -> Made:
        return self // 1

    def __ceil__(self) -> Made:
        return -((-self) // 1)

    def __round__(self, digits: int | None = None) -> Made:
        if current().is_whole(self.expr):
            return self
        raise Fault("expression-value", f"{self} cannot be rounded before it has a value", help="floor or ceil can")

    def _largest(self, other: object) -> Any:
        a, b = self.expr, _operand(other)
        known = current()
        floors.few(a)
        if known.nonnegative(a - b):
            return self
        return other if known.nonnegative(b - a) else _make(maximum(a, b))

    def cnncalc_function(self, name: str, *args: Any) -> object:
        """The built-in functions of the expression language."""
        if name == "sum":
            return sum(args[1:], args[0])
        if name == "prod":
            return math.prod(args[1:], start=args[0])
        if name in ("min", "max"):
            result = args[0]
            for other in args[1:]:
                result = largest(result, other) if name == "max" else smallest(result, other)
            return result
        if name in ("floor", "ceil", "abs", "round"):
            plain: dict[str, Any] = {"floor": math.floor, "ceil": math.ceil, "abs": abs, "round": round}
            return plain[name](*args)
        if len(args) != 1:
            raise Fault("expression-value", f"{name}() of a formula takes one value")
        return _make(_function(name, self.expr))


def _lift(value: object) -> Expr | None:
    """A number as an expression; None for what is no number."""
    if isinstance(value, Free):
        return value.expr
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Fraction)):
        return Number(value)
    if isinstance(value, float):
        return Number(Fraction(repr(value))) if math.isfinite(value) else None
    return None


def _function(name: str, expr: Expr) -> Expr:
    """A function of the expression language."""
    if name == "sqrt":
        return power(expr, Fraction(1, 2))
    if name == "log2":
        return function("log", expr) / function("log", Number(2))
    return function("log" if name == "ln" else name, expr)


def _operand(value: object) -> Expr:
    expr = _lift(value)
    if expr is None:
        raise TypeError(f"a formula has no order with {value!r}")
    return expr


def _make(expr: Expr) -> Made:
    """The number that an expression is: an int where nothing is free in it any more."""
    if type(expr) is Number and type(expr.value) is int:
        return expr.value
    if not symbols(expr):
        return float(value(expr, {}))
    STEPS.spent += EACH
    STEPS.check()
    return Free(floors.tidy(floors.bounded(expr), current().tells))


def _divisor(expr: Expr) -> Expr:
    """A divisor, which is not 0: a symbol is then at least 1."""
    if expr == ZERO:
        raise ZeroDivisionError("division by zero")
    known = current()
    if known.open and symbols(expr) and not known.nonnegative(expr - 1) and not known.negative(expr):
        known.assume_nonnegative(expr - 1)
    return expr


def _divided(a: Expr, b: Expr) -> Expr:
    return a / _divisor(b)


def _quotient(a: Expr, b: Expr) -> Expr:
    known = current()
    return _cached(a, _divisor(b)) if not known.whole else floors.quotient(a, _divisor(b), known.tells)


@lru_cache(maxsize=4096)
def _cached(a: Expr, b: Expr) -> Expr:
    return floors.quotient(a, b)


def _rest(a: Expr, b: Expr) -> Expr:
    whole = current().tells
    return ZERO if whole(expand(a / _divisor(b))) else mod(a, b)


def _negated(expr: Expr) -> Expr:
    """The negative; the largest of negatives is the smallest."""
    if isinstance(expr, (Max, Min)):
        kind = minimum if isinstance(expr, Max) else maximum
        return kind(*(floors.tidy(-arg, current().tells) for arg in expr.args))
    return -expr
