"""What each mistake gives for one question: computed once, and looked up for every answer.

The candidates come in stages, from the likeliest kind of mistake on; a later stage is computed only where nothing
before it gives what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

from cnncalc.core.number import Number, prod
from cnncalc.core.problem import Fault
from cnncalc.grading.mistakes import axes, costs, receptive, sequences, shapes, weights, windows
from cnncalc.grading.perturbed import edits
from cnncalc.grading.perturbed.chosen import Chosen
from cnncalc.grading.perturbed.network import NoAnswer, PerturbedNetwork, Question, propagated
from cnncalc.grading.perturbed.row import Mistake, Perturbation, PerturbedRow
from cnncalc.grading.question import expression, factors, slips
from cnncalc.grading.question import number as answer
from cnncalc.grading.question.candidates import Candidate, Index
from cnncalc.grading.question.wording import shown
from cnncalc.query.scope import NetworkScope
from cnncalc.query.values import LayerValue
from cnncalc.spec.expected import Quantity

MISTAKES: tuple[Mistake, ...] = (
    *weights.MISTAKES,
    *costs.MISTAKES,
    *sequences.MISTAKES,
    *shapes.MISTAKES,
    *axes.MISTAKES,
    *windows.MISTAKES,
)
# How much less likely a mistake is in one layer of several, in an earlier layer, and together with another one.
ONE_OF_SEVERAL, EARLIER, TOGETHER, BOTH_USUAL = 10, 24, 40, 10
UNLIKELY = 18  # from this rank on, the number of another quantity is as likely
MANY_ROWS = 64  # layers that are tried one by one
VERY_MANY_ROWS = 500  # from which on it counts that each mistake is made in each of them
LEFT_OUT = 34  # a layer left out is a usual mistake, and changes all that follows
EARLIER_ROWS = 24
PAIRED = 14  # up to this rank a mistake in a number is usual enough to be made together with another one
MOST_WORK = 150_000  # layers that are looked at for one question
WEIGHTS = 8  # of a layer, which take as long again as the layer itself
FEW = 32  # weights and inputs of a layer that cost nothing besides

Way = tuple[int, Perturbation]  # a mistake may change a layer in several ways: which of them, and what it makes


class Table:
    """One question about one network, with the candidates of its stages."""

    def __init__(self, text: str, names: NetworkScope, most: int = MOST_WORK) -> None:
        self.question = Question(text, names)
        self.names = names
        self.report = names.report
        self.left = most
        self._price = sum(1 + len(self.report.rows[at].facts.weights) // WEIGHTS for at in self.question.rows)
        self.right = self._value(PerturbedNetwork(names, {}))
        self.stages: tuple[Callable[[], Iterator[Candidate]], ...] = (
            self._likely,
            self._other_quantities,
            self._in_earlier_layers,
            self._in_this_layer,
            self._two_at_once,
            self._neighbours,
            self._slips,
        )
        self._made: dict[int, Index] = {}
        self.explained: dict[Any, Any] = {}  # what may be explained, by how much was looked for
        self._reached: set[int] | None = None
        self._looked: dict[str, bool] = {}

    @property
    def executes(self) -> bool:
        """Whether the question asks for numbers that only running the network gives."""
        return self.right is None

    def stage(self, number: int) -> Index:
        """The candidates of one stage."""
        if number not in self._made:
            self._made[number] = Index(self.stages[number]())
        return self._made[number]

    def _value(self, world: NetworkScope, work: int = 0) -> Any:
        """The value of the question in a world; None where it has none, or too many layers have been looked at."""
        self.left -= 1 + self._price + work
        if self.left < 0:
            return None
        try:
            return self.question.value(world)
        except NoAnswer:
            return None

    def _likely(self) -> Iterator[Candidate]:
        for one in self._at_hand():
            if one.value is not None and one.value != self.right:
                yield Candidate(*one)
        yield from self._in_layers()
        yield from self._left_out()

    def _at_hand(self) -> Iterator[answer.Other]:
        """What needs no other network: the right value turned, the question's own arithmetic, receptive fields."""
        yield from answer.of_right(self.right, self.question.text)
        yield from expression.of_expression(self.question.expression, self.right, self.value_of)
        name, dot, attribute = self.question.text.rpartition(".")
        part = self.names.part(name) if dot and attribute == "receptive_field" else None
        if isinstance(part, LayerValue):
            yield from receptive.of_receptive(part.row, self.right)
        part = self.names.part(name) if attribute in ("params", "trainable") else None
        if isinstance(part, LayerValue) and type(self.right) is int and self.right:
            came = prod(part.row.output_shape)
            if type(came) is int:
                yield answer.Other(self.right + came, "numbers that come out counted, too", 20)

    def _in_this_layer(self) -> Iterator[Candidate]:
        """Counts with other factors and shapes with other sizes, of the one layer that is asked about."""
        name, dot, attribute = self.question.text.rpartition(".")
        part = self.names.part(name) if dot else None
        if not isinstance(part, LayerValue):
            return
        found = edits.of_shape(part.row, self.right) if attribute == "shape" else None
        for one in found or factors.of_factors(part.row, attribute, self.right):
            if one.value != self.right:
                yield Candidate(*one)

    def _slips(self) -> Iterator[Candidate]:
        for one in slips.of_digits(self.right):
            yield Candidate(*one)

    # --- mistakes in the layers that the question looks at ---------------------------------------------------------

    def _in_layers(self) -> Iterator[Candidate]:
        rows = self.question.rows
        each = [self.report.rows[at].facts for at in rows]
        held = sum(max(0, len(facts.weights) + len(facts.inputs) - FEW) for facts in each)
        for mistake in MISTAKES:
            self.left -= max(0, len(rows) - VERY_MANY_ROWS) // 4 + held // (2 * WEIGHTS)
            if self.left < 0:
                return
            made = {at: list(enumerate(mistake.make(self.report.rows[at]))) for at in rows}
            made = {at: wrongs for at, wrongs in made.items() if wrongs}
            if not made:
                continue
            if len(made) > 1:
                yield from self._everywhere(mistake, made)
            if len(made) <= MANY_ROWS:
                for at, wrongs in made.items():
                    for wrong in wrongs:
                        for value in self._values_with(mistake, {at: wrong}):
                            yield self._candidate(value, mistake, at, wrong[1], alone=len(rows) == 1)

    def _everywhere(self, mistake: Mistake, made: dict[int, list[Way]]) -> Iterator[Candidate]:
        kinds: dict[str, dict[int, list[Way]]] = {"": made}
        for at, wrongs in made.items():
            kinds.setdefault(self.report.rows[at].type, {})[at] = wrongs
        for kind, mine in kinds.items():
            if len(mine) < 2 or (kind and len(mine) == len(made)):
                continue
            for choice in zip_longest(*mine.values()):
                wrong = {at: one for at, one in zip(mine, choice, strict=True) if one is not None}
                where = f"in every {kind}" if kind else "everywhere"
                for value in self._values_with(mistake, wrong):
                    rank = mistake.rank + (2 if kind else 0)
                    yield Candidate(value, f"{mistake.name} {where}", rank, self._difference(value))

    def _values_with(self, mistake: Mistake, ways: dict[int, Way]) -> Iterator[Any]:
        """The value with a mistake in some rows, and that with all that follows from their wrong shapes."""
        rows = {at: PerturbedRow(self.report.rows[at], wrong) for at, (_, wrong) in ways.items()}
        alone = self._value(PerturbedNetwork(self.names, rows))
        if alone is not None and alone != self.right:
            yield alone
        if mistake.spreads and len(self.question.rows) > 1:
            value = self._propagated({at: Chosen(mistake, number) for at, (number, _) in ways.items()})
            if value is not None and value not in (alone, self.right):
                yield value

    def _candidate(self, value: object, mistake: Mistake, at: int, wrong: Perturbation, *, alone: bool) -> Candidate:
        row = self.report.rows[at]
        name = mistake.name + wrong.aside
        rank = mistake.rank + (8 if wrong.aside else 0)
        if not alone:
            return Candidate(value, f"{name} in {row.name}", rank + ONE_OF_SEVERAL, self._difference(value))

        def how(quantity: Quantity) -> str:
            written = quantity.number if quantity.kind == "whole" else quantity.text
            return shown(self.question.text, row, wrong, written)

        return Candidate(value, name, rank, how)

    def _difference(self, value: Any) -> Callable[[Quantity], str] | None:
        """How far a whole number is from the right one: `195346 − 178 = 195168`."""
        if type(value) is not int or type(self.right) is not int:
            return None
        sign = "−" if value < self.right else "+"
        text = f"{self.right} {sign} {abs(value - self.right)} = {value}"
        return lambda _: text

    # --- other explanations ----------------------------------------------------------------------------------------

    def _left_out(self) -> Iterator[Candidate]:
        """Sums without one layer or one kind of layer."""
        rows = self.question.rows
        if len(rows) < 2 or isinstance(self.right, list):
            return
        counts = ("params", "trainable", "macs", "dense_weights", "dense_biases", "biases")
        nothing: dict[str, Number] = dict.fromkeys(counts, 0)
        counted = [at for at in rows if self.report.rows[at].facts.weights or self.report.rows[at].macs]
        kinds: dict[str, list[int]] = {}
        for at in counted:
            kinds.setdefault(self.report.rows[at].type, []).append(at)
        groups = [(f"every {kind} left out", mine) for kind, mine in kinds.items() if len(mine) > 1]
        if len(counted) <= MANY_ROWS:
            groups += [(f"{self.report.rows[at].name} left out", [at]) for at in counted]
        for name, mine in groups:
            wrong = {
                at: PerturbedRow(self.report.rows[at], Perturbation(self.report.rows[at].facts, nothing)) for at in mine
            }
            value = self._value(PerturbedNetwork(self.names, wrong))
            if value is not None and value != self.right:
                yield Candidate(value, name, 15, self._difference(value))
                if name.endswith(" left out") and isinstance(self.right, int) and type(value) is int:
                    yield Candidate(
                        2 * self.right - value,
                        f"{name.removesuffix(' left out')} counted twice",
                        19,
                        self._difference(2 * self.right - value),
                    )

    def _propagated(self, changes: dict[int, Chosen]) -> Any:
        """The value where all that follows from wrong shapes is wrong, too; None where there is none."""
        work = len(self.report.rows) - min(changes)
        if self.left < work:
            return None
        try:
            return self._value(propagated(self.names, changes), work)
        except NoAnswer:
            self.left -= work
            return None

    def _in_earlier_layers(self) -> Iterator[Candidate]:
        """A wrong shape in a layer before those that the question looks at, carried on."""
        before = self._before()
        for mistake in (*(one for one in MISTAKES if one.spreads), shapes.LEFT_OUT):
            yield from self._in_all_earlier(mistake, before)
        for mistake in (*(one for one in MISTAKES if one.spreads), shapes.LEFT_OUT):
            for at in before:
                row = self.report.rows[at]
                for number, wrong in enumerate(mistake.make(row)):
                    if wrong.facts.shape == row.facts.shape:
                        continue
                    value = self._propagated({at: Chosen(mistake, number)})
                    if value is not None and value != self.right:
                        where, rank = f"{mistake.name}{wrong.aside} in {row.name}", mistake.rank + EARLIER
                        if mistake is shapes.LEFT_OUT:
                            where, rank = f"{row.name} left out", LEFT_OUT
                        yield Candidate(value, where, rank)

    def _in_all_earlier(self, mistake: Mistake, before: list[int]) -> Iterator[Candidate]:
        """The same mistake in every layer of one type before."""
        kinds: dict[str, list[int]] = {}
        for at in before:
            kinds.setdefault(self.report.rows[at].type, []).append(at)
        for kind, rows in kinds.items():
            made = [at for at in rows if next(iter(mistake.make(self.report.rows[at])), None) is not None]
            if len(made) > 1:
                value = self._propagated({at: Chosen(mistake, 0) for at in made})
                if value is not None and value != self.right:
                    name, rank = f"{mistake.name} in every {kind}", mistake.rank + EARLIER - 4
                    if mistake is shapes.LEFT_OUT:
                        name, rank = f"every {kind} left out", LEFT_OUT - 4
                    yield Candidate(value, name, rank)

    def _before(self) -> list[int]:
        """The layers that the asked ones come from, the nearest first."""
        return sorted(self.reached, reverse=True)[:EARLIER_ROWS]

    @property
    def reached(self) -> set[int]:
        """The layers that the question looks at, and all that they come from."""
        if self._reached is None:
            count = len(self.report.graph.inputs)
            waiting = list(self.question.rows)
            seen: set[int] = set(waiting)
            while waiting:
                for ref in self.report.rows[waiting.pop()].node.inputs:
                    at = (ref if isinstance(ref, int) else ref[0]) - count
                    if at >= 0 and at not in seen:
                        seen.add(at)
                        waiting.append(at)
            self._reached = seen
        return self._reached

    def looks_at(self, text: str) -> bool:
        """Whether what another question asks for can change this one's value."""
        if text not in self._looked:
            rows = self.reached if "shape" in text else set(self.question.rows)
            self._looked[text] = not rows.isdisjoint(rows_of(text, self.names))
        return self._looked[text]

    def _two_at_once(self) -> Iterator[Candidate]:
        """Two mistakes in one layer: any that change its shape, and of numbers the most usual ones."""
        if len(self.question.rows) != 1:
            return
        at = self.question.rows[0]
        row = self.report.rows[at]
        if isinstance(self.right, list) and self.question.text.startswith("jacobian("):
            yield from self._size_twice(at)
        if isinstance(self.right, list):
            spreading = [mistake for mistake in MISTAKES if mistake.spreads] if len(self.right) > 1 else []
        else:
            spreading = [mistake for mistake in MISTAKES if mistake.rank <= PAIRED]
        for index, first in enumerate(spreading):
            for wrong in first.make(row):
                for second in spreading[index + 1 :] if not wrong.aside else ():
                    for both in second.make(PerturbedRow(row, wrong)):
                        value = self._value(PerturbedNetwork(self.names, {at: PerturbedRow(row, both)}))
                        if value is not None and value != self.right and not both.aside:
                            name = f"{first.name} and {second.name}"
                            usual = max(first.rank, second.rank) <= PAIRED
                            rank = first.rank + second.rank + (BOTH_USUAL if usual else TOGETHER)
                            yield Candidate(value, name, rank)

    def _size_twice(self, at: int) -> Iterator[Candidate]:
        """A Jacobian's shape in which a size stands for its neighbour, too, with a mistake or without."""
        values = [("", 0, self.right)]
        for mistake in (one for one in MISTAKES if one.spreads):
            for wrong in mistake.make(self.report.rows[at]):
                value = self._value(PerturbedNetwork(self.names, {at: PerturbedRow(self.report.rows[at], wrong)}))
                values.append((f"{mistake.name} and ", mistake.rank, value))
        for name, rank, value in values:
            for here in range(len(value or ()) - 1):
                for kept, lost in ((here, here + 1), (here + 1, here)):
                    made = list(value)
                    made[lost] = made[kept]
                    if made not in (value, self.right):
                        yield Candidate(made, f"{name}one size of the Jacobian written twice", rank + BOTH_USUAL)

    def value_of(self, text: str) -> Any:
        """The right value of another expression; None where it has none."""
        try:
            return Question(text, self.names).value(PerturbedNetwork(self.names, {}))
        except (Fault, NoAnswer):
            return None

    def _other_quantities(self) -> Iterator[Candidate]:
        for one in answer.of_text(self.question.text, self.value_of):
            yield Candidate(*one)
        layer, dot, port = self.question.text.removesuffix(".shape").rpartition(".")
        part = self.names.part(layer) if dot and self.question.text.endswith(".shape") else None
        for other in ["", *part.row.ports] if isinstance(part, LayerValue) and port in part.row.ports else ():
            asked = f"{layer}.{other}.shape" if other else f"{layer}.shape"
            if other != port and (value := self.value_of(asked)) is not None and value != self.right:
                yield Candidate(value, f"that is {asked}", 16)

    def _neighbours(self) -> Iterator[Candidate]:
        here = self.question.rows[0] if self.question.rows else 0
        near = sorted(range(len(self.report.rows)), key=lambda at: abs(at - here))
        rows = [self.report.rows[at].name for at in near]
        for one in answer.of_neighbours(self.question.text, rows, self.value_of):
            yield Candidate(*one)
        for one in answer.of_other_parts(self.question.text, rows, self.value_of):
            yield Candidate(*one)


def rows_of(text: str, names: NetworkScope) -> list[int]:
    """The layers that a question's value depends on, by their place; looked for once in a network."""
    known: dict[str, list[int]] = names.remembered.setdefault("rows", {})
    if text not in known:
        try:
            known[text] = Question(text, names).rows
        except Fault:
            known[text] = []
    return known[text]
