"""`cnncalc shapes NET`: the output shape of every layer."""

from __future__ import annotations

import os
from itertools import chain
from typing import Annotated, Any

from cnncalc.cli.declared import Context, Option
from cnncalc.cli.execution import confirmed, executed
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
    analysed,
    columns_of,
    folded,
    layer_names,
    load,
)
from cnncalc.cli.output import print_problems, show, show_json
from cnncalc.cli.unused_options import Given, say_flat
from cnncalc.cli.values_only import print_bare
from cnncalc.core.problem import SpecError

EXAMPLES = (
    "cnncalc shapes lenet5",
    "cnncalc shapes model.py -i 3x32x32",
    'cnncalc shapes "9x9 -> Conv1d(9, 4, 3) -> f: Flatten"\nf',
)


def run(
    ctx: Context,
    net: Net,
    names: Annotated[list[str] | None, layer_names("Print only the shapes of these, bare.")] = None,
    format: Format = "table",
    loading: Loading = AS_WRITTEN,
    batch: Batch = None,
    depth: Depth = None,
    macs: Macs = False,
    receptive: Annotated[
        bool, Option("--receptive", help="Add the receptive fields: size, stride and offset in the input.")
    ] = False,
    how: Executing = ONLY_RULES,
    quiet: Annotated[
        bool, Option("--quiet", "-q", help="Print only what is wrong; further arguments are further networks.")
    ] = False,
    full: Full = False,
    columns: Columns = None,
) -> int:
    """The output shape of every layer.

    With --execute the network is also run with NumPy, and each array's shape compared.
    """
    if quiet:
        Given(ctx).idle(
            "format batch depth macs receptive execute seed dtype memory_limit full columns", "with --quiet"
        )
        return _quiet([net, *(names or [])], loading)
    more = columns_of(columns)
    network = load(net, loading, folds=not (names or receptive or how.execute))
    try:
        listed = None if macs or receptive or how.execute or loading.input_ else network.shown()
        if listed is not None:
            print_problems(network.notes)
        report = listed or analysed(network)
    except SpecError as error:
        partial: Any = error.partial
        if partial is not None and format != "json" and partial.rows:
            from cnncalc.pages import shapes

            show(shapes.page(partial, batch=batch, depth=depth, macs=macs, partial=True), format)
        raise
    given = Given(ctx)
    if not how.execute:
        given.idle("seed dtype memory_limit", "without --execute")
    if names:
        given.idle(f"{'' if how.execute else 'batch '}depth macs receptive full columns", "in bare shapes")
        if how.execute and not confirmed(network, report, how.seed, batch, how.memory_limit, how.dtype):
            return 1
        return print_bare(network, report, names, "shape", format)
    if format == "json":
        given.idle(
            f"{'' if how.execute else 'batch '}depth macs full columns", "in JSON, which has every layer with its MACs"
        )
    say_flat(given, report, depth)
    execution = executed(network, report, batch, how)
    if format == "json":
        document = report.to_dict() if receptive else report.document()
        if receptive:
            from cnncalc.receptive.fields import Fields

            Fields(report).add_to(document)
        show_json(document)
    else:
        from cnncalc.pages import shapes

        shown = folded(given, report, depth, full, format)
        page = shapes.page(
            report, batch=batch, depth=shown, macs=macs, execution=execution, receptive=receptive, more=more
        )
        show(page, format)
    return 0 if execution is None or execution.confirmed else 1


def _matching(net: str) -> list[str]:
    """The files that a pattern matches, which no shell of Windows does; else the network itself."""
    if "*" not in net or os.path.lexists(net):
        return [net]
    from glob import glob

    return sorted(glob(net)) or [net]


def _quiet(nets: list[str], loading: Loading) -> int:
    """Whether the networks are right, each with what is wrong in it: for hooks, which name several files."""
    wrong = []
    for net in chain.from_iterable(map(_matching, nets)):
        try:
            analysed(load(net, loading, folds=True))
        except SpecError as error:
            wrong += error.problems
    if wrong:
        raise SpecError(wrong)
    return 0
