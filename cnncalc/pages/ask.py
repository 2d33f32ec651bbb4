"""`cnncalc ask`: values as text and as data. A value is a number, a shape, an array, a truth value or a formula."""

from __future__ import annotations

from typing import Any

from cnncalc.document import Column, Document, Table


def page(values: list[tuple[str, Any]]) -> Document:
    """A table of expressions and their values."""
    return Document([Table([Column("ask"), Column("value")], [[asked, text(value)] for asked, value in values])])


def data(value: Any) -> Any:
    """A value for JSON: arrays and shapes are lists, formulas are text."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (tuple, list)):
        return [data(part) for part in value]
    if isinstance(value, dict):
        return {str(key): data(part) for key, part in value.items()}
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def text(value: Any) -> str:
    """A value as the spec language writes it: `448`, `[16, 64, 64]`, `true`; a matrix has a line for each row."""
    return _text(data(value))


def _text(value: Any, indent: int = 0) -> str:
    if isinstance(value, list):
        inner = [_text(part, indent + 1) for part in value]
        if any(isinstance(part, list) for part in value):
            gap = ",\n" * max(1, _levels(value) - 1) + " " * (indent + 1)
            return "[" + gap.join(inner) + "]"
        return "[" + ", ".join(inner) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number(value)
    return "none" if value is None else str(value)


def number(value: float) -> str:
    """A float with at most ten digits; a whole one keeps `.0`, so that it is seen to be one."""
    short = f"{value:.10g}"
    return short if any(c in short for c in ".en") else short + ".0"


def _levels(value: Any) -> int:
    return 1 + max(map(_levels, value), default=0) if isinstance(value, list) else 0
