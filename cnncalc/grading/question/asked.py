"""One question about one network: its right value, its value in a network with a mistake, and the work left for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from cnncalc.core.number import shown
from cnncalc.core.problem import Fault
from cnncalc.grading.perturbed.chosen import Chosen
from cnncalc.grading.perturbed.network import NoAnswer, PerturbedNetwork, Question, propagated
from cnncalc.grading.perturbed.row import REFUSED
from cnncalc.network.row import Row
from cnncalc.query.ask import settled
from cnncalc.query.scope import NetworkScope
from cnncalc.query.values import COUNTS, LayerValue
from cnncalc.spec.expected import Quantity

MOST_WORK = 150_000  # layers that are looked at for one question
WEIGHTS = 8  # of a layer, which take as long again as the layer itself


class Asked:
    """A question, and the networks that it is asked of."""

    def __init__(self, text: str, names: NetworkScope, most: int = MOST_WORK) -> None:
        self.question = Question(text, names)
        self.names = names
        self.report = names.report
        self.left = most
        self._price = sum(1 + len(self.report.rows[at].facts.weights) // WEIGHTS for at in self.question.rows)
        self._alone = self._of_one_layer()
        self.right = self.value(PerturbedNetwork(names, {}))
        self._looked: dict[str, bool] = {}

    @property
    def executes(self) -> bool:
        """Whether the question asks for numbers that only running the network gives."""
        return self.right is None

    def value(self, names: NetworkScope, work: int = 0) -> Any:
        """The value of the question about a network; None where it has none, or too many layers have been looked at."""
        self.left -= 1 + self._price + work
        if self.left < 0:
            return None
        try:
            return self.question.value(names)
        except NoAnswer:
            return None

    def value_with(self, rows: dict[int, Row]) -> Any:
        """The value with other rows in place of some; None as above. One layer's count needs no look at the others."""
        if self._alone is None:
            return self.value(PerturbedNetwork(self.names, rows))
        self.left -= 1 + self._price
        if self.left < 0:
            return None
        part, at, attribute = self._alone
        try:
            return settled(LayerValue(part.names, rows.get(at, part.row)).cnncalc_attribute(attribute))
        except REFUSED:
            return None

    def _of_one_layer(self) -> tuple[LayerValue, int, str] | None:
        """The layer whose count or shape the whole question is, its place, and which; None for other questions."""
        part, attribute = self.layer()
        if part is None or len(self.question.rows) != 1 or attribute not in (*COUNTS, "shape"):
            return None
        (at,) = self.question.rows
        mine = PerturbedNetwork(self.names, {}).part(part.row.name)
        return (mine, at, attribute) if isinstance(mine, LayerValue) and mine.row is self.report.rows[at] else None

    def value_of(self, text: str) -> object:
        """The right value of another expression; None where it has none."""
        try:
            return Question(text, self.names).value(PerturbedNetwork(self.names, {}))
        except (Fault, NoAnswer):
            return None

    def layer(self) -> tuple[LayerValue | None, str]:
        """The layer whose attribute is asked for, None for none, and the attribute."""
        name, dot, attribute = self.question.text.rpartition(".")
        part = self.names.part(name) if dot else None
        return (part if isinstance(part, LayerValue) else None), attribute

    def propagated(self, changes: dict[int, Chosen]) -> object:
        """The value where all that follows from wrong shapes is wrong, too; None where there is none."""
        work = len(self.report.rows) - min(changes)
        if self.left < work:
            return None
        try:
            return self.value(propagated(self.names, changes), work)
        except NoAnswer:
            self.left -= work
            return None

    def difference(self, value: object) -> Callable[[Quantity], str] | None:
        """How far a whole number is from the right one: `195346 − 178 = 195168`."""
        if type(value) is not int or type(self.right) is not int:
            return None
        sign = "−" if value < self.right else "+"
        text = f"{shown(self.right)} {sign} {shown(abs(value - self.right))} = {shown(value)}"
        return lambda _: text

    @cached_property
    def reached(self) -> set[int]:
        """The layers that the question looks at, and all that they come from."""
        count = len(self.report.graph.inputs)
        waiting = list(self.question.rows)
        seen: set[int] = set(waiting)
        while waiting:
            for ref in self.report.rows[waiting.pop()].node.inputs:
                at = (ref if isinstance(ref, int) else ref[0]) - count
                if at >= 0 and at not in seen:
                    seen.add(at)
                    waiting.append(at)
        return seen

    def looks_at(self, text: str) -> bool:
        """Whether what another question asks for can change this one's value."""
        if text not in self._looked:
            rows = self.reached if "shape" in text else set(self.question.rows)
            self._looked[text] = not rows.isdisjoint(rows_of(text, self.names))
        return self._looked[text]


def rows_of(text: str, names: NetworkScope) -> list[int]:
    """The layers that a question's value depends on, by their place; looked for once in a network."""
    known: dict[str, list[int]] = names.remembered.setdefault("rows", {})
    if text not in known:
        try:
            known[text] = Question(text, names).rows
        except Fault:
            known[text] = []
    return known[text]
