"""What a value may offer to expressions, beside what Python's own numbers and lists do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeGuard, runtime_checkable


@runtime_checkable
class Functional(Protocol):
    """A value with functions of its own: `exp(x)` of an array, of a number with a derivative."""

    def cnncalc_function(self, name: str, *args: object) -> object:
        """The value of a function for these arguments, of which it is one."""


@runtime_checkable
class Attributed(Protocol):
    """A value with names behind a point: `conv1.shape`."""

    def cnncalc_attribute(self, name: str) -> object:
        """What the name stands for; raises `KeyError`."""


@runtime_checkable
class Named(Protocol):
    """A value that can list the names behind its point."""

    def cnncalc_attributes(self) -> Iterable[str]:
        """The names."""


@runtime_checkable
class Indexed(Protocol):
    """A value with a rule of its own for what stands in brackets."""

    def cnncalc_index(self, key: object) -> object:
        """What the key stands for."""


@runtime_checkable
class Listed(Protocol):
    """An array, which can be nested lists."""

    def tolist(self) -> object:
        """The lists."""


def attributed(value: object) -> TypeGuard[Attributed]:
    """Whether a value is `Attributed`; of a class that is found out once, of an object each time."""
    return issubclass(type(value), Attributed)


def indexed(value: object) -> TypeGuard[Indexed]:
    """Whether a value is `Indexed`, likewise."""
    return issubclass(type(value), Indexed)


PLAIN = frozenset((int, float, str, list, tuple, bool))


def as_lists(value: object) -> object:
    """An array as nested lists, anything else as it is."""
    if type(value) in PLAIN:  # most values: asking whether something is listed takes its time
        return value
    return value.tolist() if isinstance(value, Listed) else value
