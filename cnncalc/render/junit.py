"""JUnit XML: a test suite for each sheet and a test case for each question, as CI servers read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cnncalc.render.html import escape

KINDS = {"wrong": "failure", "unreadable": "error", "unanswered": "skipped"}


def render(grades: Sequence[dict[str, Any]]) -> str:
    """The document as text."""
    states = [one["state"] for sheet in grades for one in sheet["results"]]
    broken = sum(1 for sheet in grades if sheet["problems"])
    counts = _counts(states, broken, skipped=False)  # the schema of Jenkins has no sum of those for all suites
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="cnncalc" {counts}>']
    for sheet in grades:
        lines.extend(_suite(sheet))
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _counts(states: Sequence[str], broken: int, *, skipped: bool = True) -> str:
    number = {kind: states.count(state) for state, kind in KINDS.items()}
    tests, errors = len(states) + broken, number["error"] + broken
    left = f' skipped="{number["skipped"]}"' if skipped else ""
    return f'tests="{tests}" failures="{number["failure"]}" errors="{errors}"{left} time="0"'


def _suite(sheet: dict[str, Any]) -> Iterator[str]:
    name = escape(sheet["sheet"])
    states = [one["state"] for one in sheet["results"]]
    yield f'  <testsuite name="{name}" {_counts(states, bool(sheet["problems"]))}>'
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
    yield "  </testsuite>"
