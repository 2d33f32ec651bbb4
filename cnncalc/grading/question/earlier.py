"""Mistakes in the layers before those that a question looks at, carried on through all that follows."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.grading.mistakes.every import SPREADING
from cnncalc.grading.mistakes.shapes import LEFT_OUT
from cnncalc.grading.perturbed.chosen import Chosen
from cnncalc.grading.perturbed.row import Mistake
from cnncalc.grading.question.asked import Asked
from cnncalc.grading.question.candidates import Candidate

EARLIER = 24  # how much less likely a mistake is in an earlier layer
WITHOUT, NO_POOL = 34, 17  # the rank of a layer left out, and of a pool, which is easily passed over
EARLIER_ROWS = 24


def in_earlier_layers(asked: Asked) -> Iterator[Candidate]:
    """A wrong shape in a layer before those that the question looks at, carried on."""
    before = _before(asked)
    for mistake in (*SPREADING, LEFT_OUT):
        yield from _in_all_earlier(asked, mistake, before)
    for mistake in (*SPREADING, LEFT_OUT):
        for at in before:
            row = asked.report.rows[at]
            for number, wrong in enumerate(mistake.make(row)):
                if wrong.facts.shape == row.facts.shape:
                    continue
                value = asked.propagated({at: Chosen(mistake, number)})
                if value is not None and value != asked.right:
                    where, rank = f"{mistake.name}{wrong.aside} in {row.name}", mistake.rank + EARLIER
                    if mistake is LEFT_OUT:
                        where, rank = f"{row.name} left out", NO_POOL if "Pool" in row.type else WITHOUT
                    yield Candidate(value, where, rank)


def _in_all_earlier(asked: Asked, mistake: Mistake, before: list[int]) -> Iterator[Candidate]:
    """The same mistake in every layer of one type before."""
    kinds: dict[str, list[int]] = {}
    for at in before:
        kinds.setdefault(asked.report.rows[at].type, []).append(at)
    for kind, rows in kinds.items():
        made = [at for at in rows if next(iter(mistake.make(asked.report.rows[at])), None) is not None]
        if len(made) > 1:
            value = asked.propagated({at: Chosen(mistake, 0) for at in made})
            if value is not None and value != asked.right:
                name, rank = f"{mistake.name} in every {kind}", mistake.rank + EARLIER - 4
                if mistake is LEFT_OUT:
                    name, rank = f"every {kind} left out", WITHOUT - 4
                yield Candidate(value, name, rank)


def _before(asked: Asked) -> list[int]:
    """The layers that the asked ones come from, the nearest first."""
    return sorted(asked.reached, reverse=True)[:EARLIER_ROWS]
