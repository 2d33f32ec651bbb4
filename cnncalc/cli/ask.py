"""`cnncalc ask NET EXPRESSION...`: the values of expressions."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.bare import print_values
from cnncalc.cli.options import (
    Format,
    Input,
    Layout,
    MemoryLimit,
    Net,
    Precision,
    Seed,
    Set,
    SetFile,
    Whose,
    analysed,
    load,
)
from cnncalc.cli.output import complain
from cnncalc.problem import Problem


def run(
    net: Net,
    expressions: Annotated[
        list[str],
        typer.Argument(metavar="EXPRESSION...", help="Such as conv1.params or total.macs / 1e9.", show_default=False),
    ],
    format: Format = "table",
    set_: Set = None,
    set_file: SetFile = None,
    input_: Input = None,
    layout: Layout = None,
    whose: Whose = None,
    seed: Seed = 0,
    precision: Precision = None,
    execute: Annotated[
        bool, typer.Option("--execute", help="Execute it even if no expression asks for an array.")
    ] = False,
    memory_limit: MemoryLimit = None,
) -> int:
    """The value of an expression, such as conv1.params.

    One value is printed bare, several with their expressions; --format json prints a line for each.
    """
    from cnncalc.analysis.ask import ask, scope
    from cnncalc.cli.arrays import remark_chance, remark_left_out
    from cnncalc.cli.execution import limit

    network = load(net, set_, set_file, input_, layout, whose)
    report = analysed(network)

    names = scope(network, report, seed, limit(memory_limit))
    if execute and not names.run.confirmed:
        complain([Problem("not-confirmed", text) for text in names.run.differences])
        return 1
    print_values(
        [(asked.strip(), ask(network, report, asked, names)) for asked in expressions],
        format,
        precision,
    )
    if names.executed is not None:
        remark_chance(names.executed)
    remark_left_out(names)
    if names.remarks:
        from cnncalc.cli.gradients import remark

        remark(names)
    return 0
