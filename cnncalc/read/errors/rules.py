"""The rules of pasted errors: a pattern, and what a message of that form means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from cnncalc.read.errors.sizes import listed, numbers


class Meaning(NamedTuple):
    """What an error says: a title, sentences, what to write, and the sizes by which its layer is known.

    `flattened` is a number of features that may be a feature map's, 0 for none.
    """

    title: str
    says: list[str]
    write: list[str]
    layer: dict[str, object] = {}
    flattened: int = 0


Rule = Callable[["re.Match[str]"], Meaning | None]
RULES: list[tuple[re.Pattern[str], Rule]] = []


def rule(pattern: str) -> Callable[[Rule], Rule]:
    """Make a function the meaning of a form of message."""

    def register(function: Rule) -> Rule:
        RULES.append((re.compile(pattern, re.DOTALL | re.IGNORECASE), function))
        return function

    return register


class _Group(str):
    """What a group of a pattern found; `shape` as its format writes it as a list of sizes."""

    __slots__ = ()

    def __format__(self, form: str) -> str:
        return listed(numbers(self)) if form == "shape" else str(self)


def said(pattern: str, title: str, says: Iterable[str], write: Iterable[str], **layer: str) -> None:
    """A form of message whose meaning is the same whatever was found: {1} is the pattern's first group, as it stands."""

    @rule(pattern)
    def meaning(found: re.Match[str]) -> Meaning:
        groups = [_Group(group) for group in (found[0], *found.groups())]

        def filled(texts: Iterable[str]) -> list[str]:
            return [text.format(*groups) for text in texts]

        wanted: dict[str, object] = dict(zip(layer, filled(layer.values()), strict=True))
        return Meaning(title, filled(says), filled(write), wanted)
