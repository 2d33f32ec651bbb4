"""The state of a search: the smallest solutions so far, how many were tried, and the work that is left."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cnncalc.core.number import Number
from cnncalc.core.problem import Problem
from cnncalc.solve.compiled import used_names
from cnncalc.solve.condition import BATCH, Condition

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array
    from cnncalc.network.network import Network

# Solutions that are kept, the smallest.
MOST_KEPT = 20_000
# Combinations between two looks at the clock.
STEP = 256

Progress = Callable[[int, int], None]
# What comes first, the other count, the combination's number, the output's shape.
Entry: TypeAlias = "tuple[Number, Number, int, tuple[Number, ...]]"


class Solution(NamedTuple):
    """Values for which everything holds, and the network that they make."""

    values: dict[str, object]
    params: Number
    macs: Number
    output_shape: tuple[Number, ...]


class Taken(NamedTuple):
    """What is shown of a combination for which everything holds."""

    params: Number
    macs: Number
    shape: tuple[Number, ...]


class Tally:
    """One search: its present values, what was found so far, and how much it may still do."""

    def __init__(
        self,
        network: Network,
        ranges: Mapping[str, Sequence[object]],
        conditions: list[Condition],
        progress: Progress | None,
        work: int,
        by: str = "params",
    ) -> None:
        self.network = network
        self.ranges = ranges
        self.conditions = conditions
        self.progress = progress
        self.total = math.prod(len(values) for values in ranges.values())
        self.by = by
        self.left = work
        self.values: dict[str, object] = {}
        self.numbered = False  # whether combinations are tried in another order than the first to the last
        spec = network.spec
        self.has_batch = BATCH in {*spec.let, *network.symbols, *used_names(spec.layers)}
        self.begin()

    def begin(self) -> None:
        """Nothing is tried yet."""
        self.tried = self.told = 0
        self.count = 0
        self.best: list[Entry] = []
        self._cutoff: Number | None = None  # nothing larger is among the smallest
        self.problem: Problem | None = None
        self.noted: Problem | None = None
        self._first = self.total

    @property
    def stopped(self) -> bool:
        """Whether it has done what it may."""
        return self.left <= 0

    def shaping(self, values: dict[str, object]) -> dict[str, object]:
        """The values that the network has names for: a batch may be the costs' alone."""
        return values if self.has_batch else {name: value for name, value in values.items() if name != BATCH}

    def spend(self, work: int) -> None:
        """Count what was done."""
        self.left -= work

    def note(self, problem: Problem | None, at: int | None = None) -> None:
        """Keep why a combination makes no network: that of the first one that makes none."""
        self.noted = self.noted or problem
        if at is None:
            self.problem = self.problem or (None if self.numbered else problem)
        elif at < self._first:
            self._first, self.problem = at, problem

    def skip(self, count: int) -> None:
        """So many more were tried."""
        self.tried += count
        if self.progress is not None and self.tried - self.told >= STEP:
            self.told = self.tried
            self.progress(self.tried, self.total)

    def take(self, values: Mapping[str, object], taken: Taken) -> None:
        """Keep one combination for which everything holds."""
        at = 0
        for name, among in self.ranges.items():
            at = at * len(among) + among.index(values[name])
        self.count += 1
        self._keep([self._entry(taken.params, taken.macs, at, taken.shape)])

    def take_all(self, chosen: Array, params: Array | int, macs: Array | int, shape: Sequence[Array | int]) -> None:
        """Keep many of one way: combinations by number, columns of what is shown of them."""
        import numpy as np

        self.count += len(chosen)
        params, macs, *sizes = [np.broadcast_to(column, len(chosen)) for column in (params, macs, *shape)]
        key = params if self.by == "params" else macs
        order = np.arange(len(chosen)) if self._cutoff is None else np.flatnonzero(key <= self._cutoff)
        if len(order) > MOST_KEPT:
            other = macs if self.by == "params" else params
            order = order[np.lexsort((chosen[order], other[order], key[order]))[:MOST_KEPT]]
        columns = [column[order].tolist() for column in (params, macs, chosen, *sizes)]
        found = zip(*columns, strict=True)
        self._keep([self._entry(p, m, at, tuple(sizes)) for p, m, at, *sizes in found])

    def _entry(self, params: Number, macs: Number, at: int, shape: tuple[Number, ...]) -> Entry:
        return (params, macs, at, shape) if self.by == "params" else (macs, params, at, shape)

    def _keep(self, found: list[Entry]) -> None:
        self.best += found
        if len(self.best) > 2 * MOST_KEPT:
            self.best.sort(key=_order)
            del self.best[MOST_KEPT:]
            self._cutoff = self.best[-1][0]

    def found(self) -> list[Solution]:
        """The smallest, in order."""
        self.best.sort(key=_order)
        result = []
        for first, second, at, shape in self.best[:MOST_KEPT]:
            params, macs = (first, second) if self.by == "params" else (second, first)
            result.append(Solution(self._values(at), params, macs, shape))
        return result

    def _values(self, at: int) -> dict[str, object]:
        values: dict[str, object] = {}
        for name, among in reversed(list(self.ranges.items())):
            at, place = divmod(at, len(among))
            values[name] = among[place]
        return {name: values[name] for name in self.ranges}


def _order(entry: Entry) -> tuple[Number, Number, int]:
    return entry[:3]
