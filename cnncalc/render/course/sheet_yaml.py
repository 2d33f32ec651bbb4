"""Sheets of questions as YAML, which a student fills in and `check` reads; one document for each variant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from cnncalc.document import QuestionSheet
from cnncalc.render.text import safe


def render(sheets: Sequence[QuestionSheet]) -> str:
    """The sheets as text that ends with a newline."""
    return "---\n".join("".join(f"{line}\n" for line in _sheet(sheet)) for sheet in sheets)


def _sheet(sheet: QuestionSheet) -> Iterator[str]:
    yield f"# {safe(sheet['title'])}"
    if sheet["settings"]:
        yield f"let: {{{', '.join(f'{name}: {_value(value)}' for name, value in sheet['settings'].items())}}}"
    yield "name:"
    yield "expect:"
    for number, one in enumerate(sheet["questions"], 1):
        yield f"  # {number}. {safe(one['text'])} ({one['points']} point{'' if one['points'] == '1' else 's'})"
        if one["reason"]:
            yield f"  # {safe(one['reason'])}"
        yield f"  {_key(one['ask'])}: {_value(one['answer'])}".rstrip()


def _key(ask: str) -> str:
    return ask if re.fullmatch(r"[A-Za-z_][\w.]*", ask) else json.dumps(ask, ensure_ascii=False)


def _value(answer: str) -> str:
    return answer if re.fullmatch(r"[\[\]\w., +-]*", answer) else json.dumps(answer, ensure_ascii=False)
