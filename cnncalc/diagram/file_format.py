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
    ".tex": "tikz",
    ".tikz": "tikz",
    ".pdf": "pdf",
    ".png": "png",
    ".txt": "text",
}
PICTURES = (".jpg", ".jpeg", ".gif", ".eps", ".webp", ".bmp")


def format_of(path: str) -> str | None:
    """The format that a file's ending asks for; None where it says nothing. Raises `Fault` for pictures of dots."""
    ending = os.path.splitext(path)[1].lower()
    if ending in PICTURES:
        raise Fault(
            "cannot-save",
            f'"{path}": {ending} is not among what is drawn',
            help="write an .svg, .pdf or .png",
        )
    return FORMATS.get(ending)
