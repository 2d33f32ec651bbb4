"""A command as a user runs it, in this process: with streams, a folder and an environment of its own.

A start of Python costs more than most commands; `test_environment.py`, `test_startup.py` and the blocks of the README
start real ones.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from cnncalc.cli.app import main


class Outcome(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


def run(
    argv: Sequence[str], where: Path, env: Mapping[str, str] | None = None, stdin: str = "", merged: bool = False
) -> Outcome:
    """Run `cnncalc argv` in a folder; with `merged` both streams are `out`, as on a terminal. `env` is all there is."""
    out = _stream()
    err = out if merged else _stream()
    given = _stream(stdin.encode("utf-8"))
    here = Path.cwd()
    os.chdir(where)
    try:
        with (
            patch.dict(os.environ, os.environ if env is None else env, clear=True),
            patch.multiple(sys, stdin=given, stdout=out, stderr=err),
        ):
            status = main(list(argv))
    finally:
        os.chdir(here)
    return Outcome(status, _text(out), "" if merged else _text(err))


def _stream(data: bytes = b"") -> TextIOWrapper:
    return TextIOWrapper(BytesIO(data), encoding="utf-8")


def _text(stream: TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, BytesIO)
    return stream.buffer.getvalue().decode("utf-8")
