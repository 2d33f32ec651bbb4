"""A class of the written code: blocks that are written alike, and what differs between them."""

from __future__ import annotations

import re

from cnncalc.export.forward import Line
from cnncalc.export.modules import Unit
from cnncalc.export.pytorch.names import parameters


class Class:
    """Units that are written alike."""

    def __init__(self, name: str, first: Unit) -> None:
        self.name = name
        self.first = first
        self.units: list[Unit] = []
        self.values: list[list[str]] = []
        self.words: list[tuple[str, ...]] = []  # of each value the attributes that lead to it, and the argument
        # For each place among the values: the parameter, or "" where all have the same value.
        self.params: list[str] = []
        self.body: list[Line] = []

    def settle(self, sizes: set[str]) -> None:
        """Make parameters of the places whose values differ, or are said by a size of the network.

        Places with the same values share one.
        """
        columns: dict[tuple[str, ...], list[int]] = {}
        for place in range(len(self.words)):
            column = tuple(values[place] for values in self.values)
            if len(set(column)) > 1 or not sizes.isdisjoint(column[0].split()):
                columns.setdefault(column, []).append(place)
        self.params = [""] * len(self.words)
        words = [[self.words[place] for place in places] for places in columns.values()]
        names = parameters(words, [column[0] if {*column} <= sizes else "" for column in columns])
        for name, places in zip(names, columns.values(), strict=True):
            for place in places:
                self.params[place] = name


# A number that is an argument by itself.
_NUMBER = re.compile(r"(?:(?<=\()|(?<=, )|(?<==))\d+(?=[,)])")
FEWEST = 4  # calls in a row that a comprehension counts up


def gathered(calls: list[str]) -> list[str]:
    """Calls, those that are alike in a row, or whose numbers grow by the same steps, as a comprehension."""
    found: list[str] = []
    at = 0
    while at < len(calls):
        count = next((n for n, call in enumerate(calls[at:]) if call != calls[at]), len(calls) - at)
        if count > 2:
            found.append(f"*[{calls[at]} for _ in range({count})]")
        elif count == 1 and (count := _growing(calls[at:])) >= FEWEST:
            found.append(f"*[{_counted(*calls[at : at + 2])} for i in range({count})]")
        else:
            count = 1
            found.append(calls[at])
        at += count
    return found


def _growing(calls: list[str]) -> int:
    """How many calls from the first on differ from the one before by the same steps."""
    if len(calls) < FEWEST or _NUMBER.sub("#", calls[0]) != _NUMBER.sub("#", calls[1]):
        return 1
    rows = [[int(number) for number in _NUMBER.findall(call)] for call in calls]
    steps = [b - a for a, b in zip(*rows[:2], strict=True)]
    count = 2
    for call, before, row in zip(calls[2:], rows[1:], rows[2:], strict=False):
        alike = _NUMBER.sub("#", call) == _NUMBER.sub("#", calls[0])
        if not alike or [b - a for a, b in zip(before, row, strict=True)] != steps:
            break
        count += 1
    return count


def _counted(first: str, second: str) -> str:
    """The call of number i: `Dense(64 + 32 * i)` of `Dense(64)` and `Dense(96)`."""
    after = iter(_NUMBER.findall(second))

    def counted(number: re.Match[str]) -> str:
        start, step = int(number[0]), int(next(after)) - int(number[0])
        times = "i" if abs(step) == 1 else f"{abs(step)} * i"
        if step == 0:
            return number[0]
        return times if start == 0 and step > 0 else f"{start} {'+' if step > 0 else '-'} {times}"

    return _NUMBER.sub(counted, first)
