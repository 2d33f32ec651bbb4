"""A search by traced runs: the rules run for one combination of values, with numbers that record operations and
decisions; all combinations for which every decision is the same are then computed together, in NumPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.core.problem import Problem, SpecError
from cnncalc.solve.columns import Chunk, Grid, TooManyWays, TooWide, parted
from cnncalc.solve.compiled import compiled
from cnncalc.solve.deferred import ValueNeeded
from cnncalc.solve.tally import Taken, Tally
from cnncalc.solve.traced import Tracer
from cnncalc.solve.walk import Walk

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array

# So few are computed one by one.
FEW = 4
# Into how many parts a group goes in which some numbers are too large for columns.
PARTS = 16
# Numbers in columns that are as much work as a layer.
NUMBERS = 10_000
# Parts of a spec that are as much work as a layer, where it is expanded again.
ENTRIES = 2
# The same of a file of another tool, which is read again.
FILE = 20


class Groups:
    """The groups of combinations that are left; `refused` are problems of combinations while none made a network."""

    def __init__(self, search: Tally) -> None:
        self.search = search
        search.numbered = True
        self.grid = Grid(list(search.ranges), list(search.ranges.values()))
        self.refused: list[Problem] = []
        self.worked = False
        self.followed = all(condition.followed for condition in search.conditions)
        self.problems: list[Problem] = []
        self.walk: Walk | None = None
        first = search.shaping({name: values[0] for name, values in search.ranges.items()})
        try:
            found = compiled(search.network, {}, first)
        except ValueNeeded:
            return  # expanded anew for each way
        if found.problems:
            raise SpecError(found.problems[:5])
        self.worked = True
        self.walk = Walk(search, found, search.ranges)

    def run(self) -> None:
        """Go through all groups; as far as the search's work goes."""
        search = self.search
        waiting = self.grid.groups()[::-1]
        while waiting and not search.stopped:
            group = waiting.pop()
            if len(group) <= FEW:
                self._each(group)
                continue
            waiting.extend(self._group(group)[::-1])
        if not self.worked and self.refused:
            raise SpecError(self.refused[:5])

    def _group(self, group: Array) -> list[Array]:
        """Trace the first combination of a group; the groups that decide otherwise somewhere are given back."""
        tracer = Tracer()
        try:
            taken, problem = self._follow(self.grid.traced(tracer, int(group[0])), followed=True)
            chunks, others, numbers = parted(tracer, self.grid, group)
            self.search.spend(numbers // NUMBERS)
            results = [self._results(chunk, taken) for chunk in chunks]
        except TooWide:
            if len(group) > PARTS * FEW:
                return list(np.array_split(group, PARTS))
            self._each(group)
            return []
        except (TooManyWays, TypeError, AttributeError, ArithmeticError, ValueError, LookupError):
            self._each(group)  # also where a rule wants numbers of Python's own
            return []
        if taken is not None and not self.followed:
            for chunk in chunks:
                self._each(chunk.chosen)
            return others
        if not self._agrees(int(chunks[-1].chosen[-1]), results[-1]):
            for chunk in chunks:
                self._each(chunk.chosen)
            return others
        for chunk, result in zip(chunks, results, strict=True):
            if result is not None:
                self.search.take_all(chunk.chosen, *result)
            elif problem is not None:
                self.search.note(problem, int(chunk.chosen[0]))
            self.search.skip(len(chunk.chosen))
        return others

    def _results(self, chunk: Chunk, taken: Taken | None) -> tuple[Array, Array, list[Array]] | None:
        if taken is None:
            return None
        return chunk.column(taken.params), chunk.column(taken.macs), [chunk.column(size) for size in taken.shape]

    def _agrees(self, last: int, result: Any) -> bool:
        """Whether the last combination of a group, computed alone, has the results that the trace gave it."""
        taken, _ = self._follow(self.grid.values(last))
        if taken is None or result is None:
            return taken is None and result is None
        params, macs, shape = result
        found = [_last(params), _last(macs), *map(_last, shape)]
        return found == [taken.params, taken.macs, *taken.shape]

    def _each(self, group: Array) -> None:
        """One combination after the other."""
        for at in group.tolist():
            if self.search.stopped:
                return
            values = self.grid.values(at)
            taken, problem = self._follow(values)
            if taken is not None:
                self.search.take(values, taken)
            elif problem is not None:
                self.search.note(problem, at)
            self.search.skip(1)

    def _follow(self, values: dict[str, object], followed: bool = False) -> tuple[Taken | None, Problem | None]:
        """The results of one combination, or the problem for which it makes no network."""
        search = self.search
        search.values.clear()
        search.values.update(values)
        search.noted = None
        walk = self.walk
        if walk is None:
            spec = search.network.spec
            search.spend(4 + len(spec.layers) // ENTRIES if spec.foreign is None else FILE)
            try:
                found = compiled(search.network, search.shaping(values), {})
                problems = found.problems
            except SpecError as error:
                problems = error.problems
            if problems:
                self.refused = self.refused or problems
                return None, problems[0]
            self.worked = True
            fixed = {name: [value] for name, value in values.items()}
            walk = Walk(search, found, fixed)
        taken = walk.one(followed)
        return taken, search.noted if taken is None else None


def _last(column: Array) -> Any:
    return column[-1].item() if np.ndim(column) else column
