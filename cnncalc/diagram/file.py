"""A diagram's text in a file: whole or not at all, and never over what was read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable

from cnncalc.problem import Fault

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


def save(path: str, text: str, inputs: Iterable[str] = ()) -> None:
    """Write a text to a file, which is not one of the `inputs`. Raises `Fault`."""
    may_save(path, inputs)
    path = os.path.realpath(path)
    made = ""
    try:
        handle, made = tempfile.mkstemp(prefix=".", dir=os.path.dirname(path))
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(made, 0o666 & ~mask)
        os.replace(made, path)
        made = ""
    except OSError as error:
        raise Fault("cannot-save", f'"{path}" cannot be written: {error.strerror or error}') from None
    finally:
        if made:
            os.unlink(made)


def may_save(path: str, inputs: Iterable[str] = ()) -> None:
    """Refuse a folder, a file in no folder, and a file that was read. Raises `Fault`."""
    if os.path.isdir(path):
        raise Fault("cannot-save", f'"{path}" is a folder')
    if not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise Fault("cannot-save", f'there is no folder "{os.path.dirname(path)}"')
    if os.path.exists(path) and not os.path.isfile(path):
        raise Fault("cannot-save", f'"{path}" is no file')
    for other in inputs:
        if os.path.exists(path) and os.path.exists(other) and os.path.samefile(path, other):
            raise Fault("cannot-save", f'"{path}" is an input and is not overwritten', help="save under another name")
