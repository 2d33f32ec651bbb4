"""Which mistake gives the number that was written.

Every mistake of `mistakes/` is tried on the layers that the question looks at: the expression is evaluated in a
network that has the mistake. What gives exactly the written value is a diagnosis; nothing else ever is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.core.number import Number
from cnncalc.core.problem import Fault
from cnncalc.grading.perturbed.network import NoAnswer
from cnncalc.grading.question import chance
from cnncalc.grading.question import number as answer
from cnncalc.grading.question.asked import MOST_WORK
from cnncalc.grading.question.candidates import Index
from cnncalc.grading.question.table import STAGES, UNLIKELY, Table
from cnncalc.query.scope import NetworkScope
from cnncalc.query.values import LayerValue
from cnncalc.spec.expected import Quantity

if TYPE_CHECKING:
    from cnncalc.answers.read import Answer

MOST_ROWS = 10_000  # of a network with more layers no mistake is looked for
SHOWN, FAR = 3, 14  # candidates in one line, and how much less likely than the first they may be
ALIKE = 4  # how far apart the ranks of mistakes are that are about as likely
MOST_CARRIED = 12  # earlier answers that are tried each alone
NO_PARAMETERS, NO_PRODUCTS = "the layer has no parameters of its own", "operations counted that are no products"
LIKELY = 12
FAR_FETCHED = 30  # what is less likely does not keep from looking further
MOST_ANSWERED = 64  # networks with wrong answers in them that are kept
CARRIED_WORK = 20  # what one earlier answer costs beside the layers that follow from it


class Found(NamedTuple):
    """A mistake that gives the written number: its name, and how the number came about.

    `rank` orders them, the likeliest first. `how` may hold the right value; a quiet key shows the name alone.
    """

    name: str
    how: str
    rank: int
    believed: bool = True  # false where it fits by chance, too: then it is not shown


class Given(NamedTuple):
    """An earlier answer of the same sheet that was wrong."""

    text: str
    value: object


def text_of(found: Sequence[Found], quiet: bool = False) -> str:
    """The diagnosis as one line: `bias forgotten: 3·3·3·16 = 432`, several separated by "; or ".

    What is far less likely than the first is left out.
    """
    shown = [one for one in found if one.believed]
    lines = [one.name if quiet or not one.how else f"{one.name}: {one.how}" for one in shown if _near(one, shown[0])]
    return "; or ".join(lines[:SHOWN])


def _near(one: Found, best: Found) -> bool:
    return one.rank <= best.rank + FAR


def diagnose(
    text: str, quantity: Quantity, actual: object, names: NetworkScope, earlier: Iterable[Given] = ()
) -> list[Found]:
    """The mistakes that give the written value, the likeliest first; none for what is right or has no number.

    `earlier` are wrong answers of the same sheet: a later one may be right with them.
    """
    return search(text, quantity, actual, names, earlier)[0]


def search(
    text: str,
    quantity: Quantity,
    actual: object,
    names: NetworkScope,
    earlier: Iterable[Given] = (),
    most: int = MOST_WORK,
) -> tuple[list[Found], int]:
    """The same, and how many layers were looked at for it: at most `most`, roughly."""
    if len(names.report.rows) > MOST_ROWS:
        return [], 0
    if names.report.assumptions is not None:
        return [], 0  # free dimensions: a formula is right or wrong, mistakes in it are not looked for
    if quantity.kind not in ("whole", "rounded", "computed", "list", "truth") or quantity.holds(actual):
        return [], 0
    table, spent = table_of(text, names, most)
    if table is None:
        return [], spent
    looking = _Search(table, quantity, actual, names, most)
    before = table.left
    found = looking.run(list(earlier))
    return _shortest(found), spent + most - max(0, looking.left) + before - max(0, table.left)


def search_formula(text: str, answer: Answer, names: NetworkScope, differs: str = "") -> list[Found]:
    """The mistakes that make the right formula into the written one, the likeliest first.

    `differs` says for which sizes the two are not the same.
    """
    from cnncalc.grading.question import symbols

    sizes = answer.shape.sizes if answer.shape is not None and not answer.numbers else None
    written = answer.numbers[0] if answer.numbers else None

    def value(values: Mapping[str, Number]) -> Any:
        if sizes is not None:
            return [one.formula.value(values) if one.formula else one.value for one in sizes]
        if written is None:
            raise ValueError
        return written.formula.value(values) if written.formula else written.value

    ranked = sorted(symbols.found(names, text, value), key=lambda pair: pair[1])
    found = _shortest([Found(name, "", rank) for name, rank in ranked])
    return [found[0]._replace(how=differs), *found[1:]] if found else []


def _shortest(found: list[Found]) -> list[Found]:
    """Each name once; "padding ignored" says all that "padding ignored in the height" does."""
    best: dict[str, Found] = {}
    for one in sorted(found, key=lambda one: (one.rank, not one.how)):
        best.setdefault(one.name, one)
    return [one for name, one in best.items() if not any(name.startswith(f"{other} ") for other in best)]


def table_of(text: str, names: NetworkScope, most: int) -> tuple[Table | None, int]:
    """The candidates for a question, made once for a network, and the layers that were looked at for it here.

    None where the question cannot be read.
    """
    known: dict[str, Table | None] = names.remembered.setdefault("tables", {})
    if text in known:
        return known[text], 0
    allowed = min(most, MOST_WORK)
    try:
        table = known[text] = Table(text, names, allowed)
    except Fault:
        known[text] = None
        return None, 1
    return table, allowed - table.left


class _Search:
    """One wrong answer and what has been found for it."""

    def __init__(self, table: Table, quantity: Quantity, actual: object, names: NetworkScope, most: int) -> None:
        self.table = table
        self.question = table.question
        self.quantity = quantity
        self.actual = actual
        self.names = names
        self.left = most
        self.made: list[Index] = []

    def run(self, earlier: list[Given]) -> list[Found]:
        """All that is found, from the likeliest kind of mistake on; the unlikely only where nothing else fits."""
        table = self.table
        if self.quantity.kind == "truth":
            return list(self._stage(1))
        if table.executes:
            return list(self._in_arrays())
        found = list(self._carried(earlier))
        found += self._nothing_there()
        found += [Found(name, how, rank) for name, rank, how in answer.of_value(self.quantity, self.actual)]
        found += self._stage(0)
        if all(one.rank > UNLIKELY or not one.believed for one in found):
            found += self._stage(1)
        for number in range(2, len(STAGES)):
            if all(one.rank > FAR_FETCHED or not one.believed for one in found):
                found += self._stage(number)
        return found

    def _nothing_there(self) -> Iterator[Found]:
        """A number for a layer that has no parameters, or does no products."""
        layer, _, attribute = self.question.text.rpartition(".")
        nothing = {"params": NO_PARAMETERS, "trainable": NO_PARAMETERS, "macs": NO_PRODUCTS, "flops": NO_PRODUCTS}
        one_layer = isinstance(self.names.part(layer), LayerValue)
        if self.actual == 0 and type(self.actual) is int and attribute in nothing and one_layer:
            yield Found(nothing[attribute], "", LIKELY)

    def _stage(self, number: int) -> Iterator[Found]:
        self.left -= 1
        self.made.append(self.table.stage(number))
        fitting = list(self.table.stage(number).matching(self.quantity))
        if not fitting:
            return
        best = min(one.rank for one in fitting)
        for one in fitting:
            how = one.how(self.quantity) if one.how is not None else ""
            rank = best if one.rank <= best + ALIKE else one.rank  # what one is believed to give, its like is too
            believed = chance.believed(self.quantity, self.actual, rank, self.made, self.table.explained)
            yield Found(one.name, how, one.rank, believed)

    # --- computed numbers ------------------------------------------------------------------------------------------

    def _in_arrays(self) -> Iterator[Found]:
        from cnncalc.grading.question import arrays

        for name, rank, how in arrays.found(self.names, self.question, self.quantity, self.actual):
            self.left -= 1
            yield Found(name, how, rank)

    # --- errors carried forward ------------------------------------------------------------------------------------

    def _carried(self, earlier: list[Given]) -> Iterator[Found]:
        """Right from wrong answers before it: each alone, the latest first, then all together."""
        earlier = [given for given in earlier if self.table.looks_at(given.text)]
        chosen = [[given] for given in reversed(earlier[-MOST_CARRIED:])]
        for some in [*chosen, *([earlier] if len(earlier) > 1 else [])]:
            if self._follows(some):
                needed = self._needed(some)
                texts = " and ".join(one.text for one in needed)
                yield Found(f"right from your {texts} (error carried forward)", "", 0)
                return

    def _follows(self, some: list[Given]) -> bool:
        """Whether the answer is right where these earlier ones are."""
        self.left -= CARRIED_WORK + len(self.names.report.rows)
        if self.left < 0:
            return False
        try:
            return bool(self.quantity.holds(self.question.value(_with_answers(self.names, some))))
        except NoAnswer:
            return False

    def _needed(self, given: list[Given]) -> list[Given]:
        """Those of some wrong answers without which this one would not follow."""
        needed = list(given)
        for one in given if len(given) > 1 else ():
            rest = [other for other in needed if other is not one]
            if rest and self._follows(rest):
                needed = rest
        return needed


def _with_answers(names: NetworkScope, some: list[Given]) -> NetworkScope:
    """The network with these answers taken as right, for the questions after them too; raises `NoAnswer`."""
    from cnncalc.grading.perturbed.carried_forward import with_answers

    known: dict[Any, NetworkScope | None] = names.remembered.setdefault("with answers", {})
    key = tuple((one.text, str(one.value)) for one in some)
    if key not in known:
        if len(known) >= MOST_ANSWERED:
            known.clear()
        try:
            known[key] = with_answers(names, some)
        except NoAnswer:
            known[key] = None
    found = known[key]
    if found is None:
        raise NoAnswer
    return found
