"""`cnncalc run --gradcheck` and `--through-time`: gradients compared with differences, and norms over time."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from cnncalc.document import Bar, Column, Document, Heading, Note, Part, Table
from cnncalc.render.array import one_line

if TYPE_CHECKING:
    from cnncalc.execute.gradient.gradcheck import Checked
    from cnncalc.query.gradient_norms import Norms


# Characters of the longest bar of a plot.
WIDTH = 60


def checked(name: str, results: Sequence[Checked], how: str = "") -> Document:
    """A line for each array, and whether all agree; `how` it was executed where that was not the usual way."""
    rows = [
        [None if result.remark else result.ok, result.name, one_line(list(result.shape)), _difference(result)]
        for result in results
    ]
    columns = [Column("", "mark"), Column("array", "name"), Column("shape"), Column("difference")]
    document = Document([Heading(name), Table(columns, rows)])
    wrong = [result.name for result in results if not result.ok]
    if wrong:
        document.add(Note(f"the gradient of {', '.join(wrong)} is not what the differences say", "bad"))
    elif results:
        document.add(Note(f"all gradients agree with finite differences{how}", "good"))
    else:
        document.add(Note("there is nothing that a gradient could be taken by"))
    return document


def checked_data(results: Sequence[Checked]) -> list[dict[str, object]]:
    """The same for JSON."""
    return [
        {
            "name": result.name,
            "shape": list(result.shape),
            "ok": result.ok,
            "tried": result.tried,
            "corners": result.corners,
            "difference": result.apart,
            **({"remark": result.remark} if result.remark else {}),
        }
        for result in results
    ]


def _difference(result: Checked) -> str:
    if result.remark:
        return f"not compared: {result.remark}"
    if result.tried == result.corners:
        return "only corners"
    corners = f", {result.corners} of {result.tried} at corners" if result.corners else ""
    return f"{'below 1e-5' if result.ok else f'{result.apart:.1e}'}{corners}"


def through_time(layer: str, found: Sequence[Any]) -> list[Part]:
    """A table of norms by how many steps lie between, a plot on a scale of powers of ten, and what it means."""
    parts: list[Part] = []
    for norms in found:
        state = f"{layer}.{norms.name}"
        sign = "+" if norms.backwards else "−"
        parts.append(Heading(f"d {state}[{norms.last}] / d {state}[{norms.last}{sign}k]", 2))
        bars = _bars(norms.values)
        rows = [[lag, _number(value), bar] for lag, (value, bar) in enumerate(zip(norms.values, bars, strict=True))]
        parts.append(Table([Column("k", "number"), Column("norm", "number"), Column(_scale(norms.values))], rows))
        parts.append(Note(_said(state, norms), "note"))
    return parts


def through_time_table(layer: str, found: Sequence[Any]) -> Table:
    """A line for each state and lag, for formats that hold one table."""
    rows = [[f"{layer}.{norms.name}", lag, value] for norms in found for lag, value in enumerate(norms.values)]
    return Table([Column("state", "name"), Column("k", "number"), Column("norm", "value")], rows)


def through_time_data(layer: str, found: Sequence[Any]) -> list[dict[str, object]]:
    """The same for JSON."""
    return [
        {
            "state": f"{layer}.{norms.name}",
            "last": norms.last,
            "norms": norms.values,
            "factor": norms.factor,
            "verdict": norms.verdict,
        }
        for norms in found
    ]


def _said(state: str, norms: Norms) -> str:
    lags = len(norms.values) - 1
    if not lags:
        return "a sequence of one step shows nothing"
    end = norms.values[-1]
    if end == 0:
        gone = next(lag for lag, value in enumerate(norms.values) if value == 0)
        return f"the gradient vanishes: it is 0 from {gone} steps on"
    return (
        f"over {lags} steps the norm becomes {_number(end)}, a factor of {_number(norms.factor)} per step: "
        f"the gradient {norms.verdict}"
    )


def _ends(values: Sequence[float]) -> tuple[int, int]:
    """The whole powers of ten between which the norms and 1 lie."""
    powers = [0.0, *(log10(value) for value in values if value > 0)]
    low, high = floor(min(powers)), ceil(max(powers))
    return low, max(high, low + 1)


def _scale(values: Sequence[float]) -> str:
    low, high = _ends(values)
    return f"log scale from 1e{low} to 1e{high}"


def _bars(values: Sequence[float]) -> list[Bar]:
    """A bar for each norm, from 1 to it, on a scale of powers of ten; none for 0."""
    low, high = _ends(values)
    scale = WIDTH / (high - low)
    one = round(-low * scale)
    bars = []
    for value in values:
        end = round((log10(value) - low) * scale) if value > 0 else one
        first, last = min(one, end), max(one, end)
        signs = ("|" if at == one else "#" if first <= at <= last else "·" for at in range(WIDTH + 1))
        bars.append(Bar.of("".join(signs), first / WIDTH, last / WIDTH))
    return bars


def _number(value: float) -> str:
    """Four digits."""
    return f"{value:.4g}"
