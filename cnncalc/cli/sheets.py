"""A class of submissions compared with a key (`cnncalc check KEY FILES`), in every format, and feedback for each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.cli.output import print_problems, show, show_json, write
from cnncalc.cli.unused_options import Given
from cnncalc.core.atomic_write import save_text
from cnncalc.core.problem import Fault, Problem
from cnncalc.document import Document

if TYPE_CHECKING:
    from cnncalc.answers.files import Skipped
    from cnncalc.grading.answers import Group, Sheet
    from cnncalc.grading.hints import Hints
    from cnncalc.network.network import Network
    from cnncalc.query.scope import NetworkScope
    from cnncalc.spec.model import Expectation

MOST_NAMED = 3  # files in one warning
KIND = 2  # hints from there on name the mistake
RESERVED = re.compile("con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)  # names of devices on Windows
SURE = 3  # the most that is said beside a hidden key: hints from there on hold the right value
# How feedback is written, by the format that was asked for, and the end of its files' names.
FEEDBACK = {"markdown": ("markdown", "md"), "html": ("html", "html"), "latex": ("latex", "tex")}
READ = ("table", "plain", *FEEDBACK)  # by people: with --hints they show the feedback


class Wanted(NamedTuple):
    """What was asked for beside the key and the sheets."""

    format: str = "table"
    hide_key: bool = False
    verbose: bool = False
    points: bool = False
    feedback: str | None = None
    hints: int = 2


def run_sheets(net: str, network: Network, names: NetworkScope, places: list[str], wanted: Wanted, given: Given) -> int:
    """Compare the submissions with the network, write what was found, and return the exit status."""
    from cnncalc.grading.answers import correct
    from cnncalc.grading.check import questions
    from cnncalc.render.progress import progress

    _say_idle(wanted, given)
    with progress() as show_done:
        group = correct(names, questions(network, names.report), places, net, show_done, partial(_redrawn, network))
    print_problems([problem for sheet in group.sheets for problem in sheet.problems])
    print_problems(passed_over(group.skipped))
    if wanted.feedback is not None:
        _feedback(network.name, names, group, wanted, wanted.feedback)
    elif "hints" in given and wanted.format in READ:
        given.idle("verbose", "with --hints, which show every wrong answer")
        parts = [part for page in _pages(network.name, names, group, wanted) for part in page.parts]
        show(Document(parts), wanted.format)
        return int(group.status) if group.sheets else 2
    _show(network.name, group, wanted)
    return int(group.status) if group.sheets else 2  # nothing could be compared with it


def _redrawn(network: Network, numbers: dict[str, str]) -> tuple[NetworkScope, list[Expectation]]:
    """The network and the questions with the numbers of a variant; raises `SpecError` for numbers of no variant."""
    from cnncalc.exercise.variants import redrawn
    from cnncalc.grading.check import questions

    names = redrawn(network, numbers)
    return names, questions(network, names.report)


def _say_idle(wanted: Wanted, given: Given) -> None:
    if wanted.format in ("json", "csv", "gradescope", "junit"):
        given.idle("verbose", f"in {wanted.format}, which has every answer")
        if wanted.format != "csv":
            given.idle("points", f"in {wanted.format}, which has them anyway")
    elif wanted.format == "html":
        given.idle("verbose", "in html, which has every wrong answer")
    elif not wanted.verbose and wanted.feedback is None:
        given.idle("hide_key", "without --verbose: no value of the key is shown")
    if wanted.format == "csv" and wanted.feedback is None:
        given.idle("hide_key", "in csv: no value of the key is in it")
    if wanted.feedback is None and wanted.format not in READ:
        given.idle("hints", f"in {wanted.format} without --feedback")
    elif wanted.hide_key and wanted.hints > SURE:
        text = f"--hints {wanted.hints} would show the right values: --hide-key leaves {SURE}"
        print_problems([Problem("no-effect", text, severity="note")])


def _show(name: str, group: Group, wanted: Wanted) -> None:
    from cnncalc.pages.course import sheets as page

    if wanted.format == "json":
        show_json(page.sheets_data(group, wanted.hide_key))
    elif wanted.format in ("gradescope", "junit"):
        renderer = _renderer(wanted.format)
        write(renderer.render(page.grades(group, wanted.hide_key)))
    elif wanted.format == "csv":
        show(page.gradebook(name, group, wanted.points), "csv")
    else:
        whole = wanted.format == "html"
        verbose = wanted.verbose or whole
        show(page.page(name, group, wanted.hide_key, verbose, wanted.points, mistakes=whole), wanted.format)


# --- feedback ---------------------------------------------------------------------------------------------------------


def _pages(name: str, names: NetworkScope, group: Group, wanted: Wanted) -> Iterator[Document]:
    """What each student reads."""
    from cnncalc.grading.hints import Hints
    from cnncalc.pages.course import feedback

    hints: dict[int, Hints] = {}  # by the network: variants have each their own
    level = min(wanted.hints, SURE) if wanted.hide_key else wanted.hints
    for sheet in group.sheets:
        mine = sheet.names or names
        known = hints.setdefault(id(mine), Hints(mine))
        yield feedback.page(name, sheet, partial(known.of, level=level), points=wanted.points, right=level > SURE)


def _feedback(name: str, names: NetworkScope, group: Group, wanted: Wanted, folder: str) -> None:
    """A file for each sheet in a folder, which is made where there is none."""
    from cnncalc.pages.course import sheets

    format, end = FEEDBACK.get(wanted.format, ("plain", "txt"))
    if wanted.format in ("json", "gradescope"):
        end = "json"
    _make(folder)
    taken = {os.path.realpath(sheet.file) for sheet in group.sheets}
    pages = _pages(name, names, group, wanted)
    quiet = wanted.hide_key or wanted.hints <= SURE
    for sheet, stem in zip(group.sheets, stems(group.sheets), strict=True):
        if wanted.format in ("json", "gradescope"):
            alone = type(group)([sheet if wanted.hints >= KIND else _unexplained(sheet)])
            if wanted.format == "json":
                text = import_module("cnncalc.render.json").render(sheets.sheets_data(alone, quiet))
            else:
                text = _renderer("gradescope").render(sheets.grades(alone, quiet))
        else:
            text = _renderer(format).render(next(pages))
        save_text(os.path.join(folder, f"{stem}.{end}"), text, taken)


def _unexplained(sheet: Sheet) -> Sheet:
    """The sheet without the mistakes behind its answers."""
    from copy import copy

    found = copy(sheet)
    found.results = [copy(result) for result in sheet.results]
    for result in found.results:
        result.mistakes = ()
    return found


def _make(folder: str) -> None:
    if os.path.isdir(folder):
        return
    try:
        os.makedirs(folder)
    except OSError as error:
        raise Fault("cannot-save", f'the folder "{folder}" cannot be made: {error.strerror}') from None


def stems(sheets: Sequence[Sheet]) -> list[str]:
    """A name of a file for each sheet: whose it is, or what its file is called; each name once."""
    found: list[str] = []
    taken: set[str] = set()
    last: dict[str, int] = {}
    for sheet in sheets:
        name = sheet.whose or os.path.splitext(os.path.basename(sheet.file))[0]
        plain = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name.strip())
        stem = plain.strip("-.")[:80] or "sheet"
        if RESERVED.fullmatch(stem.partition(".")[0]):
            stem = f"_{stem}"
        number, one = last.get(stem.casefold(), 1), stem
        while one.casefold() in taken:
            number += 1
            one = f"{stem}-{number}"
        last[stem.casefold()] = number  # those up to it are taken
        taken.add(one.casefold())
        found.append(one)
    return found


def passed_over(skipped: Sequence[Skipped]) -> list[Problem]:
    """A warning for each reason why files were skipped, with the first of them."""
    from cnncalc.answers.files import ONLY_ENDINGS

    reasons: dict[str, list[str]] = {}
    for one in skipped:
        reason = one.reason if one.whole else f"columns that are {one.reason}"
        reasons.setdefault(reason, []).append(one.file)
    found = []
    for reason, files in reasons.items():
        more = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
        text = f"skipped: {', '.join(files[:MOST_NAMED])}{more}: {reason}"
        folder, ending = os.path.splitext(files[0])
        by_name = reason == ONLY_ENDINGS and ending in (".tex", ".eml", ".html", ".ipynb")
        help = f'name them, "{os.path.dirname(folder) or "."}/*{ending}", to have them graded' if by_name else ()
        found.append(Problem("sheet-skipped", text, severity="warning", help=help))
    return found


def _renderer(format: str) -> ModuleType:
    """The module that writes a format; that of a learning platform stands with the others of courses."""
    return import_module(f"cnncalc.render.{'course.' if format == 'gradescope' else ''}{format}")
