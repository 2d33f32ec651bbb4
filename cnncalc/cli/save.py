"""Texts that go to a file, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from typing import Annotated

import typer

from cnncalc.cli.output import write
from cnncalc.problem import fail

Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to a file instead of standard output."),
]


def put(text: str, path: str | None, inputs: Iterable[str] = ()) -> None:
    """Write a text to a file, or to standard output without one; never over one of the `inputs`.

    The file appears when it is complete: a text of which only the beginning could be written is not left behind.
    Raises `SpecError`.
    """
    if path is None:
        write(text)
        return
    may_put(path, inputs)
    made = ""
    try:
        handle, made = tempfile.mkstemp(prefix=".", dir=os.path.dirname(os.path.abspath(path)))
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        os.chmod(made, 0o666 & ~_mask())
        os.replace(made, path)
        made = ""
    except OSError as error:
        fail("cannot-save", f'"{path}" cannot be written: {error.strerror or error}')
    finally:
        if made:
            os.unlink(made)


def may_put(path: str, inputs: Iterable[str] = ()) -> None:
    """Refuse a path that is a folder, or in none, or an input. Raises `SpecError`."""
    if not path or os.path.isdir(path):
        fail("cannot-save", f'"{path}" is a folder' if path else "the name of the file is empty")
    if not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        fail("cannot-save", f'there is no folder "{os.path.dirname(path)}"')
    for other in inputs:
        if os.path.exists(path) and os.path.exists(other) and os.path.samefile(path, other):
            fail("cannot-save", f'"{path}" is an input and is not overwritten', help="save under another name")


def _mask() -> int:
    """The permissions that new files do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
