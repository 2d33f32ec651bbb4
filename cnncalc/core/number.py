"""What rules may do with numbers, whatever a number is.

A rule is written once with `+ - * // %`, comparisons and the helpers below, and is read with plain `int`, with `Term`
(a number with a symbolic trace: `explain`) and with free dimensions (`symbolic.dimension`).

Comparisons of free dimensions cannot always be decided. Then the regular case is taken and noted as an assumption:
`<`, `>` and `!=` are for refusals and come out false, `<=`, `>=` and `==` are for what must hold and come out true.
So a rule writes `if size < kernel: raise Fault(...)`, and never branches on sizes otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TypeAlias, TypeVar


class Number(Protocol):
    """An int, a Term or a free dimension: they share arithmetic, not a class. `int(n)` is for a known one."""

    def __add__(self, other: Any, /) -> Number: ...
    def __radd__(self, other: Any, /) -> Number: ...
    def __sub__(self, other: Any, /) -> Number: ...
    def __rsub__(self, other: Any, /) -> Number: ...
    def __mul__(self, other: Any, /) -> Number: ...
    def __rmul__(self, other: Any, /) -> Number: ...
    def __floordiv__(self, other: Any, /) -> Number: ...
    def __rfloordiv__(self, other: Any, /) -> Number: ...
    def __mod__(self, other: Any, /) -> Number: ...
    def __rmod__(self, other: Any, /) -> Number: ...
    def __truediv__(self, other: Any, /) -> Number: ...
    def __rtruediv__(self, other: Any, /) -> Number: ...
    def __pow__(self, other: Any, /) -> Number: ...
    def __lt__(self, other: Any, /) -> bool: ...
    def __le__(self, other: Any, /) -> bool: ...
    def __gt__(self, other: Any, /) -> bool: ...
    def __ge__(self, other: Any, /) -> bool: ...
    def __neg__(self) -> Number: ...
    def __int__(self) -> int: ...


class OwnNumber:
    """The base class of numbers that are not Python's own."""

    __slots__ = ()

    def _largest(self, other: object) -> Number:
        """The larger of two numbers, by its own rule."""
        raise NotImplementedError  # pragma: no cover - both kinds have their own


class FreeNumber(OwnNumber):
    """A free dimension, or a number that is made of such."""

    __slots__ = ()

    def pretty(self, grouped: bool = False) -> str:
        """As people write it: `⌊(H − 1)/2⌋`; `grouped` with commas between thousands, `4,096·H`."""
        raise NotImplementedError  # pragma: no cover - the one kind has its own

    def tex(self, grouped: bool = False) -> str:
        """The same in TeX."""
        raise NotImplementedError  # pragma: no cover - the one kind has its own


class TracedNumber(OwnNumber):
    """A number with a trace of the operations that made it."""

    __slots__ = ()

    def _scaled(self, factor: object) -> Number:
        """What `scaled` makes of it."""
        raise NotImplementedError  # pragma: no cover - every kind has its own


Shape: TypeAlias = tuple[Number, ...]
Size = TypeVar("Size", bound=Number)  # ints make an int


def is_free(value: object) -> bool:
    """Whether a number is a free dimension, or is made of them."""
    return isinstance(value, FreeNumber)


def prod(numbers: Iterable[Size]) -> Size:
    """The product; 1 for none."""
    result: Any = 1
    for number in numbers:
        result = result * number
    return result  # type: ignore[no-any-return]


def as_ints(sizes: Iterable[Number]) -> tuple[int, ...]:
    """Sizes of what is executed, which are known."""
    return tuple(map(int, sizes))


def ceil_div(a: Number, b: Number) -> Number:
    """a / b rounded up."""
    return -((-a) // b)


def largest(a: Number, b: Number) -> Number:
    """The larger of two numbers; numbers that are not plain ints bring their own rule."""
    if type(a) is int and type(b) is int:
        return a if a >= b else b
    if isinstance(a, OwnNumber):
        a, b = b, a
    found: Number = b._largest(a)  # type: ignore[attr-defined]
    return found


def smallest(a: Number, b: Number) -> Number:
    """The smaller of two numbers."""
    return -largest(-a, -b)


def known_equal(a: Number, b: Number) -> bool:
    """Whether two sizes are known to be equal, where a layer has another form if they are; nothing is assumed."""
    return str(a) == str(b) if is_free(a) or is_free(b) else bool(a == b)


def as_written(value: Any) -> Any:
    """A number, or a tuple of such, to look things up by: free dimensions are the same where their formulas are.

    Python compares keys of one hash; free dimensions themselves would be assumed to be equal then.
    """
    if type(value) is int:
        return value
    if isinstance(value, (tuple, list)):
        return type(value)(map(as_written, value)) if type(value) in (tuple, list) else value
    return value.expr if is_free(value) else value


# Whether formulas and diagnoses are being written for a person; in data their numbers have no commas.
_GROUPED: ContextVar[bool] = ContextVar("grouped", default=False)


@contextmanager
def grouped(on: bool = True) -> Iterator[None]:
    """Write numbers of formulas and diagnoses with commas between thousands, or without, inside of this."""
    before = _GROUPED.set(on)
    try:
        yield
    finally:
        _GROUPED.reset(before)


def is_grouped() -> bool:
    """Whether formulas and diagnoses are being written with commas between thousands."""
    return _GROUPED.get()


def shown(number: object) -> str:
    """A number in a formula or a diagnosis: `9,408` where a person reads, `9408` in data."""
    return apart(str(number)) if _GROUPED.get() else str(number)


def apart(text: str, mark: str = ",") -> str:
    """The text of one number with a mark between thousands; decimals stay, and so does what is no number."""
    whole, point, decimals = text.partition(".")
    size = whole.lstrip("-−")
    if len(size) < 4 or not size.isdecimal():
        return text
    return f"{whole[: -len(size)]}{int(size):,}".replace(",", mark) + point + decimals


def counted(number: Number) -> str:
    """A count in a sentence: 2,480."""
    return f"{number:,}" if type(number) is int else str(number)


def is_one(number: Number) -> bool:
    """Whether a size is known to be 1, which is what broadcasting asks; a free dimension is not."""
    return _is(number, 1)


def is_zero(number: Number) -> bool:
    """Whether a number is known to be 0, which is how a part is left out; a free dimension is not."""
    return _is(number, 0)


def _is(number: Number, wanted: int) -> bool:
    value = getattr(number, "value", number)  # a number with a trace has one; it may be free
    return not is_free(value) and bool(value == wanted)


def scaled(size: Number, factor: Any) -> Number:
    """⌊size · factor⌋, as PyTorch computes it: in floating point where the size is a plain number."""
    if isinstance(size, TracedNumber):
        made: Number = size._scaled(factor)
        return made
    if isinstance(factor, float):
        if type(size) is int:
            return int(size * factor)
        if factor.is_integer():
            return size * int(factor)
        from fractions import Fraction  # few networks need it

        exact = Fraction(repr(factor))
        return size * exact.numerator // exact.denominator
    result: Number = size * factor
    return result
