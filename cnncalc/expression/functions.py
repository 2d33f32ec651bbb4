"""The functions of the expression language: `sqrt ln log log2 exp floor ceil min max sum prod len abs round sin
cos tanh`.

A value that has `cnncalc_function(name, *args)` brings its own (arrays, free dimensions). Lists are taken element by
element, by `sum prod min max` as a whole; `len` counts the elements of the first axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from cnncalc.core.number import OwnNumber, largest, smallest
from cnncalc.core.problem import Fault
from cnncalc.core.protocols import Functional
from cnncalc.expression.arithmetic import bound_size, finite, kind, plain, refuse, too_large

MAX_DIGITS = 400  # that round() may be asked for: a float has no more


def natural(x: float, base: float | None = None) -> float:
    """The natural logarithm, or that to a base."""
    return math.log(x) if base is None else math.log(x, base)


def rounded(x: Any, digits: Any = None) -> object:
    """Python's round(): to the even neighbour at a tie."""
    if digits is None:
        return round(x)
    if type(digits) is not int or abs(digits) > MAX_DIGITS:
        refuse("round(x, digits) needs a whole number of digits")
    return round(x, digits)


# Name, function, fewest and most arguments. The first group computes with floats, the second keeps whole numbers.
REAL: dict[str, tuple[Callable[..., Any], int, int]] = {
    "sqrt": (math.sqrt, 1, 1),
    "ln": (natural, 1, 1),
    "log": (natural, 1, 2),
    "log2": (math.log2, 1, 1),
    "exp": (math.exp, 1, 1),
    "sin": (math.sin, 1, 1),
    "cos": (math.cos, 1, 1),
    "tanh": (math.tanh, 1, 1),
}
WHOLE: dict[str, tuple[Callable[..., Any], int, int]] = {
    "floor": (math.floor, 1, 1),
    "ceil": (math.ceil, 1, 1),
    "abs": (abs, 1, 1),
    "round": (rounded, 1, 2),
}
OVERALL = ("sum", "prod", "min", "max")
FUNCTIONS: tuple[str, ...] = (*REAL, *WHOLE, *OVERALL, "len")


def call_function(name: str, args: list[object]) -> object:
    """The value of a built-in function; raises Fault "expression-value"."""
    for value in args:
        if type(value) is not int and isinstance(value, Functional):
            return value.cnncalc_function(name, *args)
    if name in OVERALL:
        return overall(name, args)
    if name == "len":
        return length(args)
    function, fewest, most = REAL.get(name) or WHOLE[name]
    if not fewest <= len(args) <= most:
        wanted = f"{fewest}" if fewest == most else f"{fewest} or {most}"
        refuse(f"{name}() takes {wanted} {'value' if most == 1 else 'values'}, not {len(args)}")
    bound_size(args)
    return each(name, function, args[0], args[1:])


def each(name: str, function: Callable[..., Any], value: object, rest: list[Any]) -> Any:
    """One value, or every element of a list."""
    if isinstance(value, (list, tuple)):
        return [each(name, function, item, rest) for item in value]
    if type(value) is not int and isinstance(value, Functional):
        return value.cnncalc_function(name, value, *rest)
    if not all(plain(x) for x in (value, *rest)):
        # Other numbers may round and lose their sign their own way, but nothing here may turn them into floats.
        if name in WHOLE and all(plain(x) for x in rest) and not isinstance(value, str):
            try:
                return function(value, *rest)
            except TypeError:
                pass
        refuse(f"{name}() takes numbers, not {kind(value if not plain(value) else rest[0])}")
    try:
        return finite(function(value, *rest), value)
    except OverflowError:
        if isinstance(value, float) and not math.isfinite(value):
            refuse(f"{name}({value}) is not a number")
        too_large()
    except ZeroDivisionError:
        raise Fault("expression-value", f"{name}({value}, {rest[0]}): division by zero") from None
    except ValueError:
        refuse(f"{name}({', '.join(map(str, (value, *rest)))}) is not a number")


def length(args: list[object]) -> int:
    """How many elements a list has."""
    if len(args) != 1 or not isinstance(args[0], (list, tuple)):
        refuse(f"len() takes one list or array, not {kind(args[0]) if len(args) == 1 else f'{len(args)} values'}")
    return len(args[0])


def overall(name: str, args: list[object]) -> object:
    """sum, prod, min or max over everything, lists opened."""
    numbers = list(flat(bound_size(args)))
    for number in numbers:
        if type(number) is not int and isinstance(number, Functional):
            return number.cnncalc_function(name, *numbers)
        if number is None or isinstance(number, str):
            refuse(f"{name}() takes numbers, not {kind(number)}")
    if name == "sum":
        return total(numbers)
    if name == "prod":
        return product(numbers)
    if not numbers:
        refuse(f"{name}() of nothing")
    best = numbers[0]
    for number in numbers[1:]:
        best = extreme(name, best, number)
    return best


def extreme(name: str, a: Any, b: Any) -> object:
    """The larger or the smaller of two numbers."""
    if plain(a) and plain(b):
        return (b if b > a else a) if name == "max" else (b if b < a else a)
    if not isinstance(a, OwnNumber) and not isinstance(b, OwnNumber):
        refuse(f"{name}() takes numbers, not {kind(b if plain(a) else a)}")
    return largest(a, b) if name == "max" else smallest(a, b)


def total(numbers: list[Any]) -> object:
    """The sum; floats are added without losing digits on the way."""
    if numbers and all(isinstance(number, float) for number in numbers):
        try:
            return finite(math.fsum(numbers), *numbers)
        except (OverflowError, ValueError):
            too_large()
    result: Any = numbers[0] if numbers else 0
    for number in numbers[1:]:
        try:
            result = result + number
        except TypeError:
            refuse(f"sum() takes numbers, not {kind(number)}")
        except OverflowError:
            too_large()
    return result if not plain(result) else finite(result, *(n for n in numbers if plain(n)))


def product(numbers: list[Any]) -> Any:
    """The product, 1 of nothing: of a shape how many numbers it has."""
    result: Any = 1
    for number in numbers:
        try:
            result = result * number
            if plain(result):
                finite(result, number)
        except OverflowError:
            too_large()
    return result


def flat(values: Any) -> Iterator[object]:
    """The elements of lists in lists, in order."""
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from flat(value)
        else:
            yield value
