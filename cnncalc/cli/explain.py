"""`cnncalc explain NET [LAYER]...`: how each number comes about."""

from __future__ import annotations

from typing import Annotated, Any

from cnncalc.cli.counting import USUAL, Counting, convention
from cnncalc.cli.declared import Argument, Context, Option
from cnncalc.cli.execution import confirmed
from cnncalc.cli.options import AS_WRITTEN, Execute, Format, Loading, MemoryLimit, Net, Seed, analysed, layers_of, load
from cnncalc.cli.output import show, show_json
from cnncalc.cli.unused_options import Given
from cnncalc.core.problem import Fault, fail


def _sizes(report: Any, counting: Any, asked: list[Any]) -> list[Any]:
    """The lines of memory, tokens and training, each with what is to be said of it; raises `SpecError`."""
    from cnncalc.core.formula import leaves
    from cnncalc.cost.cost import Cost
    from cnncalc.explain.sizes import explained, remark, symbols
    from cnncalc.query.ask import known

    if not asked:
        return []
    cost = Cost(report, counting)
    found = []
    with known(report):
        for label, name, rows in asked:
            try:
                line = explained(cost, label, name, rows)
            except Fault as fault:
                fail(fault.code, fault.message, help=fault.help)
            used = {one for part in leaves(line.part) for one in (part.symbol, part.short)}
            legend = "; ".join(f"{sign}: {text}" for sign, text in symbols(cost, rows).items() if sign in used)
            found.append((line, [text for text in (legend, remark(line)) if text]))
    return found


def run(
    ctx: Context,
    net: Net,
    names: Annotated[
        list[str] | None,
        Argument(
            metavar="[LAYER]...",
            autocompletion=layers_of,
            help="Only these: layers, blocks, types or total.",
            show_default=False,
        ),
    ] = None,
    format: Format = "table",
    loading: Loading = AS_WRITTEN,
    full: Annotated[bool, Option("--full", help="Keep what vanishes: padding 0, dilation 1, groups 1.")] = False,
    execute: Execute = False,
    counts: Counting = USUAL,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
) -> int:
    """How each number comes about: symbols = numbers = value.

    Shape, parameters, multiply-accumulates and dense equivalent of every layer, from the rules that compute them. Of
    layers that are named also their receptive field, step by step.
    """
    from cnncalc.pages import explain
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

    lines = _sizes(report, counting, asked)
    used = {setting for _, name, _ in asked for setting in SIZES[name].settings} | ({"batch"} if execute else set())
    given.idle(" ".join(name for name in SETTINGS if name not in used), "in what is explained")
    if not rows and not totals:
        given.idle("full", "in what is explained")
    fields = Fields(report) if names and rows else None
    if format == "json":
        show_json(explain.data(report, rows, totals, full, lines, fields))
    elif format == "csv":
        show(explain.table(report, rows, totals, full, lines), format)
    else:
        show(explain.page(report, rows, totals, full, lines, fields), format)
    return 0
