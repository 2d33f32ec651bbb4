"""Copies of a repeat that a network leaves out: the names that would lead to them, and rows that are made of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from cnncalc.network.graph import Node, Run
from cnncalc.network.row import Row

Held = TypeVar("Held")

# Sizes of arrays of all copies that are left out: who asks for their rows gets all of them.
MOST_SIZES = 50_000_000


class NotFolded(Exception):
    """A copy is needed that was left out: the network must be expanded whole."""


class Names(dict[str, Held]):
    """A table of names from which copies are left out; raises `NotFolded` where one of them is looked for."""

    def __init__(self, table: dict[str, Held]) -> None:
        super().__init__(table)
        # Names of repeats, and the words behind them that lead to a copy all the same.
        self.left_out: dict[str, frozenset[str]] = table.left_out if isinstance(table, Names) else {}

    def __contains__(self, name: object) -> bool:
        if super().__contains__(name):
            return True
        for repeat, made in self.left_out.items():
            if name == repeat or (
                str(name).startswith(repeat + ".") and str(name)[len(repeat) + 1 :].partition(".")[0] not in made
            ):
                raise NotFolded
        return False

    def get(self, name: str, default: Held | None = None) -> Held | None:  # type: ignore[override]
        """The value of a name."""
        return super().get(name, default) if name in self else default


class Counted(Row):
    """A row of the third copy, which stands for all that are left out, too."""

    __slots__ = ("document", "labels", "rest", "run")

    def __init__(self, row: Row, run: Run, moves: tuple[bool, ...]) -> None:
        super().__init__(row._report, row.node, row.facts)
        self.own, self.owner, self.run = row.own, row.owner, run
        self.rest = self._behind(row.name)  # of the name, behind the copy's number
        # What it takes: a name; or what is behind a copy's number, and whether it is that of the copy before.
        graph = self._report.graph
        first = len(graph.inputs) + run.start
        self.labels: list[tuple[str, bool | None]] = []
        for ref, moved in zip(row.node.inputs, moves, strict=True):
            label, before = graph.label(ref), (ref[0] if isinstance(ref, tuple) else ref) < first
            self.labels.append((self._behind(label), before) if moved else (label, None))
        self.document: dict[str, object] | None = None  # of a copy like it

    def _behind(self, name: str) -> str:
        _, dot, rest = name[len(self.run.name) + 1 :].partition(".")
        return dot + rest

    @property
    def times(self) -> int:
        """How many copies it stands for."""
        return 1 + self.run.more

    def step(self, depth: int) -> int:
        """How many copies it stands for among those whose number is the word at that depth of the name."""
        return self.times if self.run.name.count(".") + 1 == depth else 1


class Copied(Row):
    """A row of another copy, made of the third one's: its name and what it takes are those of its own copy."""

    __slots__ = ("_like", "_number")

    def __init__(self, like: Counted, number: int, node: Node | None = None) -> None:
        super().__init__(like._report, node or like.node, like.facts)
        self.own, self.owner = like.own, like.owner
        self._like, self._number = like, number

    @property
    def name(self) -> str:
        """The layer's full name, in its copy."""
        return f"{self._like.run.name}.{self._number}{self._like.rest}"

    @property
    def sources(self) -> list[str]:
        """The names of the values it takes, those of its copy and the one before."""
        start = self._like.run.name
        return [
            text if before is None else f"{start}.{self._number - before}{text}" for text, before in self._like.labels
        ]

    def to_dict(self) -> dict[str, object]:
        """The row of the JSON document: that of all copies but for names."""
        if self._like.document is None:
            self._like.document = super().to_dict()
        return {**self._like.document, "name": self.name, "from": self.sources}


def settle(rows: list[Row], runs: list[Run]) -> None:
    """Let rows speak for the copies that are left out; raises `NotFolded` where the copies that were made differ."""
    sizes = 0
    for run in runs:
        size = run.stop - run.start
        sizes += run.more * sum(row.facts.sizes for row in rows[run.start : run.stop])
        if len(rows) < run.stop + size or sizes > MOST_SIZES:
            raise NotFolded
        for at, moves in zip(range(run.start, run.stop), run.moves, strict=True):
            before, row, last = rows[at - size : at + size + 1 : size]
            alike = before.facts is row.facts is last.facts and before.owner == row.owner == last.owner
            if not alike or [weight.name for weight in before.own] != [weight.name for weight in row.own]:
                raise NotFolded
            rows[at] = like = Counted(row, run, moves)
            rows[at + size] = Copied(like, run.more + 3, last.node)


def every(rows: list[Row], runs: list[Run]) -> Iterator[Row]:
    """All rows in order, those of copies that are left out made on the way."""
    begin = 0
    for run in runs:
        yield from rows[begin : run.stop]
        begin = run.stop
        copy = [row for row in rows[run.start : run.stop] if isinstance(row, Counted)]
        for number in range(3, 3 + run.more):
            for row in copy:
                yield Copied(row, number)
    yield from rows[begin:]
