"""`cnncalc worksheet NET`: a problem sheet from a key or a network, its answers, and variants with other numbers."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

from cnncalc.cli.declared import Context, Option
from cnncalc.cli.options import AS_WRITTEN, Loading, Net, analysed, format_among, load
from cnncalc.cli.output import show
from cnncalc.cli.save import Output, put, read_by
from cnncalc.cli.unused_options import Given

FORMATS = ("text", "markdown", "latex", "yaml", "csv", "html")
DATA = {"yaml": "sheet_yaml", "csv": "sheet_csv"}
MOST = 1_000  # variants


EXAMPLES = (
    "cnncalc worksheet exercise.yaml -f latex -o sheet.tex",
    "cnncalc worksheet exercise.yaml --key --variants 3",
)


def run(
    ctx: Context,
    net: Net,
    format: Annotated[
        str,
        Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help=f"How to write it: {', '.join(FORMATS)}.",
            callback=format_among(FORMATS),
        ),
    ] = "text",
    key: Annotated[bool, Option("--key", help="With the answers, and how they come about.")] = False,
    variants: Annotated[
        int | None,
        Option(
            "--variants",
            metavar="N",
            min=1,
            max=MOST,
            help="This many sheets, each with other numbers from let: {k: {from: [3, 5]}}.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, Option("--seed", metavar="S", min=0, help="Seed of the numbers of the variants.")] = 0,
    output: Output = None,
    loading: Loading = AS_WRITTEN,
) -> int:
    """A problem sheet from a key or a network: the questions under expect, or those that fit the network.

    With --key the answers stand beside them. The same --seed gives the same variants, on the sheets and in the key.
    """
    from cnncalc.exercise import variants as made
    from cnncalc.pages.course import worksheet as page

    given = Given(ctx)
    network = load(net, loading)
    analysed(network)
    if variants is None:
        given.idle("seed", "without --variants")
        found = [made.plain(network)]
    else:
        found = made.drawn(network, variants, seed)
    if format == "text" and output in (None, "-"):
        show(page.page(network.name, found, key), "table")
        return 0
    if format in DATA:
        text = import_module(f"cnncalc.render.course.{DATA[format]}").render(page.sheets(network.name, found, key))
    else:
        renderer = import_module(f"cnncalc.render.{'plain' if format == 'text' else format}")
        text = renderer.render(page.page(network.name, found, key))
    put(text, output, [net, *read_by(network.spec)])
    return 0
