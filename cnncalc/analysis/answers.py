"""A class of answers: many sheets held against one key, whose network is propagated once.

A sheet that cannot be read is a result of its own and stops no other.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.analysis.check import Result, asked_for, check_all
from cnncalc.analysis.names import Names
from cnncalc.problem import Problem, SpecError, fail
from cnncalc.spec.model import Expectation

if TYPE_CHECKING:
    from cnncalc.analysis.diagnose import Found, Given
    from cnncalc.spec.expected import Quantity

ENDINGS = (".yaml", ".yml", ".json", ".csv")
WILD = "*?["


class Sheet:
    """One sheet: a result for each question of the key, or the problems that kept it from being read.

    `name` is what to call it: its file, or whom a line of a CSV file names. `others` are results for what the key
    does not ask.
    """

    __slots__ = ("file", "name", "others", "problems", "results")

    def __init__(self, file: str, name: str = "") -> None:
        self.file = file
        self.name = name or file
        self.results: list[Result] = []
        self.others: list[Result] = []
        self.problems: list[Problem] = []

    @property
    def status(self) -> int:
        """The exit status of this sheet alone: 0 nothing wrong, 1 something wrong, 2 cannot be read."""
        if self.problems:
            return 2
        return 1 if self.count(False) else 0

    def count(self, ok: bool | None) -> int:
        """How many answers are right (True), wrong (False) or missing (None)."""
        return sum(1 for result in self.results if result.ok is ok)


class Class:
    """The key and what is remembered from sheet to sheet: its questions, values, and the mistakes that were found."""

    def __init__(self, names: Names, key: Iterable[Expectation]) -> None:
        self.names = names
        self.questions: dict[str, str] = {}
        for expectation in key:
            self.questions.setdefault(asked_for(expectation, names), expectation.text)
        self._found: dict[Any, Sequence[Found]] = {}

    def diagnose(self, text: str, quantity: Quantity, actual: Any, names: Names, wrong: list[Given]) -> Sequence[Found]:
        """The mistakes behind an answer; the same wrong answer is looked into once."""
        from cnncalc.analysis.diagnose import diagnose

        key = (text, quantity.kind, quantity.text, tuple((one.text, str(one.value)) for one in wrong))
        if key not in self._found:
            self._found[key] = diagnose(text, quantity, actual, names, wrong)
        return self._found[key]

    def correct(self, sheet: Sheet, answers: list[Expectation]) -> None:
        """Fill in a sheet's results, in the key's order; raises `SpecError` for what cannot be asked."""
        given: dict[str, Result] = {}
        for answer, result in zip(answers, check_all(answers, self.names, self.diagnose), strict=True):
            asked = asked_for(answer, self.names)
            if asked in self.questions or not self.questions:
                given.setdefault(asked, result)
            else:
                sheet.others.append(result)
        for asked, text in self.questions.items():
            result = given.pop(asked) if asked in given else Result(text, None, "", None, None, "not answered")
            result.ask = text
            sheet.results.append(result)
        sheet.results.extend(given.values())


def correct(names: Names, key: Iterable[Expectation], places: Iterable[str], key_file: str = "") -> list[Sheet]:
    """A sheet for each file (each person, in CSV) of `places`: files, folders, patterns. Raises `SpecError` for none.

    `key` are the key's questions; its values do not matter, the network's do.
    """
    group = Class(names, key)
    sheets: list[Sheet] = []
    for file in _files(places, key_file):
        try:
            found = list(_read(file, names))
        except SpecError as error:
            sheets.append(_broken(file, error.problems))
            continue
        for sheet, answers in found:
            sheets.append(sheet)
            try:
                group.correct(sheet, answers)
            except SpecError as error:
                sheet.problems = error.problems
            except RecursionError:
                sheet.problems = [Problem("too-deep", f"{sheet.name}: nested too deeply")]
            if sheet.problems:
                sheet.results, sheet.others = [], []
    return sheets


def _broken(file: str, problems: list[Problem]) -> Sheet:
    sheet = Sheet(file)
    sheet.problems = problems
    return sheet


def _files(places: Iterable[str], key_file: str) -> Iterator[str]:
    """The files of the places, each once, without the key; raises `SpecError` where there is none."""
    seen = {os.path.realpath(key_file)} if key_file else set()
    for place in places:
        for file in _in_place(place):
            real = os.path.realpath(file)
            if real not in seen:
                seen.add(real)
                yield file


def _in_place(place: str) -> list[str]:
    if os.path.isdir(place):
        try:
            names = sorted(os.listdir(place))
        except OSError as error:
            fail("file-unreadable", f'"{place}" cannot be read: {error.strerror}')
        found = [name for name in names if name.lower().endswith(ENDINGS) and not name.startswith(".")]
        if not found:
            fail(
                "file-not-found",
                f'the folder "{place}" holds no sheet of answers',
                help=f"sheets end in {', '.join(ENDINGS)}",
            )
        return [os.path.join(place, name) for name in found]
    if any(sign in place for sign in WILD) and not os.path.exists(place):
        from glob import glob  # a shell has already done it, but on Windows

        matching = sorted(glob(place))
        if not matching:
            fail("file-not-found", f'"{place}" matches no file', help="name the sheets, or the folder that holds them")
        return [name for found in matching for name in (_in_place(found) if os.path.isdir(found) else [found])]
    return [place]


def _read(file: str, names: Names) -> Iterator[tuple[Sheet, list[Expectation]]]:
    """The sheets of one file with their answers; raises `SpecError`."""
    from cnncalc.spec.source import read_text

    source = read_text(file)
    if file.lower().endswith(".csv"):
        from cnncalc.spec.sheet import read_csv

        for name, answers, problems in read_csv(source):
            sheet = Sheet(file, name)
            sheet.problems = problems
            yield sheet, [] if problems else answers
        return
    from cnncalc.spec.sheet import read_sheet

    name, answers = read_sheet(source, names)
    sheet = Sheet(file)
    sheet.name = f"{file} ({name})" if name else file
    yield sheet, answers
