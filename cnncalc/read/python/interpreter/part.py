"""What the parts of the interpreter have in common: how a function is left, and that they are one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.read.python.values import File

LENGTH = 1_000_000  # of a list or a text


class Return(Exception):
    """A function returns."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Loop(Exception):
    """break or continue."""


class Break(Loop):
    pass


class Continue(Loop):
    pass


class Part:
    """A part of the interpreter; what it asks of the other parts is found when all are one class."""

    steps: int
    depth: int
    optional: int
    file: File | None
    entry: tuple[Any, File] | None
    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...
