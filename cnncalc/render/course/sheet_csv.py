"""Sheets of questions as CSV: a row for each question, with a column for the name and one for the answer."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

from cnncalc.render.csv import guard

COLUMNS = ("name", "variant", "question", "text", "points", "answer")


def render(sheets: Sequence[dict[str, Any]]) -> str:
    """The sheets as text that ends with a newline; `reason` is a column where there are answers."""
    keyed = any(one["answer"] for sheet in sheets for one in sheet["questions"])
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, "reason"] if keyed else COLUMNS)
    for sheet in sheets:
        variant = sheet["variant"] or ""
        for one in sheet["questions"]:
            row = ["", variant, one["ask"], guard(one["text"]), one["points"], one["answer"]]
            writer.writerow([*row, guard(one["reason"])] if keyed else row)
    return out.getvalue()
