"""What is expected and is not so, as problems at the places where it was written."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.core.problem import Problem
from cnncalc.grading.result import Result
from cnncalc.render.text import cell
from cnncalc.spec.model import Expectation


def unmet(
    asked: Sequence[Expectation], results: Sequence[Result], severity: str, hidden: bool = False
) -> list[Problem]:
    """A problem for each wrong expectation; where the key is hidden without the value that is so."""
    found = []
    for expectation, result in zip(asked, results, strict=True):
        if result.ok is False:
            is_so = "" if hidden else f"{cell(result.actual, 'value')}, "
            said = result.said(quiet=hidden)
            found.append(
                Problem(
                    "not-as-expected",
                    f"{result.ask} is {is_so}not {result.expected_text}",
                    source=expectation.source,
                    span=expectation.span,
                    help=[said] if said else (),
                    severity=severity,
                )
            )
    return found
