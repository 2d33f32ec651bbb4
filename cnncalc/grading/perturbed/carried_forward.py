"""Errors carried forward: the network as it would be if wrong answers were right."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from cnncalc.core.number import Number
from cnncalc.grading.mistakes.window import shaped
from cnncalc.grading.perturbed.network import Change, NoAnswer, PerturbedNetwork, propagated
from cnncalc.grading.perturbed.row import Perturbation, PerturbedRow
from cnncalc.network.row import Row
from cnncalc.query.scope import NetworkScope

COUNTS = ("params", "trainable", "macs", "dense", "dense_weights", "dense_biases", "biases")


def with_answers(names: NetworkScope, given: Iterable[Any]) -> PerturbedNetwork:
    """The network with these answers (`.text`, `.value`) taken as right; raises `NoAnswer` where that cannot be."""
    report = names.report
    places = {row.name: at for at, row in enumerate(report.rows)}
    shapes: dict[int, list[Number]] = {}
    counts: dict[int, dict[str, Any]] = {}
    answers: dict[tuple[str, str], Any] = {}
    for one in given:
        name, attribute, index = _parts(one.text, names)
        at = places.get(name)
        if attribute == "shape" and at is not None:
            shape = shapes.setdefault(at, [*report.rows[at].output_shape])
            sizes = [one.value] if index is not None else one.value
            if not isinstance(sizes, list) or not all(type(size) is int and size > 0 for size in sizes):
                raise NoAnswer
            if index is None:
                shapes[at] = sizes
            elif -len(shape) <= index < len(shape):
                shape[index] = one.value
        elif attribute in COUNTS and at is not None:
            counts.setdefault(at, {})[attribute] = one.value
        answers[name, attribute] = one.value if index is None else None
    answers = {key: value for key, value in answers.items() if value is not None}
    changes: dict[int, Change] = {at: _forced(report.rows[at], sizes) for at, sizes in shapes.items()}
    base = propagated(names, changes) if changes else PerturbedNetwork(names, {})
    rows = {at: row for at, row in enumerate(base.report.rows) if row is not report.rows[at]}
    for at, values in counts.items():
        rows[at] = PerturbedRow(
            rows.get(at, report.rows[at]), Perturbation(rows.get(at, report.rows[at]).facts, values)
        )
    return PerturbedNetwork(names, rows, answers)


def _parts(text: str, names: NetworkScope) -> tuple[str, str, int | None]:
    """The name, the attribute and the index of `conv1.shape[1]`; raises `NoAnswer` for anything else."""
    found = re.fullmatch(r"(.+)\.([a-z_]+)(?:\[(-?\d+)\])?", text.strip())
    if found is None or re.search(r"[\s+*/()<>=-]", found[1]):
        raise NoAnswer
    name = found[1].replace("[", ".").replace("]", "")
    if name == "output" and isinstance(names.report.graph.output, int):
        at = names.report.graph.output - len(names.report.graph.inputs)
        name = names.report.rows[at].name if at >= 0 else name
    return name, found[2], int(found[3]) if found[3] else None


def _forced(right: Row, sizes: list[Number]) -> Change:
    """A change that gives the row the shape that was written, in the network's layout."""

    def change(row: Row) -> Perturbation:
        facts = row.facts
        shape = (*sizes,)
        if len(shape) + 1 != len(facts.shape):
            raise NoAnswer
        if right.output_shape != right.facts.shape[1:]:  # channels last: back to the order of the rules
            shape = (shape[-1], *shape[:-1])
        return Perturbation(shaped(facts, (facts.shape[0], *shape)))

    return change
