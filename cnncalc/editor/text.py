"""An open text: a spec, or Python source with one network or several, looked at again after each change."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from cnncalc.core.problem import Fault, Problem, Source, SpecError, reset_suggestions
from cnncalc.core.steps import STEPS
from cnncalc.editor.analysis import Analysis, Model, reported
from cnncalc.network.network import Network
from cnncalc.network.report import Report

if TYPE_CHECKING:
    from cnncalc.editor.python_text import PythonText


class Text:
    """An open text under a file's name: what was found out of it is kept where the next one can use it."""

    def __init__(self, path: str, kind: str) -> None:
        self.path = path
        self.kind = kind
        self.python: PythonText | None = None

    def analyse(self, text: str, setting: str = "", only: Collection[str] = ()) -> Analysis:
        """All that is known of the text as it is now.

        `setting` says a size for Python source that has none; `only` are networks of it that are enough.
        """
        found = None
        for found in self.steps(text, setting, only):  # noqa: B007 - the last one is wanted
            pass
        assert found is not None
        return found

    def steps(self, text: str, setting: str = "", only: Collection[str] = ()) -> Iterator[Analysis | None]:
        """The same as the last value; None where other work may be done, also that on a newer text instead."""
        reset_suggestions()
        STEPS.again()
        if self.kind != "python":
            yield analyse_spec(Source(self.path, text), self.path)
            return
        if self.python is None:
            from cnncalc.editor.python_text import PythonText

            self.python = PythonText(self.path)
        yield from self.python.analyse(text, setting, only)


def analyse(text: str, path: str, kind: str, setting: str = "") -> Analysis:
    """All that is known of a text that is looked at once."""
    return Text(path, kind).analyse(text, setting)


def analyse_spec(source: Source, path: str) -> Analysis:
    """All that is known of the text of a spec."""
    from cnncalc.read.resolve import read_as

    try:
        spec = read_as(source, path)
    except SpecError as error:
        return Analysis("spec", source, (), tuple(error.problems))
    network = Network(spec)
    report, problems = reported(network)
    whole = report is not None and not any(problem.severity == "error" for problem in problems)
    if report is not None and whole and (spec.expect or report.graph.expectations):
        problems = (*problems, *_unmet(network, report))
    return Analysis("spec", source, (Model(spec.name, report, whole),), problems, spec)


def _unmet(network: Network, report: Report) -> list[Problem]:
    """What the spec expects and is not so."""
    from cnncalc.grading.check import check_all, questions
    from cnncalc.grading.unmet import unmet
    from cnncalc.query.ask import scope

    try:
        asked = questions(network, report)
        return unmet(asked, check_all(asked, scope(network, report)), "warning")
    except SpecError as error:
        return list(error.problems)
    except Fault as fault:
        return [Problem(fault.code, fault.message, help=fault.help)]
