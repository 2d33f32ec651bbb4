"""Patterns of layers' names."""

from __future__ import annotations

from fnmatch import fnmatchcase


def stands_in(name: str, pattern: str) -> bool:
    """Whether a layer is named: by its whole name, or by a block it stands in."""
    words = name.split(".")
    return any(fnmatchcase(".".join(words[: count + 1]), pattern) for count in range(len(words)))


def fits(name: str, pattern: str) -> bool:
    """Whether a layer is named: by its whole name, by a block it stands in, or by one of the words of its name."""
    return stands_in(name, pattern) or any(fnmatchcase(word, pattern) for word in name.split("."))
