"""Deferred numbers: expressions of names whose values a search will give, evaluated once it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from cnncalc.expression.arithmetic import BINARY, ORDER, binary, compare, unary
from cnncalc.expression.functions import call_function


class ValueNeeded(Exception):
    """A value was needed before the search gives one; `names` are those it depends on."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(", ".join(names))
        self.names = frozenset(names)


class Deferred:
    """A name, or an operation on others. Its value for given names is `now(values)`."""

    __slots__ = ("args", "kind", "names", "sign")

    def __init__(self, kind: str, sign: str, args: tuple[object, ...] = ()) -> None:
        self.kind = kind
        self.sign = sign
        self.args = args
        self.names: frozenset[str] = frozenset([sign]) if kind == "name" else deferred_names(args)

    @classmethod
    def name(cls, name: str) -> Deferred:
        """The number that a name stands for."""
        return cls("name", name)

    def now(self, values: Mapping[str, object]) -> Any:
        """The value; raises `Fault` as the expression would have."""
        if self.kind == "name":
            return values[self.sign]
        args = [settled(arg, values) for arg in self.args]
        if self.kind == "binary":
            return binary(self.sign, args[0], args[1])
        if self.kind == "compare":
            return compare(self.sign, args[0], args[1])
        if self.kind == "unary":
            return unary(self.sign, args[0])
        return call_function(self.sign, args)

    def cnncalc_function(self, name: str, *args: object) -> Deferred:
        """A function of the expression language, kept for later."""
        return Deferred("function", name, args)

    def __neg__(self) -> Deferred:
        return Deferred("unary", "-", (self,))

    def __pos__(self) -> Deferred:
        return self

    def __eq__(self, other: object) -> Any:
        return Deferred("compare", "==", (self, other))

    def __ne__(self, other: object) -> Any:
        return Deferred("compare", "!=", (self, other))

    def __hash__(self) -> int:
        return id(self)

    def _needed(self, *_: object) -> NoReturn:
        raise ValueNeeded(self.names)

    # Whoever wants to decide by the value, or to show it, needs it now.
    __bool__ = __int__ = __float__ = __iter__ = __len__ = __str__ = __repr__ = __format__ = _needed


def _operation(kind: str, sign: str, turned: bool) -> Callable[[Deferred, object], Deferred]:
    def method(self: Deferred, other: object) -> Deferred:
        return Deferred(kind, sign, (other, self) if turned else (self, other))

    return method


for _sign, _function in BINARY.items():
    if _sign != "@":  # of arrays alone
        _word = _function.__name__
        setattr(Deferred, f"__{_word}__", _operation("binary", _sign, False))
        setattr(Deferred, f"__r{_word}__", _operation("binary", _sign, True))
for _sign, _function in ORDER.items():
    setattr(Deferred, f"__{_function.__name__}__", _operation("compare", _sign, False))


def deferred_names(value: object) -> frozenset[str]:
    """The names that a value, or what a list holds, still waits for."""
    if isinstance(value, Deferred):
        return value.names
    if isinstance(value, (list, tuple)):
        return frozenset().union(*map(deferred_names, value))
    if isinstance(value, dict):
        return frozenset().union(*map(deferred_names, value.values()))
    return frozenset()


def settled(value: object, values: Mapping[str, object]) -> Any:
    """The value with everything deferred in it computed."""
    if isinstance(value, Deferred):
        return value.now(values)
    if isinstance(value, (list, tuple)):
        return [settled(part, values) for part in value]
    if isinstance(value, dict):
        return {key: settled(part, values) for key, part in value.items()}
    return value
