"""`cnncalc explain NET [LAYER]...`: how each number comes about."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.execution import confirmed
from cnncalc.cli.idle import Given
from cnncalc.cli.options import (
    Batch,
    Execute,
    Format,
    Input,
    Layout,
    MemoryLimit,
    Net,
    Seed,
    Set,
    SetFile,
    Whose,
    analysed,
    load,
)
from cnncalc.cli.output import show, show_json


def run(
    ctx: typer.Context,
    net: Net,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LAYER]...", help="Only these: layers, blocks, types or total.", show_default=False),
    ] = None,
    format: Format = "table",
    set_: Set = None,
    set_file: SetFile = None,
    input_: Input = None,
    layout: Layout = None,
    whose: Whose = None,
    full: Annotated[bool, typer.Option("--full", help="Keep what vanishes: padding 0, dilation 1, groups 1.")] = False,
    execute: Execute = False,
    batch: Batch = None,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
) -> int:
    """How each number comes about: symbols = numbers = value.

    Shape, parameters, multiply-accumulates and dense equivalent of every layer, from the rules that compute them. Of
    layers that are named also their receptive field, step by step.
    """
    from cnncalc.analysis.receptive import Fields
    from cnncalc.analysis.select import select
    from cnncalc.pages import explain

    network = load(net, set_, set_file, input_, layout, whose)
    report = analysed(network)
    rows, totals = select(network, report, names or [])
    if not execute:
        Given(ctx).idle("batch seed memory_limit", "without --execute")
    elif not confirmed(network, report, seed, batch, memory_limit):
        return 1
    fields = Fields(report) if names else None
    if format == "json":
        show_json(explain.data(report, rows, totals, full, fields))
    elif format == "csv":
        show(explain.table(report, rows, totals, full), format)
    else:
        show(explain.page(report, rows, totals, full, fields), format)
    return 0
