"""A traced run evaluated for many combinations at once, in NumPy: which decide alike, and their numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.solve.traced import WIDEST, Traced, Tracer

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array

# The largest number that a column holds.
WORD = (1 << 63) - 1
# Numbers that are exact as floating point, too.
EXACT = 1 << 53
# Numbers that are held at once.
MOST_HELD = 8_000_000
LARGEST_CHUNK = 1 << 16
# Different outcomes at one decision; where there are more, no trace stands for many combinations.
MOST_WAYS = 500

COMPARED: dict[str, Callable[[Array, Array], Array]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
SAFE: dict[str, Callable[..., Array]] = {
    "//": np.floor_divide,
    "%": np.mod,
    "max": np.maximum,
    "neg": np.negative,
    "abs": np.abs,
}
ROUNDED: dict[str, Callable[[Array], Array]] = {"floor": np.floor, "trunc": np.trunc}


class TooWide(Exception):
    """A number that no column holds exactly."""


class TooManyWays(Exception):
    """A number with so many values that nearly every combination decides otherwise."""


class Grid:
    """The combinations of some ranges, each a number; the last name changes first."""

    def __init__(self, names: Sequence[str], ranges: Sequence[Sequence[object]]) -> None:
        self.names = list(names)
        self.ranges = list(ranges)
        self.steps: dict[str, int] = {}
        step = 1
        for name, values in zip(reversed(self.names), reversed(self.ranges), strict=True):
            self.steps[name] = step
            step *= len(values)
        self.count = step
        self.tables = {name: _table(values) for name, values in zip(self.names, self.ranges, strict=True)}

    def values(self, at: int) -> dict[str, object]:
        """The values of one combination."""
        return {
            name: values[at // self.steps[name] % len(values)]
            for name, values in zip(self.names, self.ranges, strict=True)
        }

    def places(self, name: str, chosen: Array) -> Array:
        """Where in its range the value of a name stands."""
        return chosen // self.steps[name] % len(self.ranges[self.names.index(name)])

    def traced(self, tracer: Tracer, at: int) -> dict[str, object]:
        """One combination, its numbers traced; what is no number stays as it is."""
        found = self.values(at)
        return {
            name: value if self.tables[name] is None else tracer.make(name, value, ()) for name, value in found.items()
        }

    def groups(self) -> list[Array]:
        """All combinations, apart where a word (a truth value, nothing) is another."""
        groups: list[Array] = [np.arange(self.count, dtype=np.int64)]
        for name, values in zip(self.names, self.ranges, strict=True):
            if self.tables[name] is None:
                groups = [
                    part
                    for group in groups
                    for at in range(len(values))
                    if len(part := group[self.places(name, group) == at])
                ]
        return groups


def _table(values: Sequence[Any]) -> Any:
    """The values as a column; None where they are not all numbers of one kind."""
    kinds = {type(values[0])} if isinstance(values, range) else set(map(type, values))
    if kinds == {int} and all(-EXACT < value < EXACT for value in (min(values), max(values))):
        return np.array(values, dtype=np.int64)
    if kinds == {float}:
        return np.array(values, dtype=np.float64)
    return None


class Chunk:
    """Some combinations, and the columns of the numbers that were asked for."""

    def __init__(self, grid: Grid, chosen: Array) -> None:
        self.grid = grid
        self.chosen = chosen
        self.known: dict[int, Array] = {}

    def keep(self, mask: Array) -> None:
        """Go on with some of them."""
        self.chosen = self.chosen[mask]
        self.known = {serial: column[mask] if np.ndim(column) else column for serial, column in self.known.items()}

    def column(self, number: Any) -> Array:
        """The number for each combination; raises `TooWide`."""
        if type(number) is not Traced:
            plain: Array = number
            return plain
        waiting = [number]
        known = self.known
        while waiting:
            here = waiting[-1]
            missing = [arg for arg in here.args if type(arg) is Traced and arg.serial not in known]
            if missing:
                waiting.extend(missing)
                continue
            waiting.pop()
            if here.serial not in known:
                known[here.serial] = self._made(here)
        return known[number.serial]

    def _made(self, number: Traced) -> Array:
        op = number.op
        if not number.args:
            column: Array = self.grid.tables[op][self.grid.places(op, self.chosen)]
            return column
        args: list[Any] = [self.known[arg.serial] if type(arg) is Traced else arg for arg in number.args]
        if op in COMPARED:
            if any(_is_float(arg) for arg in args):
                _within(args, EXACT)
            elif any(type(arg) is int and abs(arg) > WORD for arg in args):
                raise TooWide
            return COMPARED[op](args[0], args[1])
        if op in SAFE:
            _within(args, WIDEST)
            return SAFE[op](*args)
        if op in ROUNDED:
            _within(args, EXACT)
            return ROUNDED[op](args[0]).astype(np.int64)
        if op == "/" or any(_is_float(arg) for arg in args):
            _within([arg for arg in args if not _is_float(arg)], EXACT)
            a, b = args
            made: Array = a / b if op == "/" else a + b if op == "+" else a - b if op == "-" else a * b
            return made
        a, b = args
        wide = [max(abs(low), abs(high)) for low, high in map(_ends, args)]
        if (wide[0] * wide[1] if op == "*" else wide[0] + wide[1]) >= WIDEST:
            raise TooWide
        made = a + b if op == "+" else a - b if op == "-" else a * b
        return made


def _is_float(column: object) -> bool:
    return type(column) is float or getattr(column, "dtype", None) == np.float64


def _within(columns: Sequence[Array], most: int) -> None:
    for column in columns:
        if not _is_float(column):
            low, high = _ends(column)
            if max(abs(low), abs(high)) >= most:
                raise TooWide


def _ends(column: Array) -> tuple[int, int]:
    """The smallest and the largest of its numbers."""
    if np.ndim(column):
        return (int(column.min()), int(column.max())) if len(column) else (0, 0)
    return int(column), int(column)


def parted(tracer: Tracer, grid: Grid, group: Array) -> tuple[list[Chunk], list[Array], int]:
    """The combinations of a group that decide as the traced run, in chunks, and the others by what they decide.

    The last number is how many numbers were computed. Raises `TooWide`, `TooManyWays`.
    """
    size = max(256, min(LARGEST_CHUNK, MOST_HELD // max(1, tracer.count)))
    with_it: list[Chunk] = []
    others: dict[tuple[int, object], list[Array]] = {}
    work = 0
    for start in range(0, len(group), size):
        chunk = Chunk(grid, group[start : start + size])
        for place, (number, known) in enumerate(tracer.guards):
            column = chunk.column(number)
            work += len(chunk.chosen)
            same = column == known
            if np.all(same):
                continue
            for value, mask in _apart(column, ~same, known):
                others.setdefault((place, value), []).append(chunk.chosen[mask])
            chunk.keep(same)
        if len(chunk.chosen):
            with_it.append(chunk)
    return with_it, [np.concatenate(parts) for _, parts in sorted(others.items(), key=lambda item: item[0][0])], work


def _apart(column: Array, differs: Array, known: object) -> list[tuple[object, Array]]:
    """The other outcomes of a decision, each with the mask of the combinations that have it."""
    if isinstance(known, bool):
        return [(not known, differs)]
    values, which = np.unique(column[differs], return_inverse=True)
    if len(values) > MOST_WAYS:
        raise TooManyWays
    places = np.flatnonzero(differs)
    order = np.argsort(which, kind="stable")
    ends = np.searchsorted(which[order], np.arange(1, len(values) + 1))
    parts = np.split(places[order], ends[:-1])
    return [(value.item(), part) for value, part in zip(values, parts, strict=True)]
