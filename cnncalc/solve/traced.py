"""A number that records what is computed of it and what is decided by it, so that one run stands for many.

A rule that runs with traced numbers branches as it does for one combination. What it decided are the `guards`: every
combination for which they come out the same branches alike, and has the results of the same operations.
"""

from __future__ import annotations

import math
from typing import Any

from cnncalc.core.number import Number, TracedNumber

# What a whole number may be in a column of numbers, with room for one addition.
WIDEST = 1 << 62


class Tracer:
    """One run: its numbers, each once, and what was decided by them, in order."""

    def __init__(self) -> None:
        self.guards: list[tuple[Traced, object]] = []
        self.count = 0
        self._made: dict[tuple[object, ...], Traced] = {}
        self._guarded: dict[int, object] = {}

    def make(self, op: str, known: object, args: tuple[object, ...]) -> Traced:
        """The number of an operation; of the same one the same number."""
        key = (op, *[arg.serial if type(arg) is Traced else (type(arg), arg) for arg in args])
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = Traced(self, op, known, args, self.count)
            self.count += 1
        return found

    def decide(self, number: Traced) -> Any:
        """The value of a number, by which something is decided."""
        if number.serial not in self._guarded:
            self._guarded[number.serial] = number.known
            self.guards.append((number, number.known))
        return number.known


class Traced(TracedNumber):
    """`op` over `args`, `known` for the combination that is followed. It passes for a number of Python's own."""

    __slots__ = ("args", "known", "op", "serial", "tracer")

    def __init__(self, tracer: Tracer, op: str, known: Any, args: tuple[object, ...], serial: int) -> None:
        self.tracer = tracer
        self.op = op
        self.known = known
        self.args = args
        self.serial = serial

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self.known)

    @property
    def value(self) -> Traced:
        """Itself: what is decided by it is written down all the same."""
        return self

    def decided(self) -> Any:
        """Its value, on which all that follows depends."""
        return self.tracer.decide(self)

    def _made(self, op: str, known: object, *args: object) -> Traced:
        return self.tracer.make(op, known, args)

    def _compared(self, op: str, known: bool, other: object) -> bool:
        return bool(self.tracer.decide(self.tracer.make(op, known, (self, other))))

    # What is shown is a message: nothing is decided by it.
    def __str__(self) -> str:
        return str(self.known)

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format(self.known, spec)

    # A key for a memory would have to be the number itself: there is none.
    __hash__ = None  # type: ignore[assignment]

    def __index__(self) -> int:
        return int(self.decided())

    def __int__(self) -> int:
        return int(self.decided())

    def __float__(self) -> float:
        return float(self.decided())

    def __bool__(self) -> bool:
        return self._compared("!=", self.known != 0, 0)

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        return _is_number(other) and self._compared("==", self.known == _known(other), other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: object) -> bool:
        return self._compared("<", self.known < _known(other), other) if _is_number(other) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self._compared("<=", self.known <= _known(other), other) if _is_number(other) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self._compared(">", self.known > _known(other), other) if _is_number(other) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self._compared(">=", self.known >= _known(other), other) if _is_number(other) else NotImplemented

    def __add__(self, other: object) -> Number:
        if not _is_number(other):
            return NotImplemented
        return self if _same(other, 0) else self._made("+", self.known + _known(other), self, other)

    def __radd__(self, other: object) -> Number:
        if not _is_number(other):
            return NotImplemented
        return self if _same(other, 0) else self._made("+", _known(other) + self.known, other, self)

    def __sub__(self, other: object) -> Number:
        if not _is_number(other):
            return NotImplemented
        return self if _same(other, 0) else self._made("-", self.known - _known(other), self, other)

    def __rsub__(self, other: object) -> Number:
        return self._made("-", _known(other) - self.known, other, self) if _is_number(other) else NotImplemented

    def __mul__(self, other: object) -> Any:
        if isinstance(other, (tuple, list, str)):
            return other * int(self)
        if not _is_number(other):
            return NotImplemented
        return self if _same(other, 1) else self._made("*", self.known * _known(other), self, other)

    def __rmul__(self, other: object) -> Any:
        if isinstance(other, (tuple, list, str)):
            return other * int(self)
        if not _is_number(other):
            return NotImplemented
        return self if _same(other, 1) else self._made("*", _known(other) * self.known, other, self)

    def __truediv__(self, other: Any) -> Any:
        return _divided("/", self, other)

    def __rtruediv__(self, other: object) -> Any:
        return _divided("/", other, self)

    def __floordiv__(self, other: object) -> Any:
        return self if _same(other, 1) and self.op != "/" else _divided("//", self, other)

    def __rfloordiv__(self, other: object) -> Any:
        return _divided("//", other, self)

    def __mod__(self, other: object) -> Any:
        return _divided("%", self, other)

    def __rmod__(self, other: object) -> Any:
        return _divided("%", other, self)

    def __divmod__(self, other: object) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: object) -> Any:
        return other // self, other % self

    def __pow__(self, other: object) -> Any:
        power = _value(other)
        if type(power) is not int or not 0 <= power <= 8:
            return self.decided() ** power
        result: Any = 1 if type(self.known) is int else 1.0
        for _ in range(power):
            result = result * self
        return result

    def __rpow__(self, other: object) -> Any:
        return other ** self.decided()

    def __neg__(self) -> Traced:
        return self._made("neg", -self.known, self)

    def __pos__(self) -> Traced:
        return self

    def __abs__(self) -> Traced:
        return self._made("abs", abs(self.known), self)

    def __floor__(self) -> Traced:
        return self if type(self.known) is int else self._made("floor", math.floor(self.known), self)

    def __ceil__(self) -> Any:
        return self if type(self.known) is int else -math.floor(-self)

    def __trunc__(self) -> Traced:
        return self if type(self.known) is int else self._made("trunc", math.trunc(self.known), self)

    def __round__(self, digits: int | None = None) -> Any:
        return self if type(self.known) is int and digits is None else round(self.decided(), digits)

    def is_integer(self) -> bool:
        """Whether it is whole."""
        return float(self.decided()).is_integer()

    def bit_length(self) -> int:
        """How many bits it may have: a column that has more is not followed."""
        return 62

    def _largest(self, other: object) -> Number:
        known = self.known if self.known >= _known(other) else _known(other)
        return self._made("max", known, self, other)

    def _scaled(self, factor: object) -> Number:
        """⌊self · factor⌋ as `core.number.scaled` has it of a plain number."""
        product: Traced = self * factor
        return product.__trunc__() if isinstance(factor, float) else product


def _divided(op: str, a: Any, b: Any) -> Any:
    if not (_is_number(a) and _is_number(b)):
        return NotImplemented
    if b == 0:
        raise ZeroDivisionError
    x, y = _known(a), _known(b)
    if op != "/" and (type(x) is float or type(y) is float):  # rounded in the last place otherwise
        x, y = _value(a), _value(b)
        return x // y if op == "//" else x % y
    known = x / y if op == "/" else x // y if op == "//" else x % y
    owner = a if type(a) is Traced else b
    return owner.tracer.make(op, known, (a, b))


def _is_number(value: object) -> bool:
    return type(value) in (int, Traced, float, bool)


def _same(value: object, number: int) -> bool:
    """Whether it is that very number, which changes nothing."""
    return type(value) is int and value == number


def _known(value: object) -> Any:
    return value.known if type(value) is Traced else value


def _value(value: object) -> Any:
    return value.decided() if type(value) is Traced else value


def settled(value: object) -> object:
    """The value as a plain one; what is computed with it depends on it."""
    if type(value) is Traced:
        return value.decided()
    if isinstance(value, (list, tuple)):
        return [settled(part) for part in value]
    return value
