"""Gradescope's results.json: a test for each question, with its score and what is said of it.

The format is that of Gradescope's autograder documentation. One submission may hold several sheets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.render import json
from cnncalc.render.text import safe


def render(grades: Sequence[dict[str, object]]) -> str:
    """The document as text."""
    return json.render(results(grades))


def results(grades: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The document: the score, and every question as a test. A sheet that cannot be read is a test that fails."""
    tests: list[dict[str, Any]] = []
    several = len(grades) > 1
    for sheet in grades:
        before = f"{sheet['sheet']}: " if several else ""
        for message in sheet["problems"]:
            tests.append(_test(f"{before}the sheet", 0, 0, "failed", f"cannot be checked: {safe(message)}"))
        for number, one in enumerate(sheet["results"], 1):
            status = "passed" if one["state"] == "right" else "failed"
            test = _test(before + one["name"], one["earned"], one["points"], status, _output(one))
            tests.append({**test, "number": f"{number}", **({"tags": one["codes"]} if one["codes"] else {})})
    return {
        "score": round(sum(test["score"] for test in tests), 6),
        "output_format": "text",
        "tests": tests,
    }


def _test(name: str, score: float, most: float, status: str, output: str) -> dict[str, Any]:
    return {"name": safe(name), "score": score, "max_score": most, "status": status, "output": output}


def _output(one: dict[str, Any]) -> str:
    words = {"right": "right", "wrong": "wrong", "unreadable": "cannot be read", "unanswered": "not answered"}
    answer = f"your answer: {safe(one['answer'])}\n" if one["answer"] else ""
    said = one["said"] if one["state"] == "unreadable" else f"{words[one['state']]}: {one['said']}".rstrip(": ")
    return answer + safe(said)
