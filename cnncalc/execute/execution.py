"""What an execution found: arrays of layers, weights, differences from the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from cnncalc.core.number import as_ints, prod
from cnncalc.core.problem import Fault
from cnncalc.execute import given_values, inside, memory
from cnncalc.execute.engine import threads
from cnncalc.execute.kernel import Array
from cnncalc.network import array_names
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report

# Numbers from inside of a layer that are kept together where one of its arrays is asked for.
MUCH = 5_000_000


class Executed(NamedTuple):
    """One layer: the predicted and the executed shape of a sample, in the network's layout; and whether all agrees."""

    name: str
    predicted: tuple[int, ...]
    executed: tuple[int, ...] | None
    ok: bool


class Execution:
    """A network that was run. `run["conv1"]`, `run["lstm.h_n"]`, `run["lstm.c"]`, `run["conv1.weight"]` are arrays.

    rows         one `Executed` a layer, in order
    confirmed    whether every executed shape, port and number of parameters is the predicted one
    differences  what differs, in words
    batched      whether the given inputs are a batch, which arrays in expressions then are too
    outputs      the arrays that were kept by name, batch axis in front, in the network's layout
    ports        further outputs that were kept, by "layer.port"
    given        names of the arrays that were given
    neutral      places of those that were not, but are 0 or 1 (`random_weights.neutral`); others are drawn from `seed`
    values       those arrays as they were given, and with them the gradient at the output
    seconds      how long the kernels took; `drawing` is the time that drawing weights took
    """

    __slots__ = (
        "_after",
        "_values",
        "_weights",
        "batch",
        "batched",
        "differences",
        "drawing",
        "dtype",
        "given",
        "memory_limit",
        "neutral",
        "report",
        "rows",
        "seconds",
        "seed",
        "values",
    )

    def __init__(self, report: Report, batch: int, seed: int, dtype: str, batched: bool = False) -> None:
        self.report = report
        self.batch = batch
        self.batched = batched
        self.seed = seed
        self.dtype = dtype
        self.rows: list[Executed] = []
        self.differences: list[str] = []
        self.given: list[str] = []
        self.neutral: set[given_values.Place] = set()
        self.values: Mapping[str, Any] = {}
        self.memory_limit: int | None = None
        self.seconds = 0.0
        self.drawing = 0.0
        self._values: dict[Ref, Array] = {}
        self._weights: dict[given_values.Place, Array] = {}
        # Statistics that training has moved on: what the next batch would meet.
        self._after: dict[given_values.Place, Array] = {}

    def __repr__(self) -> str:
        """What was run, and whether all that was predicted is so."""
        said = "as predicted" if self.confirmed else "; ".join(self.differences[:3])
        return f"<cnncalc.Run {self.report.name}: {len(self.rows)} layers, {said}>"

    @property
    def confirmed(self) -> bool:
        """Whether all is as predicted."""
        return not self.differences

    @property
    def outputs(self) -> dict[str, Array]:
        """The kept outputs of layers and the inputs, by name."""
        return {self.report.graph.label(ref): self._laid_out(ref) for ref in self._values if isinstance(ref, int)}

    @property
    def ports(self) -> dict[str, Array]:
        """The kept further outputs, by "layer.port"."""
        return {self.report.graph.label(ref): self._laid_out(ref) for ref in self._values if isinstance(ref, tuple)}

    @property
    def weights(self) -> dict[str, Array]:
        """Every weight and buffer by "layer.weight"; a shared one stands under each name."""
        report = self.report
        return {
            f"{row.name}.{held.name}": self._weights[given_values.owner(report, index, held.name)]
            for index, row in enumerate(report.rows)
            for held in (*row.facts.weights, *row.facts.buffers)
            if given_values.owner(report, index, held.name) in self._weights
        }

    def value(self, ref: Ref) -> Array:
        """A kept value by its reference in the graph, batch axis in front, channels first.

        What a layer makes on its way is computed here, from its kept inputs. Raises `Fault` where the execution
        stopped before it.
        """
        if ref not in self._values and self.differences:
            raise Fault("not-confirmed", self.differences[-1])
        if ref not in self._values and isinstance(ref, tuple):
            self._look_inside(*ref)
        return self._values[ref]

    @np.errstate(all="ignore")
    @threads.together()
    def _look_inside(self, number: int, name: str) -> None:
        """Run a layer again for what it makes on its way: all of that, where it is not much."""
        report = self.report
        index = number - len(report.graph.inputs)
        row = report.rows[index]
        shapes = row.facts.inside
        weights = {held.name: self.used(index, held.name) for held in (*row.facts.weights, *row.facts.buffers)}
        xs = [self.value(ref) for ref in row.node.inputs]
        sizes = {each: self.batch * prod(as_ints(shape[1:])) for each, shape in shapes.items()}
        names = [name] if sum(sizes.values()) > MUCH else list(shapes)
        kept = sum(array.size for ref, array in self._values.items() if isinstance(ref, tuple))
        wanted = kept + sum(sizes[each] for each in names)
        memory.allow_more(f"{row.name}.{name}", wanted, self.dtype, self.memory_limit)
        made: Any = inside.computed(row, weights, xs, names)
        self._values.update({(number, each): made[each] for each in names})

    def weight(self, layer: str, name: str) -> Array:
        """One weight or buffer of a layer, a statistic as training left it."""
        index = next(at for at, row in enumerate(self.report.rows) if row.name == layer)
        place = given_values.owner(self.report, index, name)
        return self._after[place] if place in self._after else self._weights[place]

    def used(self, index: int, name: str) -> Array:
        """One weight or buffer of a layer by its index, as it was computed with."""
        return self._weights[given_values.owner(self.report, index, name)]

    def __getitem__(self, name: str) -> Array:
        """The array of a layer, a block or an input, with the batch axis in front. Raises `KeyError`."""
        graph = self.report.graph
        refs: dict[str, Ref] = {"output": graph.output} | {graph.label(ref): ref for ref in self._values}
        full = self.report.full_name(name)
        if full in graph.blocks:
            refs.setdefault(full, graph.blocks[full].output)
        ref = refs.get(name, refs.get(full))
        if ref is not None and ref in self._values:
            return self._laid_out(ref)
        layer, _, part = name.rpartition(".")
        layer = self.report.full_name(layer)
        for number, row in enumerate(self.report.rows, len(graph.inputs)):
            if row.name == layer and part in row.facts.inside:
                return self.value((number, part))
        try:
            place = array_names.find(self.report, array_names.array_names(self.report), name)
            return self._after[place] if place in self._after else self._weights[place]
        except Fault:
            raise KeyError(name) from None

    def _laid_out(self, ref: Ref) -> Array:
        array = self._values[ref]
        graph = self.report.graph
        if self.report.image(ref):
            return np.moveaxis(array, *((-1, 1) if graph.convention == "keras" else (1, -1)))
        return array

    def to_dict(self) -> dict[str, object]:
        """What the JSON document says of the execution."""
        document: dict[str, object] = {
            "confirmed": self.confirmed,
            "batch": self.batch,
            "dtype": self.dtype,
            "seed": self.seed,
            "given": list(self.given),
        }
        if self.report.graph.training:
            document["mode"] = "train"
        if self.differences:
            document["differences"] = list(self.differences)
        return document
