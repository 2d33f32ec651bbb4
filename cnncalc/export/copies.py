"""Rows that are copies of one block, by their numbered names and by what they are made of."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, NamedTuple

from cnncalc.network.report import Report
from cnncalc.network.row import Row

# Bodies that are written; longer ones are written out, copy by copy.
MOST_ROWS = 2_000


class Run(NamedTuple):
    """Copies in a row: the rows from `start` to `end`, each as `body` says."""

    start: int
    end: int
    name: str
    copies: int
    body: tuple[tuple[str, str, tuple[str, ...], bool], ...]  # name, call, what it takes, whether it is frozen
    source: Any  # what the first copy takes


def runs(report: Report, rows: list[Row], taken: Any) -> dict[int, Run]:
    """The runs of copies, outermost first, by the number of their first row; `taken` says which names are words."""
    finder = _Finder(report, rows, taken)
    found: dict[int, Run] = {}
    at = 0
    while at < len(rows):
        run = finder.run(at)
        if run is None:
            at += 1
        else:
            found[at] = run
            at = run.end
    return found


class _Finder:
    def __init__(self, report: Report, rows: list[Row], taken: Any) -> None:
        self.rows = rows
        self.safe = taken
        graph = report.graph
        count = len(graph.inputs)
        places = {id(node): count + at for at, node in enumerate(graph.nodes)}
        self.values = [places[id(row.node)] for row in rows]
        self.at = {value: at for at, value in enumerate(self.values)}
        self.readers: dict[int, list[int]] = {}
        for at, row in enumerate(rows):
            for ref in row.node.inputs:
                self.readers.setdefault(ref[0] if isinstance(ref, tuple) else ref, []).append(at)
            if row.node.shares is not None:
                self.readers.setdefault(count + row.node.shares, []).append(len(rows))
        for ref in (graph.output, *graph.outputs):
            if isinstance(ref, tuple):
                self.readers.setdefault(ref[0], []).append(len(rows))
        self.results = {ref if isinstance(ref, int) else ref[0] for ref in (graph.output, *graph.outputs)}

    def run(self, at: int) -> Run | None:
        """The longest run of the outermost numbered name that begins at a row."""
        for found in re.finditer(r"(?:^|\.)0(?=\.|$)", self.rows[at].name):
            prefix = self.rows[at].name[: found.start()]
            if prefix and not self.within(at - 1, f"{prefix}.0"):  # a block is looked at from its first row on
                run = self.copies(at, prefix)
                if run is not None:
                    return run
        return None

    def copies(self, at: int, prefix: str) -> Run | None:
        ends: list[int] = []
        start, number, source = at, 0, None
        body: Any = None
        while start < len(self.rows) and start - at < MOST_ROWS:
            end = self.end(start, f"{prefix}.{number}")
            if end == start:
                break
            taken = self.values[start - 1] if number else None
            made = self.body(start, end, f"{prefix}.{number}", taken)
            if made is None or (body is not None and made[0] != body):
                break
            if number == 0:
                body, source = made
            ends.append(end)
            start, number = end, number + 1
        while len(ends) > 1 and not self.closed(at, ends):
            ends.pop()
        if len(ends) < 2:
            return None
        return Run(at, ends[-1], prefix, len(ends), body, source)

    def within(self, at: int, prefix: str) -> bool:
        """Whether there is a row of that number in the block."""
        return 0 <= at < len(self.rows) and f"{self.rows[at].name}.".startswith(f"{prefix}.")

    def end(self, start: int, prefix: str) -> int:
        at = start
        while self.within(at, prefix):
            at += 1
        return at

    def body(self, start: int, end: int, prefix: str, taken: int | None) -> Any:
        """What a copy is made of, and the one value that flows in; None where it is no block of that form."""
        lines = []
        names: dict[int, str] = {}
        for at in range(start, end):
            row = self.rows[at]
            node = row.node
            if node.shares is not None or row.owner is not None or node.frozen not in (True, False, None):
                return None
            name = self.safe(row.name[len(prefix) + 1 :] or row.type.lower())
            if name in names.values():
                return None
            sources = []
            for ref in node.inputs:
                value, port = ref if isinstance(ref, tuple) else (ref, "")
                inner = self.at.get(value, -1)
                if not start <= inner < end:
                    if port or (taken is not None and value != taken):
                        return None
                    taken = value
                    sources.append("input")
                else:
                    sources.append(f"{names[value]}.{port}" if port else names[value])
            names[self.values[at]] = name
            call = node.layer.describe(row.facts.inputs)
            lines.append((name, call, tuple(sources), bool(node.frozen and row.facts.weights)))
        return None if taken is None else (tuple(lines), taken)

    def closed(self, at: int, ends: list[int]) -> bool:
        """Whether nothing outside takes more than the last value."""
        last = ends[-1] - 1
        for inner in range(at, last):
            if self.values[inner] in self.results or any(
                not at <= reader <= last for reader in self.readers.get(self.values[inner], ())
            ):
                return False
        bounds = [at, *ends]
        for start, end in pairwise(bounds):
            for inner in range(start, end - 1):
                if any(not start <= reader < end for reader in self.readers.get(self.values[inner], ())):
                    return False
        return not any(reader == len(self.rows) for reader in self.readers.get(self.values[last], ()))
