"""A batch norm and an embedding at one place."""

from __future__ import annotations

from cnncalc.diagram.inside.example import SIDE, Example, Grid, fixed, number, place, shown
from cnncalc.network.row import Row

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
