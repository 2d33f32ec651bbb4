"""A class of the written code: blocks that are written alike, and what differs between them."""

from __future__ import annotations

from itertools import groupby

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


def gathered(calls: list[str]) -> list[str]:
    """Calls, those that are alike in a row as a comprehension."""
    found: list[str] = []
    for call, group in groupby(calls):
        count = sum(1 for _ in group)
        found += [f"*[{call} for _ in range({count})]"] if count > 2 else [call] * count
    return found
