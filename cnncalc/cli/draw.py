"""`cnncalc draw NET`: the network, or the inside of one layer, as a diagram."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from cnncalc.cli import draw_options as options
from cnncalc.cli.declared import Context, one_of
from cnncalc.cli.options import AS_WRITTEN, Depth, Loading, Net, analysed, load
from cnncalc.cli.save import read_by
from cnncalc.cli.unused_options import Given, say
from cnncalc.core.atomic_write import atomic_write
from cnncalc.core.problem import Fault, Problem
from cnncalc.diagram.formats import DIRECTED, JOINED, PLACED

if TYPE_CHECKING:
    from cnncalc.diagram.model import Diagram
    from cnncalc.network.report import Report

WAYS = options.WAYS
# What only pictures have, in which everything has its place.
PICTURES = "page width heat fragment style"


EXAMPLES = (
    "cnncalc draw lenet5",
    "cnncalc draw resnet50 -o resnet50.svg",
    "cnncalc draw lenet5 --style volumes -o lenet5.svg",
)


def run(
    ctx: Context,
    net: Net,
    format: options.Format = None,
    output: options.Save = None,
    loading: Loading = AS_WRITTEN,
    depth: Depth = None,
    full: options.Full = False,
    inside: options.Inside = None,
    unroll: options.Unroll = None,
    compact: options.Compact = False,
    at: options.At = None,
    steps: options.Steps = None,
    direction: options.Direction = None,
    params: options.Params = True,
    style: options.Style = "boxes",
    page: options.PageSize = None,
    width: options.Width = None,
    heat: options.HeatBy = None,
    fragment: options.Fragment = False,
) -> int:
    """A diagram: of the network, with the shape and parameters of each layer, or the inside of one layer.

    Blocks are frames; copies that are alike are drawn once. Nothing else needs to be installed, but for PDF and PNG.
    """
    from cnncalc.diagram import formats as write

    if direction is not None and direction not in WAYS:
        one_of("--direction", direction, ("down", "right"))
    one_of("--style", style, options.STYLES)
    one_of("--page", page, options.PAGES)
    one_of("--heat", heat, options.HEATS)
    right = WAYS[direction] if direction is not None else False
    output = None if output == "-" else output
    if format is None:
        from cnncalc.diagram.formats import format_of

        format = (format_of(output) if output is not None else None) or "text"
    network = load(net, loading)
    report = analysed(network)
    if inside is None and (at is not None or steps is not None):
        option = "--at" if at is not None else "--steps"
        raise Fault("option-value", f"{option} is about one layer", help=f"--inside LAYER {option} ...")
    within = inside is not None or unroll is not None or compact
    given = Given(ctx)
    if style != "boxes" and format not in PLACED:
        raise Fault("option-value", f"--style {style} is a picture, and {format} has none", help="-f svg draws it")
    _say_idle(given, report, format, right, within)
    made: str | bytes
    if inside and _windowed(report, inside):
        given.idle("unroll compact", "in the numbers of a layer")
        made = _window(report, inside, at, steps, format, fragment, output)
    elif within:
        given.idle("at steps", "in the inside of this layer")
        diagram = _inside(report, format, inside, unroll, compact)
        if format in PLACED:
            made = _painted(diagram, format, params, None if direction is None else right, fragment)
        else:
            made = write.written(diagram, format, params, right, *_screen(output))
    elif format in PLACED:
        from cnncalc.diagram.fit import ANY, PAGES, Wish

        size = PAGES[page or "slide"] if width is None else (float(width), ANY if page is None else PAGES[page][1])
        strict = page is not None or width is not None
        wish = Wish(depth, full, params, right, size, strict, heat)
        made = _picture(report, wish, style, format, fragment)
    else:
        from cnncalc.diagram.build import network as build

        diagram = build(report, depth, full, write.most(format))
        if format in JOINED and not full:
            from cnncalc.diagram.join import join

            diagram = join(diagram)
        made = write.written(diagram, format, params, right, *_screen(output))
    data = made if isinstance(made, bytes) else made.encode()
    if output is not None:
        with atomic_write(output, [net, *(loading.set_file or ()), *read_by(network.spec)]) as out:
            out.write(data)
        return 0
    if isinstance(made, bytes) and sys.stdout.isatty():
        raise Fault("cannot-save", f"{format.upper()} is nothing for a terminal", help=f"-o net.{format} saves it")
    from cnncalc.cli.output import write as write_text
    from cnncalc.cli.output import write_utf8

    if isinstance(made, bytes):
        sys.stdout.buffer.write(made)
        sys.stdout.flush()
    else:
        if format != "text":
            write_utf8()
        write_text(made)
    return 0


def _picture(report: Report, wish: Any, style: str, format: str, fragment: bool) -> str | bytes:
    """The network as a picture; the depth that was chosen is said. Raises `Fault`."""
    from importlib import import_module

    from cnncalc.cli.output import print_problems
    from cnncalc.diagram.formats import painted

    if style == "boxes":
        from cnncalc.diagram.fit import picture

        scene, said = picture(report, wish)
    else:
        scene, said = import_module(f"cnncalc.diagram.styles.{style}").picture(report, wish)
    if said:
        print_problems([Problem("depth-chosen", said, severity="note")])
    return painted(scene, format, fragment)


def _inside(report: Report, format: str, inside: str | None, unroll: int | None, compact: bool) -> Any:
    """The inside of a layer as a diagram. Raises `Fault`."""
    from cnncalc.diagram.formats import most
    from cnncalc.diagram.inside import build as insides

    return insides.inside(report, inside or None, unroll, compact, most(format))


def _painted(diagram: Diagram, format: str, params: bool, right: bool | None, fragment: bool) -> str | bytes:
    from cnncalc.diagram.formats import painted
    from cnncalc.diagram.styles import boxes

    return painted(boxes.scene(diagram, params, right), format, fragment)


def _say_idle(given: Given, report: Report, format: str, right: bool, within: bool) -> None:
    """Note the options that change nothing."""
    if format == "csv":
        given.idle("params", "in CSV, which has the arrows alone")
    if within:
        given.idle("depth full", "in the inside of a layer")
        given.idle("page width heat style", "in the inside of a layer")
    else:
        words = {word for row in report.rows for word in row.name.split(".")[:-1]}
        given.idle("" if words else "depth", f"in {report.name}, which has no blocks")
        copies = any(row.name.rpartition(".")[2].isdigit() for row in report.rows) or any(map(str.isdigit, words))
        joined = format in (*PLACED, *JOINED)
        given.idle("" if copies or joined else "full", f"in {report.name}, which repeats nothing")
    if format not in PLACED:
        given.idle(PICTURES, f"in {format}")
    if format not in ("tikz",):
        given.idle("fragment", f"in {format}")
    if right and format not in DIRECTED:
        say(["--direction"], f"in {format}")


def _windowed(report: Report, inside: str | None) -> bool:
    """Whether the inside of a layer is one output of it, in numbers."""
    from cnncalc.diagram.inside.at import has

    try:
        return inside is not None and has(report[inside])
    except KeyError:
        return False


def _window(
    report: Report, inside: str, at: str | None, steps: int | None, format: str, fragment: bool, output: str | None
) -> str | bytes:
    """One output of a layer in numbers, or several. Raises `Fault`."""
    from cnncalc.diagram.formats import painted
    from cnncalc.diagram.inside.at import examples, text

    found = examples(report, inside, at, steps)
    if format in PLACED:
        from cnncalc.diagram.styles.grids import scene

        return painted(scene(f"{report.name}: {found[0].title}", found), format, fragment)
    if format not in ("text", "plain", "table"):
        raise Fault("option-value", f"the numbers inside a layer are text or a picture, not {format}", help="-f svg")
    said = text(found)
    if (columns := _screen(output)[1]) is None:
        return said
    from cnncalc.render.fit import hanging

    return "".join(f"{part}\n" for line in said.splitlines() for part in hanging(line, columns, 4))


def _screen(output: str | None) -> tuple[bool, int | None]:
    """Whether only plain characters may be printed, and how wide the terminal is."""
    from cnncalc.cli.output import room

    return (False, None) if output is not None else (not _lines(), room())


def _lines() -> bool:
    """Whether standard output can show lines and dots."""
    try:
        "●│─├┤┼╯╰┴×".encode(sys.stdout.encoding or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True
