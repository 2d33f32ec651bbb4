"""Solving backwards: every combination of values of free names for which conditions hold, the smallest network first.

A small search expands the network once and gives names values in the order in which layers need them, so that the
layers before are not computed again. A larger one follows one combination and is done with all that go the same way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING

from cnncalc.core.problem import Problem, SpecError, fail, suggestion
from cnncalc.cost.convention import SETTINGS
from cnncalc.network.row import plain
from cnncalc.solve.compiled import compiled, used_names
from cnncalc.solve.condition import BATCH, Condition
from cnncalc.solve.deferred import ValueNeeded
from cnncalc.solve.tally import Progress, Tally
from cnncalc.solve.walk import Walk

if TYPE_CHECKING:
    from cnncalc.cost.convention import Convention
    from cnncalc.network.network import Network

MAX_TRIES = 1_000_000
ORDERS = ("params", "macs")
# Up to so many are tried one by one, without NumPy.
FEW = 300
# Layers that are computed for a search.
MOST_WORK = 40_000


class Solutions:
    """What a search found, the smallest first, and of how many combinations."""

    __slots__ = ("count", "found", "names", "problem", "total", "tried", "unused")

    def __init__(self, search: Search, used: set[str]) -> None:
        # The settings of the convention that no condition asked for.
        self.unused = [name for name in SETTINGS if name not in used]
        self.names = list(search.ranges)
        # At most `MOST_KEPT` of `count`.
        self.found = search.found()
        self.count = search.count
        self.tried = search.tried
        self.total = search.total
        # Why the first combination that made no network did not.
        self.problem = search.problem

    @property
    def stopped(self) -> bool:
        """Whether the search ended at the bound of its work, before all were tried."""
        return self.tried < self.total

    def to_dict(self, limit: int | None = None) -> dict[str, object]:
        """The JSON document."""
        shown = self.found[:limit] if limit else self.found
        costs = [
            {"params": plain(s.params), "macs": plain(s.macs), "output_shape": [plain(size) for size in s.output_shape]}
            for s in shown
        ]
        found = {"solutions": [s.values for s in shown], "tried": self.tried}
        left = {"not_tried": self.total - self.tried} if self.stopped else {}
        return {**found, **left, "found": self.count, "networks": costs}


def solve(
    network: Network,
    ranges: Mapping[str, Sequence[object]],
    wanted: Sequence[str],
    *,
    by: str = "params",
    max_tries: int = MAX_TRIES,
    progress: Progress | None = None,
    convention: Convention | None = None,
) -> Solutions:
    """Every combination of the ranges for which all conditions hold; raises `SpecError`.

    Refused where there are more than `max_tries` combinations; more of them may be more work. `progress(tried, all)` is
    called now and then.
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
    work = MOST_WORK * max(1, -(-max_tries // MAX_TRIES))
    search = Search(network, ranges, conditions, progress, work, by)
    search.run()
    used = {setting for condition in conditions for setting in condition.used}
    return Solutions(search, used - ({BATCH} if BATCH in ranges else set()))


def _check_names(network: Network, ranges: Mapping[str, Sequence[object]]) -> None:
    """Refuse ranges for names that the network has not, and free names without a range."""
    spec = network.spec
    if spec.problems:
        raise SpecError(spec.problems)
    known = list(dict.fromkeys([*spec.let, *network.symbols, *used_names(spec.layers)]))
    for name in ranges:
        if name == BATCH and name not in known:
            _check_batch(ranges[name])
        elif name not in known:
            free = f"its names are {', '.join(known)}" if known else "it has no free names"
            if spec.foreign is not None and not known:
                free = f"write it where the input has a size: -i 3x{name}x{name}"
            help = suggestion(name, [n for n in known if n not in ranges], free)
            fail("unknown-setting", f'{spec.name or "the network"} has no name "{name}"', help=help)
    for name in network.symbols:
        if name not in ranges and name not in network.settings:
            fail("range-missing", f"{name} has no range", help=f"add {name}=1..9, or --set {name}=3")


def _check_batch(values: Sequence[object]) -> None:
    """Refuse what is no number of samples."""
    for value in values:
        if type(value) is not int or value < 1:
            fail("option-value", f"a batch has a whole number of at least 1 samples, not {value}")


class Search(Tally):
    """One search."""

    def run(self) -> None:
        """Try everything."""
        if self.total > FEW:
            from cnncalc.solve.groups import Groups  # NumPy

            Groups(self).run()
        else:
            self._one_by_one()
        for condition in self.conditions:
            condition.finish()

    def _one_by_one(self) -> None:
        """Names that decide more than a layer's options come first, with a new expansion for each."""
        fixed: list[str] = []
        while True:
            try:
                self._try(fixed)
                break
            except ValueNeeded as needed:  # begin again with these names fixed too
                fixed.extend(name for name in self.ranges if name in needed.names and name not in fixed)
                self.begin()

    def _try(self, fixed: list[str]) -> None:
        rest = {name: values for name, values in self.ranges.items() if name not in fixed}
        first = self.shaping({name: values[0] for name, values in rest.items()})
        width = math.prod(len(values) for values in rest.values())
        refused: list[Problem] = []
        worked = False
        for given in product(*(self.ranges[name] for name in fixed)):
            self.values = dict(zip(fixed, given, strict=True))
            try:
                found = compiled(self.network, self.shaping(self.values), first)
            except SpecError as error:
                refused.extend(error.problems)
                self.skip(width)
                continue
            if found.problems:
                refused.extend(found.problems)
                self.skip(width)
                continue
            worked = True
            Walk(self, found, rest).run()
        if not worked and refused:
            raise SpecError(refused[:5])
