"""`cnncalc worksheet`: a problem sheet with room for answers, or with the answers and how they come about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncalc.core.number import shown as digits
from cnncalc.document import Column, Document, Heading, Note, Part, Question, QuestionSheet, Table
from cnncalc.grading.points import written
from cnncalc.pages import ask
from cnncalc.pages.fold import COPIES, lines

if TYPE_CHECKING:
    from cnncalc.exercise.variants import Variant


def page(name: str, variants: Sequence[Variant], key: bool = False) -> Document:
    """A sheet for each variant: the network, the questions, and with `key` the answers."""
    parts: list[Part] = []
    for variant in variants:
        parts += _sheet(name, variant, key)
    return Document(parts)


def title(name: str, variant: Variant, key: bool) -> str:
    """What stands above a sheet."""
    words = name + (f", variant {variant.number}" if variant.number else "")
    return f"{words}, answers" if key else words


def _sheet(name: str, variant: Variant, key: bool) -> list[Part]:
    report = variant.names.report
    parts: list[Part] = [Heading(title(name, variant, key))]
    if variant.settings:
        parts.append(Note(", ".join(f"{constant} = {value}" for constant, value in variant.settings.items())))
    if key and variant.settings:
        words = " ".join(f"--set {constant}={value}" for constant, value in variant.settings.items())
        parts.append(Note(f"check with: cnncalc check KEY ANSWERS {words}"))
    if not key:
        parts.append(Note("Name: ______________________________"))
    taken = [[given.name, "input", tuple(given.shape)] for given in report.graph.inputs]
    rows = [[line.name, line.rows[0].layer.describe(), None] for line in lines(report, COPIES)]  # copies once
    columns = [Column("layer", "name"), Column("what it is"), Column("shape", "shape")]
    parts.append(Table(columns, [*taken, *rows]))
    points = sum(one.terms.points for one in variant.questions)
    parts.append(Note(f"{len(variant.questions)} questions, {written(points)} points. Shapes are those of one sample."))
    for number, one in enumerate(variant.questions, 1):
        answer = shown(one.value) if key else None
        reasons = one.reasons if key else ()
        parts.append(Question(number, one.text, one.ask, worth(one.terms.points), answer, reasons))
    return parts


def worth(points: float) -> str:
    """`2 points`."""
    return f"{written(points)} point{'' if points == 1 else 's'}"


def shown(value: object) -> str:
    """An answer as it is written: a shape in brackets, a number."""
    from cnncalc.render.array import one_line

    found = ask.data(value)
    if isinstance(found, list):
        return one_line(found)
    return digits(f"{found:.6g}" if isinstance(found, float) else found)


def sheets(name: str, variants: Sequence[Variant], key: bool = False) -> list[QuestionSheet]:
    """The sheets as data: what stands above each, its constants, and its questions."""
    return [
        {
            "title": title(name, variant, key),
            "variant": variant.number,
            "settings": variant.settings,
            "questions": [
                {
                    "ask": one.ask,
                    "text": one.text,
                    "points": written(one.terms.points),
                    "answer": shown(one.value) if key else "",
                    "reason": "; ".join(one.reasons) if key else "",
                }
                for one in variant.questions
            ],
        }
        for variant in variants
    ]
