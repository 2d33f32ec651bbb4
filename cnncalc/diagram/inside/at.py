"""Which layers have an output that is worked out by numbers, and the pictures and texts of it."""

from __future__ import annotations

from itertools import product

from cnncalc.core.problem import Fault
from cnncalc.diagram.inside.example import Example
from cnncalc.network.report import Report
from cnncalc.network.row import Row


def has(row: Row) -> bool:
    """Whether one output of it can be worked out."""
    return row.layer.worked != ""


def examples(report: Report, name: str, at: str | None, steps: int | None) -> list[Example]:
    """The outputs that are meant: one, or the first few from it on. Raises `Fault`."""
    row = report[name]
    start = None if at is None else _place(at)
    first = example(row, start)
    if steps is None or steps == 1:
        return [first]
    last = row.layer.worked == "embedding" or row.layer.convention == "keras"
    sizes = row.facts.shape[1:-1] if last else row.facts.shape[2:]
    found: list[Example] = []
    begun = start is None
    for spot in product(*(range(int(str(size))) for size in sizes)):
        begun = begun or list(spot) == start
        if begun and len(found) < steps:
            found.append(example(row, list(spot)))
        elif len(found) >= steps:
            break
    return found


def example(row: Row, at: list[int] | None = None) -> Example:
    """One output: the first one, or the one at a place. Raises `Fault`."""
    from cnncalc.diagram.inside import rows, windows

    builds = {"windows": windows.example, "embedding": rows.embedding, "norm": rows.norm}
    return builds[row.layer.worked](row, at)


def _place(at: str) -> list[int]:
    words = at.replace("x", ",").replace(" ", "").strip("[]()").split(",")
    if not all(word.isdecimal() and len(word) < 8 for word in words):
        raise Fault("option-value", f'--at takes a row and a column, such as 2,3, not "{at}"')
    return [int(word) for word in words]


def text(found: list[Example]) -> str:
    """The outputs as text."""
    out: list[str] = []
    for example in found:
        out += [example.title, ""]
        for grid in example.grids:
            wide = max(len(value) for value in grid.values.values()) + 2
            out.append(grid.title)
            out.append(("".rjust(4) + "".join(str(c).rjust(wide) + " " for c in grid.columns)).rstrip())
            for r in grid.rows:
                cells = [
                    f"[{value}]".rjust(wide + 1) if (r, c) in grid.marked else value.rjust(wide) + " "
                    for c, value in ((c, grid.values[r, c]) for c in grid.columns)
                ]
                out.append((str(r).rjust(4) + "".join(cells)).rstrip())
            out.append("")
        out += [*example.lines, ""]
    return "\n".join(out[:-1]) + "\n"
