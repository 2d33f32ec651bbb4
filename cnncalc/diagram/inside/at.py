"""Which layers have an output that is worked out by numbers, and the pictures and texts of it."""

from __future__ import annotations

from itertools import product

from cnncalc.core.problem import Fault
from cnncalc.diagram.inside.example import SIDE, Example, Grid, fixed, number, place, shown
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
    from cnncalc.diagram.inside import windows

    builds = {"windows": windows.example, "embedding": embedding, "norm": norm}
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


SAMPLES = 2  # of a batch


def norm(row: Row, at: list[int] | None) -> Example:
    """One channel of a batch: its mean and variance, and one value on the new scale."""
    layer = row.layer
    keras = row.layer.convention == "keras"
    inner = fixed(row, row.facts.inputs[0][1:])
    sizes = inner[:-1] if keras else inner[1:]
    spot = place(row, at, sizes)
    high, wide = (1, 1) if not sizes else (1, sizes[0]) if len(sizes) == 1 else (sizes[-2], sizes[-1])
    rows, columns = range(min(high, 4)), range(min(wide, 4))
    r, c = (0, 0) if not spot else (0, spot[0]) if len(spot) == 1 else (spot[-2], spot[-1])
    r, c = min(r, rows[-1]), min(c, columns[-1])
    values = [number(sample, i, j) for sample in range(SAMPLES) for i in rows for j in columns]
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    eps = getattr(layer, "eps", None) or getattr(layer, "epsilon", None) or 1e-5
    scale = (variance + float(eps)) ** 0.5
    grids = []
    for sample in range(SAMPLES):
        grid = Grid(f"channel 0 of sample {sample}", rows, columns)
        grid.values = {(i, j): str(number(sample, i, j)) for i in rows for j in columns}
        grid.marked = {(r, c)} if not sample else set()
        grids.append(grid)
    grid = Grid("output of sample 0", rows, columns)
    grid.values = {(i, j): shown((number(0, i, j) - mean) / scale) for i in rows for j in columns}
    grid.marked = {(r, c)}
    x = number(0, r, c)
    lines = [
        f"mean μ = {shown(mean)} and variance σ² = {shown(variance)} of all {len(values)} values of the channel",
        f"(x − μ) / √(σ² + ε) = ({x} − {shown(mean)}) / √({shown(variance)} + {eps}) = {shown((x - mean) / scale)}",
        "times γ = 1 plus β = 0, which are learned; in use μ and σ² are running means",
    ]
    return Example(f"{row.name} = {row.call}", [*grids, grid], lines)


def embedding(row: Row, at: list[int] | None) -> Example:
    """Tokens that choose rows of a table."""
    sizes = fixed(row, row.facts.shape[1:])
    table = fixed(row, row.facts.weights[0].shape)
    length = sizes[-2] if len(sizes) > 1 else 1
    spot = place(row, at, [length])[0]
    count, wide = min(SIDE - 2, table[0]), range(min(SIDE - 2, table[1]))
    positions = range(max(0, min(spot - 2, length - 5)), min(length, max(0, min(spot - 2, length - 5)) + 5))
    tokens = {position: number(3, position) % count for position in positions}
    ids = Grid("tokens", range(1), positions)
    ids.values = {(0, position): str(token) for position, token in tokens.items()}
    ids.marked = {(0, spot)}
    rows = Grid(f"table, {count} of {table[0]:,} rows", range(count), wide)
    rows.values = {(i, j): shown(_entry(i, j)) for i in rows.rows for j in wide}
    rows.marked = {(tokens[spot], j) for j in wide}
    out = Grid("output", positions, wide)
    out.values = {(position, j): shown(_entry(token, j)) for position, token in tokens.items() for j in wide}
    out.marked = {(spot, j) for j in wide}
    lines = [f"output[{spot}] = row {tokens[spot]} of the table, for the token at position {spot} is {tokens[spot]}"]
    if len(wide) < table[1]:
        lines.append(f"{len(wide)} of {table[1]} columns are drawn")
    return Example(f"{row.name} = {row.call}", [ids, rows, out], lines)


def _entry(i: int, j: int) -> float:
    return (number(5, i, j) - 4) / 10
