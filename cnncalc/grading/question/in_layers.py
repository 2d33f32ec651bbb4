"""Mistakes in the layers that a question looks at: in one, in all of a type, everywhere; left out; two at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from cnncalc.core.number import Number
from cnncalc.grading.mistakes.every import MISTAKES, SPREADING
from cnncalc.grading.mistakes.shapes import LEFT_OUT
from cnncalc.grading.perturbed.chosen import Chosen
from cnncalc.grading.perturbed.row import Mistake, Perturbation, PerturbedRow
from cnncalc.grading.question.asked import WEIGHTS, Asked
from cnncalc.grading.question.candidates import Candidate
from cnncalc.grading.question.wording import shown
from cnncalc.spec.expected import Quantity

# How much less likely a mistake is in one layer of several, and together with another one.
ONE_OF_SEVERAL, TOGETHER, BOTH_USUAL = 10, 40, 10
MANY_ROWS = 64  # layers that are tried one by one
VERY_MANY_ROWS = 500  # from which on it counts that each mistake is made in each of them
PAIRED = 14  # up to this rank a mistake in a number is usual enough to be made together with another one
FEW = 32  # weights and inputs of a layer that cost nothing besides

Way = tuple[int, Perturbation]  # a mistake may change a layer in several ways: which of them, and what it makes


def in_layers(asked: Asked) -> Iterator[Candidate]:
    """Each mistake in one layer, in all of a type, and everywhere."""
    rows = asked.question.rows
    each = [asked.report.rows[at].facts for at in rows]
    held = sum(max(0, len(facts.weights) + len(facts.inputs) - FEW) for facts in each)
    for mistake in MISTAKES:
        asked.left -= max(0, len(rows) - VERY_MANY_ROWS) // 4 + held // (2 * WEIGHTS)
        if asked.left < 0:
            return
        made = {at: list(enumerate(mistake.make(asked.report.rows[at]))) for at in rows}
        made = {at: wrongs for at, wrongs in made.items() if wrongs}
        if not made:
            continue
        if len(made) > 1:
            yield from _everywhere(asked, mistake, made)
        if len(made) <= MANY_ROWS:
            for at, wrongs in made.items():
                for wrong in wrongs:
                    for value in _values_with(asked, mistake, {at: wrong}):
                        yield _candidate(asked, value, mistake, at, wrong[1], alone=len(rows) == 1)


def _everywhere(asked: Asked, mistake: Mistake, made: dict[int, list[Way]]) -> Iterator[Candidate]:
    kinds: dict[str, dict[int, list[Way]]] = {"": made}
    for at, wrongs in made.items():
        kinds.setdefault(asked.report.rows[at].type, {})[at] = wrongs
    for kind, mine in kinds.items():
        if len(mine) < 2 or (kind and len(mine) == len(made)):
            continue
        for choice in zip_longest(*mine.values()):
            wrong = {at: one for at, one in zip(mine, choice, strict=True) if one is not None}
            where = f"in every {kind}" if kind else "everywhere"
            for value in _values_with(asked, mistake, wrong):
                rank = mistake.rank + (2 if kind else 0)
                yield Candidate(value, f"{mistake.name} {where}", rank, asked.difference(value))


def _values_with(asked: Asked, mistake: Mistake, ways: dict[int, Way]) -> Iterator[Any]:
    """The value with a mistake in some rows, and that with all that follows from their wrong shapes."""
    alone = asked.value_with({at: PerturbedRow(asked.report.rows[at], wrong) for at, (_, wrong) in ways.items()})
    if alone is not None and alone != asked.right:
        yield alone
    if mistake.spreads and len(asked.question.rows) > 1:
        value = asked.propagated({at: Chosen(mistake, number) for at, (number, _) in ways.items()})
        if value is not None and value not in (alone, asked.right):
            yield value


def _candidate(
    asked: Asked, value: object, mistake: Mistake, at: int, wrong: Perturbation, *, alone: bool
) -> Candidate:
    row = asked.report.rows[at]
    name = mistake.name + wrong.aside
    rank = mistake.rank + (8 if wrong.aside else 0)
    if not alone:
        return Candidate(value, f"{name} in {row.name}", rank + ONE_OF_SEVERAL, asked.difference(value))

    def how(quantity: Quantity) -> str:
        written = quantity.number if quantity.kind == "whole" else quantity.text
        text = asked.question.text
        if asked.report.graph.output == at + len(asked.report.graph.inputs):
            text = re.sub(r"^output(?=\.)", lambda _: row.name, text)
        return shown(text, row, wrong, written)

    return Candidate(value, name, rank, how)


def left_out(asked: Asked) -> Iterator[Candidate]:
    """Sums without one layer or one kind of layer."""
    rows = asked.question.rows
    if len(rows) < 2 or isinstance(asked.right, list):
        return
    counts = ("params", "trainable", "macs", "dense_weights", "dense_biases", "biases")
    nothing: dict[str, Number] = dict.fromkeys(counts, 0)
    counted = [at for at in rows if asked.report.rows[at].facts.weights or asked.report.rows[at].macs]
    kinds: dict[str, list[int]] = {}
    for at in counted:
        kinds.setdefault(asked.report.rows[at].type, []).append(at)
    groups = [(f"every {kind} left out", mine) for kind, mine in kinds.items() if len(mine) > 1]
    if len(counted) <= MANY_ROWS:
        groups += [(f"{asked.report.rows[at].name} left out", [at]) for at in counted]
    for at in rows if len(rows) <= MANY_ROWS else ():  # without a pool all after it is larger
        if "Pool" in asked.report.rows[at].type:
            value = asked.propagated({at: Chosen(LEFT_OUT, 0)})
            if value is not None and value != asked.right:
                yield Candidate(value, f"{asked.report.rows[at].name} left out", 15, asked.difference(value))
    for name, mine in groups:
        rows_of = {at: asked.report.rows[at] for at in mine}
        value = asked.value_with(
            {at: PerturbedRow(row, Perturbation(row.facts, nothing)) for at, row in rows_of.items()}
        )
        if value is not None and value != asked.right:
            yield Candidate(value, name, 15, asked.difference(value))
            if name.endswith(" left out") and isinstance(asked.right, int) and type(value) is int:
                yield Candidate(
                    2 * asked.right - value,
                    f"{name.removesuffix(' left out')} counted twice",
                    19,
                    asked.difference(2 * asked.right - value),
                )


def two_at_once(asked: Asked) -> Iterator[Candidate]:
    """Two mistakes in one layer: any that change its shape, and of numbers the most usual ones."""
    if len(asked.question.rows) != 1:
        return
    at = asked.question.rows[0]
    row = asked.report.rows[at]
    if isinstance(asked.right, list) and asked.question.text.startswith("jacobian("):
        yield from _size_twice(asked, at)
    if isinstance(asked.right, list):
        spreading = SPREADING if len(asked.right) > 1 else ()
    else:
        spreading = tuple(mistake for mistake in MISTAKES if mistake.rank <= PAIRED)
    for index, first in enumerate(spreading):
        for wrong in first.make(row):
            once = PerturbedRow(row, wrong)
            for second in spreading[index + 1 :] if not wrong.aside else ():
                for both in second.make(once):
                    value = asked.value_with({at: PerturbedRow(row, both)})
                    if value is not None and value != asked.right and not both.aside:
                        name = f"{first.name} and {second.name}"
                        usual = max(first.rank, second.rank) <= PAIRED
                        rank = first.rank + second.rank + (BOTH_USUAL if usual else TOGETHER)
                        yield Candidate(value, name, rank)


def _size_twice(asked: Asked, at: int) -> Iterator[Candidate]:
    """A Jacobian's shape in which a size stands for its neighbour, too, with a mistake or without."""
    values = [("", 0, asked.right)]
    for mistake in SPREADING:
        for wrong in mistake.make(asked.report.rows[at]):
            value = asked.value_with({at: PerturbedRow(asked.report.rows[at], wrong)})
            values.append((f"{mistake.name} and ", mistake.rank, value))
    for name, rank, value in values:
        for here in range(len(value or ()) - 1):
            for kept, lost in ((here, here + 1), (here + 1, here)):
                made = list(value)
                made[lost] = made[kept]
                if made not in (value, asked.right):
                    yield Candidate(made, f"{name}one size of the Jacobian written twice", rank + BOTH_USUAL)
