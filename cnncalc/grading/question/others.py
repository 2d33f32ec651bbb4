"""Explanations that need no mistake in a layer: the right value turned, another quantity, another layer, a slip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnncalc.core.number import prod
from cnncalc.grading.mistakes import receptive
from cnncalc.grading.perturbed import edits
from cnncalc.grading.question import expression, factors, slips
from cnncalc.grading.question import number as answer
from cnncalc.grading.question.asked import Asked
from cnncalc.grading.question.candidates import Candidate
from cnncalc.query.values import LayerValue


def _candidates(asked: Asked, values: Iterable[answer.Other]) -> Iterator[Candidate]:
    return (Candidate(*one) for one in values if one.value is not None and one.value != asked.right)


def at_hand(asked: Asked) -> Iterator[Candidate]:
    """What needs no other network: the right value turned, the question's own arithmetic, receptive fields."""
    yield from _candidates(asked, answer.of_right(asked.right, asked.question.text))
    yield from _candidates(asked, expression.of_expression(asked.question.expression, asked.right, asked.value_of))
    part, attribute = asked.layer()
    if part is None:
        return
    if attribute == "receptive_field":
        yield from _candidates(asked, receptive.of_receptive(part.row, asked.right))
    came = prod(part.row.output_shape)
    if attribute in ("params", "trainable") and type(asked.right) is int and asked.right and type(came) is int:
        yield Candidate(asked.right + came, "numbers that come out counted, too", 20)


def in_this_layer(asked: Asked) -> Iterator[Candidate]:
    """Counts with other factors and shapes with other sizes, of the one layer that is asked about."""
    part, attribute = asked.layer()
    if part is not None:
        found = edits.of_shape(part.row, asked.right) if attribute == "shape" else None
        yield from _candidates(asked, found or factors.of_factors(part.row, attribute, asked.right))


def other_quantities(asked: Asked) -> Iterator[Candidate]:
    """What other expressions give, and the shapes of the layer's other outputs."""
    text = asked.question.text
    yield from (Candidate(*one) for one in answer.of_text(text, asked.value_of))
    layer, dot, port = text.removesuffix(".shape").rpartition(".")
    part = asked.names.part(layer) if dot and text.endswith(".shape") else None
    for other in ["", *part.row.ports] if isinstance(part, LayerValue) and port in part.row.ports else ():
        name = f"{layer}.{other}.shape" if other else f"{layer}.shape"
        if other != port and (value := asked.value_of(name)) is not None and value != asked.right:
            yield Candidate(value, f"that is {name}", 16)


def neighbours(asked: Asked) -> Iterator[Candidate]:
    """The answers to the same question about other layers."""
    text, rows = asked.question.text, asked.question.rows
    here = rows[0] if rows else 0
    near = sorted(range(len(asked.report.rows)), key=lambda at: abs(at - here))
    names = [asked.report.rows[at].name for at in near]
    yield from (Candidate(*one) for one in answer.of_neighbours(text, names, asked.value_of))
    yield from (Candidate(*one) for one in answer.of_other_parts(text, names, asked.value_of))


def of_digits(asked: Asked) -> Iterator[Candidate]:
    """Slips of the pen."""
    yield from (Candidate(*one) for one in slips.of_digits(asked.right))
