"""`cnncalc ask NET EXPRESSION...`: the values of expressions."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.bare import print_values
from cnncalc.cli.options import Format, Input, Net, Set, SetFile, analysed, load


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
) -> int:
    """The value of an expression, such as conv1.params.

    One value is printed bare, several with their expressions; --format json prints a line for each.
    """
    from cnncalc.analysis.ask import ask, scope

    network = load(net, set_, set_file, input_)
    report = analysed(network)
    names = scope(network, report)
    print_values([(asked, ask(network, report, asked, names)) for asked in expressions], format)
    return 0
