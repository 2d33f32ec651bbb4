"""`cnncalc report NET -o report.html`: one HTML file with the picture, the table, the costs and every formula."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

from cnncalc.cli.declared import Context, Option
from cnncalc.cli.execution import execute as run_it
from cnncalc.cli.execution import say
from cnncalc.cli.options import AS_WRITTEN, Execute, Loading, MemoryLimit, Net, Seed, analysed, load
from cnncalc.cli.save import put, read_by
from cnncalc.cli.unused_options import Given
from cnncalc.core.problem import Fault, Problem, SpecError

if TYPE_CHECKING:
    from cnncalc.execute.execution import Execution
    from cnncalc.network.network import Network
    from cnncalc.network.report import Report


EXAMPLES = (
    "cnncalc report resnet50 -o resnet50.html",
    "cnncalc report model.py -i 3x32x32 -o model.html",
)


def run(
    ctx: Context,
    net: Net,
    output: Annotated[
        str | None,
        Option("--output", "-o", "--save", metavar="FILE", help="The file, such as report.html."),
    ] = None,
    loading: Loading = AS_WRITTEN,
    execute: Execute = False,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
) -> int:
    """One HTML file that answers by clicking: picture, table, costs, and of each layer formulas and receptive field.

    It holds all it needs and fetches nothing. With --execute it also shows what the layers' arrays look like.
    """
    given = Given(ctx)
    if not execute:
        given.idle("seed memory_limit", "without --execute")
    if output is None and sys.stdout.isatty():  # nobody reads HTML in a terminal
        output = f"{_stem(net)}.html"
    network = load(net, loading)
    report = analysed(network)
    run = None
    if execute:
        run = run_it(network, report, seed=seed, batch=None, dtype="float32", memory_limit=memory_limit, keep="all")
        say(run)
    text = written(network, report, run)
    try:
        put(text, None if output == "-" else output, [net, *(loading.set_file or ()), *read_by(network.spec)])
    except Fault as fault:
        raise SpecError([Problem(fault.code, fault.message, help=fault.help)]) from None
    if output not in (None, "-"):
        sys.stderr.write(f"written: {output}\n")
    return 0 if run is None or run.confirmed else 1


def written(network: Network, report: Report, run: Execution | None = None) -> str:
    """The page of a report."""
    from cnncalc.cost.convention import Convention
    from cnncalc.cost.cost import Cost
    from cnncalc.cost.sizes import document
    from cnncalc.query.ask import known
    from cnncalc.web.report import bounded, page

    bounded(report)
    with known(report):
        totals = document(Cost(report, Convention()))["totals"]
    return page(report, totals, [note.message for note in network.notes], run)


def _stem(net: str) -> str:
    name = os.path.splitext(os.path.basename(net.split(":")[0]))[0]
    return name if name.replace("_", "").replace("-", "").isalnum() else "report"
