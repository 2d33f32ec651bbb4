"""The work of an expansion is counted while it is done, and refused where it would be too much."""

from __future__ import annotations

from typing import NoReturn

from cnncalc.core.problem import Problem, Span, SpecError
from cnncalc.expression.evaluation import Budget
from cnncalc.network.graph import Graph

# Layers after expansion: so many, or in a longer file one for every few letters of it.
MAX_LAYERS = 50_000
LETTERS = 10
# Entries, copies, branches and inputs that are gone through for each layer, also those that leave none.
STEPS = 3
# Letters of all names together: a name is the path of the groups around it.
MOST_LETTERS = 10_000_000
# Steps that a layer costs which is not the same as one before, and each letter that such a layer reads itself; a longer
# file has some of them free, one for so many letters of it.
MAKING, READING, FREE = 250, 10, 20


class Work:
    """What one expansion has cost so far; `problems` are those that go before the one that ends it."""

    def __init__(self, graph: Graph, problems: list[Problem]) -> None:
        self.graph = graph
        self.problems = problems
        self.most = MAX_LAYERS
        if graph.source is not None:
            self.most = max(self.most, len(graph.source.text) // LETTERS)
        self.steps = self.letters = 0
        self.free = len(graph.source.text) // FREE if graph.source is not None else 0

    def step(self, span: Span, steps: int = 1) -> None:
        """Count steps, before they are done."""
        self.steps += steps
        if self.steps > STEPS * self.most:
            text = f"repeats, blocks and branches would make more than {STEPS * self.most:,} entries"
            self._stop("too-many-steps", text, span)

    def layers(self, count: int, span: Span) -> None:
        """Refuse so many layers more, before they are made, where they are too many."""
        if len(self.graph.nodes) + count > self.most:
            self._stop("too-many-layers", f"the network would have more than {self.most:,} layers", span)

    def copies(self, count: int, span: Span, leaf: bool) -> None:
        """Refuse so many copies, of a layer or of more, before they are made, where they are too many."""
        if leaf:
            self.layers(count, span)
        self.step(span, count)

    def name(self, name: str, span: Span) -> None:
        """Count the letters of a name."""
        self.named(len(name), span)

    def named(self, letters: int, span: Span) -> None:
        """Count so many letters of names."""
        self.letters += letters
        if self.letters > MOST_LETTERS:
            text = f"the names of the layers would have more than {MOST_LETTERS:,} letters together"
            self._stop("too-many-layers", text, span)

    def making(self, budget: Budget, read: int) -> None:
        """Count a layer that is made anew, with so many letters of equations; raises `Fault`."""
        self.free -= 1
        if self.free < 0:
            budget.spend(MAKING + READING * read)

    def _stop(self, code: str, message: str, span: Span) -> NoReturn:
        help = "a smaller repeat will do to see how it grows"
        raise SpecError([*self.problems, Problem(code, message, source=self.graph.source, span=span, help=help)])
