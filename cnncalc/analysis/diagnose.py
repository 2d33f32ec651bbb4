"""Which mistake gives the number that was written.

Every mistake of `mistakes/` is tried on the layers that the question looks at: the expression is evaluated in a
network that has the mistake. What gives exactly the written value is a diagnosis; nothing else ever is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from cnncalc.analysis.mistakes import answer, costs, sequences, shapes, weights, windows
from cnncalc.analysis.mistakes.facts import Mistake, Wrong, WrongRow
from cnncalc.analysis.mistakes.wording import shown
from cnncalc.analysis.mistakes.world import NoAnswer, Question, World, propagated
from cnncalc.analysis.names import Names
from cnncalc.problem import Fault
from cnncalc.spec.expected import Quantity

MISTAKES: tuple[Mistake, ...] = (
    *weights.MISTAKES,
    *costs.MISTAKES,
    *sequences.MISTAKES,
    *shapes.MISTAKES,
    *windows.MISTAKES,
)
# How much less likely a mistake is in one layer of several, in an earlier layer, and together with another one.
ONE_OF_SEVERAL, EARLIER, TOGETHER = 10, 30, 40
UNLIKELY = 18  # from this rank on, the number of another quantity is as likely
MANY_ROWS = 64  # layers that are tried one by one
EARLIER_ROWS = 24
NEIGHBOURS = 1_000
MOST_ROWS = 10_000  # of a network with more layers no mistake is looked for
MOST_WORK = 200_000  # layers that are looked at for one answer
SHOWN, FAR = 3, 14  # candidates in one line, and how much less likely than the first they may be


class Found(NamedTuple):
    """A mistake that gives the written number: its name, and how the number came about.

    `rank` orders them, the likeliest first. `how` may hold the right value; a quiet key shows the name alone.
    """

    name: str
    how: str
    rank: int


class Given(NamedTuple):
    """An earlier answer of the same sheet that was wrong."""

    text: str
    value: Any


def text_of(found: Sequence[Found], quiet: bool = False) -> str:
    """The diagnosis as one line: `bias forgotten: 3·3·3·16 = 432`, several separated by "; or ".

    What is far less likely than the first is left out.
    """
    lines = [one.name if quiet or not one.how else f"{one.name}: {one.how}" for one in found if _near(one, found[0])]
    return "; or ".join(lines[:SHOWN])


def _near(one: Found, best: Found) -> bool:
    return one.rank <= best.rank + FAR


def diagnose(text: str, quantity: Quantity, actual: Any, names: Names, earlier: Iterable[Given] = ()) -> list[Found]:
    """The mistakes that give the written value, the likeliest first; none for what is right or has no number.

    `earlier` are wrong answers of the same sheet: a later one may be right with them.
    """
    return searched(text, quantity, actual, names, earlier)[0]


def searched(
    text: str, quantity: Quantity, actual: Any, names: Names, earlier: Iterable[Given] = (), most: int = MOST_WORK
) -> tuple[list[Found], int]:
    """The same, and how many layers were looked at for it; no more than `most` are."""
    if len(names.report.rows) > MOST_ROWS:
        return [], 0
    if names.report.assumptions is not None:
        return [], 0  # free dimensions: a formula is right or wrong, mistakes in it are not looked for
    if quantity.kind not in ("whole", "rounded", "computed", "list", "truth") or quantity.holds(actual):
        return [], 0
    try:
        question = Question(text, names)
    except Fault:
        return [], 0
    search = _Search(question, quantity, actual, names)
    search.left = allowed = min(most, MOST_WORK)
    found = search.run(list(earlier))
    best: dict[str, Found] = {}
    for one in sorted(found, key=lambda one: (one.rank, not one.how)):
        best.setdefault(one.name, one)
    # "padding ignored" says all that "padding ignored in the height" does.
    kept = [one for name, one in best.items() if not any(name.startswith(f"{other} ") for other in best)]
    return kept, allowed - search.left


Way = tuple[int, Wrong]  # a mistake may change a layer in several ways: which of them, and what it makes


class _Search:
    """One wrong answer and what has been found for it."""

    def __init__(self, question: Question, quantity: Quantity, actual: Any, names: Names) -> None:
        self.question = question
        self.quantity = quantity
        self.actual = actual
        self.names = names
        self.report = names.report
        self.left = MOST_WORK

    def run(self, earlier: list[Given]) -> list[Found]:
        """All that is found, from the likeliest kind of mistake on; the unlikely only where nothing else fits."""
        if self.quantity.kind == "truth":
            return list(self._other_quantity())
        if self._executes():
            return list(self._in_arrays())
        found = list(self._carried(earlier))
        found += [Found(*one) for one in self._named(answer.of_value(self.quantity, self.actual))]
        found += self._in_layers()
        found += self._left_out()
        if all(one.rank > UNLIKELY for one in found):
            found += self._other_quantity()
        for unlikely in (self._in_earlier_layers, self._two_at_once, self._neighbours):
            if not found and self.left > 0:
                found = list(unlikely())
        return found

    def _named(self, found: Iterable[tuple[str, int, str]]) -> Iterator[tuple[str, str, int]]:
        for name, rank, how in found:
            yield name, how, rank

    def holds(self, world: Names, work: int = 0) -> bool:
        """Whether the written value is right in a world with a mistake; `work` is how many layers were recomputed."""
        self.left -= 1 + len(self.question.rows) + work
        if self.left < 0:
            return False
        try:
            return bool(self.quantity.holds(self.question.value(world)))
        except NoAnswer:
            return False

    # --- computed numbers ------------------------------------------------------------------------------------------

    def _executes(self) -> bool:
        """Whether the question asks for numbers that only running the network gives."""
        try:
            self.question.value(World(self.names, {}))
        except NoAnswer:
            return True
        return False

    def _in_arrays(self) -> Iterator[Found]:
        from cnncalc.analysis.mistakes import arrays  # NumPy is there already: the right answer needed it

        for name, rank in arrays.of_array(self.quantity.holds, self.actual):
            yield Found(name, "", rank)
        for name, rank, names in arrays.runs(self.names):
            if self.holds(names):
                yield Found(name, "", rank)

    # --- mistakes in the layers that the question looks at ---------------------------------------------------------

    def _in_layers(self) -> Iterator[Found]:
        rows = self.question.rows
        for mistake in MISTAKES:
            self.left -= len(rows)
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
                        if self._holds_with(mistake, {at: wrong}):
                            yield self._found(mistake, at, wrong[1], alone=len(rows) == 1)

    def _everywhere(self, mistake: Mistake, made: dict[int, list[Way]]) -> Iterator[Found]:
        kinds: dict[str, dict[int, list[Way]]] = {"": made}
        for at, wrongs in made.items():
            kinds.setdefault(self.report.rows[at].type, {})[at] = wrongs
        for kind, mine in kinds.items():
            if len(mine) < 2 or (kind and len(mine) == len(made)):
                continue
            for choice in zip_longest(*mine.values()):
                wrong = {at: one for at, one in zip(mine, choice, strict=True) if one is not None}
                if self._holds_with(mistake, wrong):
                    where = f"in every {kind}" if kind else "everywhere"
                    yield Found(f"{mistake.name} {where}", "", mistake.rank + (2 if kind else 0))
                    if not kind:
                        return
                    break

    def _holds_with(self, mistake: Mistake, ways: dict[int, Way]) -> bool:
        rows = {at: WrongRow(self.report.rows[at], wrong) for at, (_, wrong) in ways.items()}
        if self.holds(World(self.names, rows)):
            return True
        if not mistake.spreads or len(self.question.rows) < 2:
            return False
        # The same with all that follows from the wrong shapes.
        return self._propagated({at: _Chosen(mistake, number) for at, (number, _) in ways.items()})

    def _found(self, mistake: Mistake, at: int, wrong: Wrong, *, alone: bool) -> Found:
        row = self.report.rows[at]
        name = mistake.name + wrong.aside
        rank = mistake.rank + (8 if wrong.aside else 0)
        if not alone:
            return Found(f"{name} in {row.name}", "", rank + ONE_OF_SEVERAL)
        value = self.quantity.number if self.quantity.kind == "whole" else self.quantity.text
        return Found(name, shown(self.question.text, row, wrong, value), rank)

    # --- other explanations ----------------------------------------------------------------------------------------

    def _left_out(self) -> Iterator[Found]:
        """Sums without one layer or one kind of layer."""
        rows = self.question.rows
        if len(rows) < 2 or self.quantity.kind == "list":
            return
        nothing = {"params": 0, "trainable": 0, "macs": 0, "dense_weights": 0, "dense_biases": 0, "biases": 0}
        counted = [at for at in rows if self.report.rows[at].facts.weights or self.report.rows[at].macs]
        kinds: dict[str, list[int]] = {}
        for at in counted:
            kinds.setdefault(self.report.rows[at].type, []).append(at)
        groups = [(f"every {kind} left out", mine) for kind, mine in kinds.items() if len(mine) > 1]
        if len(counted) <= MANY_ROWS:
            groups += [(f"{self.report.rows[at].name} left out", [at]) for at in counted]
        for name, mine in groups:
            wrong = {at: WrongRow(self.report.rows[at], Wrong(self.report.rows[at].facts, nothing)) for at in mine}
            if self.holds(World(self.names, wrong)):
                yield Found(name, "", 15)

    def _propagated(self, changes: dict[int, _Chosen]) -> bool:
        """Whether the written value is right where all that follows from wrong shapes is wrong, too."""
        work = len(self.report.rows) - min(changes)
        if self.left < work:
            return False
        try:
            return self.holds(propagated(self.names, changes), work)
        except NoAnswer:
            self.left -= work
            return False

    def _carried(self, earlier: list[Given]) -> Iterator[Found]:
        """Right from wrong answers before it: each alone, the latest first, then all together."""
        from cnncalc.analysis.mistakes.carried import world

        chosen = [[given] for given in reversed(earlier[-12:])]
        for some in [*chosen, *([earlier] if len(earlier) > 1 else [])]:
            try:
                carried = world(self.names, some)
            except NoAnswer:
                continue
            if self.holds(carried):
                needed = self._needed(some)
                yield Found(f"right from your {' and '.join(one.text for one in needed)}", "", 0)
                return

    def _needed(self, given: list[Given]) -> list[Given]:
        """Those of some wrong answers without which this one would not follow."""
        from cnncalc.analysis.mistakes.carried import world

        needed = list(given)
        for one in given if len(given) > 1 else ():
            rest = [other for other in needed if other is not one]
            try:
                if rest and self.holds(world(self.names, rest)):
                    needed = rest
            except NoAnswer:
                continue
        return needed

    def _in_earlier_layers(self) -> Iterator[Found]:
        """A wrong shape in a layer before those that the question looks at, carried on."""
        before = self._before()
        for mistake in (*(one for one in MISTAKES if one.spreads), shapes.LEFT_OUT):
            for at in before:
                row = self.report.rows[at]
                for number, wrong in enumerate(mistake.make(row)):
                    if wrong.facts.shape == row.facts.shape:
                        continue
                    if self._propagated({at: _Chosen(mistake, number)}):
                        name = mistake.name + wrong.aside
                        where = f"{row.name} left out" if mistake is shapes.LEFT_OUT else f"{name} in {row.name}"
                        yield Found(where, "", mistake.rank + EARLIER)

    def _before(self) -> list[int]:
        """The layers that the asked ones come from, the nearest first."""
        count = len(self.report.graph.inputs)
        waiting = list(self.question.rows)
        seen: set[int] = set(waiting)
        while waiting:
            for ref in self.report.rows[waiting.pop()].node.inputs:
                at = (ref if isinstance(ref, int) else ref[0]) - count
                if at >= 0 and at not in seen:
                    seen.add(at)
                    waiting.append(at)
        return sorted(seen, reverse=True)[:EARLIER_ROWS]

    def _two_at_once(self) -> Iterator[Found]:
        """Two mistakes in one layer, for whole shapes: there a chance agreement is unlikely."""
        if len(self.question.rows) != 1 or self.quantity.kind != "list" or len(self.quantity.items) < 2:
            return
        at = self.question.rows[0]
        row = self.report.rows[at]
        spreading = [mistake for mistake in MISTAKES if mistake.spreads]
        for index, first in enumerate(spreading):
            for wrong in first.make(row):
                for second in spreading[index + 1 :]:
                    for both in second.make(WrongRow(row, wrong)):
                        if self.holds(World(self.names, {at: WrongRow(row, both)})):
                            names = [first.name + wrong.aside, second.name + both.aside]
                            yield Found(" and ".join(names), "", first.rank + second.rank + TOGETHER)

    def _value_of(self, text: str) -> Any:
        try:
            return Question(text, self.names).value(World(self.names, {}))
        except (Fault, NoAnswer):
            return None

    def _other_quantity(self) -> Iterator[Found]:
        for name, rank, how in answer.of_text(self.question.text, self.quantity, self._value_of):
            yield Found(name, how, rank)

    def _neighbours(self) -> Iterator[Found]:
        here = self.question.rows[0] if self.question.rows else 0
        near = sorted(range(len(self.report.rows)), key=lambda at: abs(at - here))[:NEIGHBOURS]
        rows = [self.report.rows[at].name for at in near]
        for name, rank, how in answer.of_neighbours(self.question.text, self.quantity, rows, self._value_of):
            yield Found(name, how, rank)


class _Chosen:
    """One of the ways in which a mistake changes a layer, made anew for the shapes that then come in."""

    def __init__(self, mistake: Mistake, number: int) -> None:
        self.mistake = mistake
        self.number = number

    def __call__(self, row: Any) -> Wrong:
        for number, wrong in enumerate(self.mistake.make(row)):
            if number == self.number:
                return wrong
        raise NoAnswer
