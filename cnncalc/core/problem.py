"""A mistake is data until it is shown: a code, a message, a place and some help.

Inner code raises a `Fault`, which knows only what is wrong. One border adds where it was written and makes it a
`Problem`. All problems of a file travel together in a `SpecError`; `render.diagnostic` draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, NoReturn, TypeVar

Answer = TypeVar("Answer")


class Source(NamedTuple):
    """A text that was read: the name to show for it, and its lines for the snippets."""

    name: str
    text: str


class Span(NamedTuple):
    """A place in a source: line and column count from 1, `length` characters are underlined."""

    line: int
    column: int
    length: int = 1


class Fault(Exception):
    """What is wrong, raised by code that does not know where it was written.

    `option` names the option to point at; `help` holds sentences that show the nearest right thing.
    """

    def __init__(self, code: str, message: str, *, option: str | None = None, help: Iterable[str] | str = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.option = option
        self.help: tuple[str, ...] = (help,) if isinstance(help, str) else tuple(help)


class Problem:
    """One mistake (or a warning, where `severity` says so) with its place and its help."""

    __slots__ = ("code", "help", "message", "severity", "source", "span")

    def __init__(
        self,
        code: str,
        message: str,
        *,
        source: Source | None = None,
        span: Span | None = None,
        help: Iterable[str] | str = (),
        severity: str = "error",
    ) -> None:
        self.code = code
        self.message = message
        self.source = source
        self.span = span
        self.help: tuple[str, ...] = (help,) if isinstance(help, str) else tuple(help)
        self.severity = severity

    @property
    def file(self) -> str | None:
        """The name of the text the problem is in."""
        return self.source.name if self.source else None

    @property
    def line(self) -> int | None:
        """Its line, from 1."""
        return self.span.line if self.span else None

    @property
    def column(self) -> int | None:
        """Its column, from 1."""
        return self.span.column if self.span else None

    def __repr__(self) -> str:
        return f"Problem({self.code!r}, {self.message!r}, line={self.line}, column={self.column})"

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return f"{place}: {self.message} [{self.code}]" if place else f"{self.message} [{self.code}]"


class SpecError(Exception):
    """A network that cannot be: every mistake that was found, in `problems`.

    `partial` is the report of the layers before the first one that failed, where there is one.
    """

    def __init__(self, problems: Iterable[Problem], partial: object | None = None) -> None:
        self.problems: list[Problem] = list(problems)
        self.partial = partial
        super().__init__("\n".join(str(problem) for problem in self.problems))


def fail(code: str, message: str, *, help: Iterable[str] | str = ()) -> NoReturn:
    """Stop with one problem that has no place in a file (a wrong call, a missing file)."""
    raise SpecError([Problem(code, message, help=help)])


def or_fail(call: Callable[..., Answer], *args: object, **options: object) -> Answer:
    """What a call gives; a `Fault` of it, which has no place in a file here, stops with its problem."""
    try:
        return call(*args, **options)
    except Fault as fault:
        fail(fault.code, fault.message, help=fault.help)


def settled(problems: Iterable[Problem]) -> list[Problem]:
    """In the order of their places, one for each mistake: where YAML itself was broken, what follows is left out.

    What is wrong again at the same place, in the next copy of what is repeated, is no other mistake.
    """
    first: dict[object, Problem] = {}
    for problem in problems:
        first.setdefault((problem.code, problem.file, problem.span) if problem.span else id(problem), problem)
    ordered = sorted(first.values(), key=lambda problem: problem.span or (0, 0, 0))
    broken = {(p.file, p.line) for p in ordered if p.code.startswith("yaml-") and p.line is not None}
    return [p for p in ordered if p.code.startswith("yaml-") or (p.file, p.line) not in broken]


# Words that are compared with one that was mistyped, in all: thousands of mistakes among thousands of names would take
# minutes, and nobody reads so many suggestions.
MOST_COMPARED = 300_000
_compared = 0


def reset_suggestions() -> None:
    """Another network is read: suggestions are made again."""
    global _compared
    _compared = 0


def suggestions_left() -> bool:
    """Whether mistakes still get suggestions."""
    return _compared < MOST_COMPARED


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word nearest to the one that was written, or None where nothing is near (or very much was asked)."""
    global _compared
    if not suggestions_left():
        return None
    import difflib  # only a mistake needs it

    folded = {name.lower().replace("_", ""): name for name in known}
    _compared += len(folded)
    typed = word.lower().replace("_", "")
    near = difflib.get_close_matches(typed, folded, n=3, cutoff=cutoff)
    turned = [name for name in near if sorted(name) == sorted(typed)]  # the same letters in another order come first
    return folded[(turned or near)[0]] if near else None


def suggestion(word: str, known: Iterable[str], otherwise: str | tuple[str, ...] = ()) -> str | tuple[str, ...]:
    """The help for a word that is not known: the nearest one, or else what is said of those there are."""
    near = did_you_mean(word, known)
    return f"did you mean {near}?" if near else otherwise
