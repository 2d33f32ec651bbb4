"""`cnncalc check NET`: what a spec expects against what is."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.options import Format, Input, Net, Set, SetFile, analysed, load
from cnncalc.cli.output import show, show_json


def run(
    net: Net,
    format: Format = "table",
    set_: Set = None,
    set_file: SetFile = None,
    input_: Input = None,
    quiet_key: Annotated[
        bool, typer.Option("--quiet-key", help="Say which values are wrong, never the right ones.")
    ] = False,
) -> int:
    """Compare what a spec expects with what is; the exit status is 1 where something is wrong."""
    from cnncalc.analysis.check import check
    from cnncalc.pages import check as page

    network = load(net, set_, set_file, input_)
    results = check(network, analysed(network))
    if format == "json":
        show_json(page.data(results, quiet_key))
    else:
        show(page.page(network.name, results, quiet_key), format)
    return 1 if any(result.ok is False for result in results) else 0
