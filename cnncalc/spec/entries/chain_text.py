"""Inline chains: "3x64x64 -> Conv2d(3, 16, 3, padding=1) -> MaxPool2d(2)"."""

from __future__ import annotations

import re

SEPARATORS = ("-->", "==>", "->", "=>", "→", "⟶", "⇒", "|", "\n")
# What changes how a chain goes on: arrows, brackets, quotes.
_SIGN = re.compile("|".join(map(re.escape, (*SEPARATORS, *"'\"([{)]}"))))


def split_chain(text: str) -> list[tuple[int, str]]:
    """The parts between arrows outside brackets and quotes, each with its offset in the text."""
    parts: list[tuple[int, str]] = []
    depth, quote, start = 0, "", 0
    for found in _SIGN.finditer(text):
        sign = found[0]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif depth <= 0:
            _add(parts, text, start, found.start())
            start = found.end()
    _add(parts, text, start, len(text))
    return parts


def _add(parts: list[tuple[int, str]], text: str, start: int, end: int) -> None:
    part = text[start:end]
    stripped = part.strip()
    if stripped:
        parts.append((start + len(part) - len(part.lstrip()), stripped))


def is_chain(text: str) -> bool:
    """Whether a command's NET is meant as a chain and not as a file or a name."""
    return bool(text.strip()) and (any(mark in text for mark in SEPARATORS) or "(" in text)
