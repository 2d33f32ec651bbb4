"""A diagram in the format that was asked for: one writer a format, loaded when it is needed."""

from __future__ import annotations

from importlib import import_module

from cnncalc.diagram.model import MOST_BOXES, MOST_FOR_PROGRAMS, Diagram
from cnncalc.document import Column, Document, Picture, Table

# What is drawn, and the formats of all commands.
FORMATS = ("text", "mermaid", "dot", "svg", "json", "table", "plain", "markdown", "latex", "csv", "html")
# Of the formats that other programs read.
LARGE = ("json", "dot", "csv")
# Of the formats in which arrows have a direction.
DIRECTED = ("mermaid", "dot", "svg", "markdown", "html")


def most(format: str) -> int:
    """How many boxes a format may have."""
    return MOST_FOR_PROGRAMS if format in LARGE else MOST_BOXES


def written(diagram: Diagram, format: str, params: bool = True, right: bool = False, ascii: bool = False) -> str:
    """The text of the diagram, ending with a newline. Raises `Fault` where no readable picture comes out."""
    if format in ("text", "plain", "table"):
        from cnncalc.diagram.formats import text

        return text.render(diagram, params, ascii)
    if format == "json":
        from cnncalc.diagram.formats.json import data
        from cnncalc.render import json

        return json.render(data(diagram, params))
    if format in ("mermaid", "dot", "svg"):
        made: str = import_module(f"cnncalc.diagram.formats.{format}").render(diagram, params, right)
        return made
    if format == "html":
        return _page(diagram, params, right)
    if format == "csv":
        columns = [Column("from", "name"), Column("to", "name"), Column("label"), Column("delay", "number")]
        names = [box.name for box in diagram.boxes]
        cells = [[names[edge.source], names[edge.target], edge.label, edge.delay] for edge in diagram.edges]
        document = Document([Table(columns, cells)])
    elif format == "markdown":
        from cnncalc.diagram.formats import mermaid

        document = Document([Picture(mermaid.render(diagram, params, right), "mermaid")])
    else:
        from cnncalc.diagram.formats import text

        document = Document([Picture(text.render(diagram, params, ascii=True))])
    page: str = import_module(f"cnncalc.render.{format}").render(document)
    return page


def _page(diagram: Diagram, params: bool, right: bool) -> str:
    """The SVG in a page."""
    from html import escape

    from cnncalc.diagram.formats import svg
    from cnncalc.render.text import safe

    picture = svg.render(diagram, params, right)
    title = escape(safe(diagram.name))
    head = f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n</head>\n'
    return f"{head}<body>\n{picture}</body>\n</html>\n"
