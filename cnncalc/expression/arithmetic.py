"""The operators of the expression language, none of which can run long or use much memory.

Plain numbers are bounded before they are computed. Whatever else a scope hands out (a number with a trace, a free
dimension, an array) goes through its own operators unchanged.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, NoReturn, SupportsIndex

from cnncalc.core.problem import Fault

MAX_BITS = 13_000  # of a whole number: just under the 4,300 digits that Python prints
MAX_ITEMS = 100_000  # of a list, those of the lists inside it included
MAX_POWER = 1_000  # of an exponent, where the base is not a plain number

BINARY: dict[str, Callable[[object, object], object]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "@": operator.matmul,
}
ORDER: dict[str, Callable[[Any, Any], object]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def refuse(message: str, help: str = "") -> NoReturn:
    """Stop: the values are not what the operation needs."""
    raise Fault("expression-value", message, help=help or ())


def kind(value: object) -> str:
    """What to call a value in a message."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return f'the text "{value}"' if len(value) < 40 else "a text"
    if isinstance(value, (list, tuple)):
        return "a list"
    return str(getattr(value, "cnncalc_kind", "") or "this value")


def plain(value: object) -> bool:
    """Whether it is a number of Python's own."""
    return isinstance(value, (int, float))


def binary(sign: str, a: object, b: object) -> object:
    """a SIGN b for the eight arithmetic signs; raises Fault "expression-value"."""
    if plain(a) and plain(b):
        return numbers(sign, a, b)
    if isinstance(a, str) or isinstance(b, str) or a is None or b is None:
        refuse(f'"{sign}" does not go with {kind(a)} and {kind(b)}')
    if sign == "*" and (isinstance(a, list) or isinstance(b, list)):
        repeats(a, b)
    if sign == "**":
        bound_power(b)
    try:
        result = BINARY[sign](a, b)
    except TypeError:
        refuse(f'"{sign}" does not go with {kind(a)} and {kind(b)}')
    except ValueError as error:  # shapes of arrays that do not fit
        refuse(f'"{sign}": {error}')
    if isinstance(result, list):
        bound_size(result)
    return result


def numbers(sign: str, a: object, b: object) -> object:
    """a SIGN b of plain numbers, within the bounds."""
    if sign in ("/", "//", "%") and b == 0:
        raise Fault("expression-value", f"{show(a)} {sign} 0: division by zero")
    if sign == "**":
        return power(a, b)
    if sign == "@":
        refuse('"@" is the product of matrices, not of numbers', "write *")
    try:
        result = BINARY[sign](a, b)
    except OverflowError:
        too_large()
    return finite(result, a, b)


def power(a: Any, b: Any) -> Any:
    """a ** b of plain numbers: real, and within the bounds."""
    if a == 0 and b < 0:
        raise Fault("expression-value", f"0 ** {show(b)}: division by zero")
    if isinstance(a, int) and isinstance(b, int) and (a.bit_length() - 1) * b > MAX_BITS:  # before it is computed
        too_large()
    try:
        result = a**b
    except OverflowError:
        too_large()
    if isinstance(result, complex):
        refuse(f"({show(a)}) ** {show(b)}: a negative number has no real power of that kind")
    return finite(result, a, b)


def finite(result: Any, *operands: Any) -> Any:
    """The result, unless it grew beyond what a number can be here."""
    if isinstance(result, int):
        if result.bit_length() > MAX_BITS:
            too_large()
    elif not abs(result) < math.inf and all(isinstance(x, int) or math.isfinite(x) for x in operands):
        too_large()
    return result


def too_large() -> NoReturn:
    """Stop: the result would be too large."""
    raise Fault("number-too-large", "the result is too large a number")


def show(number: object) -> str:
    """A number for a message, cut where it is long."""
    if isinstance(number, int) and number.bit_length() > 200:
        return "a very large number"
    return str(number)


def bound_power(exponent: Any) -> None:
    """Refuse large exponents of numbers that are not plain."""
    value = getattr(exponent, "value", exponent)
    if plain(value) and abs(value) > MAX_POWER:
        raise Fault("number-too-large", f"the exponent {show(value)} is too large here; at most {MAX_POWER}")


def repeats(a: object, b: object) -> None:
    """Bound the length of list * number before it is made."""
    items, times = (a, b) if isinstance(a, list) else (b, a)
    if isinstance(times, SupportsIndex) and size(items) * operator.index(times) > MAX_ITEMS:
        raise Fault("list-too-large", f"a list of more than {MAX_ITEMS:,} numbers")


def size(value: Any) -> int:
    """How many numbers a list or mapping holds, those inside it included; lists that occur twice count twice."""
    known: dict[int, int] = {}

    def count(items: Any) -> int:
        total = 0
        for item in items.values() if isinstance(items, dict) else items:
            if isinstance(item, (list, tuple, dict)):
                mark = id(item)
                if mark not in known:
                    known[mark] = count(item)
                total += known[mark]
            total += 1
        return total

    return count(value)


def bound_size(value: list[Any]) -> list[object]:
    """The list, unless it holds too much."""
    if size(value) > MAX_ITEMS:
        raise Fault("list-too-large", f"a list of more than {MAX_ITEMS:,} numbers")
    return value


def unary(sign: str, a: Any) -> object:
    """-a or +a."""
    try:
        return -a if sign == "-" else +a
    except TypeError:
        refuse(f'"{sign}" does not go with {kind(a)}')


def compare(sign: str, a: object, b: object) -> object:
    """a SIGN b for the comparisons; lists are equal when all their elements are."""
    if sign == "==":
        return equal(a, b)
    if sign == "!=":
        same = equal(a, b)
        return not same if isinstance(same, bool) else a != b
    if sign in ("in", "not in"):
        return contains(a, b) is (sign == "in")
    if sign in ("is", "is not"):
        if not any(value is None or isinstance(value, bool) for value in (a, b)):
            refuse(f'"{sign}" compares with None, true and false only', "write == or !=")
        return (a is b) is (sign == "is")
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        refuse(f'lists have no order, so "{sign}" does not go with them', "compare one entry: shape[0]")
    try:
        if isinstance(a, str) or isinstance(b, str):
            raise TypeError
        return ORDER[sign](a, b)
    except TypeError:
        refuse(f'"{sign}" does not go with {kind(a)} and {kind(b)}')


def equal(a: object, b: object) -> object:
    """a == b; for two lists a plain bool, for other things what their own operator says."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(truth(equal(x, y)) for x, y in zip(a, b, strict=True))
    return a == b


def contains(a: object, b: object) -> bool:
    """a in b, for lists and texts."""
    if isinstance(b, (list, tuple)):
        return any(truth(equal(a, item)) for item in b)
    if isinstance(a, str) and isinstance(b, str):
        return a in b
    refuse(f'"in" looks into lists, not into {kind(b)}')


def truth(value: object) -> bool:
    """Whether it counts as true; an array of several numbers is neither."""
    try:
        return bool(value)
    except (TypeError, ValueError):
        refuse(f"{kind(value)} is neither true nor false", "compare whole arrays with equal(A, B)")
