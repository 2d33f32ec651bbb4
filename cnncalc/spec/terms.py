"""The long form of a question in a key: `{value: 448, points: 2, digits: 3, text: How many parameters?}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypedDict

from cnncalc.core.problem import suggestion
from cnncalc.read.yaml.value import Value

CARRIED = ("full", "half", "none")
MOST_DIGITS = 15
MOST_POINTS = 1_000_000
Complain = Callable[[str, Value, str | tuple[str, ...]], None]


class Terms(NamedTuple):
    """How an answer is judged: its points, those for a known mistake, its precision; and the question in words."""

    points: float = 1
    partial: Mapping[str, float] = {}
    carried: str = "full"
    digits: int | None = None
    tolerance: float | None = None
    relative: bool = False
    text: str = ""


class Found(TypedDict, total=False):
    """The terms that were written."""

    points: float
    partial: Mapping[str, float]
    carried: str
    digits: int
    tolerance: float
    relative: bool
    text: str


PLAIN = Terms()
KEYS = ("value", "points", "partial", "carried", "digits", "tolerance", "text")


def is_long(name: str, item: Value) -> bool:
    """Whether a mapping beside a question is its long form, and not several questions about one layer."""
    words = {key.text for key, _ in item.data}
    if not words & set(KEYS):
        return False
    return words != {"value"} or not re.fullmatch(r"[\w.]*\w", name) or "." in name


def read_terms(item: Value, complain: Complain) -> tuple[Value, Terms]:
    """The value and the terms of a long form; what is wrong is told to `complain` with its place and some help."""
    value = Value("scalar", None, item.line, item.column, item.length)
    found: Found = {}
    for key, given in item.data:
        word = key.text
        if word == "value":
            value = given
        elif word not in KEYS:
            complain(f'a question has no key "{word}"', key, suggestion(word, KEYS, f"its keys are {', '.join(KEYS)}"))
        elif word == "partial":
            found["partial"] = _partial(given, complain)
        else:
            READ[word](given, found, complain)
    return value, Terms(**found)


def _partial(given: Value, complain: Complain) -> dict[str, float]:
    if given.kind != "map":
        complain("partial holds mistakes with their points", given, "write partial: {bias-forgotten: 1}")
        return {}
    points: dict[str, float] = {}
    for code, worth in given.data:
        one: Found = {}
        _points(worth, one, complain)
        if one:
            points[code.text] = one["points"]
    return points


def _points(given: Value, found: Found, complain: Complain) -> None:
    number = _number(given)
    if number is None or not 0 <= number <= MOST_POINTS:
        complain(f"points are a number from 0, not {given.text or 'a list'}", given, "write points: 2")
        return
    found["points"] = number


def _digits(given: Value, found: Found, complain: Complain) -> None:
    if given.kind != "scalar" or type(given.data) is not int or not 1 <= given.data <= MOST_DIGITS:
        complain(f"digits are a whole number from 1 to {MOST_DIGITS}, not {given.text}", given, "write digits: 3")
        return
    found["digits"] = given.data


def _tolerance(given: Value, found: Found, complain: Complain) -> None:
    text = given.text.strip() if given.kind == "scalar" else ""
    relative = text.endswith("%")
    number = _parsed(text.rstrip("% "))
    if number is None or number < 0:
        complain(f"a tolerance is a number or a percentage, not {text or 'a list'}", given, "write tolerance: 1%")
        return
    found["tolerance"] = number / 100 if relative else number
    found["relative"] = relative


def _carried(given: Value, found: Found, complain: Complain) -> None:
    word = given.text.strip() if given.kind == "scalar" else ""
    if word not in CARRIED:
        help = suggestion(word, CARRIED, "write carried: half")
        complain(f"carried is one of {', '.join(CARRIED)}, not {word or 'a list'}", given, help)
        return
    found["carried"] = word


def _text(given: Value, found: Found, complain: Complain) -> None:
    if given.kind != "scalar" or not given.text.strip():
        complain("text is the question in words", given, "write text: How many parameters has conv1?")
        return
    found["text"] = given.text.strip()


def _number(given: Value) -> float | None:
    return _parsed(given.text.strip()) if given.kind == "scalar" else None


def _parsed(text: str) -> float | None:
    if re.fullmatch(r"[0-9]{1,12}", text):
        return int(text)
    plain = re.fullmatch(r"[0-9]{1,12}\.[0-9]{0,12}(?:e-?[0-9]{1,2})?|[0-9]{1,12}e-?[0-9]{1,2}|\.[0-9]{1,12}", text)
    return float(text) if plain else None


READ: dict[str, Callable[[Value, Found, Complain], None]] = {
    "points": _points,
    "digits": _digits,
    "tolerance": _tolerance,
    "carried": _carried,
    "text": _text,
}
