"""`cnncalc check KEY ANSWERS...`: files of answers, each held against the network of the first spec.

An answer file is a YAML mapping of expressions to values, on its own or under `expect:`.
"""

from __future__ import annotations

from typing import Any

from cnncalc.problem import Problem, SpecError


class Sheet:
    """One file of answers: its results, or the problems that kept it from being read."""

    __slots__ = ("file", "problems", "results")

    def __init__(self, file: str) -> None:
        self.file = file
        self.results: list[Any] = []
        self.problems: list[Problem] = []

    @property
    def status(self) -> int:
        """The exit status of this file alone."""
        if self.problems:
            return 2
        return 1 if any(result.ok is False for result in self.results) else 0


class _Asked:
    """The key's network with someone else's expectations."""

    def __init__(self, network: Any, expectations: list[Any]) -> None:
        self.expectations = expectations
        self.given = network.given


def correct(network: Any, report: Any, files: list[str]) -> list[Sheet]:
    """A sheet for each file; what the key asks and a file leaves out is not answered."""
    from cnncalc.analysis.check import Result, check

    asked = [expectation.text for expectation in network.expectations]
    sheets = []
    for file in files:
        sheet = Sheet(file)
        try:
            answers = _read(file)
            sheet.results = check(_Asked(network, answers), report)  # type: ignore[arg-type]
            there = {result.ask for result in sheet.results}
            missing = [text for text in asked if text not in there]
            sheet.results += [Result(text, None, "", None, None, "not answered") for text in missing]
        except SpecError as error:
            sheet.problems = error.problems
        sheets.append(sheet)
    return sheets


def _read(file: str) -> list[Any]:
    from cnncalc.spec.read import Reader
    from cnncalc.spec.source import read_text, read_yaml

    source = read_text(file)
    tree, problems = read_yaml(source)
    reader = Reader(source)
    errors = [problem for problem in problems if problem.severity == "error"]
    if not errors and tree.kind == "map":
        own = [value for key, value in tree.data if key.data in ("expect", "expected")]
        reader.read_expect(tree, own[0] if own else tree)
        errors = reader.spec.problems
    elif not errors:
        help = "write one answer a line, conv1.params: 448"
        errors = [Problem("expect-form", "this is no list of answers", source=source, span=tree.span(), help=help)]
    if errors:
        raise SpecError(errors)
    return reader.spec.expect
