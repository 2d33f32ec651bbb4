"""`cnncalc explain NET [LAYER]...`: how each number comes about."""

from __future__ import annotations

from typing import Annotated

from cnncalc.cli.counting import USUAL, Counting, convention
from cnncalc.cli.declared import Context, Option
from cnncalc.cli.execution import confirmed
from cnncalc.cli.options import (
    AS_WRITTEN,
    Execute,
    Format,
    Loading,
    MemoryLimit,
    Net,
    Seed,
    analysed,
    layer_names,
    load,
)
from cnncalc.cli.output import show, show_json
from cnncalc.cli.unused_options import Given
from cnncalc.render.formats import ONE_TABLE

EXAMPLES = (
    "cnncalc explain lenet5 conv1",
    "cnncalc explain resnet50 layer1.0 total",
    'cnncalc explain "NxN -> conv: Conv1d(N, M, K)"',
)


def run(
    ctx: Context,
    net: Net,
    names: Annotated[
        list[str] | None,
        layer_names(
            "Only these: layers, blocks, types or total; conv1.params, x.receptive_field, total.training_bytes."
        ),
    ] = None,
    format: Format = "table",
    loading: Loading = AS_WRITTEN,
    full: Annotated[bool, Option("--full", help="Show terms without effect: padding 0, dilation 1, groups 1.")] = False,
    execute: Execute = False,
    counts: Counting = USUAL,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
) -> int:
    """How each number comes about: symbols = numbers = value.

    Shape, parameters, multiply-accumulates and fully connected equivalent of every layer, from the rules that compute
    them. Of layers that are named also their receptive field, step by step.
    """
    from cnncalc.pages import explain
    from cnncalc.pages.named import named
    from cnncalc.query.select import select, sized
    from cnncalc.receptive.fields import Fields

    given = Given(ctx)
    counting = convention(given, counts)
    network = load(net, loading)
    report = analysed(network)
    rows, totals = select(network, report, names or [])
    asked = sized(network, report, names or [])
    if not execute:
        given.idle("seed memory_limit", "without --execute")
    elif not confirmed(network, report, seed, counts.batch if "batch" in given else None, memory_limit):
        return 1
    from cnncalc.cost.convention import SETTINGS
    from cnncalc.cost.sizes import SIZES

    lines = named(report, counting, asked)
    used = {setting for _, name, _ in asked if name in SIZES for setting in SIZES[name].settings} | (
        {"batch"} if execute else set()
    )
    given.idle(" ".join(name for name in SETTINGS if name not in used), "in what is explained")
    if not rows and not totals:
        given.idle("full", "in what is explained")
    fields = Fields(report) if names and rows else None
    if format == "json":
        show_json(explain.data(report, rows, totals, full, lines, fields))
    elif format in ONE_TABLE:
        show(explain.table(report, rows, totals, full, lines), format)
    else:
        show(explain.page(report, rows, totals, full, lines, fields), format)
    return 0
