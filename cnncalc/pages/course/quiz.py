"""`cnncalc quiz`: multiple choice as a page, and as the data that learning platforms read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.document import Column, Document, Heading, Note, Part, Question, Table
from cnncalc.pages.course.worksheet import shown

if TYPE_CHECKING:
    from cnncalc.exercise.choices import Item
    from cnncalc.query.scope import NetworkScope


def page(name: str, names: NetworkScope, items: Sequence[Item]) -> Document:
    """The network and the questions with their choices, then the answers with what the wrong ones are."""
    parts: list[Part] = [Heading(name), network(names)]
    for number, item in enumerate(items, 1):
        parts.append(Question(number, item.question.text, choices=[shown(one.value) for one in item.choices]))
    parts.append(Heading("answers", 2))
    for number, item in enumerate(items, 1):
        said = [f"{letter(at)}) {one.said}" for at, one in enumerate(item.choices) if not one.right]
        right = next(at for at, one in enumerate(item.choices) if one.right)
        answer = f"{letter(right)}) {shown(item.question.value)}"
        parts.append(Question(number, item.question.text, answer=answer, reasons=[*item.question.reasons, *said]))
    return Document(parts)


def network(names: NetworkScope) -> Table:
    """The layers of the network, without the shapes that are asked for."""
    taken = [[given.name, "input", tuple(given.shape)] for given in names.report.graph.inputs]
    rows = [[row.name, row.layer.describe(), None] for row in names.report.rows]
    return Table([Column("layer", "name"), Column("what it is"), Column("shape", "shape")], [*taken, *rows])


def letter(at: int) -> str:
    """a, b, c and d."""
    return chr(97 + at)


def data(name: str, names: NetworkScope, items: Sequence[Item]) -> dict[str, Any]:
    """The quiz as data: the layers in lines, and each question with its choices and what is said of each."""
    report = names.report
    lines = [f"{given.name}: {shown(list(given.shape))}" for given in report.graph.inputs]
    lines += [f"{row.name}: {row.layer.describe()}" for row in report.rows]
    return {"name": name, "network": lines, "questions": [_item(item) for item in items]}


def _item(item: Item) -> dict[str, Any]:
    choices = []
    for one in item.choices:
        choice: dict[str, Any] = {"text": shown(one.value), "right": one.right}
        if one.right:
            choice["feedback"] = "; ".join(item.question.reasons) or "right"
        else:
            choice |= {"code": one.code, "mistake": one.mistake, "feedback": one.said}
        choices.append(choice)
    return {"ask": item.question.ask, "text": item.question.text, "choices": choices}


def verdict(right: int, asked: int) -> Note:
    """How a round went."""
    return Note(f"{right} of {asked} right", "good" if right == asked else "note")
