"""`cnncalc solve`: the combinations that were found, the smallest network first."""

from __future__ import annotations

from typing import Any

from cnncalc.document import Column, Document, Note, Table
from cnncalc.solve.search import Solutions


def page(found: Solutions, limit: int | None = None) -> Document:
    """The table, and how many were tried."""
    document = Document()
    shown = found.found[:limit] if limit else found.found
    if shown:
        columns = [Column(name, "number") for name in found.names]
        columns += [Column("params", "number"), Column("MACs", "number"), Column("output shape", "shape")]
        rows = [
            [*(_value(solution.values[name]) for name in found.names), solution.params, solution.macs, shape(solution)]
            for solution in shown
        ]
        document.add(Table(columns, rows))
    document.add(*(Note(text) for text in summary(found, len(shown))))
    return document


def shape(solution: Any) -> tuple[object, ...]:
    """The output's shape with the batch axis."""
    return ("N", *solution.output_shape)


def summary(found: Solutions, shown: int) -> list[str]:
    """How many combinations there are, and why there is none."""
    count, tried = found.count, f"{found.tried:,}"
    combinations = "combination" if found.tried == 1 else "combinations"
    if not count:
        texts = [f"none of {tried} {combinations}"]
        if found.problem is not None:
            texts.append(f"some make no network: {found.problem.message}")
        return texts
    rest = f", the first {shown:,} shown" if shown < count else ""
    return [f"{count:,} of {tried} {combinations}{rest}"]


def _value(value: object) -> object:
    return value if type(value) in (int, float) else str(value).lower() if isinstance(value, bool) else str(value)
