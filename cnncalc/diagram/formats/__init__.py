"""A diagram or a picture in the format that was asked for: one writer a format, loaded when it is needed."""

from __future__ import annotations

from importlib import import_module

from cnncalc.diagram.model import MOST_BOXES, MOST_FOR_PROGRAMS, Diagram
from cnncalc.diagram.scene import Scene
from cnncalc.document import Column, Document, Picture, Table
from cnncalc.render.formats import FORMATS as OF_PAGES
from cnncalc.render.formats import ONE_TABLE

# What is drawn, and the formats of all commands.
FORMATS = (
    *("text", "mermaid", "dot", "svg", "tikz", "pdf", "png", "json", "explorer"),
    *("sixel", "kitty"),
    *(name for name in OF_PAGES if name != "json"),
)
# Of the formats that other programs read.
JOINED = ("mermaid", "dot", "markdown")  # activations and norms stand in the box of their layer, as in pictures
LARGE = ("json", "dot", "explorer", *ONE_TABLE)
# Of the formats in which arrows have a direction.
DIRECTED = ("mermaid", "dot", "svg", "tikz", "pdf", "png", "latex", "markdown", "html", "sixel", "kitty")
# Formats in which everything has its place: a picture is made first, of the size of a page.
PLACED = ("svg", "html", "tikz", "latex", "pdf", "png", "sixel", "kitty")


# A heading for those who hear the page; the picture shows the name.
HIDDEN = "h1 { position: absolute; clip-path: inset(50%) }"


def most(format: str) -> int:
    """How many boxes a format may have."""
    return MOST_FOR_PROGRAMS if format in LARGE else MOST_BOXES


def written(
    diagram: Diagram,
    format: str,
    params: bool = True,
    right: bool = False,
    ascii: bool = False,
    room: int | None = None,
) -> str | bytes:
    """The diagram; lines of text fit the `room`. Raises `Fault` where no readable picture comes out."""
    if format in ("text", "plain", "table"):
        from cnncalc.diagram.formats import text

        return text.render(diagram, params, ascii, room)
    if format in ("json", "explorer"):
        from cnncalc.render import json

        return json.render(import_module(f"cnncalc.diagram.formats.{format}").data(diagram, params))
    if format in ("mermaid", "dot"):
        made: str = import_module(f"cnncalc.diagram.formats.{format}").render(diagram, params, right)
        return made
    if format in PLACED:
        from cnncalc.diagram.styles import boxes

        return painted(boxes.scene(diagram, params, right), format)
    if format in ONE_TABLE:
        columns = [Column("from", "name"), Column("to", "name"), Column("label"), Column("delay", "number")]
        names = [box.name for box in diagram.boxes]
        cells = [[names[edge.source], names[edge.target], edge.label, edge.delay] for edge in diagram.edges]
        document = Document([Table(columns, cells)])
    else:
        from cnncalc.diagram.formats import mermaid

        document = Document([Picture(mermaid.render(diagram, params, right), "mermaid")])
    page: str = import_module(f"cnncalc.render.{format}").render(document)
    return page


def painted(scene: Scene, format: str, fragment: bool = False) -> str | bytes:
    """A picture in one of the formats in `PLACED`. Raises `Fault` where a library is missing."""
    if format == "html":
        return _page(scene)
    if format in ("tikz", "latex"):
        from cnncalc.diagram.formats import tikz

        return tikz.render(scene, fragment or format == "latex")
    made: str | bytes = import_module(f"cnncalc.diagram.formats.{format}").render(scene)
    return made


def _page(scene: Scene) -> str:
    """The SVG in a page."""
    from html import escape

    from cnncalc.diagram.formats import svg

    title = escape(scene.name)
    head = f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
    head += '<meta name="viewport" content="width=device-width">\n'
    rules = (":root { color-scheme: light dark }", "main { overflow-x: auto }", HIDDEN)
    head += "<style>\n" + "\n".join(rules) + "\n</style>\n</head>\n"
    return f'{head}<body>\n<main tabindex="0">\n<h1>{title}</h1>\n{svg.render(scene)}</main>\n</body>\n</html>\n'
