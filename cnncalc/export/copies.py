"""Rows that are copies of one block, by their numbered names and by what they are made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from cnncalc.expression.shape_text import at_top
from cnncalc.network.report import Report
from cnncalc.network.row import Row

# Bodies that are written; longer ones are written out, copy by copy.
MOST_ROWS = 2_000
MOST_PARAMETERS = 6


Line = tuple[str, str, tuple[str, ...], bool]  # name, call, what it takes, whether it is frozen


class Run(NamedTuple):
    """Copies in a row: the rows from `start` to `end`, each as `body` says with its values of the parameters."""

    start: int
    end: int
    name: str
    copies: int
    body: tuple[Line, ...]
    source: int  # what the first copy takes
    first: int = 0  # the number of the first copy
    parameters: tuple[str, ...] = ()  # "out_channels", "stride=1"
    values: tuple[tuple[str, ...], ...] = ()  # of each copy
    written: tuple[tuple[Line, ...], ...] = ()  # each copy in its own numbers


def runs(report: Report, rows: list[Row], taken: Callable[[str], str]) -> dict[int, Run]:
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
    return _shared(found)


def _shared(found: dict[int, Run]) -> dict[int, Run]:
    """Runs of one block under several names, `layer1` and `layer2`, as copies of one with parameters."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for at, run in found.items():
        if len(run.body) > 1:
            alike.setdefault(tuple(_skeleton(run.body)), []).append(at)
    for places in alike.values():
        made = template([body for at in places for body in found[at].written]) if len(places) > 1 else None
        if made is not None:
            body, parameters, values = made
            for at in places:
                run = found[at]
                found[at] = run._replace(body=body, parameters=parameters, values=values[: run.copies])
                values = values[run.copies :]
    return found


class _Finder:
    def __init__(self, report: Report, rows: list[Row], taken: Callable[[str], str]) -> None:
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
        for found in re.finditer(r"(?:^|\.)(\d{1,4})(?=\.|$)", self.rows[at].name):
            prefix = self.rows[at].name[: found.start()]
            if prefix and not self.within(at - 1, f"{prefix}.{found[1]}"):  # a block is looked at from its first row on
                run = self.copies(at, prefix, int(found[1]))
                if run is not None:
                    return run
        return None

    def copies(self, at: int, prefix: str, first: int) -> Run | None:
        ends: list[int] = []
        bodies: list[tuple[Line, ...]] = []
        start, source = at, None
        while start < len(self.rows) and start - at < MOST_ROWS:
            path = f"{prefix}.{first + len(ends)}"
            end = self.end(start, path)
            made = None if end == start else self.body(start, end, path, self.values[start - 1] if ends else None)
            if made is None or (bodies and _skeleton(made[0]) != _skeleton(bodies[0])):
                break
            source = source if bodies else made[1]
            bodies.append(made[0])
            ends.append(end)
            start = end
        while len(ends) > 1 and not self.closed(at, ends):
            ends.pop()
        if len(ends) < 2:
            return None
        found = template(bodies[: len(ends)])
        if found is None:
            same = next((n for n, body in enumerate(bodies[: len(ends)]) if body != bodies[0]), len(ends))
            while same > 1 and not self.closed(at, ends[:same]):
                same -= 1
            ends, found = ends[:same], template(bodies[:same])
        if len(ends) < 2 or found is None or source is None:
            return None
        body, parameters, values = found
        groups = 1 + sum(one != other for one, other in pairwise(values))
        if parameters and len(body) * len(ends) <= len(body) + 1 + groups:  # no shorter than written out
            return None
        written = tuple(bodies[: len(ends)])
        return Run(at, ends[-1], prefix, len(ends), body, source, first, parameters, values, written)

    def within(self, at: int, prefix: str) -> bool:
        """Whether there is a row of that number in the block."""
        return 0 <= at < len(self.rows) and f"{self.rows[at].name}.".startswith(f"{prefix}.")

    def end(self, start: int, prefix: str) -> int:
        at = start
        while self.within(at, prefix):
            at += 1
        return at

    def body(self, start: int, end: int, prefix: str, taken: int | None) -> tuple[tuple[Line, ...], int] | None:
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


def _skeleton(body: tuple[Line, ...]) -> list[object]:
    """What copies of one block have in common, whatever their sizes."""
    return [(name, call.partition("(")[0], sources, frozen) for name, call, sources, frozen in body]


def _arguments(call: str) -> list[tuple[str, str]]:
    """The arguments of a call as they stand: keyword ("" by place) and value."""
    found = []
    for part in filter(None, map(str.strip, at_top(call.partition("(")[2].removesuffix(")"), ",", "([{", ")]}"))):
        key = re.match(r"([A-Za-z_]\w*)=", part)
        found.append((key[1], part[key.end() :]) if key else ("", part))
    return found


def template(
    bodies: list[tuple[Line, ...]],
) -> tuple[tuple[Line, ...], tuple[str, ...], tuple[tuple[str, ...], ...]] | None:
    """One block for copies that differ in numbers: its body, its parameters, and their values for each copy."""
    columns: dict[tuple[str, ...], str] = {}
    defaults: dict[str, str] = {}
    lines: list[Line] = []
    for at, (own, call, sources, frozen) in enumerate(bodies[0]):
        calls = [body[at][1] for body in bodies]
        if len(set(calls)) > 1:
            merged = _merged(calls, columns, defaults)
            if merged is None:
                return None
            call = merged
        lines.append((own, call, sources, frozen))
    if len(columns) > MOST_PARAMETERS:
        return None
    order = sorted(columns.items(), key=lambda one: one[1] in defaults)
    words = tuple(f"{word}={defaults[word]}" if word in defaults else word for _, word in order)
    values = tuple(zip(*(column for column, _ in order), strict=True)) if order else ()
    return tuple(lines), words, values


def _merged(calls: list[str], columns: dict[tuple[str, ...], str], defaults: dict[str, str]) -> str | None:
    """A call with parameters where the calls differ; None where they differ in more than plain numbers."""
    from cnncalc import layers

    kind = calls[0].partition("(")[0]
    found = layers.find(kind)
    if found is None:
        return None
    names = [name for name, option in found.options.items() if not option.keyword_only]
    given = [_arguments(call) for call in calls]
    placed = [sum(not key for key, _ in one) for one in given]
    if len(set(placed)) > 1 or placed[0] > len(names):
        return None
    each = [{key or names[at]: value for at, (key, value) in enumerate(one)} for one in given]
    parts = []
    there = {name for one in each for name in one}
    for at, name in enumerate(name for name in found.options if name in there):
        option = found.options.get(name)
        default = None if option is None else str(option.default)
        column = tuple(one.get(name, default) for one in each)
        if None in column:
            return None
        known = len(columns)
        text = column[0] if len(set(column)) == 1 else _parameter(column, name, columns)  # type: ignore[arg-type]
        if text is not None and len(columns) > known and default in column:
            defaults[text] = str(default)
        if text is None:
            return None
        parts.append(text if at < placed[0] else f"{name}={text}")
    return f"{kind}({', '.join(parts)})"


def _parameter(column: tuple[str, ...], name: str, columns: dict[tuple[str, ...], str]) -> str | None:
    """The parameter that has these values, a multiple of one, or a new one."""
    if not all(re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?|True|False", value) for value in column):
        return None
    if column in columns:
        return columns[column]
    if all(value.isdigit() for value in column):
        for known, parameter in columns.items():
            if all(value.isdigit() and int(value) for value in known):
                ratios = {divmod(int(value), int(base)) for value, base in zip(column, known, strict=True)}
                if len(ratios) == 1 and (ratio := ratios.pop())[1] == 0:
                    return f"{ratio[0]} * {parameter}"
    word, number = name, 2
    while word in columns.values():
        word, number = f"{name}_{number}", number + 1
    columns[column] = word
    return word
