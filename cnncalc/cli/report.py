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

if TYPE_CHECKING:
    from cnncalc.execute.execution import Execution
    from cnncalc.network.network import Network
    from cnncalc.network.report import Report


EXAMPLES = (
    "cnncalc report resnet50 -o resnet50.html",
    "cnncalc report model.py -i 3x32x32 -o model.html",
    "cnncalc report lenet5 -o lenet5.md",
)
PAPER = {".md": "markdown", ".tex": "latex"}  # what is no page to click


def run(
    ctx: Context,
    net: Net,
    output: Annotated[
        str | None,
        Option("--output", "-o", "--save", metavar="FILE", help="The file: report.html, or .md or .tex to read."),
    ] = None,
    loading: Loading = AS_WRITTEN,
    execute: Execute = False,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
) -> int:
    """One HTML file that answers by clicking: picture, table, costs, and of each layer formulas and receptive field.

    It holds all it needs and fetches nothing. With --execute it also shows what the layers' arrays look like. A file
    .md or .tex has the picture, in Mermaid or TikZ, the table and the costs.
    """
    given = Given(ctx)
    paper = PAPER.get(os.path.splitext(output or "")[1].lower())
    if paper is not None:
        given.idle("execute", f"in {paper}")
        execute = False
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
    text = written(network, report, run) if paper is None else printed(report, paper)
    put(text, None if output == "-" else output, [net, *(loading.set_file or ()), *read_by(network.spec)])
    if output not in (None, "-"):
        sys.stderr.write(f"written: {output}\n")
    return 0 if run is None or run.confirmed else 1


def written(network: Network, report: Report, run: Execution | None = None) -> str:
    """The page of a report."""
    from cnncalc.cost.convention import Convention
    from cnncalc.cost.cost import Cost
    from cnncalc.cost.sizes import totals
    from cnncalc.query.ask import known
    from cnncalc.web.report import bounded, page

    bounded(report)
    with known(report):
        sums = totals(Cost(report, Convention()))
    return page(report, sums, [note.message for note in network.notes], run)


def printed(report: Report, format: str) -> str:
    """The same to be read on paper or on a page of a repository: picture, table, costs. Raises `Fault`."""
    from importlib import import_module

    from cnncalc.cost.convention import Convention
    from cnncalc.cost.cost import Cost
    from cnncalc.diagram.build import network
    from cnncalc.diagram.fit import PAGES, Wish, picture
    from cnncalc.diagram.formats import mermaid, tikz
    from cnncalc.diagram.join import join
    from cnncalc.document import Document, Heading, Picture
    from cnncalc.pages import cost, shapes

    scene, said = picture(report, Wish(page=PAGES["a4"]))
    if format == "latex":
        drawn = Picture(tikz.render(scene, True), "tikz")
    else:
        depth = int(said.split()[1]) if said else None
        drawn = Picture(mermaid.render(join(network(report, depth)), True, False), "mermaid")
    head, *table = shapes.page(report).parts
    costs = cost.page(Cost(report, Convention())).parts[1:]
    text: str = import_module(f"cnncalc.render.{format}").render(
        Document([head, drawn, *table, Heading("costs", 2), *costs])
    )
    return text


def _stem(net: str) -> str:
    name = os.path.splitext(os.path.basename(net).split(":")[0])[0]
    return name if name.replace("_", "").replace("-", "").isalnum() else "report"
