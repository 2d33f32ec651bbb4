"""How a function and a loop are left while they are followed."""

from __future__ import annotations


class Return(Exception):
    """A function returns."""

    def __init__(self, value: object) -> None:
        self.value = value


class Loop(Exception):
    """break or continue."""


class Break(Loop):
    pass


class Continue(Loop):
    pass
