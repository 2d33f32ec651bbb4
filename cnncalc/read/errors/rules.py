"""The rules of pasted errors: a pattern, and what a message of that form means."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple


class Meaning(NamedTuple):
    """What an error says: a title, sentences, what to write, and the sizes by which its layer is known.

    `flattened` is a number of features that may be a feature map's, 0 for none.
    """

    title: str
    says: list[str]
    write: list[str]
    layer: dict[str, Any]
    flattened: int = 0


Rule = Callable[["re.Match[str]"], Meaning | None]
RULES: list[tuple[re.Pattern[str], Rule]] = []


def rule(pattern: str) -> Callable[[Rule], Rule]:
    """Make a function the meaning of a form of message."""

    def register(function: Rule) -> Rule:
        RULES.append((re.compile(pattern, re.DOTALL | re.IGNORECASE), function))
        return function

    return register
