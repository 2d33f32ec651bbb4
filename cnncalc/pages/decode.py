"""`cnncalc cost --decode`: what one new token takes where others are cached."""

from __future__ import annotations

from cnncalc.cost.cost import Cost
from cnncalc.cost.decode import Step
from cnncalc.cost.device import Device
from cnncalc.document import Column, Document, Heading, Note, Table
from cnncalc.pages.device import steps


def page(cost: Cost, step: Step, devices: list[Device]) -> Document:
    """FLOPs, bytes by what is read, and their ratio."""
    convention = cost.convention
    each = "one new token" if convention.batch == 1 else f"one new token of each of {convention.batch} samples"
    rows = [
        ["weights read, each once", step.weights],
        ["keys and values read", step.read],
        ["keys and values written", step.written],
        ["states read and written", step.state],
    ]
    table = Table([Column("what", "name"), Column("bytes", "number")], [row for row in rows if row[1]])
    table.footers.append(["moved", step.moved])
    ratio = f"{step.flops:,} FLOPs, {step.intensity:.2f} for each byte that is moved"
    return Document(
        [
            Heading(f"{cost.report.name}: {each}, {step.context:,} cached, in {convention.dtype}"),
            Note(ratio),
            table,
            Note("arrays of a single position are left out: they stay in caches of the device"),
            *(steps(cost, step, devices) if devices else []),
        ]
    )
