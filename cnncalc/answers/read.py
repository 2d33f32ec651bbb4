"""What an answer may mean: numbers, a shape, an array, true or false, a formula in the key's symbols; nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cnncalc.answers import array
from cnncalc.answers import shape as shapes
from cnncalc.answers.scalar import Scalar, readings
from cnncalc.answers.shape import Shape
from cnncalc.answers.spoken import answer_in
from cnncalc.answers.tokens import LONGEST, unreadable
from cnncalc.answers.typography import plain
from cnncalc.answers.words import without_lead
from cnncalc.core.problem import Fault
from cnncalc.read.yaml.value import Value

TRUTHS = {
    "true": True,
    "false": False,
    "yes": True,
    "no": False,
    "wahr": True,
    "falsch": False,
    "ja": True,
    "nein": False,
}
BLANK = frozenset(
    ("", "-", "--", "---", "–", "—", "?", "??", "???", "...", "…", "n/a", "na", "n.a.", "k.a.", "tbd", "todo")
)
# The names of the axes in brackets after a shape: (C x H x W).
LEGEND = re.compile(r"(?<=[\d\])])\s*\((?:[A-Za-z]\w*\s*[x×,*]\s*)+[A-Za-z]\w*\s*\)$|\s*\((?:N?CHW|N?HWC|N?CDHW)\)$")
# An answer and how it came about in brackets: `[16, 15] (⌊(32 + 2 - 5)/2⌋ + 1 = 15)`, `32 (16 gamma, 16 beta)`.
DERIVED = re.compile(
    r"(?P<answer>\[[\d, ]+\]|\([\d, ]+\)|\d[\d.,_]*(?:\s?[x×]\s?\d+)*)\s+\((?P<how>.*(?:[^\W\d_]{3}|=).*)\)"
)
DOUBT = re.compile(r"\b(?:or|not|no|maybe|than|least|most|less|more|oder|nicht|ou|pas)\b|\?", re.IGNORECASE)
RATIO = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*:\s*([0-9]+(?:\.[0-9]+)?)")
SIMPLE = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")


class Answer:
    """One answer: its text and its readings. Which of them counts depends on what was asked."""

    __slots__ = ("arrays", "numbers", "shape", "text", "truth")

    def __init__(self, text: str) -> None:
        self.text = text
        self.numbers: list[Scalar] = []
        self.shape: Shape | None = None
        self.arrays: list[Any] = []
        self.truth: bool | None = None

    def data(self) -> Any:
        """For JSON: a number or a list of numbers that was written as such, true or false; else the text.

        What arithmetic makes is not computed here: it might be the right value, which a hidden key does not show.
        """
        if self.truth is not None:
            return self.truth
        if SIMPLE.fullmatch(self.text):
            return float(self.text) if "." in self.text else int(self.text)
        if self.arrays and all(_written(one) for one in array.flat(self.arrays[0])):
            return _data(self.arrays[0])
        return self.text


def _written(one: Scalar) -> bool:
    """Whether a number was written and not computed."""
    return one.formula is None and not one.computed


def _data(items: Any) -> object:
    if isinstance(items, list):
        return [_data(item) for item in items]
    value = items.value
    return int(value) if items.unit is None and value == int(value) else float(value)


def is_blank(value: Value) -> bool:
    """Whether nothing was answered: nothing stands there, a dash, a question mark."""
    if value.kind != "scalar":
        return False
    text = value.text or ("" if value.data is None else str(value.data))
    return text.strip().strip("\"'").strip().lower() in BLANK or (
        value.data is None and text in ("null", "Null", "NULL", "~")
    )


def names_of(symbols: Iterable[str]) -> dict[str, str]:
    """How the key's symbols may be written: as they are, and in the other case where no other symbol is meant."""
    names = list(symbols)
    found = {name: name for name in names}
    for name in names:
        for other in (name.lower(), name.upper()):
            if other not in found and sum(one.lower() == name.lower() for one in names) == 1:
                found[other] = name
    return found


def read(value: Value, symbols: Mapping[str, str], ratio: bool = False) -> Answer:
    """The readings of what was written; raises Fault "answer-unreadable" with the reason where it has none.

    Where a ratio is asked for, `1:4` is one; elsewhere it may be a time, or a range.
    """
    if value.kind == "map":
        raise unreadable("it is a mapping", "write a number, a shape or a list")
    if value.kind == "list":
        return of_list(value, symbols)
    text = value.text if value.text else str(value.data)
    parts = RATIO.fullmatch(without_lead(text.strip())) if ratio else None
    return of_text(f"{parts[1]}/{parts[2]}" if parts else text, symbols)


def of_list(value: Value, symbols: Mapping[str, str]) -> Answer:
    """A list of YAML, which is a shape where it holds sizes, and an array where it holds numbers."""
    answer = Answer(shown(value))
    items = value.data
    first = items[0].text if items and items[0].kind == "scalar" else ""
    left_open = first.strip() in shapes.OPEN and first.strip() not in symbols and len(items) > 1
    if left_open:
        value = Value("list", items[1:], value.line, value.column, value.length, style=value.style)
    found = array.of_value(value, symbols, array.Budget())
    if not left_open or first.strip() == "-1":
        answer.arrays = [array.of_value(Value("list", items, 1, 1, 1), symbols, array.Budget()) if left_open else found]
    if all(isinstance(item, Scalar) for item in found):
        answer.shape = Shape(found, first.strip() if left_open else "", False, False)
    return answer


def shown(value: Value) -> str:
    """A list of YAML as one line."""
    parts: list[str] = []

    def add(value: Value, depth: int) -> None:
        if value.kind != "list" or depth > array.DEEPEST:
            parts.append(value.text if value.kind == "scalar" else "...")
            return
        parts.append("[")
        for index, item in enumerate(value.data):
            if index:
                parts.append(", ")
            add(item, depth + 1)
        parts.append("]")

    add(value, 0)
    return "".join(parts)


def of_text(text: str, symbols: Mapping[str, str]) -> Answer:
    """A text: true or false, an array in brackets, a shape, a number, a formula."""
    answer = Answer(text.strip())
    if text.strip().lower() in TRUTHS:
        answer.truth = TRUTHS[text.strip().lower()]
        return answer
    if SIMPLE.fullmatch(text) and len(text) < LONGEST:
        answer.numbers = readings(text, symbols)
        return answer
    if len(text) > array.LONGEST:
        raise unreadable(f"it is longer than {array.LONGEST:,} characters")
    if "[" not in text and len(text) > LONGEST:
        raise unreadable(f"it is longer than {LONGEST:,} characters")
    written = plain(text)
    derived = DERIVED.fullmatch(written) if not symbols and len(written) <= LONGEST else None
    if derived and not DOUBT.search(derived["how"]) and not shapes.is_rest(derived["answer"], derived["how"]):
        written = derived["answer"]
    if not symbols:
        written = LEGEND.sub("", answer_in(written))
    if len(written) > LONGEST:
        answer.arrays = array.of_text(written, symbols)
    else:
        answer.arrays = _tried(array.of_text, array.with_brackets(text) or written, symbols) or []
    if len(written) <= LONGEST:
        answer.shape = shapes.parse(written, symbols)
        try:
            answer.numbers = readings(written, symbols)
        except Fault:
            if not answer.arrays and answer.shape is None:
                raise
    if answer.shape is None and answer.arrays and all(isinstance(one, Scalar) for one in answer.arrays[0]):
        answer.shape = Shape(answer.arrays[0], "", False, False)
    return answer


def _tried(parse: Any, text: str, symbols: Mapping[str, str]) -> Any:
    """What a reader gives; None where it finds a fault, which another reader may not."""
    try:
        return parse(text, symbols)
    except Fault:
        return None
