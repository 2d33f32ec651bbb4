"""Numbers and arrays as people read them: whole numbers whole, simple fractions exact, matrices with aligned columns.

An array is nested lists, as data formats have it. In an array either every number is exact, or all that are not whole
are rounded to the same decimals, so that a trailing zero says something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnncalc.core.number import apart

# Decimals where nothing else was asked for, and digits of a number on its own.
DECIMALS = 4
DIGITS = 10
# A fraction with a larger denominator is no simple one; a decimal with more digits no short one.
LARGEST = 100
SHORT = 6
# Two numbers this near to one another are the same, as far as double precision tells.
NEAR = 1e-12
# A longer array is summarised in a cell of a table, one with more numbers is shown by its edges.
WIDEST = 60
MOST = 400
EDGE = 3


def text(value: object, precision: int | None = None, decimals: int = SHORT) -> str:
    """Any value: `448`, `[16, 64, 64]`, `true`; a matrix has a line for each row.

    `precision` is how many decimals a number that is not whole gets; without it exact numbers are shown exactly
    and others with `decimals`.
    """
    if isinstance(value, list):
        return array(value, precision, decimals)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number(value) if precision is None else rounded(value, precision)
    return "none" if value is None else str(value)


def brief(value: object) -> str:
    """A value in one line for a cell of a table; a long array is `[3, 4, 2] array, 24 numbers from -2 to 7.5`."""
    if not isinstance(value, list):
        return apart(text(value))
    line = one_line(value)
    if len(line) <= WIDEST:
        return line
    numbers = [n for n in _flat(value) if isinstance(n, (int, float))]
    sizes = shape(value)
    if sizes is None or len(numbers) < 2:
        return line
    return f"{one_line(sizes)} array, {len(numbers):,} numbers from {_short(min(numbers))} to {_short(max(numbers))}"


def one_line(value: object, precision: int | None = None) -> str:
    """A value in one line, whole."""
    if not isinstance(value, list):
        return text(value, precision)
    cell = writer(value, precision, SHORT)
    return _joined(value, cell)


def array(value: list[object], precision: int | None = None, decimals: int = SHORT, edge: bool = False) -> str:
    """An array with a line for each row, aligned, and an empty line between planes; `edge` shows its edges alone.

    `decimals` is what rounded numbers get where no `precision` is asked for.
    """
    shown = _edges(value) if edge else value
    cell = writer(shown, precision, decimals)
    if shape(value) is None or not any(isinstance(part, list) for part in value):
        return _joined(shown, cell)
    rows = [[cell(number) for number in row] for row in _rows(shown)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = iter(["[" + ", ".join(map(str.rjust, row, widths)) + "]" for row in rows])
    return _nested(shown, lines, 1)


def _float(value: float) -> float:
    """A number as a float; whole numbers beyond all floats are infinite."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def number(value: float) -> str:
    """A number on its own, with at most ten digits; a whole one without a point."""
    value = _float(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.{DIGITS}g}"


def rounded(value: float, precision: int) -> str:
    """A number with so many decimals, a whole one without; a very small or large one with a power of ten."""
    value = _float(value)
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if abs(value) >= 1e7 or 0 < abs(value) < 0.5 * 10**-precision:
        return f"{value:.{max(precision - 1, 0)}e}"
    return f"{value:.{precision}f}"


def exact(value: float) -> str | None:
    """A whole number, a short decimal or a simple fraction that the number is; None where it is none of them."""
    if value != value or abs(value) >= 1e15:
        return None
    value = _float(value)
    if value.is_integer():
        return str(int(value))
    short = f"{value:.{SHORT}g}"
    if "e" not in short and abs(float(short) - value) <= NEAR * abs(value):
        return short
    from fractions import Fraction  # only an array needs it

    near = Fraction(value).limit_denominator(LARGEST)
    if near.denominator < LARGEST and near and abs(float(near) - value) <= NEAR * abs(value):
        return f"{near.numerator}/{near.denominator}"
    return None


def shape(value: object) -> list[int] | None:
    """The sizes of nested lists; None where lists beside one another differ in length."""
    if not isinstance(value, list):
        return []
    sizes: list[int] | None = None
    for part in value:
        inner = shape(part)
        if inner is None or (sizes is not None and inner != sizes):
            return None
        sizes = inner
    return [len(value), *(sizes or [])]


def writer(value: list[object], precision: int | None, decimals: int) -> Callable[[object], str]:
    """How the numbers of one array are written: all exactly, or all to the same decimals."""
    if precision is None:
        known: dict[float, str] = {}
        for held in _flat(value):
            if isinstance(held, float) and held not in known:
                written = exact(held)
                if written is None:
                    break
                known[held] = written
        else:
            return lambda cell: known[cell] if isinstance(cell, float) else text(cell)
    places = decimals if precision is None else precision
    return lambda cell: rounded(cell, places) if isinstance(cell, float) else text(cell)


def _short(value: float) -> str:
    return apart(exact(value) or rounded(value, DECIMALS))


def _joined(value: object, cell: Callable[[object], str]) -> str:
    if isinstance(value, list):
        return "[" + ", ".join([_joined(part, cell) for part in value]) + "]"
    return cell(value)


def _nested(value: list[object], lines: Iterator[str], depth: int) -> str:
    """Brackets around the rows; parts of n axes have n - 1 line ends between them."""
    if not any(isinstance(part, list) for part in value):
        return next(lines)
    levels = _levels(value)
    gap = ",\n" + "\n" * (levels > 2) + " " * depth
    return (
        "["
        + gap.join([_nested(part, lines, depth + 1) if isinstance(part, list) else str(part) for part in value])
        + "]"
    )


def _levels(value: object) -> int:
    return 1 + _levels(value[0]) if isinstance(value, list) and value else 0


def _rows(value: list[object]) -> Iterator[list[object]]:
    if not any(isinstance(part, list) for part in value):
        yield value
        return
    for part in value:
        if isinstance(part, list):
            yield from _rows(part)


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, list):
        for part in value:
            yield from _flat(part)
    else:
        yield value


def edges(array: Any) -> Any:
    """A NumPy array without most of its middle: enough of each axis is left that its edges are shown as the whole's."""
    for axis, size in enumerate(array.shape):
        if size > 2 * EDGE + 1:
            array = array.take([*range(EDGE + 1), *range(size - EDGE, size)], axis)
    return array


def _edges(value: object) -> Any:
    """The first and last three parts of every axis, `...` between them."""
    if not isinstance(value, list):
        return value
    parts = value if len(value) <= 2 * EDGE else [*value[:EDGE], "...", *value[-EDGE:]]
    return [_edges(part) for part in parts]
