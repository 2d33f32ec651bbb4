"""A number with a symbolic trace of how it was made, so that the rules that fill the tables also explain them.

A `Term` has the same arithmetic as an int and compares by its value. Its tree is read back by `core.formula.simplify`.
"""

from __future__ import annotations

from typing import Any

from cnncalc.core.number import Number, TracedNumber, is_free, largest, scaled


class Term(TracedNumber):
    """`op` over `args`, with the `value` it has; a leaf has a `symbol`, a constant none.

    `quiet` leaves (a padding of 0, a dilation of 1) vanish from a formula unless all is asked for. `short` is the
    symbol without its axis (K for K_h), for formulas in which one axis alone occurs.
    """

    __slots__ = ("args", "op", "quiet", "short", "symbol", "value")

    def __init__(
        self, op: str, value: Any, args: tuple[Term, ...] = (), symbol: str = "", short: str = "", quiet: bool = False
    ) -> None:
        self.op = op
        self.value = value
        self.args = args
        self.symbol = symbol
        self.short = short
        self.quiet = quiet

    def __repr__(self) -> str:
        return self.symbol or str(self.value)

    def __str__(self) -> str:
        return str(self.value)

    def __hash__(self) -> int:
        return hash(self.value)

    def __index__(self) -> int:
        return int(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __bool__(self) -> bool:
        return bool(self.value != 0)

    def __eq__(self, other: object) -> bool:
        return bool(self.value == _value(other))

    def __lt__(self, other: object) -> bool:
        return bool(self.value < _value(other))

    def __le__(self, other: object) -> bool:
        return bool(self.value <= _value(other))

    def __gt__(self, other: object) -> bool:
        return bool(self.value > _value(other))

    def __ge__(self, other: object) -> bool:
        return bool(self.value >= _value(other))

    def __add__(self, other: object) -> Number:
        return _make("+", self, other, self.value + _value(other))

    def __radd__(self, other: object) -> Number:
        return _make("+", other, self, _value(other) + self.value)

    def __sub__(self, other: object) -> Number:
        return _make("-", self, other, self.value - _value(other))

    def __rsub__(self, other: object) -> Number:
        return _make("-", other, self, _value(other) - self.value)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, (tuple, list, str)):
            return other * self.value
        return _make("*", self, other, self.value * _value(other))

    def __rmul__(self, other: Any) -> Any:
        if isinstance(other, (tuple, list, str)):
            return other * self.value
        return _make("*", other, self, _value(other) * self.value)

    def __floordiv__(self, other: object) -> Number:
        return _make("//", self, other, self.value // _value(other))

    def __rfloordiv__(self, other: object) -> Number:
        return _make("//", other, self, _value(other) // self.value)

    def __mod__(self, other: object) -> Number:
        return _make("%", self, other, self.value % _value(other))

    def __rmod__(self, other: object) -> Number:
        return _make("%", other, self, _value(other) % self.value)

    def __truediv__(self, other: object) -> Any:
        return self.value / _value(other)

    def __rtruediv__(self, other: object) -> Any:
        return _value(other) / self.value

    def __pow__(self, other: object) -> Number:
        return _make("^", self, other, self.value ** _value(other))

    def __neg__(self) -> Term:
        return Term("neg", -self.value, (self,))

    def __abs__(self) -> Term:
        return self if self.value >= 0 else -self

    def _largest(self, other: object) -> Number:
        return _make("max", self, other, largest(self.value, _value(other)))

    def _scaled(self, factor: object) -> Number:
        """⌊self · factor⌋ with a factor that need not be whole, as `core.number.scaled` has it."""
        number = _value(factor)
        if float(number).is_integer():
            whole: Number = self * (factor if isinstance(factor, Term) else int(number))
            return whole
        size = factor if isinstance(factor, Term) else Term("const", number)
        return Term("scale", scaled(self.value, number), (self, size))


def leaf(symbol: str, value: object, short: str = "", quiet: bool = False) -> Term:
    """A named number: `leaf("C_in", 3)`."""
    return Term("leaf", value, (), symbol, short or symbol, quiet)


def constant(value: int) -> Term:
    """A number without a name."""
    return Term("const", value)


def lift(value: Any) -> Term:
    """Any whole number as a term; a free dimension is a leaf under its own name."""
    if isinstance(value, Term):
        return value
    return leaf(str(value), value) if is_free(value) else constant(int(value))


def form(number: object) -> object:
    """A key that numbers have in common which were made in the same way of the same leaves."""
    if not isinstance(number, Term):
        return number if type(number) is int else id(number)
    if number.op == "leaf":
        return number.symbol, number.short, form(number.value), number.quiet
    return (number.op, *map(form, number.args)) if number.args else (number.op, form(number.value))


def _value(other: object) -> Any:
    return other.value if isinstance(other, Term) else other


def _make(op: str, a: object, b: object, value: object) -> Number:
    if isinstance(value, float):
        return value  # a scale factor: sizes made from it are rounded elsewhere
    return Term(op, value, (lift(a), lift(b)))
