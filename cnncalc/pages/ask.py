"""`cnncalc ask`: values as text and as data. A value is a number, a shape, an array, a truth value or a formula."""

from __future__ import annotations

from cnncalc.core.number import apart
from cnncalc.core.protocols import as_lists
from cnncalc.document import Column, Document, Table
from cnncalc.render import array


def page(values: list[tuple[str, object]], precision: int | None = None) -> Document:
    """A table of expressions and their values, numbers that are not whole with so many decimals."""
    rows = [[asked, data(value) if precision is None else shown(value, precision)] for asked, value in values]
    return Document([Table([Column("ask"), Column("value", "value")], rows)])


def data(value: object) -> object:
    """A value for JSON: arrays and shapes are lists, formulas are text."""
    value = as_lists(value)
    if isinstance(value, (tuple, list)):
        return [data(part) for part in value]
    if isinstance(value, dict):
        return {str(key): data(part) for key, part in value.items()}
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def text(value: object, precision: int | None = None) -> str:
    """A value as the spec language writes it: `448`, `[16, 64, 64]`, `true`; a matrix has a line for each row."""
    return array.text(data(value), precision)


def shown(value: object, precision: int | None = None) -> str:
    """The same for a person: a number with commas between thousands."""
    return apart(text(value, precision))
