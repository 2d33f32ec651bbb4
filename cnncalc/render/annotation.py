"""Problems as commands of GitHub Actions, which shows them beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.core.problem import Problem
from cnncalc.render.diagnostic import MOST

KINDS = {"error": "error", "warning": "warning", "note": "notice"}


def commands(problems: Sequence[Problem]) -> str:
    """One command per line: `::error file=net.yaml,line=3,col=3,title=code::message`."""
    return "".join(_line(problem) for problem in problems[:MOST])


def _line(problem: Problem) -> str:
    places: dict[str, object] = {}
    if problem.span is not None and problem.source is not None:
        span = problem.span
        places = {"file": problem.file, "line": span.line, "col": span.column, "endColumn": span.column + span.length}
    places["title"] = problem.code
    text = ",".join(f"{key}={_value(str(value))}" for key, value in places.items())
    message = "\n".join([problem.message, *problem.help])
    return f"::{KINDS.get(problem.severity, 'error')} {text}::{_data(message)}\n"


def _data(text: str) -> str:
    """Text with the signs written out that end a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
