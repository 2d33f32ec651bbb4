"""One new token where others are cached: its FLOPs, the bytes that must be moved for it, and their ratio."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.core.number import Number
from cnncalc.core.problem import Fault
from cnncalc.cost import sizes
from cnncalc.cost.cost import Cost
from cnncalc.network.row import Row


class Step(NamedTuple):
    """A decoding step of the whole batch: every weight that takes part is read once, the cache once by each sample."""

    context: int
    flops: int
    weights: int
    read: int
    written: int
    state: int

    @property
    def moved(self) -> int:
        """Bytes that are read and written, each once; the arrays of a single position are left out."""
        return self.weights + self.read + self.written + self.state

    @property
    def intensity(self) -> float:
        """FLOPs for a byte."""
        return self.flops / self.moved if self.moved else 0.0

    def to_dict(self) -> dict[str, int | float]:
        """The step as data."""
        return {**self._asdict(), "moved": self.moved, "flops_per_byte": self.intensity}


def step(cost: Cost) -> Step:
    """The step after a context of the input's length; raises `Fault` where nothing is generated."""
    convention = cost.convention
    flops = sizes.value(cost, "decode_flops")
    length = cost.caches.length
    cached = cost.cache
    state = sizes.value(cost, "state_bytes")
    used: Number = 0
    for layer in cost.layers:
        count = _read(cost, layer.row)
        whole = layer.row.facts.params
        stored = convention.weight_bytes(layer.row, layer.row.facts.weights, whole)
        used = used + (stored if count == whole else -(-stored * count // whole))
    found = [flops, length, cached, state, used]
    if any(type(number) is not int for number in found) or not length:
        raise Fault("no-value", "a decoding step needs sizes that are numbers", help="--set gives them values")
    written = sum(_each(cost, index) for index in cost.caches.elements)
    return Step(
        context=int(length),
        flops=int(flops) * convention.batch,
        weights=int(used),
        read=int(cached or 0),
        written=int(convention.bytes(written, "kv")) * convention.batch,
        state=2 * int(state),  # read, and written
    )


def _read(cost: Cost, row: Row) -> Number:
    """Weights of a row that a step reads: of tables a row for each sample, of experts at most all."""
    batch = cost.convention.batch
    if cost.numbers[id(row)] not in cost.caches.growing:
        return 0 if row.node.inputs else row.facts.params
    if row.layer.table:
        return row.facts.shape[-1] * batch if row.facts.weights else 0
    used = row.layer.used(batch, *row.facts.inputs) if row.owner is None else None
    return row.facts.params if used is None else used


def _each(cost: Cost, index: int) -> int:
    """Keys and values of one position that a row adds; attention to a memory adds none."""
    total = 0
    for read in cost.caches.reads.get(index, ()):
        if read.causal and type(read.numbers) is int and type(read.length) is int:
            total += read.numbers // read.length
    return total
