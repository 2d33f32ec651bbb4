"""`cnncalc check NET`: what a spec expects against what is."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.options import Format, Input, Net, Set, SetFile, analysed, load
from cnncalc.cli.output import complain, show, show_json


def run(
    net: Net,
    answers: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ANSWERS]...", help="Files of answers to hold against NET.", show_default=False),
    ] = None,
    format: Format = "table",
    set_: Set = None,
    set_file: SetFile = None,
    input_: Input = None,
    quiet_key: Annotated[
        bool, typer.Option("--quiet-key", help="Say which values are wrong, never the right ones.")
    ] = False,
) -> int:
    """Compare what a spec expects with what is; the exit status is 1 where something is wrong.

    With files of answers each of them is held against the network instead: a line for each file.
    """
    from cnncalc.analysis.check import check
    from cnncalc.pages import check as page

    network = load(net, set_, set_file, input_)
    report = analysed(network)
    if answers:
        from cnncalc.cli.answers import correct

        sheets = correct(network, report, answers)
        complain([problem for sheet in sheets for problem in sheet.problems])
        if format == "json":
            show_json(page.sheets_data(sheets, quiet_key))
        else:
            show(page.sheets_page(network.name, sheets, quiet_key), format)
        return max(sheet.status for sheet in sheets)
    results = check(network, report)
    if format == "json":
        show_json(page.data(results, quiet_key))
    else:
        show(page.page(network.name, results, quiet_key), format)
    return 1 if any(result.ok is False for result in results) else 0
