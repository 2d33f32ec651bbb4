"""What each mistake gives for one question: computed once, and looked up for every answer.

The candidates come in stages, from the likeliest kind of mistake on; a later stage is computed only where nothing
before it gives what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cnncalc.grading.question import earlier, in_layers, others
from cnncalc.grading.question.asked import MOST_WORK, Asked
from cnncalc.grading.question.candidates import Candidate, Index
from cnncalc.query.scope import NetworkScope


def likely(asked: Asked) -> Iterator[Candidate]:
    """What is at hand, and mistakes in the layers that are asked about."""
    yield from others.at_hand(asked)
    yield from in_layers.in_layers(asked)
    yield from in_layers.left_out(asked)


STAGES: tuple[Callable[[Asked], Iterator[Candidate]], ...] = (
    likely,
    others.other_quantities,
    earlier.in_earlier_layers,
    others.in_this_layer,
    in_layers.two_at_once,
    others.neighbours,
    others.of_digits,
)
UNLIKELY = 18  # from this rank on, the number of another quantity is as likely


class Table(Asked):
    """One question about one network, with the candidates of its stages."""

    def __init__(self, text: str, names: NetworkScope, most: int = MOST_WORK) -> None:
        super().__init__(text, names, most)
        self._made: dict[int, Index] = {}
        self.explained: dict[object, object] = {}  # what may be explained, by how much was looked for

    def stage(self, number: int) -> Index:
        """The candidates of one stage."""
        if number not in self._made:
            self._made[number] = Index(STAGES[number](self))
        return self._made[number]
