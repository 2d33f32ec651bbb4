"""Solving backwards: every combination of values of free names for which conditions hold, the smallest network first.

The network is expanded once. Names are given values in the order in which layers need them, so that the layers before
are not computed again; a layer that fails, or a condition that does not hold, rules out all that would follow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.core.layer_result import LayerResult
from cnncalc.core.number import Number
from cnncalc.core.problem import Fault, Problem, SpecError, did_you_mean, fail
from cnncalc.cost.convention import SETTINGS
from cnncalc.network.propagate import _share
from cnncalc.network.report import Report
from cnncalc.network.row import Row, plain
from cnncalc.solve.compiled import Compiled, compiled, used_names
from cnncalc.solve.condition import BATCH, Condition
from cnncalc.solve.deferred import ValueNeeded

if TYPE_CHECKING:
    from cnncalc.cost.convention import Convention
    from cnncalc.network.network import Network

MAX_TRIES = 1_000_000
ORDERS = ("params", "macs")
# What no value can make good: the layer is written wrong.
MISTAKES = ("unknown-option", "missing-option", "too-many-arguments", "option-twice", "unknown-name")
# Facts that one layer keeps.
MOST = 20_000
# Combinations between two looks at the clock.
STEP = 256

Progress = Callable[[int, int], None]


class Solution(NamedTuple):
    """Values for which everything holds, and the network that they make."""

    values: dict[str, Any]
    params: Number
    macs: Number
    output_shape: tuple[Number, ...]


class Solutions:
    """What a search found, the smallest first, and of how many combinations."""

    __slots__ = ("found", "names", "problem", "tried", "unused")

    def __init__(
        self, names: list[str], found: list[Solution], tried: int, problem: Problem | None, used: set[str]
    ) -> None:
        # The settings of the convention that no condition asked for.
        self.unused = [name for name in SETTINGS if name not in used]
        self.names = names
        self.found = found
        self.tried = tried
        # Why the first combination that made no network did not.
        self.problem = problem

    def to_dict(self, limit: int | None = None) -> dict[str, Any]:
        """The JSON document."""
        shown = self.found[:limit] if limit else self.found
        costs = [
            {"params": plain(s.params), "macs": plain(s.macs), "output_shape": [plain(size) for size in s.output_shape]}
            for s in shown
        ]
        found = {"solutions": [s.values for s in shown], "tried": self.tried}
        return {**found, "found": len(self.found), "networks": costs}


def solve(
    network: Network,
    ranges: Mapping[str, Sequence[Any]],
    wanted: Sequence[str],
    *,
    by: str = "params",
    max_tries: int = MAX_TRIES,
    progress: Progress | None = None,
    convention: Convention | None = None,
) -> Solutions:
    """Every combination of the ranges for which all conditions hold; raises `SpecError`.

    Refused where there are more than `max_tries` combinations. `progress(tried, all)` is called now and then.
    """
    _check_names(network, ranges)
    total = math.prod(len(values) for values in ranges.values())
    if total > max_tries:
        sizes = " · ".join(f"{len(values):,}" for values in ranges.values())
        fail(
            "search-too-large",
            f"{sizes} = {total:,} combinations are more than {max_tries:,}",
            help=f"narrower ranges, or --max-tries {total}",
        )
    conditions = [Condition(text, convention) for text in wanted]
    search = _Search(network, ranges, conditions, progress)
    search.run()
    order = (lambda s: (s[0].params, s[0].macs, s[1])) if by == "params" else (lambda s: (s[0].macs, s[0].params, s[1]))
    found = [solution for solution, _ in sorted(search.found, key=order)]
    used = {setting for condition in conditions for setting in condition.used}
    return Solutions(list(ranges), found, total, search.problem, used - ({BATCH} if BATCH in ranges else set()))


def _check_names(network: Network, ranges: Mapping[str, Sequence[Any]]) -> None:
    """Refuse ranges for names that the network has not, and free names without a range."""
    spec = network.spec
    if spec.problems:
        raise SpecError(spec.problems)
    known = list(dict.fromkeys([*spec.let, *network.symbols, *used_names(spec.layers)]))
    for name in ranges:
        if name == BATCH and name not in known:
            _check_batch(ranges[name])
        elif name not in known:
            near = did_you_mean(name, [n for n in known if n not in ranges])
            free = f"its names are {', '.join(known)}" if known else "it has no free names"
            fail("unknown-setting", f'{spec.name} has no name "{name}"', help=f"did you mean {near}?" if near else free)
    for name in network.symbols:
        if name not in ranges and name not in network.settings:
            fail("range-missing", f"{name} has no range", help=f"add {name}=1..9, or --set {name}=3")


def _check_batch(values: Sequence[Any]) -> None:
    """Refuse what is no number of samples."""
    for value in values:
        if type(value) is not int or value < 1:
            fail("option-value", f"a batch has a whole number of at least 1 samples, not {value}")


class _Search:
    """One search; `found` are solutions with the places of their values in the ranges."""

    def __init__(
        self,
        network: Network,
        ranges: Mapping[str, Sequence[Any]],
        conditions: list[Condition],
        progress: Progress | None,
    ) -> None:
        self.network = network
        self.ranges = ranges
        self.conditions = conditions
        self.progress = progress
        self.total = math.prod(len(values) for values in ranges.values())
        self.tried = 0
        self.told = 0
        self.found: list[tuple[Solution, tuple[int, ...]]] = []
        self.problem: Problem | None = None
        self.values: dict[str, Any] = {}
        spec = network.spec
        self._has_batch = BATCH in {*spec.let, *network.symbols, *used_names(spec.layers)}

    def run(self) -> None:
        """Try everything; names that decide more than a layer's options come first, with a new expansion for each."""
        fixed: list[str] = []
        while True:
            try:
                self._try(fixed)
                break
            except ValueNeeded as needed:  # begin again with these names fixed too
                fixed.extend(name for name in self.ranges if name in needed.names and name not in fixed)
                self.found.clear()
                self.tried = self.told = 0
        for condition in self.conditions:
            condition.finish()

    def _try(self, fixed: list[str]) -> None:
        rest = {name: values for name, values in self.ranges.items() if name not in fixed}
        first = {name: values[0] for name, values in rest.items() if name != BATCH or self._has_batch}
        width = math.prod(len(values) for values in rest.values())
        refused: list[Problem] = []
        worked = False
        for given in product(*(self.ranges[name] for name in fixed)):
            self.values = dict(zip(fixed, given, strict=True))
            try:
                found = compiled(self.network, self.values, first)
            except SpecError as error:
                refused.extend(error.problems)
                self._skip(width)
                continue
            if found.problems:
                refused.extend(found.problems)
                self._skip(width)
                continue
            worked = True
            _Walk(self, found, rest).run()
        if not worked and refused:
            raise SpecError(refused[:5])

    def _skip(self, count: int) -> None:
        self.tried += count
        if self.progress is not None and self.tried - self.told >= STEP:
            self.told = self.tried
            self.progress(self.tried, self.total)


class _Walk:
    """The search through one expanded network: a loop for each name, layers between them."""

    def __init__(self, search: _Search, network: Compiled, ranges: Mapping[str, Sequence[Any]]) -> None:
        self.search = search
        self.graph = network.graph
        self.pending = network.pending
        self.count = len(self.graph.inputs)
        self.report = Report(self.graph)
        self.shapes: list[Any] = [(1, *given.shape) for given in self.graph.inputs]
        self.shapes.extend([None] * len(self.graph.nodes))
        # What a row says is filled in as the walk goes.
        self.report.rows = [Row(self.report, node, _NOTHING) for node in self.graph.nodes]
        self.memo: list[dict[Any, LayerResult | None]] = [{} for _ in self.graph.nodes]
        self._order(ranges)
        for condition in search.conditions:
            condition.bind(self.report, search.values, search.network)
        self._schedule(search.conditions)

    def _order(self, ranges: Mapping[str, Sequence[Any]]) -> None:
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
        """Walk through all combinations."""
        self._enter(0)

    def _enter(self, depth: int) -> None:
        search = self.search
        if not self._compute(self.layers[depth]) or not all(c.holds(self.report) for c in self.asked[depth]):
            search._skip(self.widths[depth])
            return
        if depth == len(self.names):
            self._take()
            search._skip(1)
            return
        name = self.names[depth]
        for value in self.ranges[depth]:
            search.values[name] = value
            self._enter(depth + 1)

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
                    self._note(waiting.problem)
                    return False
                node.layer = layer
            xs = tuple([shapes[ref] if type(ref) is int else self._port(ref) for ref in node.inputs])
            memo = self.memo[number]
            key = (id(node.layer), xs)
            facts = memo.get(key, _NOTHING)
            if facts is _NOTHING:
                if len(memo) > MOST:
                    memo.clear()
                facts = memo[key] = self._facts(number, xs)
            if facts is None:
                return False
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

    def _facts(self, number: int, xs: tuple[Any, ...]) -> LayerResult | None:
        layer = self.graph.nodes[number].layer
        try:
            if None in xs:
                raise Fault("unknown-port", "no such output")
            layer.accept(xs)
            return LayerResult(layer, xs)
        except Fault as fault:
            self._fault(number, fault)
            return None

    def _port(self, ref: Any) -> Any:
        return self.report.rows[ref[0] - self.count].facts.port(ref[1]) if ref[0] >= self.count else None

    def _fault(self, number: int, fault: Fault) -> None:
        from cnncalc.network.propagate import problem_of

        self._note(problem_of(fault, self.graph, self.graph.nodes[number]))

    def _note(self, problem: Problem | None) -> None:
        if problem is not None and problem.code in MISTAKES:
            raise SpecError([problem])
        if self.search.problem is None:
            self.search.problem = problem

    def _take(self) -> None:
        search = self.search
        params: Number = 0
        macs: Number = 0
        for row in self.report.rows:
            params = params + row.params
            macs = macs + row.facts.macs
        values = {name: search.values[name] for name in search.ranges}
        places = tuple([search.ranges[name].index(value) for name, value in values.items()])
        search.found.append((Solution(values, params, macs, self.report.output_shape), places))


class _Nothing:
    """Stands for a layer's facts until it is computed."""

    weights: tuple[Any, ...] = ()


_NOTHING: Any = _Nothing()
