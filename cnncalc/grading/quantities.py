"""An answer as the quantity that mistakes are looked for with."""

from __future__ import annotations

from typing import Any

from cnncalc.answers.read import Answer
from cnncalc.answers.scalar import Scalar
from cnncalc.spec.expected import Quantity


def quantity_of(answer: Answer, actual: object) -> Quantity | None:
    """The quantity that was written, for a value such as the right one; None for a formula."""
    if answer.truth is not None:
        return Quantity("truth", answer.text, number=answer.truth)
    if isinstance(actual, (list, tuple)):
        flat = not any(isinstance(item, (list, tuple)) for item in actual)
        if flat and answer.shape is not None:
            return _list(answer.shape.sizes, answer.text)
        if answer.arrays:
            return _list(answer.arrays[0], answer.text)
    if answer.numbers:
        return _number(answer.numbers[0], answer.text)
    if answer.shape is not None:
        return _list(answer.shape.sizes, answer.text)
    return _list(answer.arrays[0], answer.text) if answer.arrays else None


def _number(one: Scalar, text: str) -> Quantity | None:
    if one.formula is not None:
        return None
    if one.unit is not None and not one.digits:
        return Quantity("whole", text, number=0)
    if one.unit is not None:
        return Quantity("rounded", text, number=one.value, unit=one.unit)
    if one.value == int(one.value):
        return Quantity("whole", text, number=int(one.value))
    return Quantity("computed", text, number=one.value)


def _list(items: list[Any], text: str) -> Quantity | None:
    found: list[Quantity] = []
    for item in items:
        one = _list(item, str(item)) if isinstance(item, list) else _number(item, _shown(item))
        if one is None:
            return None
        found.append(one)
    return Quantity("list", text, items=found)


def _shown(one: Scalar) -> str:
    if one.formula is not None:
        return one.formula.text
    return str(int(one.value)) if one.value == int(one.value) else f"{float(one.value):.12g}"
