"""`cnncalc shapes NET`: the output shape of every layer."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cnncalc.cli.execution import confirmed
from cnncalc.cli.execution import execute as run_it
from cnncalc.cli.options import (
    AS_WRITTEN,
    Batch,
    Depth,
    Dtype,
    Execute,
    Format,
    Loading,
    Macs,
    MemoryLimit,
    Net,
    Seed,
    analysed,
    load,
)
from cnncalc.cli.output import show, show_json
from cnncalc.cli.unused_options import Given, say_flat
from cnncalc.cli.values_only import print_bare
from cnncalc.core.problem import SpecError


def run(
    ctx: typer.Context,
    net: Net,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LAYER]...", help="Print only the shapes of these, bare.", show_default=False),
    ] = None,
    format: Format = "table",
    loading: Loading = AS_WRITTEN,
    batch: Batch = None,
    depth: Depth = None,
    macs: Macs = False,
    receptive: Annotated[
        bool, typer.Option("--receptive", help="Add the receptive fields: size, stride and offset in the input.")
    ] = False,
    execute: Execute = False,
    seed: Seed = 0,
    dtype: Dtype = "float32",
    memory_limit: MemoryLimit = None,
) -> int:
    """The output shape of every layer.

    With --execute the network is also run with NumPy, and each array's shape compared.
    """
    network = load(net, loading)
    try:
        report = analysed(network)
    except SpecError as error:
        partial: Any = error.partial
        if partial is not None and format != "json" and partial.rows:
            from cnncalc.pages import shapes

            show(shapes.page(partial, batch=batch, depth=depth, macs=macs, partial=True), format)
        raise
    given = Given(ctx)
    if not execute:
        given.idle("seed dtype memory_limit", "without --execute")
    if names:
        given.idle("depth macs receptive" if execute else "batch depth macs receptive", "in bare shapes")
        if execute and not confirmed(network, report, seed, batch, memory_limit, dtype):
            return 1
        return print_bare(network, report, names, "shape", format)
    if format == "json":
        given.idle("depth macs" if execute else "batch depth macs", "in JSON, which has every layer with its MACs")
    say_flat(given, report, depth)
    execution = None
    if execute:
        execution = run_it(network, report, seed=seed, batch=batch, dtype=dtype, memory_limit=memory_limit)
    if format == "json":
        document = report.to_dict()
        if receptive:
            from cnncalc.receptive.fields import Fields

            Fields(report).add_to(document)
        show_json(document)
    else:
        from cnncalc.pages import shapes

        page = shapes.page(report, batch=batch, depth=depth, macs=macs, execution=execution, receptive=receptive)
        show(page, format)
    return 0 if execution is None or execution.confirmed else 1
