"""A lower bound of the layers of a spec, counted before it is expanded, so that too many are refused at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from cnncalc.core.problem import Fault, Span
from cnncalc.expression.evaluate import value_of
from cnncalc.expression.syntax import parse
from cnncalc.network.expansion.net import until
from cnncalc.network.scope import text_of
from cnncalc.network.work import STEPS, Work
from cnncalc.spec.entries.entry import Entry
from cnncalc.spec.model import Spec

DEEPEST = 100  # blocks inside each other that are looked into
LARGEST = 1 << 64  # what is counted no further


class Count(NamedTuple):
    """Layers, and entries that are gone through for them; there will not be fewer."""

    layers: int
    steps: int


NOTHING = Count(0, 0)


def refuse(spec: Spec, work: Work) -> None:
    """Refuse a spec that is too much for sure, at the place that makes it so; raises `SpecError`."""
    counts = _Counts(spec, {}, set())
    found = counts.of(spec.layers)
    if _fits(found, work):
        return
    span = _place(counts, work)
    work.layers(found.layers, span)
    work.step(span, found.steps)


class _Counts:
    """Counts of entries, each block and each other spec worked out once."""

    def __init__(self, spec: Spec, others: dict[int, _Counts], open: set[tuple[int, str]]) -> None:
        self.spec = spec
        self.others = others  # of the specs that stand as blocks
        self.open = open  # what is being looked into
        self.blocks: dict[str, Count] = {}
        self.until: dict[str, Count] = {}  # of this spec where it stands as a block

    def of(self, entries: list[Entry]) -> Count:
        """What all of some entries have."""
        layers = steps = 0
        for entry in entries:
            count = self.entry(entry)
            layers += count.layers
            steps += count.steps
        return Count(min(layers, LARGEST), min(steps, LARGEST))

    def entry(self, entry: Entry) -> Count:
        """What an entry has with its copies; one that may be left out has nothing."""
        if "when" in entry.keys:
            return Count(0, 1)
        if "repeat" not in entry.keys:
            count = self.once(entry)
            return Count(count.layers, count.steps + 1)
        copies = _copies(entry.keys["repeat"])
        if not copies:
            return Count(0, 1)
        count = self.once(entry)
        return Count(count.layers * copies, (count.steps + 1) * copies + 1)

    def once(self, entry: Entry) -> Count:
        """What one copy has."""
        block = self.spec.blocks.get(entry.type) if entry.kind == "call" else None
        if block is not None:
            return self._block(block.name)
        if entry.kind == "net":
            return self._net(entry)
        if entry.kind not in ("sequential", "residual", "parallel"):
            return Count(1, 0)
        count = self.of(inside(entry))
        if "copies" in entry.keys:
            copies = _copies(entry.keys["copies"])
            return Count(min(count.layers * copies, LARGEST), min((count.steps + 1) * copies, LARGEST))
        merges = entry.kind != "sequential"
        branches = len(entry.bodies) if entry.kind == "parallel" else 0
        return Count(count.layers + merges, count.steps + branches)

    def _block(self, name: str) -> Count:
        return self._known(self.blocks, name, lambda: self.spec.blocks[name].body)

    def _net(self, entry: Entry) -> Count:
        """What another spec has; nothing where it is refused."""
        spec = entry.net
        assert isinstance(spec, Spec)
        counts = self.others.setdefault(id(spec), _Counts(spec, self.others, self.open))
        last = text_of(entry.keys["until"]) if "until" in entry.keys else ""
        with suppress(Fault):
            return counts._known(counts.until, last, lambda: until(spec, entry))
        return NOTHING

    def _known(self, known: dict[str, Count], name: str, body: Callable[[], list[Entry]]) -> Count:
        """What a block or a spec has, once it is known; nothing where it is refused for what it contains."""
        key = (id(known), name)
        if name not in known and key not in self.open and len(self.open) < DEEPEST:
            self.open.add(key)
            known[name] = self.of(body())
            self.open.discard(key)
        return known.get(name, NOTHING)


def inside(entry: Entry) -> list[Entry]:
    """The entries of all bodies of a group."""
    found = [inner for _, body in entry.bodies for inner in body]
    return found + (entry.shortcut or [])


def _copies(written: Any) -> int:
    """The number of copies, where it is written as a number; 0 where it is not known."""
    count = written.data
    if isinstance(count, str):
        try:
            expression = parse(count)
            count = None if expression.names() or expression.functions() else value_of(expression, {})
        except Fault:
            return 0
    if type(count) is float and count.is_integer():
        count = int(count)
    return max(count, 0) if type(count) is int else 0


def _fits(count: Count, work: Work) -> bool:
    return count.layers <= work.most and count.steps <= STEPS * work.most


def _place(counts: _Counts, work: Work) -> Span:
    """The place of the entry, or of the number of copies, without which it would not be too much."""
    entries = counts.spec.layers
    while True:
        layers = steps = 0
        for entry in entries:
            count = counts.entry(entry)
            layers, steps = layers + count.layers, steps + count.steps
            if not _fits(Count(layers, steps), work):
                break
        if _fits(count, work):
            return entry.span
        if entry.kind == "net" or _fits(counts.once(entry), work):
            span: Span = entry.keys["repeat"].span() if "repeat" in entry.keys else entry.span
            return span
        block = counts.spec.blocks.get(entry.type) if entry.kind == "call" else None
        entries = inside(entry) if block is None else block.body
