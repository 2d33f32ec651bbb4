"""NET left out: `net.yaml` in this folder, or the only spec there, or what comes through a pipe; a note says which."""

from __future__ import annotations

import os
import re
import stat
import sys
from typing import Any

from cnncalc.bundled import SUFFIXES
from cnncalc.core.problem import Problem
from cnncalc.read.formats import FILES

USUAL = "net.yaml"
OTHERS = (".json", ".py", *FILES)  # suffixes of other files that are networks
# What a spec has at its top, also in one line of braces.
SPEC = re.compile(r"^(?:\s*\{.*)?[\"']?\b(?:layers|base)[\"']?\s*:", re.MULTILINE)
# Names of a folder that are looked at, specs of it that are read, and how much of each.
MOST_NAMES, MOST_FILES, MOST_TEXT = 10_000, 200, 1 << 16
# Specs that a message names, and the seconds in which a pipe must have brought something.
MOST_LISTED, PATIENCE = 8, 10.0


class Missing(Exception):
    """NET was left out, and nothing stands for it."""

    def __init__(self, why: str, help: list[str]) -> None:
        super().__init__(why)
        self.message = why
        self.help = help


def net() -> str:
    """What stands for NET where it is left out, with a note on it; raises `Missing`."""
    if "_CNNCALC_COMPLETE" in os.environ:
        return ""
    found, others = _here()
    if found is not None:
        _say(f"{found} in this folder is taken", found)
        return found
    if _piped():
        _say("standard input is taken", "-")
        return "-"
    if others:
        more = f" and {len(others) - MOST_LISTED} more" if len(others) > MOST_LISTED else ""
        listed = ", ".join(others[:MOST_LISTED]) + more
        raise Missing(f", and this folder has {len(others)} specs", [f"say which: {listed}"])
    raise Missing("", [])


def names_net(word: str) -> bool:
    """Whether a word can be NET: a chain, standard input, a file or a bundled name."""
    if word == "-" or "->" in word or "→" in word or "=>" in word or os.path.exists(word):
        return True
    if re.sub(r":\w+(\(.*\))?$", "", word).lower().endswith((*SUFFIXES, *OTHERS)):
        return True
    from cnncalc.bundled import bundled, bundled_path

    return word in bundled() or ("/" in word and bundled_path(word) is not None)


def _here() -> tuple[str | None, list[str]]:
    """`net.yaml`, or the only spec of this folder; else None and the specs there are."""
    if os.path.isfile(USUAL):
        return USUAL, []
    names = []
    try:
        with os.scandir(".") as entries:
            for _, entry in zip(range(MOST_NAMES), entries, strict=False):
                if entry.name.lower().endswith(SUFFIXES) and not entry.name.startswith(".") and entry.is_file():
                    names.append(entry.name)
    except OSError:
        return None, []
    specs = [name for name in sorted(names)[:MOST_FILES] if _is_spec(name)]
    return (specs[0], specs) if len(specs) == 1 else (None, specs)


def _is_spec(name: str) -> bool:
    try:
        with open(name, encoding="utf-8", errors="replace") as file:
            return SPEC.search(file.read(MOST_TEXT)) is not None
    except OSError:
        return False


def _piped() -> bool:
    """Whether standard input is a file or a pipe that brings something; a terminal is never read."""
    try:
        number = sys.stdin.fileno()
        mode = os.fstat(number).st_mode
        if stat.S_ISFIFO(mode):
            return _ready(number, PATIENCE, unknown=True) and _more()
        return stat.S_ISREG(mode) and _more()
    except (AttributeError, OSError, ValueError):  # closed, or no file at all
        return False


def _ready(number: int, seconds: float, unknown: bool) -> bool:
    """Whether a pipe has something, or its end, within that time; Windows cannot be asked that of a pipe."""
    import select

    try:
        return bool(select.select([number], [], [], seconds)[0])
    except (OSError, ValueError):
        return unknown


def _more() -> bool:
    """Whether standard input has anything before its end."""
    buffer: Any = sys.stdin.buffer
    return bool(buffer.peek(1))


def _say(what: str, taken: str) -> None:
    from cnncalc.cli.output import print_problems

    help: tuple[str, ...] = ()
    if taken != "-" and _waiting():
        help = ("what comes on standard input is not read; - reads it",)
    print_problems([Problem("net-left-out", f"NET was left out: {what}", help=help, severity="note")])


def _waiting() -> bool:
    """Whether a pipe has brought something that nobody asked for."""
    try:
        number = sys.stdin.fileno()
        return stat.S_ISFIFO(os.fstat(number).st_mode) and _ready(number, 0, unknown=False) and _more()
    except (AttributeError, OSError, ValueError):
        return False


def problem(name: str, error: Any) -> Problem:
    """The diagnostic for a command that has nothing to stand for NET."""
    help = error.help or [f'for example: {name} net.yaml, {name} lenet5, or {name} "3x64x64 -> Conv2d(3, 16, 3)"']
    return Problem("missing-argument", f"{name} needs NET{error.message}", help=help)
