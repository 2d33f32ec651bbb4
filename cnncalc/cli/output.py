"""What goes out: pages to standard output in the format that was asked for, problems to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from io import TextIOWrapper
from itertools import islice
from typing import TextIO

from cnncalc.core.problem import Problem
from cnncalc.document import Document, Made, Table

# Pieces of a text that are put together before they are written.
AT_ONCE = 2_000


class _Fragment:
    """Whether LaTeX is wanted without its document, and whether any was written so."""

    asked = False
    used = False

    def ask(self, wanted: bool) -> None:
        """Remember it for the command that is run now."""
        self.asked, self.used = wanted, False


FRAGMENT = _Fragment()


ROW_BY_ROW = ("plain", "csv")  # formats whose lines are written as the rows are made


def show(document: Document, format: str) -> None:
    """Write a page; a table for a terminal is drawn; elsewhere it is plain, and where its rows are made on the way."""
    tables = [part for part in document.parts if isinstance(part, Table) and isinstance(part.rows, Made)]
    if format == "table":
        from cnncalc.render.diagnostic import supports_colour

        columns = room()
        if columns is not None and not tables:
            from cnncalc.render import terminal

            write(terminal.render(document, columns, supports_colour(sys.stdout)))
            return
        format = "plain"
    if format != "plain":
        write_utf8()
    renderer = import_module(f"cnncalc.render.{format}")
    if tables and format in ROW_BY_ROW:
        write_all(f"{line}\n" for line in renderer.document_lines(document))
        return
    for table in tables:
        table.rows = list(table.rows)
    if format == "latex" and FRAGMENT.asked:
        FRAGMENT.used = True
        write(renderer.render(document, fragment=True))
        return
    write(renderer.render(document))


def show_json(document: dict[str, object]) -> None:
    """Write a JSON document."""
    from cnncalc.render import json

    write_utf8()
    write_all(json.pieces(document))


def write_utf8() -> None:
    """Have standard output take UTF-8, if it is a file or a pipe: what programs read is in it on every machine."""
    out = sys.stdout
    if isinstance(out, TextIOWrapper) and not (is_utf8(out) or out.isatty() or "PYTHONIOENCODING" in os.environ):
        out.reconfigure(encoding="utf-8", errors="backslashreplace")


def is_utf8(stream: TextIO) -> bool:
    """Whether a stream writes UTF-8."""
    return (stream.encoding or "").lower().replace("-", "") == "utf8"


def write(text: str) -> bool:
    """Write to standard output; False where its reader has gone: the rest is not for anyone."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        silence()
        return False
    return True


def write_all(pieces: Iterable[str]) -> None:
    """Write pieces as they come, many at a time."""
    rest = iter(pieces)
    while (some := "".join(islice(rest, AT_ONCE))) and write(some):
        pass


def print_problems(problems: Sequence[Problem]) -> None:
    """Write problems to standard error."""
    if not problems:
        return
    from cnncalc.render.diagnostic import render, supports_colour

    try:
        sys.stderr.write(render(problems, supports_colour(sys.stderr), room(sys.stderr)))
        sys.stderr.flush()
        annotate(lambda: problems)
    except OSError:  # stderr is closed
        silence(sys.stderr)


def annotate(problems: Callable[[], Sequence[Problem]]) -> None:
    """Write problems to standard error as commands of GitHub Actions, where these are wanted."""
    if os.environ.get("CNNCALC_ANNOTATIONS") == "github":
        from cnncalc.render.annotation import commands

        sys.stderr.write(commands(problems()))
        sys.stderr.flush()


def open_streams() -> None:
    """Let streams that were closed by the caller lead nowhere."""
    if sys.stdout is None or sys.stdout.closed:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as long as the process lives
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def silence(stream: TextIO | None = None) -> None:
    """Send a stream (standard output) nowhere, so that the interpreter does not stumble over it when it closes it."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, (stream or sys.stdout).fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass


def room(stream: TextIO | None = None) -> int | None:
    """The columns of the terminal that standard output, or another stream, is; None where it is none."""
    stream = stream or sys.stdout
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return None
    if stream is not sys.stdout and not os.environ.get("COLUMNS"):
        return os.get_terminal_size(stream.fileno()).columns or None
    from shutil import get_terminal_size

    return get_terminal_size().columns
