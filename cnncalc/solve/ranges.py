"""Ranges of names on the command line: `k=1..7`, `k=1..9..2`, `k=1,3,5`, `same=true,false`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from cnncalc.core.problem import Fault

# More values than this are not listed for one name.
MOST = 10_000_000
HELP = "write a range k=1..7, with steps k=1..9..2, or values k=1,3,5"


def parse(words: Sequence[str]) -> dict[str, Sequence[object]]:
    """Names with their values, in order; raises `Fault`."""
    ranges: dict[str, Sequence[object]] = {}
    for word in words:
        name, equals, text = word.partition("=")
        name = name.strip()
        if not equals or not name.isidentifier():
            raise Fault("range-form", f'"{word}" is no NAME=RANGE', help=HELP)
        if name in ranges:
            raise Fault("range-form", f"{name} gets two ranges", help=f"put them together: {name}=1..3,7")
        ranges[name] = values(name, text)
    return ranges


def values(name: str, text: str) -> Sequence[object]:
    """The values of one range, each once; one that is written as a range is not listed."""
    parts = [part.strip() for part in text.strip().strip("[]").split(",")]
    found = [_part(name, part) for part in parts if part]
    if not found or any(not part for part in parts[:-1]):
        raise Fault("range-form", f'"{text}" gives {name} no values', help=HELP)
    if len(found) == 1:
        return found[0]
    if sum(map(len, found)) > MOST:
        raise Fault("range-form", f"{name} would have more than {MOST:,} values")
    result: list[object] = []
    seen: set[tuple[type, object]] = set()
    for value in chain(*found):
        key = (type(value), value)
        if key not in seen:
            seen.add(key)
            result.append(value)
    return result


def _part(name: str, text: str) -> Sequence[object]:
    for wrong in ("...", "…", ":", "-"):
        left, mark, right = text.partition(wrong)
        if mark and _whole(left) is not None and _whole(right) is not None:
            raise Fault("range-form", f'"{text}" is no range', help=f"write {name}={left.strip()}..{right.strip()}")
    pieces = text.split("..")
    if len(pieces) == 1:
        return [_value(text)]
    numbers = [number for number in map(_whole, pieces) if number is not None]
    if len(numbers) != len(pieces) or len(numbers) > 3:
        raise Fault("range-form", f'"{text}" is no range', help=HELP)
    first, last, step = (*numbers, 1)[:3]
    if step < 1:
        raise Fault("range-form", f'the step of "{text}" must be at least 1', help=HELP)
    if last < first:
        raise Fault("range-form", f'"{text}" holds nothing', help=f"write {name}={last}..{first}")
    return range(first, last + 1, step)


def _whole(text: str) -> int | None:
    text = text.strip()
    digits = text.removeprefix("-").replace("_", "")
    return int(text) if digits.isdigit() and digits.isascii() and len(digits) < 19 else None


def _value(text: str) -> Any:
    """A number, true or false; or a word, for an option that takes one."""
    number = _whole(text)
    if number is not None:
        return number
    word = {"true": True, "false": False, "none": None}.get(text.lower(), text)
    if word is not text:
        return word
    try:
        return float(text)
    except ValueError:
        return text.strip("'\"")
