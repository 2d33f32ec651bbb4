"""One thing to choose where the cursor is."""

from __future__ import annotations

from typing import NamedTuple


class Choice(NamedTuple):
    """What is inserted, of which kind it is, a line on it, and more."""

    text: str
    kind: str  # "key", "type", "option", "name", "attribute", "spec", "value"
    detail: str = ""
    more: str = ""
