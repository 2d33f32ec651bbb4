"""Whether an answer is the right value."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.answers import array
from cnncalc.answers.read import Answer
from cnncalc.answers.scalar import Scalar
from cnncalc.answers.shape import Shape, order_of
from cnncalc.spec.expected import NEAR, NOISE, exact, without_leading_ones

# Significant digits that a rounded count has at least, where the question does not say otherwise.
LEAST_OF_COUNTS = 2
PERCENT = re.compile(r"%|\bper ?cent|\bprozent|\bpct", re.IGNORECASE)  # in a question or an answer
Compare = Callable[[object, object], bool]


class Asked(NamedTuple):
    """What was asked: how precise an answer must be, whether it is a shape, and how its axes stand.

    `same` compares a formula with a value in free dimensions.
    """

    digits: int | None = None
    tolerance: float | None = None
    relative: bool = False
    shape: bool = False
    channels_last: bool = False
    same: Compare | None = None
    power: int = 0  # of a thousand or 1024, by which the question divides: it asks for MB
    divisor: int = 1  # what it divides by
    percent: bool = False  # whether its words ask for a percentage


class Verdict(NamedTuple):
    """Whether it is right, and a remark on how it was read."""

    ok: bool
    remark: str = ""


WRONG = Verdict(False)


def held(answer: Answer, actual: object, asked: Asked) -> Verdict:
    """The verdict on an answer, by that of its readings which holds."""
    if isinstance(actual, bool):
        return Verdict(answer.truth is actual)
    if isinstance(actual, str):
        return Verdict(answer.text.strip("\"'") == actual)
    if actual is None:
        return WRONG
    if isinstance(actual, (list, tuple)):
        return listed(answer, list(actual), asked)
    numbers = answer.numbers or alone(answer)
    if asked.percent and PERCENT.search(answer.text):
        asked = asked._replace(percent=False)
    for one in numbers:
        if number(one, actual, asked) or _in_its_unit(one, actual, asked):
            return Verdict(True, one.remark)
    return Verdict(False, coarse(numbers, actual, asked))


def _in_its_unit(one: Scalar, actual: object, asked: Asked) -> bool:
    """Whether a number is right in its own unit (185184 bytes for 185.184 KB) or as a percentage that is asked for."""
    value = None if isinstance(actual, bool) else exact(actual)
    if value is None:
        return False
    ways = [asked.divisor] if one.sized and asked.divisor > 1 else []
    ways += [100] if asked.percent and not one.sized and value.denominator > 1 else []
    return any(number(one, value * way, asked) for way in ways)


def alone(answer: Answer) -> list[Scalar]:
    """The only number of an array or shape, whose brackets do not count."""
    for written in answer.arrays:
        one = without_leading_ones(written)
        if isinstance(one, Scalar):
            return [one]
    shape = answer.shape
    return shape.sizes if shape is not None and len(shape.sizes) == 1 and not shape.open else []


def coarse(numbers: list[Scalar], actual: object, asked: Asked) -> str:
    """The remark on a number that is rounded too much to count."""
    free = asked._replace(digits=1)
    for one in numbers:
        if one.unit is not None and number(one, actual, free):
            digits = f"{one.digits} significant digit{'s' if one.digits != 1 else ''}"
            return f"rounded to {digits}; at least {least(actual, asked)} are needed"
    return ""


# --- numbers --------------------------------------------------------------------------------------------------------


def least(actual: object, asked: Asked) -> int:
    """How many significant digits a rounded number must have."""
    if asked.digits is not None:
        return asked.digits
    return LEAST_OF_COUNTS if isinstance(actual, int) and not isinstance(actual, bool) and abs(actual) > 9 else 1


def number(one: Scalar, actual: object, asked: Asked, zero: Fraction | None = None) -> bool:
    """Whether one number is right. `zero` is how coarse a rounded 0 may be, beside other numbers."""
    if one.aside and one.aside != asked.power:
        return False
    value = None if isinstance(actual, bool) else exact(actual)
    if one.formula is not None or value is None:
        return asked.same is not None and asked.same(one.formula if one.formula is not None else one.value, actual)
    written = Fraction(one.value)
    distance = abs(value - written)
    if asked.tolerance is not None:
        room = Fraction(asked.tolerance) * (abs(value) if asked.relative else 1)
        if distance <= room + Fraction(NOISE) * abs(value):
            return True
    if distance == 0:
        return True
    if one.unit is not None:
        if not one.digits:
            if zero is None or one.unit > zero:
                return bool(distance <= Fraction(NEAR))
        elif one.digits < least(actual, asked):
            return False
        return bool(distance <= one.unit / 2 + (Fraction(NOISE) * abs(written) if value.denominator > 1 else 0))
    if value.denominator == 1 and written.denominator == 1 and not isinstance(actual, float):
        return False
    if zero is not None and zero < 1 and abs(written) <= 1:  # 0 and 1 beside numbers such as 0.3333
        return bool(distance <= zero / 2)
    size: Fraction = max(Fraction(1), abs(written))
    return bool(distance <= Fraction(NEAR) * size)


# --- lists ----------------------------------------------------------------------------------------------------------


def listed(answer: Answer, actual: list[object], asked: Asked) -> Verdict:
    """The verdict where a list is right: a shape, or an array."""
    if asked.shape and not any(isinstance(size, (list, tuple)) for size in actual):
        return shape(answer, actual, asked)
    ways: list[object] = list(answer.arrays)
    if not ways and answer.shape is not None and not answer.shape.open:
        ways = [answer.shape.sizes]
    for written in ways or answer.numbers:
        units = [one.unit for one in array.flat(written) if one.unit is not None and one.digits]
        zero = max(units) if units else None
        if inside(without_leading_ones(written), without_leading_ones(actual), asked, zero):
            return Verdict(True)
    return WRONG


def inside(written: Any, actual: Any, asked: Asked, zero: Fraction | None) -> bool:
    """Whether every number of an array is right, and all its axes are there."""
    if isinstance(written, Scalar) or not isinstance(actual, (list, tuple)):
        return (
            isinstance(written, Scalar)
            and not isinstance(actual, (list, tuple))
            and number(written, actual, asked, zero)
        )
    if len(written) != len(actual):
        return False
    return all(inside(one, other, asked, zero) for one, other in zip(written, actual, strict=True))


def shape(answer: Answer, actual: list[object], asked: Asked) -> Verdict:
    """The verdict on a shape: in the network's order, in another that is told apart, without leading ones."""
    written = answer.shape
    if written is None:
        written = Shape(answer.numbers[:1]) if answer.numbers else None
    if written is None:
        return WRONG
    if sizes(written, actual, asked):
        return Verdict(True)
    if len(actual) == 1 and re.fullmatch(r"1\s*[x×]\s*\d+|\d+\s*[x×]\s*1", answer.text):  # a row or a column
        vector = [one for one in written.sizes if one.value != 1]
        if sizes(written._replace(sizes=vector), actual, asked):
            return Verdict(True, "a vector has one axis")
    inner = written._replace(sizes=written.sizes[1:])  # without the batch
    if (
        written.text
        and not written.open
        and [one.value for one in written.sizes[:1]] == [1]
        and sizes(inner, actual, asked)
    ):
        return Verdict(True, "the batch of 1 is left out")
    if answer.text.startswith("torch.Size(") and sizes(inner, actual, asked):
        return Verdict(True, "the batch that PyTorch prints is left out")
    if len(actual) == 1 and not re.search(r"[xX×\[(]", answer.text):  # `8,840` and `40*13*17` are one number, too
        for one in answer.numbers:
            if number(one, actual[0], asked):
                return Verdict(True, one.remark)
    if written.named and len(actual) > 2 and sizes(written, first(actual, asked), asked):
        return Verdict(True)
    if (written.text or written.open == "None") and len(actual) > 2:
        turned = first(actual, asked) if asked.channels_last else [*actual[1:], actual[0]]
        if turned != actual and sizes(written, turned, asked):
            return Verdict(True, said(len(actual), asked))
    shorter = list(actual)
    while len(shorter) > 1 and shorter[0] == 1:
        shorter.pop(0)
        if sizes(written, shorter, asked):
            return Verdict(True, "the leading axis of length 1 is left out")
    return WRONG


def first(actual: list[object], asked: Asked) -> list[object]:
    """The sizes channels first."""
    return [actual[-1], *actual[:-1]] if asked.channels_last else actual


def said(count: int, asked: Asked) -> str:
    """The remark on another order of the axes."""
    if asked.channels_last:
        return f"order {'C, H, W' if count == 3 else 'channels first'}; here shapes are {order_of([0] * count)}"
    return f"order {order_of([0] * count)}; here shapes are {'C, H, W' if count == 3 else 'channels first'}"


def sizes(written: Shape, actual: list[object], asked: Asked) -> bool:
    """Whether all sizes are right, in this order."""
    return len(written.sizes) == len(actual) and all(
        number(one, size, asked._replace(digits=1)) for one, size in zip(written.sizes, actual, strict=True)
    )
