"""What fits and is rarely meant: a Reshape that keeps an axis of 1 for the batch, an Upsample that makes smaller."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnncalc.core.problem import Fault, Problem
from cnncalc.network.unflattened import unflattened

if TYPE_CHECKING:
    from cnncalc.network.report import Report
    from cnncalc.network.row import Row


RESIZED = ("Upsample", "Interpolate")


def unlikely(report: Report) -> list[Problem]:
    """The notes on a propagated network, one for all copies of an entry."""
    found: dict[tuple[int, str], Problem] = {}
    for row in report.rows:
        for fault in _looks(row):
            key = (id(row.node.origin), fault.code)
            if key in found:
                continue
            found[key] = Problem(
                fault.code,
                f"{row.name}: {fault.message}",
                source=report.graph.source,
                span=row.node.place(fault.option),
                help=fault.help,
                severity="note",
            )
    return [*unflattened(report), *found.values()]


def _looks(row: Row) -> Iterator[Fault]:
    fault = _reshape(row) if row.type == "Reshape" else _upsample(row) if row.type in RESIZED else None
    if fault:
        yield fault


def _reshape(row: Row) -> Fault | None:
    """`Reshape(-1, 256)` of 256 numbers: the -1 is the batch in PyTorch's `x.reshape(-1, 256)`, and 1 here."""
    written, shape = row.layer.__dict__.get("shape_"), row.facts.shape
    if not isinstance(written, tuple) or len(written) < 2 or written[0] != -1:
        return None
    if type(shape[1]) is not int or shape[1] != 1:
        return None
    rest = ", ".join(map(str, written[1:]))
    return Fault(
        "leading-one",
        f"-1 is 1 here, as shapes have no batch axis: the output is [1, {rest}]",
        help=f"write Reshape({rest}), or View(-1, {rest}) as in PyTorch",
    )


def _upsample(row: Row) -> Fault | None:
    """`Upsample(2)`: PyTorch's first number is the size of the output, and no factor."""
    size, shape, before = row.layer.__dict__.get("size"), row.facts.shape[2:], row.facts.inputs[0][2:]
    numbers = [*shape, *before]
    if size is None or any(type(number) is not int for number in numbers):
        return None
    if not all(after < first for after, first in zip(shape, before, strict=True)) or max(shape) > 8:
        return None
    made, given = "x".join(map(str, shape)), "x".join(map(str, before))
    return Fault(
        "size-or-factor",
        f"size={shape[0]} makes {made} of {given}: as in PyTorch the first number is the size",
        option="size",
        help=f"write {row.type}(scale_factor={shape[0]}) for {shape[0]} times as large",
    )
