"""How likely it is that a diagnosis fits by chance: that it, or a likelier one, explains a random number of that size.

Of the numbers from a third to three times the right one, two in a hundred are explained at most, by the likeliest
mistakes: more would tell about the number, not about the student. Farther numbers are weighed with those of their size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from cnncalc.grading.question.candidates import Index
from cnncalc.spec.expected import Quantity, exact

MOST = Fraction(2, 100)
WIDE = 3  # a guess is at most so many times as large or as small as the right number
# Where there are few numbers of a size, anything fits something. A single mistake is believed all the same, unless one
# size in five fits one as likely; an unusual one only where few do.
FEW, SINGLE = 400, 38
LIKELIEST, MOST_SMALL = (
    6,
    Fraction(5, 100),
)  # in a small number one is a large share: the likeliest beyond two in a hundred
ZERO = 13  # up to this rank a mistake is believed to have given 0
MOST_NUMBERS, USUAL, MOST_USUAL = Fraction(9, 100), 8, Fraction(2, 5)
USUAL_SHAPE = 17  # up to this rank a mistake with a shape is usual
MOST_SHAPES, MOST_UNUSUAL = Fraction(20, 100), Fraction(3, 100)
MOST_ALIKE, MOST_SIDES = Fraction(15, 100), 7  # of square images, where one number gives two sizes; and fewer than that
SLIP, SURE_SLIP = 60, 62  # the ranks of slips of the pen, which everyone makes
CLOSE = 30  # numbers within a tenth of the written one, from which on they are looked at on their own
LEAST_PLACES = 12  # the smallest numbers are as many


def believed(quantity: Quantity, actual: Any, rank: int, stages: Sequence[Index], known: dict[Any, Any]) -> bool:
    """Whether a diagnosis of a rank may be shown for what was written; `known` keeps what was found for a question."""
    if quantity.kind == "list" and isinstance(actual, list) and len(actual) == len(quantity.items) == 1:
        quantity, actual = quantity.items[0], actual[0]
    unit = Fraction(1) if quantity.kind == "whole" else quantity.unit
    right, written = exact(actual) or Fraction(0), exact(quantity.number) or Fraction(0)
    counted = written.denominator == 1 or right.denominator != 1  # 2.5 of a count is no random number
    near = right and Fraction(1, WIDE) < written / right < WIDE
    if quantity.kind in ("whole", "rounded") and unit and counted and near:
        if (len(stages), unit) not in known:
            known[len(stages), unit] = _explained(right, unit, stages)
        return round(written / unit) in known[len(stages), unit]
    if quantity.kind == "truth" or rank <= 4:
        return True
    if quantity.kind == "list":
        if not isinstance(actual, list):
            return True
        fitting, places, few = _of_shape(quantity, actual, rank, stages, known)
    else:
        fitting, places = _of_number(quantity, rank, stages)
        few = MOST_USUAL if rank <= USUAL else MOST_NUMBERS
    ratio = quantity.kind == "rounded" and not isinstance(actual, int)
    if places > FEW or (ratio and rank > USUAL) or SINGLE < rank < SLIP or rank > SURE_SLIP:
        few = MOST
    return fitting < places * few


def _explained(right: Fraction, unit: Fraction, stages: Iterable[Index]) -> frozenset[int]:
    """The numbers near the right one, in units, that are explained: by the likeliest mistakes, until they are 2%.

    Of small numbers, where one alone is 1% and more, those of the very likeliest mistakes until they are 5%.

    A random number is one of a range where each is as likely, or each size is; what is likelier counts.
    """
    ranks: dict[int, int] = {}
    low, high = sorted((right / WIDE, right * WIDE))
    for index in stages:
        for value, rank in index.ranks_between(low, high):
            if value == round(value) or unit != 1:
                at = round(value / unit)
                ranks[at] = min(rank, ranks.get(at, rank))
    alike = float(unit / (abs(right) * (WIDE - Fraction(1, WIDE))))
    found: list[int] = []
    spent, whole = 0.0, right.denominator == 1
    for at in sorted(ranks, key=ranks.__getitem__):
        share = (alike + 1 / (2 * math.log(WIDE) * max(1, abs(at)))) / 2
        most = float(MOST) / (1 if whole else 2)  # a share has three digits, and much gives one
        if spent + share <= (float(MOST_SMALL) if whole and ranks[at] <= LIKELIEST else most):
            spent += share
            found.append(at)
    if not found and ranks and min(ranks.values()) <= USUAL:  # very small numbers: only the likeliest mistake
        found = [min(ranks, key=ranks.__getitem__)]
    return frozenset(found)


def _of_number(quantity: Quantity, rank: int, stages: Iterable[Index]) -> tuple[int, Fraction]:
    """How many numbers from half to twice the written one a diagnosis as likely would fit, and how many there are."""
    written = exact(quantity.number)
    if written is None or quantity.kind == "computed":
        return 0, Fraction(1)
    unit = Fraction(1) if quantity.kind == "whole" else quantity.unit or Fraction(1)
    size = abs(written)
    if not size:  # only what says that there is nothing at all
        return int(rank > ZERO), Fraction(1)
    found = _within(stages, size / 2, 2 * size, written < 0, unit, rank)
    close = _within(stages, size * 9 / 10, size * 11 / 10, written < 0, unit, rank)
    # many slips end near the right number: there twice as many are borne
    close = (close[0] + 1) // 2, close[1]
    return close if close[1] > CLOSE and close[0] * found[1] > found[0] * close[1] else found


def _within(
    stages: Iterable[Index], low: Fraction, high: Fraction, negative: bool, unit: Fraction, rank: int
) -> tuple[int, Fraction]:
    places: Fraction = max(Fraction(LEAST_PLACES), (high - low) / unit)
    if negative:
        low, high = -high, -low
    values = [one.value for index in stages for one in index.between(low, high) if one.rank <= rank]
    # whole numbers are most of them, and dividing fractions takes its time
    fitting = {value if unit == 1 and type(value) is int else round(value / unit) for value in values}
    return len(fitting), places


def _of_shape(
    quantity: Quantity, actual: list[Any], rank: int, stages: Sequence[Index], known: dict[Any, Any]
) -> tuple[int, Fraction, Fraction]:
    """The same for a shape: those that differ from the right one in the same axes, each from half to twice as long.

    And how many of them may be explained.
    """
    written = [item.number for item in quantity.items]
    if len(written) != len(actual) or not all(type(size) is int for size in (*written, *actual)):
        return 0, Fraction(1), MOST
    axes = [at for at, (a, b) in enumerate(zip(written, actual, strict=True)) if a != b]
    if not axes:
        return 0, Fraction(1), MOST
    alike = len({(written[at], actual[at]) for at in axes}) == 1  # one number decides
    places = Fraction(1)
    for at in axes[:1] if alike else axes:
        places *= max(Fraction(LEAST_PLACES), Fraction(3 * abs(written[at]), 2))
    usual, unusual = MOST_SHAPES, MOST_UNUSUAL
    if alike and len(axes) > 1:
        usual, unusual = max(MOST, min(MOST_ALIKE, Fraction(MOST_SIDES) / places)), MOST
    if ("axes", len(stages)) not in known:
        known["axes", len(stages)] = _by_axes(actual, stages)
    fitting = {
        value
        for value, other in known["axes", len(stages)].get(tuple(axes), ())
        if other <= rank and all(written[at] <= 2 * value[at] <= 4 * written[at] for at in axes)
    }
    return len(fitting), places, usual if rank <= USUAL_SHAPE else unusual


def _by_axes(actual: list[Any], stages: Sequence[Index]) -> dict[tuple[int, ...], list[tuple[tuple[int, ...], int]]]:
    """The shapes that mistakes give, with their ranks, by the axes in which they are wrong."""
    found: dict[tuple[int, ...], list[tuple[tuple[int, ...], int]]] = {}
    for index in stages:
        for one in index.lists.get(len(actual), ()):
            if all(type(size) is int for size in one.value):
                axes = tuple(at for at, (a, b) in enumerate(zip(one.value, actual, strict=True)) if a != b)
                found.setdefault(axes, []).append((tuple(one.value), one.rank))
    return found
