"""What a command takes, as its module says it: the quick parser reads it, and typer's options are made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cnncalc.core.problem import fail, suggestion


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


def completing(*words: str) -> Callable[[str], list[str]]:
    """What completes an option that takes one of these words."""
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]


def one_of(option: str, value: str | None, known: Iterable[str]) -> None:
    """Refuse a value that an option does not take."""
    words = list(known)
    if value is not None and value not in words:
        listed = f"{', '.join(words[:-1])} or {words[-1]}"
        fail("option-value", f'{option} takes {listed}, not "{value}"', help=suggestion(value, words))
