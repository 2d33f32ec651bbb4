"""Calls of nothing but literals, `Conv2d(3, 16, kernel_size=3, padding='same')`: cut apart without Python's parser.

Most layers of a long spec are written so. What is unusual in any way is left to the parser, which has the messages.
"""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.expression.vocabulary import KEYWORDS

# Longer texts are left to the parser, and so are longer numbers.
LONGEST = 200
MOST_DIGITS = 9
WORDS: dict[str, object] = {"True": True, "False": False, "None": None}


class Part(NamedTuple):
    """An argument: its keyword ("" without one) and where that begins; its value, and where that stands."""

    word: str
    at: int
    value: object
    start: int
    end: int


def plain_call(text: str) -> tuple[str, list[Part]] | None:
    """The name and the arguments of such a call, keywords last and each once; None for every other text."""
    name, bracket, rest = text.partition("(")
    if not bracket or rest[-1:] != ")" or len(text) > LONGEST or not text.isascii():
        return None
    if not all(map(_is_name, name.split("."))):
        return None
    parts: list[Part] = []
    at = len(name) + 1
    words = set()
    for written in rest[:-1].split(",") if len(rest) > 1 else ():
        word, equals, right = written.partition("=")
        if not equals:
            word, right = "", written
        elif _is_name(word := word.strip(" ")) and word not in words:
            words.add(word)
        else:
            return None
        if words and not word:
            return None
        shown = right.strip(" ")
        value = _value(shown)
        if value is _value:
            return None
        end = at + len(written.rstrip(" "))
        parts.append(Part(word, end - len(written.strip(" ")), value, end - len(shown), end))
        at += len(written) + 1
    return name, parts


def _is_name(word: str) -> bool:
    """Whether it is a name that Python reads as one, too."""
    return word.isidentifier() and word not in KEYWORDS and word[0] != "_"


def _value(shown: str) -> object:
    """The number, text, truth value or None that is written; this function itself for anything else."""
    if shown.isdigit():
        return int(shown) if len(shown) <= MOST_DIGITS and (shown[0] != "0" or shown == "0") else _value
    if shown in WORDS:
        return WORDS[shown]
    if shown[:1] in ("'", '"'):
        inner = shown[1:-1]
        return inner if shown[-1] == shown[0] and inner.replace("_", "").isalnum() else _value
    whole, _, decimals = shown.partition(".")
    if whole.isdigit() and decimals.isdigit() and len(shown) <= MOST_DIGITS and (whole[0] != "0" or whole == "0"):
        return float(shown)
    return _value
