"""`cnncalc check` with sheets: a line for each of a class, the wrong answers, the questions; a column a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.document import Answered, Column, Document, Grades, Heading, Note, Table, Worded
from cnncalc.grading.points import written
from cnncalc.pages.check import HEADS, STATES, checked, expected, found, totals
from cnncalc.render.array import WIDEST

if TYPE_CHECKING:
    from cnncalc.grading.answers import Group, Sheet
    from cnncalc.grading.result import Result


MOST_OTHERS = 5  # questions of a sheet that the key does not ask, in a table
MOST_MISTAKES = 3  # of one question, in a table
NUMBERS = [Column(HEADS[state], "number") for state in STATES]


def page(
    name: str,
    group: Group,
    quiet_key: bool = False,
    verbose: bool = False,
    points: bool = False,
    mistakes: bool = False,
) -> Document:
    """A line for each sheet; with `verbose` the wrong answers and the questions, too, with `mistakes` all of them."""
    sheets = group.sheets
    rows = [_sheet(sheet, points) for sheet in sheets]
    broken = sum(1 for sheet in sheets if sheet.problems)
    remark = f"{len(sheets)} submission{'s' if len(sheets) != 1 else ''}"
    remark += f", {broken} cannot be checked" if broken else ""
    skipped = sum(1 for one in group.skipped if one.whole)
    remark += f", {skipped} file{'s' if skipped != 1 else ''} skipped" if skipped else ""
    total = {state: sum(sheet.count(state) for sheet in sheets) for state in STATES}
    reached = [_mean(sheets)] if points else []
    columns = [Column("submission", "name"), *NUMBERS, *([Column("points")] if points else []), Column("remark")]
    table = Table(columns, rows, footers=[["total", *total.values(), *reached, remark]], sortable=True)
    document = Document([Heading(name), table])
    if not verbose:
        if total["wrong"] or total["unreadable"]:
            document.add(Note("--verbose shows which are wrong, and the mistakes behind them"))
        return document
    wrong = [
        _wrong(sheet, result, quiet_key)
        for sheet in sheets
        for result in sheet.results
        if result.state in ("wrong", "unreadable")
    ]
    if wrong:
        columns = [Column("submission", "name"), Column("question"), Column("answer", "value")]
        columns += [*([] if quiet_key else [Column("right", "value")]), Column("likely mistake")]
        document.add(Heading("wrong answers", 2), Table(columns, wrong, sortable=True))
    asked = by_question(sheets)
    if asked and len(sheets) > 1:
        rows = [[one.ask, *(one.counts[state] for state in STATES), _most(one.mistakes)] for one in asked]
        columns = [Column("question"), *NUMBERS, Column("most frequent mistake")]
        document.add(Heading("by question", 2), Table(columns, rows, sortable=True))
        made = _mistakes(asked) if mistakes else []
        if made:
            columns = [Column("mistake"), Column("how often", "number"), Column("in")]
            document.add(Heading("by mistake", 2), Table(columns, made, sortable=True))
    return document


def gradebook(name: str, group: Group, points: bool = False) -> Document:
    """A row for each sheet and a column for each question with the state or the points of each answer; and the sums."""
    asked = list(dict.fromkeys(result.ask for sheet in group.sheets for result in sheet.results))
    kind = "number" if points else "text"
    columns = [Column(Worded.of("sheet", "submission"), "name"), Column("name"), *(Column(ask, kind) for ask in asked)]
    columns += [*NUMBERS, Column("points", "number"), Column("of", "number"), Column("remark")]
    rows: list[list[object]] = []
    for sheet in group.sheets:
        if sheet.problems:
            cells: list[object] = [None] * (len(asked) + len(STATES) + 2)
            remark = f"cannot be checked: {sheet.problems[0].message}"
        else:
            cells = [number(result.earned) if points else result.state for result in sheet.results]
            cells += [*(sheet.count(state) for state in STATES), number(sheet.earned), number(sheet.points)]
            remark = "; ".join(remarks(sheet))
        rows.append([sheet.file, sheet.whose, *cells, remark])
    return Document([Heading(name), Table(columns, rows)])


def number(points: float) -> float:
    """Points without a needless ".0"."""
    return int(points) if float(points).is_integer() else round(points, 6)


def score(earned: float, points: float) -> str:
    """`7.5/10`."""
    return f"{written(earned)}/{written(points)}"


def _mean(sheets: Sequence[Sheet]) -> str:
    read = [sheet for sheet in sheets if not sheet.problems]
    if not read:
        return ""
    return f"mean {written(round(sum(sheet.earned for sheet in read) / len(read), 2))}"


def _sheet(sheet: Sheet, points: bool) -> list[object]:
    if sheet.problems:
        remark = f"cannot be checked: {sheet.problems[0].message}"
        return [sheet.name, None, None, None, None, *([""] if points else []), remark]
    reached = [score(sheet.earned, sheet.points)] if points else []
    return [sheet.name, *(sheet.count(state) for state in STATES), *reached, "; ".join(remarks(sheet))]


def remarks(sheet: Sheet) -> list[str]:
    """What there is to say about a sheet beside its counts."""
    said = [f"{result.ask}: {result.remark}" for result in sheet.results if result.ok and result.remark]
    said += [f"{result.ask} {result.said()}" for result in sheet.results if result.unreadable]
    known = " ".join(sheet.notes)
    said += [
        f"{short(text)} is not asked" for text in sheet.others[:MOST_OTHERS] if f"{text} is not asked" not in known
    ]
    if len(sheet.others) > MOST_OTHERS:
        said.append(f"{len(sheet.others) - MOST_OTHERS} more are not asked")
    return [*said, *sheet.notes]


def short(text: str) -> str:
    """A text of a sheet that fits into a line."""
    text = " ".join(text.split())
    return text if len(text) <= WIDEST else text[: WIDEST - 3] + "..."


def _wrong(sheet: Sheet, result: Result, quiet_key: bool) -> list[object]:
    right = [] if quiet_key else ["" if result.unreadable else found(result)]
    return [sheet.name, result.ask, expected(result), *right, result.said(quiet_key)]


class _Asked(NamedTuple):
    """How the answers to one question are, and how often each likeliest mistake was made."""

    ask: str
    counts: dict[str, int]
    mistakes: dict[str, int]

    def data(self) -> dict[str, object]:
        """The same as data."""
        return {"ask": self.ask, **self.counts, "mistakes": self.mistakes}


def by_question(sheets: Sequence[Sheet]) -> list[_Asked]:
    """For each question how many are right, wrong and so on, and how often each likeliest mistake was made."""
    asked: dict[str, _Asked] = {}
    for result in (result for sheet in sheets for result in sheet.results):
        one = asked.setdefault(result.ask, _Asked(result.ask, dict.fromkeys(STATES, 0), {}))
        one.counts[result.state] += 1
        if name := result.mistake:
            one.mistakes[name] = one.mistakes.get(name, 0) + 1
    return list(asked.values())


def _most(mistakes: dict[str, int]) -> str:
    """The mistakes that were made most often, and how often."""
    most = sorted(mistakes, key=lambda name: -mistakes[name])[:MOST_MISTAKES]
    return ", ".join(f"{name} ({mistakes[name]})" for name in most)


def _mistakes(asked: Sequence[_Asked]) -> list[tuple[str, int, str]]:
    """Each mistake, how often it was made, and in which questions; the most frequent first."""
    made: dict[str, dict[str, int]] = {}
    for one in asked:
        for name, count in one.mistakes.items():
            made.setdefault(name, {})[one.ask] = count
    rows = [(name, sum(where.values()), short(", ".join(where))) for name, where in made.items()]
    return sorted(rows, key=lambda row: -row[1])


def sheets_data(group: Group, quiet_key: bool = False) -> dict[str, object]:
    """The JSON document of many sheets: each with its results, totals, and the questions."""
    sheets = group.sheets
    files = []
    for sheet in sheets:
        row: dict[str, object] = {"file": sheet.file}
        if sheet.whose:
            row["name"] = sheet.whose
        if sheet.problems:
            row["problems"] = [str(problem) for problem in sheet.problems]
        else:
            row |= _graded(sheet, quiet_key)
            if sheet.others:
                row["not_asked"] = [short(text) for text in sheet.others]
        if sheet.notes:
            row["notes"] = sheet.notes
        files.append(row)
    counts = {
        "sheets": len(sheets),
        "broken": sum(1 for sheet in sheets if sheet.problems),
        "passed": sum(sheet.count("right") for sheet in sheets),
        "failed": sum(sheet.count("wrong") for sheet in sheets),
        "unanswered": sum(sheet.count("unanswered") for sheet in sheets),
        "unreadable": sum(sheet.count("unreadable") for sheet in sheets),
    }
    document: dict[str, object] = {
        "files": files,
        "totals": counts,
        "questions": [one.data() for one in by_question(sheets)],
    }
    document["earned"] = number(sum(sheet.earned for sheet in sheets))
    document["points"] = number(sum(sheet.points for sheet in sheets))
    if group.skipped:
        document["skipped"] = [{"file": one.file, "reason": one.reason} for one in group.skipped]
    return document


def _graded(sheet: Sheet, quiet_key: bool) -> dict[str, object]:
    """A sheet's results with their points."""
    rows = checked(sheet.results, quiet_key)
    for one, result in zip(rows, sheet.results, strict=True):
        one["earned"], one["points"] = number(result.earned), number(result.points)
    return {"earned": number(sheet.earned), "points": number(sheet.points), **totals(sheet.results), "results": rows}


def grades(group: Group, quiet_key: bool = False) -> list[Grades]:
    """What graders' programs read: for each sheet its name and each question with state, points and what is said."""
    found: list[Grades] = []
    for sheet in group.sheets:
        results: list[Answered] = [
            {
                "name": result.title or result.ask,
                "ask": result.ask,
                "state": result.state,
                "earned": number(result.earned),
                "points": number(result.points),
                "answer": short(result.expected_text),
                "said": result.said(quiet_key),
                "codes": result.codes,
            }
            for result in sheet.results
        ]
        problems = [problem.message for problem in sheet.problems]
        found.append({"sheet": sheet.name, "results": results, "problems": problems})
    return found
