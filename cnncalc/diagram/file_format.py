"""The formats that the names of files ask for."""

from __future__ import annotations

import os

from cnncalc.core.problem import Fault

# The format that a file's name asks for.
FORMATS = {
    ".svg": "svg",
    ".dot": "dot",
    ".gv": "dot",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".md": "markdown",
    ".html": "html",
    ".json": "json",
    ".csv": "csv",
    ".tex": "latex",
    ".txt": "text",
}
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".pdf", ".eps")


def format_of(path: str) -> str | None:
    """The format that a file's ending asks for; None where it says nothing. Raises `Fault` for pictures of dots."""
    ending = os.path.splitext(path)[1].lower()
    if ending in PICTURES:
        raise Fault(
            "cannot-save",
            f'"{path}": {ending} is not among what is drawn',
            help="write an .svg, which browsers show and rsvg-convert or Inkscape turn into others",
        )
    return FORMATS.get(ending)
