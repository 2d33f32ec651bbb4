"""`cnncalc draw NET`: the network, or the inside of one layer, as a diagram."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from cnncalc.cli.options import Depth, Input, Layout, Net, Set, SetFile, Whose, analysed, load
from cnncalc.cli.save import read_by
from cnncalc.cli.unused_options import Given, say
from cnncalc.core.atomic_write import save_text
from cnncalc.core.problem import Fault, Problem, SpecError, did_you_mean, fail
from cnncalc.diagram.formats import DIRECTED, FORMATS
from cnncalc.render.formats import unknown

# What people write for a format that bears another name.
MEANT = {"txt": "text", "ascii": "text", "md": "markdown", "graphviz": "dot", "gv": "dot", "tex": "latex"}
MEANT.update(dict.fromkeys(("png", "pdf", "image"), "svg"))
WAYS = {"down": False, "td": False, "tb": False, "right": True, "lr": True}


def _formats(incomplete: str) -> list[str]:
    return [name for name in FORMATS if name.startswith(incomplete)]


def _format(value: str | None) -> str | None:
    if value is None or value in FORMATS:
        return value
    unknown(value, FORMATS, MEANT)
    return None


def _ways(incomplete: str) -> list[str]:
    return [name for name in ("down", "right") if name.startswith(incomplete)]


def run(
    ctx: typer.Context,
    net: Net,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help=f"How to write it: {', '.join(FORMATS[:5])}, or {', '.join(FORMATS[5:])}. "
            "Without it: as the ending of FILE says, else text.",
            callback=_format,
            autocompletion=_formats,
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", "--save", metavar="FILE", help="Write it to a file: net.svg, net.mmd, net.dot."),
    ] = None,
    set_: Set = None,
    set_file: SetFile = None,
    input_: Input = None,
    layout: Layout = None,
    whose: Whose = None,
    depth: Depth = None,
    full: Annotated[bool, typer.Option("--full", help="Draw every copy of what is repeated.")] = False,
    inside: Annotated[
        str | None,
        typer.Option("--inside", metavar="LAYER", help="Instead: the inside of a recurrent layer or of attention."),
    ] = None,
    unroll: Annotated[
        int | None,
        typer.Option(
            "--unroll", metavar="T", min=1, help="Of the inside: so many steps, of attention so many positions."
        ),
    ] = None,
    compact: Annotated[
        bool, typer.Option("--compact", help="Of the inside: the states alone, with the matrices on the arrows.")
    ] = False,
    direction: Annotated[
        str,
        typer.Option("--direction", metavar="WAY", help="Where arrows lead: down or right.", autocompletion=_ways),
    ] = "down",
    params: Annotated[bool, typer.Option("--params/--no-params", help="Numbers of parameters on the boxes.")] = True,
) -> int:
    """A diagram: a box an operation with its shape and parameters, or the inside of one layer.

    Blocks are frames; copies that are alike are drawn once. Nothing else needs to be installed.
    """
    from cnncalc.diagram import formats as write

    if direction not in WAYS:
        near = did_you_mean(direction, ("down", "right"))
        help = f"did you mean {near}?" if near else ()
        fail("option-value", f'--direction takes down or right, not "{direction}"', help=help)
    output = None if output == "-" else output
    try:
        if format is None:
            from cnncalc.diagram.file_format import format_of

            format = (format_of(output) if output is not None else None) or "text"
        network = load(net, set_, set_file, input_, layout, whose)
        report = analysed(network)
        within = inside is not None or unroll is not None or compact
        given = Given(ctx)
        if format == "csv":
            given.idle("params", "in CSV, which has the arrows alone")
        if not within:
            words = {word for row in report.rows for word in row.name.split(".")[:-1]}
            given.idle("" if words else "depth", f"in {report.name}, which has no blocks")
            copies = any(row.name.rpartition(".")[2].isdigit() for row in report.rows) or any(map(str.isdigit, words))
            given.idle("" if copies else "full", f"in {report.name}, which repeats nothing")
        _say_idle(format, direction, within and depth is not None, within and full)
        text = write.written(
            _diagram(report, format, depth, full, inside, unroll, compact),
            format,
            params,
            WAYS[direction],
            ascii=output is None and not _lines(),
        )
        if output is not None:
            save_text(output, text, [net, *(set_file or ()), *read_by(network.spec)])
            return 0
    except Fault as fault:
        raise SpecError([Problem(fault.code, fault.message, help=fault.help)]) from None
    from cnncalc.cli.output import write as out

    out(text)
    return 0


def _diagram(
    report: Any,
    format: str,
    depth: int | None,
    full: bool,
    inside: str | None,
    unroll: int | None,
    compact: bool,
) -> Any:
    """The diagram that was asked for. Raises `Fault`."""
    from cnncalc.diagram.formats import most

    if inside is None and unroll is None and not compact:
        from cnncalc.diagram.build import network

        return network(report, depth, full, most(format))
    from cnncalc.diagram.inside import build as insides

    return insides.inside(report, inside, unroll, compact, most(format))


def _say_idle(format: str, direction: str, depth: bool, full: bool) -> None:
    """Note the options that change nothing."""
    idle = [name for name, there in (("--depth", depth), ("--full", full)) if there]
    say(idle, "in the inside of a layer")
    if WAYS[direction] and format not in DIRECTED:
        say(["--direction"], f"in {format}")


def _lines() -> bool:
    """Whether standard output can show lines and dots."""
    try:
        "●│─├┤┼╯╰┴×".encode(sys.stdout.encoding or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True
