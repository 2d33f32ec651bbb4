"""One answer beside what is right: of a spec's author, or of a student."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.grading.diagnose import Found


class Result:
    """One answer: what was asked, expected and found. `ok` is None where nothing was answered, or nothing readable.

    `remark` is about how it was written; `unreadable` says why it cannot be read; `mistakes` are those that give the
    written value, the likeliest first. Of `points` an answer `earned` some; `title` is the question in words.
    """

    __slots__ = (
        "actual",
        "ask",
        "earned",
        "expected",
        "expected_text",
        "mistakes",
        "ok",
        "points",
        "remark",
        "title",
        "unreadable",
    )

    def __init__(
        self, ask: str, expected: object, text: str, actual: object, ok: bool | None, remark: str = ""
    ) -> None:
        self.ask = ask
        self.expected = expected
        self.expected_text = text
        self.actual = actual
        self.ok = ok
        self.remark = remark
        self.unreadable = ""
        self.mistakes: Sequence[Found] = ()
        self.points: float = 1
        self.earned: float = 1 if ok else 0
        self.title = ""

    @property
    def state(self) -> str:
        """In one word: right, wrong, unreadable or unanswered."""
        if self.unreadable:
            return "unreadable"
        return "unanswered" if self.ok is None else "right" if self.ok else "wrong"

    @property
    def mistake(self) -> str:
        """The likeliest mistake that is shown; empty for none."""
        return next((found.name for found in self.mistakes if found.believed), "")

    @property
    def codes(self) -> list[str]:
        """The codes of the likeliest mistake: one, or those of two at once; none where there is none."""
        if not self.mistake:
            return []
        from cnncalc.grading.kinds import codes_of

        return list(codes_of(self.mistake))

    @property
    def diagnosis(self) -> str:
        """Why it may be wrong, or a remark on what is right; empty where there is nothing to say."""
        return self.said()

    def said(self, quiet: bool = False) -> str:
        """The same; with `quiet` the mistakes' names alone, which never hold the right value."""
        if self.unreadable:
            return f"cannot be read: {self.unreadable}"
        if not any(one.believed for one in self.mistakes):
            return "" if quiet and self.ok is False else self.remark
        from cnncalc.grading.diagnose import text_of

        return text_of(self.mistakes, quiet)

    def to_dict(self) -> dict[str, object]:
        """The result of the JSON document."""
        found: dict[str, object] = {"ask": self.ask, "expected": self.expected, "actual": self.actual, "ok": self.ok}
        if self.diagnosis or self.ok is False:
            found["diagnosis"] = self.diagnosis or None
        return found
