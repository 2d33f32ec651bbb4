"""What mistakes give for a question, found by what was written."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.spec.expected import Quantity, exact

How = Callable[[Quantity], str]
ROOM = Fraction(1, 10**8)  # how far two numbers are apart that are one, as a part of them
NEARLY = 1e-15  # how far a number is at most from its float
LARGEST = sys.float_info.max


def approximate(number: Fraction) -> float:
    """The number as a float; none is larger than the largest."""
    try:
        return float(number)
    except OverflowError:
        return LARGEST if number > 0 else -LARGEST


class Candidate(NamedTuple):
    """What one mistake gives: its value, its name, how unlikely it is, and how the value comes about."""

    value: Any
    name: str
    rank: int
    how: How | None = None


class Index:
    """The candidates of a stage, found by what was written."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self.lists: dict[int, list[Candidate]] = {}
        self.shapes: dict[tuple[object, ...], list[Candidate]] = {}
        self.truths: list[Candidate] = []
        numbers: list[tuple[Fraction, int, Candidate]] = []
        for at, one in enumerate(candidates):
            if isinstance(one.value, bool):
                self.truths.append(one)
            elif isinstance(one.value, list):
                self.lists.setdefault(len(one.value), []).append(one)
                if all(type(size) in (int, Fraction) for size in one.value):
                    self.shapes.setdefault(tuple(one.value), []).append(one)
            elif (value := exact(one.value)) is not None:
                numbers.append((value, at, one))
        # Floats tell most apart, and whole numbers are compared as such: fractions take their time.
        order = [
            (approximate(value), value.numerator if value.denominator == 1 else value, at) for value, at, _ in numbers
        ]
        sorted_ = sorted(range(len(numbers)), key=order.__getitem__)
        self.numbers = [numbers[place] for place in sorted_]
        self.places = [order[place][0] for place in sorted_]

    def all(self) -> Iterator[Candidate]:
        """Every candidate."""
        yield from self.truths
        yield from (one for some in self.lists.values() for one in some)
        yield from (one for _, _, one in self.numbers)

    def matching(self, quantity: Quantity) -> Iterator[Candidate]:
        """Those that give what was written."""
        if quantity.kind == "truth":
            yield from (one for one in self.truths if quantity.holds(one.value))
        elif quantity.kind == "list":
            if all(item.kind == "whole" for item in quantity.items):
                yield from self.shapes.get(tuple(item.number for item in quantity.items), ())
            else:
                yield from (one for one in self.lists.get(len(quantity.items), ()) if quantity.holds(one.value))
            if len(quantity.items) == 1:
                yield from self.matching(quantity.items[0])
        elif (written := exact(quantity.number)) is not None:
            if self.numbers and (found := self.near(written, quantity.unit)):
                room = (quantity.unit or 0) / 2 + ROOM * max(Fraction(1), abs(written))
                for value, _, one in found:
                    if abs(value - written) <= room and quantity.holds(one.value):
                        yield one
            yield from (one for one in self.lists.get(1, ()) if quantity.holds(one.value))

    def between(self, low: Fraction, high: Fraction) -> Iterator[Candidate]:
        """The numbers from low to high."""
        first, last = approximate(low), approximate(high)
        start = bisect_left(self.places, first - abs(first) * NEARLY)
        end = bisect_right(self.places, last + abs(last) * NEARLY)
        yield from (one for value, _, one in self.numbers[start:end] if low <= value <= high)

    def ranks_between(self, low: Fraction, high: Fraction) -> list[tuple[Any, int]]:
        """The numbers from low to high with their ranks, in the order in which they were made; lists of one, too."""
        alone = [one for one in self.lists.get(1, ()) if type(one.value[0]) is int and low <= one.value[0] <= high]
        found = [(at, one) for value, at, one in self.numbers if low <= value <= high]
        found.sort(key=lambda entry: entry[0])
        return [(one.value[0], one.rank) for one in alone] + [(one.value, one.rank) for _, one in found]

    def near(self, written: Fraction, unit: Fraction | None) -> list[tuple[Fraction, int, Candidate]]:
        """The numbers that may be what was written, in the order in which they were made: floats tell most apart."""
        place = approximate(written)
        room = (approximate(unit) / 2 if unit else 0.0) + 1.1e-8 * max(1.0, abs(place))
        found = self.numbers[bisect_left(self.places, place - room) : bisect_right(self.places, place + room)]
        return sorted(found, key=lambda entry: entry[1]) if len(found) > 1 else found
