"""`cnncalc params NET`: parameters of every layer, with sums."""

from __future__ import annotations

from typing import Annotated

from cnncalc.cli.declared import Argument, Context, Option
from cnncalc.cli.execution import confirmed
from cnncalc.cli.execution import execute as run_it
from cnncalc.cli.execution import say as say_execution
from cnncalc.cli.options import (
    AS_WRITTEN,
    Batch,
    Columns,
    Depth,
    Dtype,
    Execute,
    Format,
    Full,
    Loading,
    Macs,
    MemoryLimit,
    Net,
    Seed,
    columns_of,
    counted,
    folded,
    layers_of,
    load,
)
from cnncalc.cli.output import show, show_json
from cnncalc.cli.unused_options import Given, say_flat
from cnncalc.cli.values_only import print_bare

EXAMPLES = (
    "cnncalc params lenet5",
    "cnncalc params resnet50 --depth 1",
    'cnncalc params "3x8x8 -> conv: Conv2d(3, 4, 3)"\n--compare-dense',
)


def run(
    ctx: Context,
    net: Net,
    names: Annotated[
        list[str] | None,
        Argument(
            metavar="[LAYER]...",
            autocompletion=layers_of,
            help="Print only the counts of these, bare.",
            show_default=False,
        ),
    ] = None,
    format: Format = "table",
    loading: Loading = AS_WRITTEN,
    depth: Depth = None,
    macs: Macs = False,
    compare_dense: Annotated[
        bool, Option("--compare-dense", help="Add the fully connected layers that would do the same.")
    ] = False,
    batch: Batch = None,
    execute: Execute = False,
    seed: Seed = 0,
    dtype: Dtype = "float32",
    memory_limit: MemoryLimit = None,
    total: Annotated[bool, Option("--total", help="Print only the total, bare.")] = False,
    full: Full = False,
    columns: Columns = None,
) -> int:
    """Parameters: weights, biases and sums, by layer and by type."""
    more = columns_of(columns)
    network = load(net, loading)
    report = counted(network)
    given = Given(ctx)
    if not execute:
        given.idle("batch seed dtype memory_limit", "without --execute")
    if total or names:
        given.idle("depth macs compare_dense full columns", "in bare counts")
        if execute and not confirmed(network, report, seed, batch, memory_limit, dtype):
            return 1
        return print_bare(network, report, [*(names or ()), *(["total"] if total else [])], "params", format)
    if format == "json":
        given.idle(
            "depth macs compare_dense full columns", "in JSON, which has every layer with its MACs and dense equivalent"
        )
    say_flat(given, report, depth)
    execution = None
    if execute:
        execution = run_it(network, report, seed=seed, batch=batch, dtype=dtype, memory_limit=memory_limit)
    if format == "json":
        show_json(report.to_dict())
    else:
        from cnncalc.pages import params

        if execution is not None and format == "csv":
            say_execution(execution)
        shown = folded(given, report, depth, full, format)
        page = params.page(report, depth=shown, compare_dense=compare_dense, macs=macs, execution=execution, more=more)
        show(page, format)
    return 0 if execution is None or execution.confirmed else 1
