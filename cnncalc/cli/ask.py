"""`cnncalc ask NET EXPRESSION...`: the values of expressions."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.counting import (
    Accumulate,
    BatchSize,
    Experts,
    Flash,
    Mixed,
    Optimizer,
    Recompute,
    Replicas,
    Stages,
    Tensor,
    Types,
    Zero,
    convention,
    say_unused,
)
from cnncalc.cli.execution import limit, say
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
from cnncalc.cli.unused_options import Given
from cnncalc.cli.values_only import print_values, rounds


def run(
    ctx: typer.Context,
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
    batch: BatchSize = 1,
    dtype: Types = "float32",
    optimizer: Optimizer = "adam",
    mixed: Mixed = None,
    flash: Flash = False,
    recompute: Recompute = "none",
    tp: Tensor = 1,
    pp: Stages = 1,
    dp: Replicas = 1,
    zero: Zero = 0,
    ep: Experts = 1,
    accumulate: Accumulate = 1,
) -> int:
    """The value of an expression, such as conv1.params.

    One value is printed bare, several with their expressions; --format json prints a line for each.
    """
    from cnncalc.cli.arrays import remark_chance, remark_left_out
    from cnncalc.query.ask import ask, scope

    given = Given(ctx)
    counting = convention(
        given,
        dtype=dtype,
        batch=batch,
        optimizer=optimizer,
        mixed=mixed,
        flash=flash,
        recompute=recompute,
        tp=tp,
        pp=pp,
        dp=dp,
        zero=zero,
        ep=ep,
        accumulate=accumulate,
    )
    network = load(net, set_, set_file, input_, layout, whose)
    report = analysed(network)

    names = scope(network, report, seed, limit(memory_limit), counting)
    if execute:
        say(names.run)
        if not names.run.confirmed:
            return 1
    values = [(asked.strip(), ask(network, report, asked, names)) for asked in expressions]
    say_unused(given, names, [asked for asked, _ in values])
    if not names.executed:
        given.idle("seed memory_limit", "here: nothing is executed")
    if format == "json":
        given.idle("precision", "in JSON, which has all digits")
    elif not any(rounds(value, precision) for _, value in values):
        given.idle("precision", "here: every value is exact")
    print_values(values, format, precision)
    if names.remarks:
        from cnncalc.cli.gradients import remark

        remark(names)
    if names.executed is not None:
        remark_chance(names.executed)
    remark_left_out(names)
    return 0
