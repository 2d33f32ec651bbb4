"""Sheets of questions as CSV: a row for each question, with a column for the name and one for the answer.

Sheets of variants have the numbers that they were drawn with in a column, `k = 3, c = 8`, which `check` reads.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from cnncalc.document import QuestionSheet
from cnncalc.render.csv import guard

COLUMNS = ("name", "variant", "question", "text", "points", "answer")
NUMBERS = "numbers"


def render(sheets: Sequence[QuestionSheet]) -> str:
    """The sheets as text that ends with a newline; `reason` is a column where there are answers."""
    keyed = any(one["answer"] for sheet in sheets for one in sheet["questions"])
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    drawn = any(sheet["settings"] for sheet in sheets)
    writer.writerow([*COLUMNS, *([NUMBERS] if drawn else []), *(["reason"] if keyed else [])])
    for sheet in sheets:
        variant = sheet["variant"] or ""
        numbers = ", ".join(f"{name} = {value}" for name, value in sheet["settings"].items())
        for one in sheet["questions"]:
            row = ["", variant, one["ask"], guard(one["text"]), one["points"], one["answer"]]
            writer.writerow([*row, *([numbers] if drawn else []), *([guard(one["reason"])] if keyed else [])])
    return out.getvalue()
