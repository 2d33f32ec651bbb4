"""JUnit XML: a test suite for each sheet and a test case for each question, as CI servers read it.

Both published schemas hold: Jenkins' (junit-10.xsd) and Ant's (JUnit.xsd), which wants more of a suite and has no sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnncalc.document import Grades
from cnncalc.render.html import escape

WHEN = "1970-01-01T00:00:00"  # Ant's schema wants a time; the same sheets give the same text in every run
KINDS = {"wrong": "failure", "unreadable": "error", "unanswered": "skipped"}


def render(grades: Sequence[Grades]) -> str:
    """The document as text."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for number, sheet in enumerate(grades):
        lines.extend(_suite(sheet, number))
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suite(sheet: Grades, number: int) -> Iterator[str]:
    name = escape(sheet["sheet"])
    states = [one["state"] for one in sheet["results"]]
    count = {kind: states.count(state) for state, kind in KINDS.items()}
    broken = int(bool(sheet["problems"]))
    yield f'  <testsuite package="cnncalc" id="{number}" name="{name}" timestamp="{WHEN}" hostname="localhost" time="0"'
    yield f'    tests="{len(states) + broken}" failures="{count["failure"]}" errors="{count["error"] + broken}"'
    yield f'    skipped="{count["skipped"]}">'
    yield "    <properties/>"
    if sheet["problems"]:
        yield f'    <testcase classname="{name}" name="the sheet" time="0">'
        yield f'      <error type="unreadable" message="{escape("; ".join(sheet["problems"]))}"/>'
        yield "    </testcase>"
    for one in sheet["results"]:
        case = f'    <testcase classname="{name}" name="{escape(one["name"])}" time="0"'
        if one["state"] == "right":
            yield case + "/>"
            continue
        yield case + ">"
        kind = KINDS[one["state"]]
        type = "" if kind == "skipped" else f' type="{escape(one["codes"][0] if one["codes"] else one["state"])}"'
        said = "not answered" if kind == "skipped" else one["said"] or "wrong"
        yield f'      <{kind}{type} message="{escape(said)}"/>'
        yield "    </testcase>"
    yield "    <system-out/>"
    yield "    <system-err/>"
    yield "  </testsuite>"
