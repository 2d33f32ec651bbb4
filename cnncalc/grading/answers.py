"""A class of answers: many sheets held against one key, whose network is propagated and executed once.

A sheet that cannot be read is a result of its own and stops no other. What one sheet gets depends neither on the others
nor on their order.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.answers import files, sheet, table
from cnncalc.answers.line import is_empty
from cnncalc.answers.questions import LONGEST, Questions
from cnncalc.answers.read import is_blank
from cnncalc.core.gc_paused import gc_paused
from cnncalc.core.problem import Fault, Problem, SpecError, did_you_mean
from cnncalc.grading import points
from cnncalc.grading import work as allowed
from cnncalc.grading.check import expression_of
from cnncalc.grading.grade import Question, compact, grade, symbols_of, terms_of
from cnncalc.grading.result import Result
from cnncalc.query.scope import NetworkScope
from cnncalc.read.yaml.value import Value
from cnncalc.spec.model import Expectation

if TYPE_CHECKING:
    from cnncalc.grading.diagnose import Found, Given
    from cnncalc.spec.expected import Quantity

MOST_NEAR, LONGEST_NEAR = 5, 80  # questions of a sheet that are compared with the key's, and their characters
MOST_NOTES = 20  # remarks on one sheet; nobody reads more


class Sheet:
    """One sheet: a result for each question of the key, or the problems that kept it from being read.

    `file` is where it stands, `whose` what it says about its author. `others` are questions that the key does not
    ask; `notes` say what else was passed over.
    """

    __slots__ = ("answers", "drawn", "file", "names", "notes", "others", "problems", "results", "whose")

    def __init__(self, file: str, whose: str = "", answers: Sequence[Expectation] = ()) -> None:
        self.file = file
        self.whose = whose
        self.answers = list(answers)
        self.results: list[Result] = []
        self.others: list[str] = []
        self.notes: list[str] = []
        self.problems: list[Problem] = []
        self.drawn: dict[str, str] = {}
        self.names: NetworkScope | None = None  # of the network that it was held against

    @property
    def name(self) -> str:
        """What to call it: its file, and whom it names."""
        return f"{self.file} ({self.whose})" if self.whose else self.file

    @property
    def status(self) -> int:
        """The exit status of this sheet alone: 0 nothing wrong, 1 something wrong, 2 cannot be read."""
        if self.problems:
            return 2
        return 1 if self.count("wrong") or self.count("unreadable") else 0

    @property
    def earned(self) -> float:
        """The points of all answers."""
        return sum(result.earned for result in self.results)

    @property
    def points(self) -> float:
        """The points that there are."""
        return sum(result.points for result in self.results)

    def count(self, state: str) -> int:
        """How many answers are right, wrong, unreadable or unanswered."""
        return sum(1 for result in self.results if result.state == state)


class Group:
    """All sheets of a run, and the files that were passed over."""

    def __init__(self, sheets: list[Sheet], skipped: Sequence[files.Skipped] = ()) -> None:
        self.sheets = sheets
        self.skipped = skipped

    @property
    def status(self) -> int:
        """The exit status of the run."""
        linked = any("link" in one.reason for one in self.skipped)
        return max((one.status for one in self.sheets), default=2) if not linked else 2


class Class:
    """The key and what is remembered from sheet to sheet: its questions, their values, the mistakes that were found."""

    def __init__(self, names: NetworkScope, key: Iterable[Expectation]) -> None:
        self.names = names
        self.symbols = symbols_of(names)
        self.terms = terms_of(names)
        self.questions: dict[str, Question] = {}
        self.titles = Questions(lambda text: compact(text, names))
        problems: list[Problem] = []
        for one in key:
            question = self._question(one)
            if question.asked not in self.questions:
                try:
                    _ = question.value  # a key that cannot be answered is no student's mistake
                except Fault as fault:
                    problems.append(
                        Problem(
                            fault.code, f"expect: {fault.message}", source=one.source, span=one.span, help=fault.help
                        )
                    )
            if wrong := points.unknown(one.terms):
                message = f'expect: no mistake has the code "{wrong[0]}"'
                problems.append(Problem("expect-form", message, source=one.source, span=one.span, help=wrong[1]))
            self.questions.setdefault(question.asked, question)
            self.titles.add(question.asked, (one.text, one.terms.text))
        if problems:
            raise SpecError(problems)
        self.found: dict[Any, tuple[list[Found], int]] = {}

    def _question(self, one: Expectation) -> Question:
        terms = one.terms
        precise = self.terms._replace(digits=terms.digits, tolerance=terms.tolerance, relative=terms.relative)
        return Question(one.text, expression_of(one.text, one.value, self.names), self.names, precise, terms)

    def correct(self, one: Sheet, work: int) -> None:
        """Fill in a sheet's results, in the key's order. `work` is how much may be spent on its mistakes."""
        given = self._given(one)
        desk = _Desk(self, work)
        wrong: list[Given] = []
        for asked, question in self.questions.items():
            written = given.get(asked, [])
            written = [value for value in written if not is_blank(value)] or written
            texts = list(dict.fromkeys(_text(value) for value in written))
            if len(texts) > 1:
                result = Result(question.text, " and ".join(texts), " and ".join(texts), None, None)
                result.unreadable = "it is answered twice, differently"
            else:
                value = written[0] if written else Value("scalar", None, 0, 0, 0)
                result = grade(question, value, self.symbols, wrong, desk.diagnose)
            result.title, result.points = question.key.text, question.key.points
            result.earned = points.earned(result, question.key)
            one.results.append(result)
        if desk.tired:
            one.notes.append(f"the mistakes behind {desk.tired} answers were not looked for: that would take long")

    def _given(self, one: Sheet) -> dict[str, list[Value]]:
        """The answers by question; what the key does not ask goes to `others`."""
        given: dict[str, list[Value]] = {}
        for answer in one.answers:
            asked = self.asked(answer)
            if asked in self.questions:
                given.setdefault(asked, []).append(answer.value)
            elif answer.text not in one.others and not (is_blank(answer.value) and " " in answer.text):
                one.others.append(answer.text)
        for text in one.others[:MOST_NEAR]:
            if not self.exists(text) and (near := self.near(text)):
                one.notes.append(f"{text} is not asked; did you mean {near}?")
        return given

    def asked(self, answer: Expectation) -> str:
        """The question of the key that an answer is to; empty where there is none."""
        if len(answer.text) > LONGEST:
            return ""
        found = self.titles.find(answer.text) or self.titles.find(expression_of(answer.text, answer.value, self.names))
        return found or self.titles.numbered(answer.text)

    def is_question(self, title: str) -> bool:
        """Whether a title stands for a question; a layer's name does for its shape or its parameters."""
        found = self.titles.find(title) or self.titles.find(f"{title}.shape") or self.titles.find(f"{title}.params")
        return bool(found)

    def is_number(self, title: str) -> bool:
        """Whether a title is the number of a question."""
        return bool(self.titles.numbered(title))

    def exists(self, text: str) -> bool:
        """Whether a question that is not asked is about something that the network has."""
        parts = "".join(text.split()).replace("[", ".").replace("]", "").split(".")
        return any(self.names.part(".".join(parts[:end])) is not None for end in range(1, min(len(parts), 9)))

    def near(self, text: str) -> str | None:
        """The question that was perhaps meant."""
        return did_you_mean(text[:LONGEST_NEAR], [question.text for question in self.questions.values()])


class _Desk:
    """Looks for mistakes within one sheet's share of the work; what was found once is remembered and costs the same."""

    def __init__(self, group: Class, work: int) -> None:
        self.group = group
        self.left = work
        self.most = min(work, allowed.MOST_FOR_ONE)
        self.tired = 0

    def diagnose(self, text: str, quantity: Quantity, actual: Any, wrong: list[Given]) -> list[Found]:
        """The mistakes behind an answer."""
        from cnncalc.grading.diagnose import search

        if self.left <= 0:
            self.tired += 1
            return []
        key = (text, quantity.kind, quantity.text, tuple((one.text, str(one.value)) for one in wrong))
        known = self.group.found
        if key not in known:
            known[key] = search(text, quantity, actual, self.group.names, wrong, self.most)
        found, cost = known[key]
        self.left -= cost
        return found


Show = Callable[[int, int, str], None]
Redrawn = Callable[["dict[str, str]"], "tuple[NetworkScope, Iterable[Expectation]]"]


@gc_paused()
def correct(
    names: NetworkScope,
    key: Iterable[Expectation],
    places: Iterable[str],
    key_file: str = "",
    progress: Show | None = None,
    redrawn: Redrawn | None = None,
) -> Group:
    """A sheet for each file (each person, in CSV) of `places`: files, folders, patterns. Raises `SpecError` for none.

    `key` are the key's questions; its values do not matter, the network's do. `progress` hears of each sheet.
    `redrawn` gives the network and the questions with the numbers that a sheet of another variant names.
    """
    questions = list(key)
    if not questions:
        raise SpecError(
            [
                Problem(
                    "no-questions",
                    "the key asks nothing",
                    help="write expect: and a line for each question, conv1.params:",
                )
            ]
        )
    group = Class(names, questions)
    taken = files.find(places, key_file)
    skipped = list(taken.skipped)
    sheets = [one for file in taken.found for one in _read(file, group, skipped)]
    _cross(sheets)
    share = allowed.share(len(sheets), len({one.file for one in sheets}))
    variants: dict[tuple[tuple[str, str], ...], Class] = {}
    for number, one in enumerate(sheets):
        if progress is not None:
            progress(number, len(sheets), one.name)
        mine = _variant(one, group, variants, redrawn)
        if not one.problems:
            one.names = mine.names
            mine.correct(one, share)
    return Group(sheets, skipped)


def _variant(one: Sheet, group: Class, variants: dict[Any, Class], redrawn: Redrawn | None) -> Class:
    """The key that a sheet is held against: with its own numbers, where it names those that it was printed with."""
    if not one.drawn or redrawn is None:
        return group
    chosen = tuple(sorted(one.drawn.items()))
    try:
        if chosen not in variants:
            variants[chosen] = Class(*redrawn(one.drawn))
    except SpecError as error:
        one.problems = error.problems
        return group
    one.notes.append(", ".join(f"{name} = {value}" for name, value in one.drawn.items()))
    return variants[chosen]


def _read(file: str, group: Class, skipped: list[files.Skipped]) -> Iterator[Sheet]:
    """The sheets of one file; one with problems where it cannot be read. Columns that are passed over are noted."""
    try:
        source = sheet.open_sheet(file)
        if file.lower().endswith(files.TABLES) and not is_empty(source.text):
            found = table.read_csv(source, group.is_question, group.is_number)
            if found.others:
                columns = ", ".join(dict.fromkeys(found.others[:MOST_NOTES]))
                skipped.append(files.Skipped(file, f"no questions of the key: {columns}", whole=False))
            for row in found.rows:
                one = Sheet(file, row.name, row.answers)
                one.notes, one.problems, one.drawn = row.notes[:MOST_NOTES], row.problems, row.drawn
                yield one
            return
        written = sheet.read_sheet(
            source, lambda word: group.names.part(word) is not None, group.is_question, group.is_number
        )
        one = Sheet(file, written.whose, written.answers)
        one.notes, one.drawn = written.notes[:MOST_NOTES], written.drawn
    except SpecError as error:
        one = Sheet(file)
        one.problems = error.problems
    except RecursionError:
        one = Sheet(file)
        one.problems = [Problem("too-deep", f"{file}: nested too deeply")]
    yield one


def _cross(sheets: list[Sheet]) -> None:
    """Remarks on sheets that bear each other's names, and on files that are one."""
    owners: dict[str, dict[str, None]] = {}  # the files of each name, each once
    for one in sheets:
        stem = os.path.splitext(os.path.basename(one.file))[0]
        for name in {*_spelled(stem), *_spelled(one.whose)}:
            owners.setdefault(name, {})[one.file] = None
    same = files.same_files(dict.fromkeys(one.file for one in sheets))
    for one in sheets:
        named = [file for name in _spelled(one.whose) for file in owners.get(name, ())]
        other = next((file for file in named if file != one.file), None)
        if other is not None:
            one.notes.append(f'"{one.whose}" is also the name of {other}')
        if one.file in same:
            one.notes.append(f"the same file as {same[one.file]}")


def _spelled(name: str) -> list[str]:
    """A name as it is compared, and as that of a file: "sheets/Ann.yaml" is `ann`, too."""
    plain = " ".join(unicodedata.normalize("NFKC", name).casefold().replace("\u200b", "").split())
    stem, suffix = os.path.splitext(plain.replace("\\", "/").rpartition("/")[2])
    return list(dict.fromkeys(one for one in (plain, stem if suffix in files.ENDINGS else "") if one))


def _text(value: Value) -> str:
    from cnncalc.answers.read import shown

    return shown(value).strip()
