"""`cnncalc ask NET EXPRESSION...`: the values of expressions."""

from __future__ import annotations

from typing import Annotated

from cnncalc.cli.counting import USUAL, Counting, convention, say_unused
from cnncalc.cli.declared import Argument, Context, Option
from cnncalc.cli.execution import limit, say
from cnncalc.cli.options import AS_WRITTEN, Format, Loading, MemoryLimit, Net, Precision, Seed, analysed, load
from cnncalc.cli.unused_options import Given
from cnncalc.cli.values_only import print_values, rounds

EXAMPLES = (
    "cnncalc ask lenet5 conv1.params",
    'cnncalc ask resnet18 "total.macs / 1e9" layer4.shape',
)


def run(
    ctx: Context,
    net: Net,
    expressions: Annotated[
        list[str],
        Argument(metavar="EXPRESSION...", help="Such as conv1.params or total.macs / 1e9.", show_default=False),
    ],
    format: Format = "table",
    loading: Loading = AS_WRITTEN,
    seed: Seed = 0,
    precision: Precision = None,
    execute: Annotated[bool, Option("--execute", help="Execute it even if no expression asks for an array.")] = False,
    memory_limit: MemoryLimit = None,
    counts: Counting = USUAL,
) -> int:
    """The value of an expression, such as conv1.params.

    One value is printed bare, several with their expressions; --format json prints a line for each.
    """
    from cnncalc.cli.arrays import remark, remark_chance, remark_left_out
    from cnncalc.query.ask import ask, scope

    given = Given(ctx)
    counting = convention(given, counts)
    network = load(net, loading)
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
    remark(names)
    if names.executed is not None:
        remark_chance(names.executed)
    remark_left_out(names)
    return 0
