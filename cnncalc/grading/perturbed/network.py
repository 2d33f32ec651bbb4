"""The analysed network with a mistake in it: the same names, some rows wrong, and expressions evaluated in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cnncalc.core.layer_result import LayerResult
from cnncalc.core.number import Shape
from cnncalc.expression.evaluate import evaluate
from cnncalc.expression.parsed import Expression
from cnncalc.expression.syntax import parse
from cnncalc.grading.perturbed.row import REFUSED, Perturbation, PerturbedRow
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.query.ask import settled, spelled
from cnncalc.query.scope import NetworkScope

Change = Callable[[Row], Perturbation]


class NoAnswer(Exception):
    """With this mistake the expression has no value."""


class Question:
    """An expression of the sheet, read once: its value in any network, and the rows that it looks at."""

    __slots__ = ("_rows", "expression", "names", "text")

    def __init__(self, text: str, names: NetworkScope) -> None:
        self.text = written = spelled(text, names)
        self.names = names
        self.expression: Expression = parse(written, names.signed)
        self._rows: list[int] | None = None

    @property
    def rows(self) -> list[int]:
        """The layers that its value depends on, by their place."""
        if self._rows is None:
            self._rows = self._looked_at()
        return self._rows

    def value(self, names: NetworkScope) -> Any:
        """The value among these names; raises `NoAnswer`."""
        try:
            value = evaluate(self.expression, names)
        except REFUSED:
            raise NoAnswer from None
        return settled(value)

    def _looked_at(self) -> list[int]:
        watch: _Watch = self.names.remembered.get("watch") or _Watch(self.names)
        self.names.remembered["watch"] = watch
        watch.seen.clear()
        try:
            self.value(PerturbedNetwork(self.names, watch.rows))
        except NoAnswer:
            return []
        return sorted(watch.seen)


class _Watch:
    """All rows of a network, noting which of them somebody looked at."""

    def __init__(self, names: NetworkScope) -> None:
        self.seen: set[int] = set()
        self.rows: dict[int, Row] = {at: _Seen(row, at, self.seen) for at, row in enumerate(names.report.rows)}


class _Seen(Row):
    """A row that notes that somebody looked at it."""

    __slots__ = ("_at", "_facts", "_seen")

    def __init__(self, row: Row, at: int, seen: set[int]) -> None:
        self._seen: set[int] = seen
        self._at = at
        super().__init__(row._report, row.node, row.facts)
        self.own, self.owner = row.own, row.owner
        seen.discard(at)

    @property
    def facts(self) -> LayerResult:
        self._seen.add(self._at)
        return self._facts

    @facts.setter
    def facts(self, facts: LayerResult) -> None:
        self._facts = facts


def _noted(name: str) -> property:
    right = getattr(Row, name)

    def read(row: _Seen) -> object:
        row._seen.add(row._at)  # a frozen layer's count is 0 without a look at its rules
        return right.__get__(row)

    return property(read)


for _name in ("params", "trainable", "macs", "dense", "dense_weights", "dense_biases", "biases"):
    setattr(_Seen, _name, _noted(_name))


class PerturbedNetwork(NetworkScope):
    """The names of the network with some rows replaced, and with some answers taken as given."""

    def __init__(
        self, names: NetworkScope, rows: Mapping[int, Row], answers: Mapping[tuple[str, str], object] | None = None
    ) -> None:
        right = names.report
        report = Report(right.graph)
        report.rows = right.rows
        if rows:
            report.rows = right.rows.copy()
            for at, row in rows.items():
                report.rows[at] = row
        super().__init__(report, _never)
        self._answers = answers or {}
        self._swapped = {row.name: row for row in rows.values()}
        self._right = names

    @property
    def prefixes(self) -> Any:
        """Every scope's name with its rows, the wrong ones among them."""
        return _Prefixes(self._right.prefixes, self._swapped)

    def part(self, name: str) -> object:
        return self._with_answers(name, super().part(name))

    def lookup(self, name: str) -> object:
        found = super().lookup(name)
        return found if isinstance(found, _Answered) else self._with_answers(name, found)

    def _with_answers(self, name: str, found: object) -> object:
        given = {key[1]: value for key, value in self._answers.items() if key[0] == name}
        return _Answered(found, given) if given and found is not None else found


class _Prefixes(Mapping[str, list[Row]]):
    """The rows under a name, replaced where they are looked up."""

    def __init__(self, right: Mapping[str, list[Row]], swapped: Mapping[str, Row]) -> None:
        self._right = right
        self._rows = swapped

    def __getitem__(self, name: str) -> list[Row]:
        return [self._rows.get(row.name, row) for row in self._right[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._right)

    def __len__(self) -> int:
        return len(self._right)


class _Answered:
    """A part of the network of which some values are someone's answers."""

    def __init__(self, part: Any, answers: Mapping[str, object]) -> None:
        self._part = part
        self._given = answers

    def cnncalc_attribute(self, name: str) -> object:
        """The answer, or what the network has."""
        return self._given[name] if name in self._given else self._part.cnncalc_attribute(name)

    def cnncalc_index(self, key: object) -> object:
        """A copy or a port."""
        return self._part.cnncalc_index(key)

    def cnncalc_attributes(self) -> object:
        """What can stand after the dot."""
        return self._part.cnncalc_attributes()


def _never() -> object:
    raise NoAnswer


def propagated(names: NetworkScope, changes: Mapping[int, Change]) -> PerturbedNetwork:
    """The network with some layers wrong and all that follows recomputed; raises `NoAnswer` where it cannot be.

    What follows takes the sizes that come in: a wrong shape is carried on, not refused.
    """
    report = names.report
    graph = report.graph
    count = len(graph.inputs)
    shapes: dict[int, Shape] = {}
    swapped: dict[int, Row] = {}
    for at in range(min(changes), len(report.rows)):
        row = report.rows[at]
        taken = [ref if isinstance(ref, int) else ref[0] for ref in row.node.inputs]
        moved = any(number in shapes for number in taken)
        if not moved and at not in changes:
            continue
        try:
            facts = row.facts
            if moved:
                xs = tuple(_value(report, swapped, shapes, ref, count) for ref in row.node.inputs)
                layer = _free(row)
                layer.accept(xs)
                facts = LayerResult(layer, xs)
            wrong = Perturbation(facts)
            if at in changes:
                wrong = changes[at](PerturbedRow(row, wrong))
        except REFUSED:
            raise NoAnswer from None
        swapped[at] = PerturbedRow(row, wrong)
        if wrong.facts.shape != row.facts.shape or wrong.facts.ports != row.facts.ports:
            if not all(type(size) is int and size > 0 for size in wrong.facts.shape):
                raise NoAnswer
            shapes[count + at] = wrong.facts.shape
    return PerturbedNetwork(names, swapped)


def _value(report: Report, swapped: Mapping[int, Row], shapes: Mapping[int, Shape], ref: Any, count: int) -> Shape:
    number, port = ref if isinstance(ref, tuple) else (ref, "")
    if port and number - count in swapped:
        facts = swapped[number - count].facts
        return facts.ports[port] if port in facts.ports else facts.inside[port]
    if number in shapes and not port:
        return shapes[number]
    return report.shape_of(ref)


def _free(row: Row) -> Any:
    """The layer without the sizes that the input determines."""
    layer = row.facts.layer
    return layer.replaced(**{inference.option: None for inference in layer.inferences})
