"""`cnncalc params NET`: parameters of every layer, with sums."""

from __future__ import annotations

from typing import Annotated

from cnncalc.cli.declared import Context, Option
from cnncalc.cli.execution import confirmed, executed
from cnncalc.cli.execution import say as say_execution
from cnncalc.cli.options import (
    AS_WRITTEN,
    ONLY_RULES,
    Batch,
    Columns,
    Depth,
    Executing,
    Format,
    Full,
    Loading,
    Macs,
    Net,
    columns_of,
    counted,
    folded,
    layer_names,
    load,
)
from cnncalc.cli.output import show, show_json
from cnncalc.cli.unused_options import Given, say_flat
from cnncalc.cli.values_only import print_bare, print_values
from cnncalc.render.formats import ONE_TABLE

EXAMPLES = (
    "cnncalc params lenet5",
    "cnncalc params resnet50 --depth 1",
    'cnncalc params "3x8x8 -> conv: Conv2d(3, 4, 3)"\n--compare-dense',
)


def run(
    ctx: Context,
    net: Net,
    names: Annotated[list[str] | None, layer_names("Print only the counts of these, bare.")] = None,
    format: Format = "table",
    loading: Loading = AS_WRITTEN,
    depth: Depth = None,
    macs: Macs = False,
    compare_dense: Annotated[
        bool, Option("--compare-dense", help="Add the fully connected layers that would do the same.")
    ] = False,
    batch: Batch = None,
    how: Executing = ONLY_RULES,
    total: Annotated[bool, Option("--total", help="Print only the total, bare.")] = False,
    full: Full = False,
    columns: Columns = None,
) -> int:
    """Parameters: weights, biases and sums, by layer and by type."""
    more = columns_of(columns)
    network = load(net, loading, folds=not (names or how.execute))
    report = counted(network)
    given = Given(ctx)
    if not how.execute:
        given.idle("batch seed dtype memory_limit", "without --execute")
    if total or names:
        given.idle("depth macs compare_dense full columns", "in bare counts")
        if how.execute and not confirmed(network, report, how.seed, batch, how.memory_limit, how.dtype):
            return 1
        if not names:
            print_values([("total.params", report.totals.params)], format)
            return 0
        return print_bare(network, report, [*(names or ()), *(["total"] if total else [])], "params", format)
    if format == "json":
        given.idle(
            "depth macs compare_dense full columns",
            "in JSON, which has every layer with its MACs and fully connected equivalent",
        )
    say_flat(given, report, depth)
    execution = executed(network, report, batch, how)
    if format == "json":
        show_json(report.document())
    else:
        from cnncalc.pages import params

        if execution is not None and format in ONE_TABLE:
            say_execution(execution)
        shown = folded(given, report, depth, full, format)
        page = params.page(report, depth=shown, compare_dense=compare_dense, macs=macs, execution=execution, more=more)
        show(page, format)
    return 0 if execution is None or execution.confirmed else 1
