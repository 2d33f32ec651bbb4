"""Inline chains: "3x64x64 -> Conv2d(3, 16, 3, padding=1) -> MaxPool2d(2)"."""

from __future__ import annotations

SEPARATORS = ("-->", "==>", "->", "=>", "→", "⟶", "⇒", "|", "\n")


def split_chain(text: str) -> list[tuple[int, str]]:
    """The parts between arrows outside brackets and quotes, each with its offset in the text."""
    parts: list[tuple[int, str]] = []
    depth, quote, start, at = 0, "", 0, 0
    while at < len(text):
        letter = text[at]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif depth <= 0:
            arrow = next((mark for mark in SEPARATORS if text.startswith(mark, at)), None)
            if arrow:
                _add(parts, text, start, at)
                at += len(arrow)
                start = at
                continue
        at += 1
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
