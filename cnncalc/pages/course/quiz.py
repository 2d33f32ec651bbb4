"""`cnncalc quiz`: multiple choice as a page, and as the data that learning platforms read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncalc.document import Choice, ChosenAbout, Column, Document, Heading, Note, Part, Question, Quiz, Table
from cnncalc.pages.course.worksheet import shown
from cnncalc.query.scope import NetworkScope
from cnncalc.query.values import BlockValue, LayerValue

LONG = 24  # lines of a network that every question may repeat
OF_A_LAYER = ("shape", "params", "trainable", "macs", "flops", "dense")  # what follows from a layer and its inputs

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


def data(name: str, names: NetworkScope, items: Sequence[Item]) -> Quiz:
    """The quiz as data: the layers in lines, and each question with its choices and what is said of each.

    A question about a layer or block of a long network has lines of its own, `about`: these and what comes into them.
    """
    report = names.report
    lines = [f"{given.name}: {shown(list(given.shape))}" for given in report.graph.inputs]
    lines += [f"{row.name}: {row.layer.describe()}" for row in report.rows]
    questions = [_item(item) for item in items]
    for one, item in zip(questions, items, strict=True) if len(lines) > LONG else ():
        if about := _about(item, names):
            one["about"] = about
    return {"name": name, "network": lines, "questions": questions}


def _about(item: Item, names: NetworkScope) -> list[str]:
    """The layers that a question is about with what comes into them; nothing where it is about all."""
    layer, _, attribute = item.question.expression.rpartition(".")
    part = names.part(layer)
    if attribute not in OF_A_LAYER or not isinstance(part, (LayerValue, BlockValue)):
        return []
    rows = [part.row] if isinstance(part, LayerValue) else part.rows
    inside = {row.name for row in rows}
    given = {
        source: f"{source}: {shown(list(shape))}"
        for row in rows
        for source, shape in zip(row.sources, row.input_shapes, strict=True)
        if source not in inside
    }
    return [*given.values(), *(f"{row.name}: {row.layer.describe()}" for row in rows)]


def _item(item: Item) -> ChosenAbout:
    choices: list[Choice] = []
    for one in item.choices:
        choice: Choice = {"text": shown(one.value), "right": one.right}
        if one.right:
            choice["feedback"] = "; ".join(item.question.reasons) or "right"
        else:
            choice |= {"code": one.code, "mistake": one.mistake, "feedback": one.said}
        choices.append(choice)
    return {"ask": item.question.ask, "text": item.question.text, "choices": choices}


def verdict(right: int, asked: int) -> Note:
    """How a round went."""
    return Note(f"{right} of {asked} right", "good" if right == asked else "note")
