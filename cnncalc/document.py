"""What a page is made of, without ink: pages build these, renderers draw them, neither knows the other.

A cell of a table holds the value itself (an int, a shape, a fraction); its column's kind says how to write it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypedDict

# Kinds of a column, and what its cells hold:
#   name     str, a layer or block            text     str
#   shape    tuple of sizes and symbols       number   an int or a formula
#   percent  a fraction of 1                  ratio    a number of times
#   mark     True, False or None              value    anything that `ask` can answer
# Words for names of JSON, of options and of what `ask` takes.
WORDS = {
    "dense": "fully connected equivalent",
    "macs (scores)": "macs (QK^T)",
    "macs (mix)": "macs (attention-weighted sum of V)",
    "scores": "QK^T",
    "mix": "attention-weighted sum of V",
    "part": "component",
    "dense weights": "FC weights",
    "dense biases": "FC biases",
    "dense params": "FC params",
    "dense / params": "FC / params",
}
RIGHT = frozenset({"number", "percent", "ratio"})


class Heading:
    """A title; level 1 is the page's."""

    __slots__ = ("level", "text")

    def __init__(self, text: str, level: int = 1) -> None:
        self.text = text
        self.level = level


class Column:
    """One column of a table: its title and the kind of its cells; a `spare` one may be missing on a narrow screen."""

    __slots__ = ("kind", "spare", "title")

    def __init__(self, title: str, kind: str = "text", spare: bool = False) -> None:
        self.title = title
        self.kind = kind
        self.spare = spare

    @property
    def right(self) -> bool:
        """Whether its cells stand at the right edge."""
        return self.kind in RIGHT


class Worded(str):
    """What a person reads in the place of `data`, the name that data formats have."""

    __slots__ = ("data",)

    data: str

    @classmethod
    def of(cls, name: str, words: str = "") -> Worded:
        """The words for a name, where none are given those of the table; names without any stand for themselves."""
        made = cls(words or WORDS.get(name, name))
        made.data = name
        return made


class Bar(str):
    """A bar as letters; `start` and `end`, parts of its width, say where a format that draws begins and ends it."""

    __slots__ = ("end", "start")

    start: float
    end: float

    @classmethod
    def of(cls, text: str, start: float, end: float) -> Bar:
        """A bar between two parts of the whole width."""
        made = cls(text)
        made.start, made.end = start, end
        return made


class Made:
    """Rows of a table that are made each time they are gone through; `some` of them have its widest cells."""

    __slots__ = ("make", "some")

    def __init__(self, make: Callable[[], Iterator[Sequence[Any]]], some: Sequence[Sequence[Any]]) -> None:
        self.make = make
        self.some = some

    def __iter__(self) -> Iterator[Sequence[Any]]:
        return self.make()


class Table:
    """Rows under columns. `lead` rows stand before them and `footers` after them; data formats leave both out.

    The rows of a `sortable` one stand in no order of their own.
    """

    __slots__ = ("columns", "footers", "lead", "rows", "sortable")

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Any]] | Made,
        *,
        lead: Sequence[Sequence[Any]] = (),
        footers: Sequence[Sequence[Any]] = (),
        sortable: bool = False,
    ) -> None:
        self.columns = list(columns)
        self.rows = rows if isinstance(rows, Made) else list(rows)
        self.lead = list(lead)
        self.footers = list(footers)
        self.sortable = sortable


class Formula:
    """A line of mathematics: `left = steps[0] = steps[1] = ...`, each in plain text.

    `tex_left` and `tex_steps` say the same in TeX, where it is known; a newline stands where a long sum may be broken.
    """

    __slots__ = ("left", "steps", "tex_left", "tex_steps")

    def __init__(self, left: str, steps: Sequence[str], tex_left: str = "", tex_steps: Sequence[str] = ()) -> None:
        self.left = left
        self.steps = list(steps)
        self.tex_left = tex_left
        self.tex_steps = list(tex_steps)


class Tree:
    """A line with lines below it."""

    __slots__ = ("children", "text")

    def __init__(self, text: str, children: Sequence[Tree] = ()) -> None:
        self.text = text
        self.children = list(children)


class Note:
    """A sentence; `kind` is "note", "good" or "bad"."""

    __slots__ = ("kind", "text")

    def __init__(self, text: str, kind: str = "note") -> None:
        self.text = text
        self.kind = kind


class Picture:
    """Text whose lines and spaces must stay as they are."""

    __slots__ = ("language", "text")

    def __init__(self, text: str, language: str = "") -> None:
        self.text = text
        self.language = language


class Question:
    """A question with the place for an answer, or with the answer and lines on how it comes about.

    `ask` is what the answer is written beside; `choices` are those that a multiple choice has.
    """

    __slots__ = ("answer", "ask", "choices", "number", "points", "reasons", "text")

    def __init__(
        self,
        number: int,
        text: str,
        ask: str = "",
        points: str = "",
        answer: str | None = None,
        reasons: Sequence[str] = (),
        choices: Sequence[str] = (),
    ) -> None:
        self.number = number
        self.text = text
        self.ask = ask
        self.points = points
        self.answer = answer
        self.reasons = list(reasons)
        self.choices = list(choices)

    @property
    def lines(self) -> list[str]:
        """What stands below the question: choices, the place for the answer, or the answer and the reasons."""
        found = [f"{chr(97 + at)}) {choice}" for at, choice in enumerate(self.choices)]
        if self.answer is not None:
            return [*found, f"{self.ask} = {self.answer}" if self.ask else self.answer, *self.reasons]
        return [*found, *([f"{self.ask} = ____________"] if self.ask and not self.choices else [])]

    @property
    def head(self) -> str:
        """The question with its points."""
        return f"{self.text} ({self.points})" if self.points else self.text


Part = Heading | Question | Table | Formula | Tree | Note | Picture


class Document:
    """The parts of a page, in order."""

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Part] = ()) -> None:
        self.parts: list[Part] = list(parts)

    def add(self, *parts: Part) -> None:
        """Put parts at the end."""
        self.parts.extend(parts)


# What programs of courses read, as data.


class Answered(TypedDict):
    """One answer of a graded sheet: its state, its points, and what is said of it."""

    name: str
    ask: str
    state: str
    earned: float
    points: float
    answer: str
    said: str
    codes: list[str]


class Grades(TypedDict):
    """A graded sheet; one that cannot be read has problems and no results."""

    sheet: str
    results: list[Answered]
    problems: list[str]


class Choice(TypedDict, total=False):
    """An answer to choose; a wrong one has the code of a mistake and its name."""

    text: str
    right: bool
    code: str
    mistake: str
    feedback: str


class Chosen(TypedDict):
    """A question with its choices."""

    ask: str
    text: str
    choices: list[Choice]


class ChosenAbout(Chosen, total=False):
    """The same with the lines that it is about, where these are not the whole network's."""

    about: list[str]


class Quiz(TypedDict):
    """Multiple choice about one network, whose layers are lines."""

    name: str
    network: list[str]
    questions: list[ChosenAbout]


class Asked(TypedDict):
    """A question of a sheet; answer and reason are empty for students."""

    ask: str
    text: str
    points: str
    answer: str
    reason: str


class QuestionSheet(TypedDict):
    """A sheet of questions, with the constants that it was drawn with."""

    title: str
    variant: int | None
    settings: dict[str, str]
    questions: list[Asked]
