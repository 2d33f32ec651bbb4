"""One output of a layer worked out by hand: grids of small numbers, what is marked in them, and the sum."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.core.problem import Fault
from cnncalc.network.row import Row

SIDE = 8  # rows and columns of a grid at most
CHANNELS = 2  # drawn of an input, at most
Cell = tuple[int, int]


class Grid:
    """Numbers in rows and columns, with their indices; `marked` cells, and those that are `padding`."""

    def __init__(self, title: str, rows: range, columns: range) -> None:
        self.title = title
        self.rows = rows
        self.columns = columns
        self.values: dict[Cell, str] = {}
        self.marked: set[Cell] = set()
        self.padding: set[Cell] = set()
        self.indexed = True


class Example(NamedTuple):
    """The grids of one output and the lines below them."""

    title: str
    grids: list[Grid]
    lines: list[str]


def number(*place: int) -> int:
    """A whole number from 0 to 9 for a place, the same each time."""
    mixed = 7
    for part in place:
        mixed = (mixed * 31 + part + 11) * 17 % 10_007
    return mixed % 10


def weight(*place: int) -> int:
    """A whole number from -2 to 2 for a place of a kernel."""
    return number(99, *place) % 5 - 2


def shown(value: float) -> str:
    """A number as people write it: whole ones without a point."""
    if value == int(value):
        return str(int(value)).replace("-", "−")
    return f"{value:.2f}".replace("-", "−")


def around(low: int, high: int, least: int, most: int) -> range:
    """At most `SIDE` indices that have low..high in the middle, between the bounds where there is room."""
    spare = max(0, SIDE - (high - low + 1))
    start = max(least, low - spare // 2)
    stop = min(most, max(start + SIDE - 1, high))
    return range(max(least, min(start, stop - SIDE + 1)), stop + 1)


def fixed(row: Row, sizes: tuple[object, ...]) -> list[int]:
    """Sizes as numbers. Raises `Fault` where one is free."""
    found = []
    for size in sizes:
        if type(size) is not int:
            raise Fault("free-dimensions", f'the numbers in "{row.name}" need sizes, and some are free', help="--set")
        found.append(size)
    return found


def place(row: Row, at: list[int] | None, sizes: list[int]) -> list[int]:
    """The output that is meant, counted from 0. Raises `Fault` where there is none."""
    at = [0] * len(sizes) if at is None else at
    if len(at) != len(sizes) or any(not 0 <= index < size for index, size in zip(at, sizes, strict=False)):
        last = ",".join(str(size - 1) for size in sizes)
        first = ",".join("0" for _ in sizes)
        given = ",".join(map(str, at))
        raise Fault("option-value", f'--at takes {first} to {last} in "{row.name}", not {given}')
    return at
