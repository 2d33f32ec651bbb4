"""Gradescope's results.json: a test for each question, with its score and what is said of it.

The format is that of Gradescope's autograder documentation. One submission may hold several sheets.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.document import Answered, Grades
from cnncalc.render import json
from cnncalc.render.text import safe


def render(grades: Sequence[Grades]) -> str:
    """The document as text."""
    return json.render(results(grades))


def results(grades: Sequence[Grades]) -> dict[str, object]:
    """The document: the score, and every question as a test. A sheet that cannot be read is a test that fails."""
    tests: list[dict[str, object]] = []
    score: float = 0
    several = len(grades) > 1
    for sheet in grades:
        before = f"{sheet['sheet']}: " if several else ""
        for message in sheet["problems"]:
            tests.append(_test(f"{before}the sheet", 0, 0, "failed", f"cannot be checked: {safe(message)}"))
        for number, one in enumerate(sheet["results"], 1):
            score += one["earned"]
            status = "passed" if one["state"] == "right" else "failed"
            test = _test(before + one["name"], one["earned"], one["points"], status, _output(one))
            tests.append({**test, "number": f"{number}", **({"tags": one["codes"]} if one["codes"] else {})})
    return {
        "score": round(score, 6),
        "output_format": "text",
        "tests": tests,
    }


def _test(name: str, score: float, most: float, status: str, output: str) -> dict[str, object]:
    return {"name": safe(name), "score": score, "max_score": most, "status": status, "output": output}


def _output(one: Answered) -> str:
    words = {"right": "right", "wrong": "wrong", "unreadable": "cannot be read", "unanswered": "not answered"}
    answer = f"your answer: {safe(one['answer'])}\n" if one["answer"] else ""
    said = one["said"] if one["state"] == "unreadable" else f"{words[one['state']]}: {one['said']}".rstrip(": ")
    return answer + safe(said)
