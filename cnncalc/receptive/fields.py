"""Receptive fields: how much of the input one element of a layer's output depends on, and from where.

Sizes are in positions of the input, along its spatial axes (the steps of a sequence). The field is what the layers
allow, padding included, so it may be larger than the input; a layer that reads every position sees the whole input.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.core.channels import has_channels
from cnncalc.core.layer_result import LayerResult
from cnncalc.core.number import Number, Shape
from cnncalc.core.problem import Fault
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.receptive.position_map import PositionMap
from cnncalc.receptive.rules import RULES
from cnncalc.receptive.view import AxisView, View, each, mix, slide

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer


class Field(NamedTuple):
    """The receptive field of one layer in one input, a number for each spatial axis.

    stride   how many input positions neighbouring elements are apart; None where there is no such number
    offset   where the field of the first element begins, below 0 in the padding; None where there is no such number
    """

    input: str
    size: tuple[Number, ...]
    stride: tuple[Any, ...]
    offset: tuple[Any, ...]

    def to_dict(self) -> dict[str, object]:
        """The field as data: numbers where the axes agree, else lists."""
        parts = {"size": self.size, "stride": self.stride, "offset": self.offset}
        return {"input": self.input, **{name: shortest([_data(v) for v in part]) for name, part in parts.items()}}


def shortest(values: list[object]) -> object:
    """One value where all agree, else the list."""
    return values[0] if values and all(value == values[0] for value in values) else values


def _data(value: object) -> object:
    """An int, a fraction as a decimal number, None, or a formula as text."""
    if value is None or type(value) is int:
        return value
    from fractions import Fraction  # few networks need it

    return float(value) if isinstance(value, Fraction) else str(value)


class Fields:
    """The receptive fields of all layers of a report, computed once, in order."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.spaces = [_space(report, number) for number in range(len(report.graph.inputs))]
        self._views: list[View | None] = []
        self._numbers: dict[str, int] | None = None

    def __getitem__(self, name: str) -> list[Field]:
        """The fields of a layer, one for each input that it depends on; raises `Fault` where there is none."""
        if self._numbers is None:
            self._numbers = {row.name: number for number, row in enumerate(self.report.rows)}
        number = self._numbers[name]
        view = self._follow(number)
        if view is None:
            raise Fault("no-receptive-field", f"{name} has no receptive field: {self._reason(number)}")
        row = self.report.rows[number]
        found = []
        for given, seen in view.items():
            axes = [seen[at] for at in self.spaces[given]]
            if axes:
                found.append(_field(self.report.graph.inputs[given].name, axes, row.facts.shape[1:]))
        if not found:
            raise Fault("no-receptive-field", f"{name} has no receptive field: it depends on no input")
        return found

    def get(self, name: str) -> list[Field]:
        """The fields of a layer; an empty list where there is none."""
        try:
            return self[name]
        except Fault:
            return []

    def add_to(self, document: dict[str, Any]) -> None:
        """Put the fields into the rows of a JSON document; null where there is none."""
        for row in document["layers"]:
            found = self.get(row["name"])
            words = found[0].to_dict() if found else {"size": None, "stride": None, "offset": None}
            row["receptive_field"] = words["size"]
            row["receptive_stride"] = words["stride"]
            row["receptive_offset"] = words["offset"]

    def _reason(self, number: int) -> str:
        """The first layer on the way that has no rule."""
        rows = self.report.rows
        first = next(at for at, view in enumerate(self._views) if view is None)
        known = "defined" if rows[first].layer.receptive == "undefined" else "known"
        return f"that of {rows[first].type} is not {known}" + (f" ({rows[first].name})" if first != number else "")

    def _follow(self, number: int) -> View | None:
        """What the output of a layer sees; all layers up to it are followed first."""
        report = self.report
        count = len(report.graph.inputs)
        while len(self._views) <= number:
            row = report.rows[len(self._views)]
            views = [self._of(ref, count) for ref in row.node.inputs]
            known = [view for view in views if view is not None]
            shapes = [x[1:] for x in row.facts.inputs]
            complete = len(known) == len(views)
            self._views.append(through(row.layer, shapes, row.facts.shape[1:], known) if complete else None)
        return self._views[number]

    def _of(self, ref: Ref, count: int) -> View | None:
        value, port = ref if isinstance(ref, tuple) else (ref, "")
        if value < count:
            shape = self.report.graph.inputs[value].shape
            return {value: tuple(AxisView((at,), PositionMap.identity(), size) for at, size in enumerate(shape))}
        view = self._views[value - count]
        return view if not port or view is None else _port(self.report.rows[value - count], port, view)


def through(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """What the output of a layer sees, by what its inputs see; None where that is not known. Shapes of one sample."""
    name = layer.receptive
    if name == "inner":  # how a weight is held changes nothing of what is seen
        return through(layer.layer, xs, y, views)
    if name == "steps":
        return _each_step(layer.layer, xs, y, views)
    rule = RULES.get(name)
    if layer.kernel_name() != layer.type():  # Keras' layers have the channels last
        from cnncalc.receptive import rules_keras

        rule = rules_keras.RULES.get(name, rule)
    view = rule(layer, xs, y, views) if rule is not None else None
    if view is not None and getattr(layer, "activation", None) in ("softmax", "log_softmax"):
        view = mix(view, (len(y) - 1,), y)
    return view


def _each_step(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """The same layer at every step: what the steps say stays, the rest is seen through the layer."""
    steps = {number: [s.axes == (0,) for s in seen] for number, seen in views[0].items()}

    def inside(s: AxisView) -> AxisView:
        return s.all() if 0 in s.axes else s.moved(tuple(axis - 1 for axis in s.axes))

    made = through(layer, [x[1:] for x in xs], y[1:], [each(views[0], inside)])
    if made is None:
        return None
    made = each(made, lambda s: s.moved(tuple(axis + 1 for axis in s.axes)))
    return {
        number: tuple(
            before if by_step else after
            for before, after, by_step in zip(views[0][number], seen, steps[number], strict=True)
        )
        for number, seen in made.items()
    }


def _port(row: Row, port: str, view: View) -> View | None:
    """What a further output sees: a later piece is moved, indices see what the output does, states see all."""
    if port == "indices":
        return view
    if port.isdigit() and row.layer.has("dim"):
        at = row.layer.__dict__["dim"] % len(row.facts.shape) - 1
        return slide(view, at, PositionMap.windows, 1, 1, 1, -_starts(row.facts, at)[int(port)])
    return {number: tuple(s.all() for s in seen) for number, seen in view.items()}


@lru_cache(maxsize=16)
def _starts(facts: LayerResult, at: int) -> list[Number]:
    """Where each piece of an axis begins."""
    return list(accumulate((shape[at + 1] for shape in facts.ports.values()), initial=0))


def _field(name: str, axes: list[AxisView], shape: Shape) -> Field:
    sizes, strides, offsets = [], [], []
    for seen in axes:
        sizes.append(seen.span(shape))
        strides.append(seen.extent.jump if seen.extent is not None else None)
        offsets.append(0 if seen.whole else seen.extent.start if seen.extent is not None else None)
    return Field(name, tuple(sizes), tuple(strides), tuple(offsets))


def _space(report: Report, number: int) -> tuple[int, ...]:
    """The axes of an input along which fields are measured: not its channels, not the features of its steps."""
    rank = len(report.graph.inputs[number].shape)
    if rank < 2:
        return tuple(range(rank))
    keras = report.graph.convention == "keras"
    if rank > 2:
        return tuple(range(rank - 1) if keras else range(1, rank))
    same: set[Ref] = {number}  # values whose axes mean what the input's do
    for at, row in enumerate(report.rows, len(report.graph.inputs)):
        if same.isdisjoint(row.node.inputs):
            continue
        takes = row.layer.takes if isinstance(row.layer.takes, str) else row.layer.takes[0]
        if has_channels(takes, report.graph.convention):
            return (0,) if keras else (1,)
        if takes.split(" | ")[0].split()[-1] != "*":  # features stand last: steps of a sequence
            return (0,)
        if not row.layer.elementwise:
            break
        same.add(at)
    return (0, 1)


def receptive_field(fields: Fields, name: str) -> object:
    """The size of a layer's receptive field in its first input: a number where the axes agree, else a list."""
    return shortest(list(fields[name][0].size))
