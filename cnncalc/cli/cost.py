"""`cnncalc cost NET`: multiply-accumulates, FLOPs and memory."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cnncalc.cli.counting import BatchSize, Flash, Mixed, Optimizer, Recompute, Types, convention, say_unused
from cnncalc.cli.execution import confirmed
from cnncalc.cli.options import (
    Depth,
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
from cnncalc.cli.unused_options import Given, say_flat
from cnncalc.core.problem import did_you_mean, fail


def run(
    ctx: typer.Context,
    net: Net,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LAYER]...", help="Print only the MACs of these, bare.", show_default=False),
    ] = None,
    format: Format = "table",
    set_: Set = None,
    set_file: SetFile = None,
    input_: Input = None,
    layout: Layout = None,
    whose: Whose = None,
    by: Annotated[str, typer.Option("--by", metavar="WAY", help="Rows: layer, part or type.")] = "layer",
    depth: Depth = None,
    batch: BatchSize = 1,
    dtype: Types = "float32",
    optimizer: Optimizer = "adam",
    mixed: Mixed = None,
    flash: Flash = False,
    recompute: Recompute = "none",
    causal: Annotated[
        str, typer.Option("--causal", metavar="HOW", help="dense counts masked pairs of attention, halve does not.")
    ] = "dense",
    bias: Annotated[bool, typer.Option("--bias", help="Count the additions of biases among the FLOPs.")] = False,
    growth: Annotated[bool, typer.Option("--growth", help="Add how the sums grow with free dimensions.")] = False,
    execute: Execute = False,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
) -> int:
    """Multiply-accumulates, FLOPs and memory, by layer, by named part or by type."""
    from cnncalc.cost.cost import Cost
    from cnncalc.cost.sizes import document
    from cnncalc.pages import cost as page
    from cnncalc.query.ask import known

    if by not in page.WAYS:
        near = did_you_mean(by, page.WAYS)
        fail(
            "option-value",
            f'--by takes layer, part or type, not "{by}"',
            help=f"did you mean {near}?" if near else (),
        )
    given = Given(ctx)
    counting = convention(
        given,
        dtype=dtype,
        batch=batch,
        optimizer=optimizer,
        causal=causal,
        bias=bias,
        mixed=mixed,
        flash=flash,
        recompute=recompute,
    )
    network = load(net, set_, set_file, input_, layout, whose)
    report = analysed(network)
    if not execute:
        given.idle("seed memory_limit", "without --execute")
    elif not confirmed(network, report, seed, batch, memory_limit):
        return 1
    if names:
        from cnncalc.cli.values_only import print_bare
        from cnncalc.query.ask import scope

        scoped = scope(network, report, convention=counting)
        print_bare(network, report, names, "macs", format, scoped)
        given.idle("by depth growth", "in bare figures")
        say_unused(given, scoped, names)
        return 0
    if format == "json":
        given.idle("by depth", "in JSON, which has layers and parts")
    elif by != "layer":
        given.idle("depth", f"in rows by {by}")
    if format == "csv":
        given.idle("optimizer", "in CSV, which has the layers alone")
    say_flat(given, report, depth)
    grown = _growth(report) if growth else {}
    with known(report):
        cost = Cost(report, counting)
        given.idle(" ".join(cost.unused()), f"in {report.name}")
        if format == "json":
            show_json({**document(cost), **({"growth": grown} if growth else {})})
        else:
            show(page.page(cost, by=by, depth=depth, growth=grown), format)
    return 0


def _growth(report: Any) -> dict[str, list[str]]:
    """How the sums grow, those that depend on free dimensions; raises `SpecError` where none does."""
    free = {what: total for what in ("macs", "params") if hasattr(total := getattr(report.totals, what), "free")}
    if not free:
        fail("no-growth", "nothing grows: all sizes are numbers", help="leave sizes free, such as nxd -> Attention(d)")
    from cnncalc.symbolic.growth import growth

    return {what: growth(total) for what, total in free.items()}
