"""A diagram or a picture in the format that was asked for: one writer a format, loaded when it is needed.

A new one is a module here, with `render(diagram, params, right)` or, of a picture, `render(scene)`, and a line below.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import NamedTuple

from cnncalc.core.problem import Fault
from cnncalc.diagram.model import MOST_BOXES, MOST_FOR_PROGRAMS, Diagram
from cnncalc.diagram.scene import Scene
from cnncalc.document import Column, Document, Picture, Table
from cnncalc.render.formats import FORMATS as OF_PAGES


class Format(NamedTuple):
    """What is known of a format.

    takes       "text": lines of a terminal; "graph": boxes and arrows, which another program places; "data": the same
                as JSON; "picture": everything has its place, and is made of the size of a page first; "table":
                a row for each arrow; "page": a page that has the drawing as a part
    suffixes    endings of files that ask for it
    directed    whether arrows have a direction
    joined      whether activations and norms stand in the box of their layer; in pictures they do
    large       whether it may have as many boxes as other programs read
    """

    name: str
    takes: str
    suffixes: tuple[str, ...] = ()
    directed: bool = False
    joined: bool = False
    large: bool = False


DRAWN = (
    Format("text", "text", (".txt",)),
    Format("mermaid", "graph", (".mmd", ".mermaid"), directed=True, joined=True),
    Format("dot", "graph", (".dot", ".gv"), directed=True, joined=True, large=True),
    Format("svg", "picture", (".svg",), directed=True),
    Format("tikz", "picture", (".tex", ".tikz"), directed=True),
    Format("pdf", "picture", (".pdf",), directed=True),
    Format("png", "picture", (".png",), directed=True),
    Format("json", "data", (".json",), large=True),
    Format("explorer", "data", large=True),
    Format("sixel", "picture", directed=True),
    Format("kitty", "picture", directed=True),
    # formats of pages, of which further ones have the drawing as a part
    Format("table", "text"),
    Format("plain", "text"),
    Format("markdown", "page", (".md",), directed=True, joined=True),
    Format("latex", "picture", directed=True),
    Format("csv", "table", (".csv",), large=True),
    Format("html", "picture", (".html",), directed=True),
)
_NAMED = {format.name: format for format in DRAWN}
_NAMED |= {page: Format(page, "page") for page in OF_PAGES if page not in _NAMED}
FORMATS = tuple(_NAMED)
JOINED = tuple(format.name for format in DRAWN if format.joined)
DIRECTED = tuple(format.name for format in DRAWN if format.directed)
PLACED = tuple(format.name for format in DRAWN if format.takes == "picture")
# The format that a file's name asks for, and endings of pictures that are not made.
SUFFIXES = {suffix: format.name for format in DRAWN for suffix in format.suffixes}
PICTURES = (".jpg", ".jpeg", ".gif", ".eps", ".webp", ".bmp")

# A heading for those who hear the page; the picture shows the name.
HIDDEN = "h1 { position: absolute; clip-path: inset(50%) }"


def most(format: str) -> int:
    """How many boxes a format may have."""
    return MOST_FOR_PROGRAMS if _NAMED[format].large else MOST_BOXES


def format_of(path: str) -> str | None:
    """The format that a file's ending asks for; None where it says nothing. Raises `Fault` for pictures of dots."""
    ending = os.path.splitext(path)[1].lower()
    if ending in PICTURES:
        raise Fault(
            "cannot-save",
            f'"{path}": {ending} is not among what is drawn',
            help="write an .svg, .pdf or .png",
        )
    return SUFFIXES.get(ending)


def written(
    diagram: Diagram,
    format: str,
    params: bool = True,
    right: bool = False,
    ascii: bool = False,
    room: int | None = None,
) -> str | bytes:
    """The diagram; lines of text fit the `room`. Raises `Fault` where no readable picture comes out."""
    takes = _NAMED[format].takes
    if takes == "text":
        from cnncalc.diagram.formats import text

        return text.render(diagram, params, ascii, room)
    if takes == "data":
        from cnncalc.render import json

        return json.render(import_module(f"cnncalc.diagram.formats.{format}").data(diagram, params))
    if takes == "graph":
        made: str = import_module(f"cnncalc.diagram.formats.{format}").render(diagram, params, right)
        return made
    if takes == "picture":
        from cnncalc.diagram.styles import boxes

        return painted(boxes.scene(diagram, params, right), format)
    if takes == "table":
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
    """A picture in a format of pictures. Raises `Fault` where a library is missing."""
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
