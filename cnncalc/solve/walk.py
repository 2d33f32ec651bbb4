"""The search through one expanded network: nested loops over names, each layer computed where its names are known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.core.layer_result import LayerResult
from cnncalc.core.number import Number
from cnncalc.core.problem import Fault, Problem, SpecError
from cnncalc.network.propagate import _share, problem_of
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.solve.compiled import Compiled
from cnncalc.solve.condition import BATCH, Condition
from cnncalc.solve.tally import Taken, Tally

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer

# What no value can make good: the layer is written wrong.
MISTAKES = ("unknown-option", "missing-option", "too-many-arguments", "option-twice", "unknown-name")
# LayerResult that one layer keeps.
MOST = 20_000
# Sizes of a layer that are as much work as a layer more.
SIZES = 20


class Walk:
    """The search through one expanded network."""

    def __init__(self, search: Tally, network: Compiled, ranges: Mapping[str, Sequence[object]]) -> None:
        self.search = search
        self.graph = network.graph
        self.pending = network.pending
        self.count = len(self.graph.inputs)
        self.report = Report(self.graph)
        self.shapes: list[object] = [(1, *given.shape) for given in self.graph.inputs]
        self.shapes.extend([None] * len(self.graph.nodes))
        # What a row says is filled in as the walk goes.
        self.report.rows = [Row(self.report, node, _NOTHING) for node in self.graph.nodes]
        self.changes = 0  # how often a layer became another one
        self.summed = -1  # of them when sums were taken last
        self.memo: list[dict[Any, tuple[Any, LayerResult | None]]] = [{} for _ in self.graph.nodes]
        self._order(ranges)
        for condition in search.conditions:
            condition.bind(self.report, search.values, search.network)
        self._schedule(search.conditions)

    def _order(self, ranges: Mapping[str, Sequence[object]]) -> None:
        """Names in the order in which layers need them, and the layers that follow each."""
        names: list[str] = []
        depths: list[int] = []
        for number in range(len(self.graph.nodes)):
            waiting = self.pending.get(number)
            if waiting is not None:
                names.extend(sorted(name for name in waiting.names if name not in names))
            depths.append(len(names))
        names.extend(name for name in ranges if name not in names)
        self.names = names
        self.ranges = [ranges[name] for name in names]
        self.layers: list[list[int]] = [[] for _ in range(len(names) + 1)]
        for number, depth in enumerate(depths):
            self.layers[depth].append(number)
        self.widths = [math.prod(len(values) for values in self.ranges[depth:]) for depth in range(len(names) + 1)]

    def _schedule(self, conditions: list[Condition]) -> None:
        """Each condition is asked as soon as what it needs is known."""
        ends = [numbers[-1] if numbers else -1 for numbers in self.layers]
        self.asked: list[list[Condition]] = [[] for _ in self.layers]
        for condition in conditions:
            node = condition.last_node(self.report)
            names = [self.names.index(name) + 1 for name in condition.names if name in self.names]
            depth = len(self.names) if condition.sized and BATCH in self.names else max([0, *names])
            while depth < len(self.names) and max(ends[: depth + 1]) < node:
                depth += 1
            self.asked[depth].append(condition)

    def run(self) -> None:
        """Walk through all combinations; as far as the search's work goes."""
        self._enter(0)

    def _enter(self, depth: int) -> None:
        search = self.search
        if not self._stage(depth):
            search.skip(self.widths[depth])
            return
        if depth == len(self.names):
            search.take({name: search.values[name] for name in search.ranges}, self.taken())
            search.skip(1)
            return
        name = self.names[depth]
        for value in self.ranges[depth]:
            if search.stopped:
                return
            search.values[name] = value
            self._enter(depth + 1)

    def one(self, followed: bool = False) -> Taken | None:
        """What is shown for the search's present values; None where they make no network, or not what is wanted.

        With `followed` only conditions are asked that can be followed.
        """
        for depth in range(len(self.layers)):
            if not self._stage(depth, followed):
                return None
        return self.taken()

    def _stage(self, depth: int, followed: bool = False) -> bool:
        return self._compute(self.layers[depth]) and all(
            self._holds(condition) for condition in self.asked[depth] if condition.followed or not followed
        )

    def _holds(self, condition: Condition) -> bool:
        if condition.sized:  # sums over all layers, whose costs are kept while only the batch changes
            rows = self.report.rows
            same, self.summed = self.summed == self.changes, self.changes
            self.search.spend(
                len(rows) // 60 if same else (len(rows) + sum(row.facts.sizes for row in rows) // SIZES) // 6
            )
        return condition.holds(self.changes)

    def _compute(self, numbers: list[int]) -> bool:
        """Compute layers for the present values; False where one of them cannot be."""
        shapes, rows, count, pending = self.shapes, self.report.rows, self.count, self.pending
        for number in numbers:
            row = rows[number]
            node = row.node
            waiting = pending.get(number)
            if waiting is not None:
                layer = waiting.layer(self.search.values)
                if layer is None:
                    self.search.spend(1)
                    self._note(waiting.problem)
                    return False
                node.layer = layer
            xs = tuple([shapes[ref] if type(ref) is int else self._port(ref) for ref in node.inputs])
            facts = self._known(number, node.layer, xs)
            if facts is None:
                return False
            if row.facts is not facts:
                self.changes += 1
                row.facts = facts
            row.own = facts.weights
            if node.shares is not None:
                try:
                    _share(row, rows[node.shares])
                except Fault as fault:
                    self._fault(number, fault)
                    return False
            shapes[count + number] = facts.shape
        return True

    def _known(self, number: int, layer: Layer, xs: tuple[object, ...]) -> LayerResult | None:
        memo = self.memo[number]
        key = (id(layer), xs)
        try:
            found = memo.get(key)
        except TypeError:  # numbers that are followed
            return self._facts(number, xs)
        if found is None:
            if len(memo) > MOST:
                memo.clear()
            # With the layer, so that no other one gets its number.
            found = memo[key] = (layer, self._facts(number, xs))
        return found[1]

    def _facts(self, number: int, xs: tuple[Any, ...]) -> LayerResult | None:
        layer = self.graph.nodes[number].layer
        self.search.spend(1)
        try:
            if None in xs:
                raise Fault("unknown-port", "no such output")
            layer.accept(xs)
            facts = LayerResult(layer, xs)
        except Fault as fault:
            self._fault(number, fault)
            return None
        self.search.spend(facts.sizes // SIZES)
        return facts

    def _port(self, ref: Any) -> Any:
        return self.report.rows[ref[0] - self.count].facts.port(ref[1]) if ref[0] >= self.count else None

    def _fault(self, number: int, fault: Fault) -> None:
        self._note(problem_of(fault, self.graph, self.graph.nodes[number]))

    def _note(self, problem: Problem | None) -> None:
        if problem is not None and problem.code in MISTAKES:
            raise SpecError([problem])
        self.search.note(problem)

    def taken(self) -> Taken:
        """Parameters, multiply-accumulates and the output for the present values."""
        params: Number = 0
        macs: Number = 0
        for row in self.report.rows:
            params = params + row.params
            macs = macs + row.facts.macs
        return Taken(params, macs, self.report.output_shape)


class _Nothing:
    """Stands for a layer's facts until it is computed."""

    weights: tuple[object, ...] = ()


_NOTHING: Any = _Nothing()
