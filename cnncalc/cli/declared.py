"""What a command takes, as its module says it: the quick parser reads it, and typer's options are made from it."""

from __future__ import annotations

from typing import Any


class Option:
    """An option: how it is written, and what else is known of it, in typer's words."""

    def __init__(self, *written: str, **more: Any) -> None:
        self.written = written
        self.more = more


class Argument(Option):
    """What stands on its place."""


class Context:
    """What a command learns of the line it was called with: its options by the parameter, as they were written."""

    def __init__(self, given: dict[str, str], params: dict[str, object]) -> None:
        self.given = given
        self.params = params
