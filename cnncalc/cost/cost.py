"""What a network costs: multiply-accumulates by layer, part and type, and bytes by what they are for.

Products are counted for one sample, bytes for a batch. One multiply-accumulate (MAC) is two floating-point operations.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any

from cnncalc.core.number import Number, prod
from cnncalc.cost.convention import (
    ADAFACTOR,
    BLOCK_8BIT,
    MASTER,
    SETTINGS,
    SMALL_8BIT,
    SPLITS,
    STATES,
    STATES_8BIT,
    Convention,
    in_bytes,
)
from cnncalc.cost.kv_cache import Cache
from cnncalc.cost.peak import peak
from cnncalc.cost.products import ledger, pairs
from cnncalc.cost.saved_activations import SavedActivations, Storage
from cnncalc.cost.saved_by_layer import attends
from cnncalc.cost.state import States
from cnncalc.network.report import Report
from cnncalc.network.row import Row

__all__ = ["SETTINGS", "STATES", "Convention", "Cost", "LayerCost", "intensity", "pairs"]


# Costs of layers that are the same for any number of samples.
EACH = ("weights", "buffers", "gradients", "optimizer", "macs", "flops")


class LayerCost:
    """One layer: products, and bytes for the batch."""

    __slots__ = (
        *("additions", "buffers", "cache", "cached", "gradients", "kept", "moved", "optimizer", "output", "parts"),
        *("row", "shared", "state", "weights", "caching", "made", "_read", "_taken"),
    )

    output: Number
    cache: Number
    moved: Number
    kept: Number

    def __init__(self, row: Row, convention: Convention, storage: Storage, cached: Number, state: Number) -> None:
        self.row = row
        self.parts = ledger(row, convention.causal == "halve")
        self.additions: Number = 0
        if convention.bias and row.facts.ledger:
            self.additions = row.layer.additions(row.facts.shape, *row.facts.inputs)
        self.weights: Number = convention.weight_bytes(row, row.own, row.params)
        self.buffers: Number = buffers(row, convention)
        self.gradients: Number = in_bytes(row.trainable, convention.trained_bits)
        self.optimizer: Number = remembered(row, convention)
        self.shared = storage.shares(row)
        self.cached = cached  # keys and values of one sample
        self.state = state
        self.made: Number = convention.bytes(prod(row.facts.shape[1:]))  # of one sample
        self.caching: Number = convention.bytes(cached, "kv")  # the same in bytes
        self._taken: Number = 0
        for ref in row.node.inputs:
            self._taken = self._taken + storage.bytes(ref)
        # Shared weights are read here too.
        self._read: Number = convention.weight_bytes(row, row.facts.weights, row.facts.params)

    def for_batch(self, batch: int) -> LayerCost:
        """The same layer with what grows with the samples, for so many at once."""
        other = copy(self)
        other.output = 0 if self.shared else self.made * batch
        other.cache = self.caching * batch
        other.moved = 0 if self.shared == "view" else (self._taken + self.made) * batch + self._read
        other.kept = 0
        return other

    @property
    def macs(self) -> Number:
        """Multiply-accumulates for one sample."""
        total: Number = 0
        for part in self.parts.values():
            total = total + part
        return total

    @property
    def flops(self) -> Number:
        """Floating-point operations for one sample: two a MAC, and the additions of biases where they are wanted."""
        return 2 * self.macs + self.additions

    def counted(self, what: str) -> set[str]:
        """The settings that make its `macs` or `flops` what they are."""
        found = {"causal"} if str(self.macs) != str(self.row.macs) else set()
        return found | ({"bias"} if what == "flops" and str(self.additions) != "0" else set())


class Cost:
    """A network's costs."""

    def __init__(self, report: Report, convention: Convention | None = None) -> None:
        self.report = report
        self.convention = convention or Convention()
        self._by_row: dict[int, LayerCost] | None = None
        self._numbers: dict[int, int] | None = None
        self._scores: set[int] | None = None
        self._expands: set[int] | None = None
        self._unused: list[str] | None = None
        self.splitting: Any = None  # `split.Split`, where several devices share the network
        storage = Storage(report, self.convention.bits["activations"])
        self.caches = Cache(report)
        self._layers: list[LayerCost] | None = None
        states, count = States(report), len(report.graph.inputs)
        self._one = [
            LayerCost(row, self.convention, storage, self.caches.of(index), states.of(row, count + index))
            for index, row in enumerate(report.rows)
        ]
        self.saved = SavedActivations(
            report, storage, self.convention.flash, self.convention.recompute, self.convention.batch
        )
        self.again = self.saved.again
        self._most = peak(report, Storage(report, storage.bits, training=False))
        self._of_batch()

    def _of_batch(self) -> None:
        """Set what grows with the samples."""
        batch = self.convention.batch
        self.kept: Number = self.saved.total(batch)
        self.peak: Number | None = self._most if self._most is None else self._most * batch

    def for_batch(self, batch: int) -> Cost:
        """The same network's costs for so many samples at once, without going through its layers' rules again."""
        other = copy(self)
        other.convention = self.convention.of(batch)
        other._by_row = other._layers = other.splitting = None
        other._of_batch()
        return other

    @property
    def layers(self) -> list[LayerCost]:
        """The costs of every layer."""
        if self._layers is None:
            batch, count = self.convention.batch, len(self.report.graph.inputs)
            self._layers = [layer.for_batch(batch) for layer in self._one]
            for ref, amount in self.saved.values.items():
                number = ref[0] if isinstance(ref, tuple) else ref
                if number >= count:
                    layer = self._layers[number - count]
                    layer.kept = layer.kept + amount * batch
            for layer in self._layers:
                layer.kept = layer.kept + self.saved.beside(layer.row.name, batch)
        return self._layers

    @property
    def kept_inputs(self) -> dict[str, Number]:
        """Bytes of the network's inputs that are kept for the backward pass, by name."""
        inputs = self.report.graph.inputs
        numbers = ((ref[0] if isinstance(ref, tuple) else ref, amount) for ref, amount in self.saved.values.items())
        return {inputs[at].name: amount * self.convention.batch for at, amount in numbers if at < len(inputs)}

    @property
    def trains(self) -> bool:
        """Whether there are gradients: of weights in a type that has them, or of matrices beside them."""
        return self.convention.trains or any(".lora_" in weight.name for layer in self._one for weight in layer.row.own)

    @property
    def numbers(self) -> dict[int, int]:
        """Each row's value in the graph, by the row's identity."""
        if self._numbers is None:
            self._numbers = {id(row): at for at, row in enumerate(self.report.rows, len(self.report.graph.inputs))}
        return self._numbers

    @property
    def scores(self) -> set[int]:
        """The identities of the rows that make scores of an attention that is written out as products."""
        if self._scores is None:
            found = (read.product for reads in self.caches.reads.values() for read in reads)
            self._scores = {id(row) for row in found if row is not None}
        return self._scores

    @property
    def expands(self) -> set[int]:
        """The identities of the rows that make keys and values of a cached latent, for every position again."""
        if self._expands is None:
            found = (row for reads in self.caches.reads.values() for read in reads for row in read.expand)
            self._expands = {id(row) for row in found}
        return self._expands

    def of(self, rows: Iterable[Row]) -> list[LayerCost]:
        """The costs of some layers."""
        if self._by_row is None:
            self._by_row = {id(layer.row): layer for layer in self.layers}
        return [self._by_row[id(row)] for row in rows]

    def unused(self) -> list[str]:
        """The settings beyond their defaults that make no difference to MACs and FLOPs."""
        if self._unused is not None:
            return self._unused
        used: set[str] = {"recompute"} if self.again else set()
        if any(attends(row.layer) for row in self.report.rows):
            used.add("flash")
        for layer in self._one if self.convention.counts else ():
            used |= layer.counted("flops")
        used |= self.convention.shared()
        self._unused = [name for name in ("causal", "bias", "flash", "recompute", *SPLITS) if name not in used]
        return self._unused

    def total(self, what: str) -> Number:
        """The sum of `macs`, `flops`, `output`, `cache`, `moved`, ... over all layers."""
        if what == "output":
            return _sum(layer.made for layer in self._one if not layer.shared) * self.convention.batch
        if what == "cache":
            return _sum(layer.caching for layer in self._one) * self.convention.batch
        return _sum(getattr(layer, what) for layer in (self._one if what in EACH else self.layers))

    def parts(self) -> dict[str, Number]:
        """Multiply-accumulates by component."""
        found: dict[str, Number] = {}
        for layer in self._one:
            for name, amount in layer.parts.items():
                found[name] = found[name] + amount if name in found else amount
        return found

    @property
    def cache(self) -> Number | None:
        """Bytes of the keys and values that are cached; None where that is not known."""
        return None if self.caches.unknown else self.total("cache")

    def memory(self) -> dict[str, Number | None]:
        """Bytes by what they are for; None for what is not known, or is not done in these types."""
        weights, buffers, cache = self.total("weights"), self.total("buffers"), self.cache
        found: dict[str, Number | None] = {"weights": weights, "buffers": buffers}
        trained: dict[str, Number | None] = dict.fromkeys(("gradients", "optimizer", "activations_kept", "training"))
        if self.trains:
            gradients, remembered = self.total("gradients"), self.total("optimizer")
            trained["gradients"], trained["optimizer"] = gradients, remembered
            trained["activations_kept"] = self.kept
            trained["training"] = weights + buffers + gradients + remembered + self.kept
        found |= trained
        found["activations_all"] = self.total("output")
        found["activations_peak"] = self.peak
        found["kv_cache"] = cache
        found["state"] = _sum(self.convention.bytes(layer.state) for layer in self._one) * self.convention.batch
        found["inference"] = None if self.peak is None or cache is None else weights + buffers + self.peak + cache
        return found


def _sum(numbers: Iterable[Number]) -> Number:
    total: Number = 0
    for number in numbers:
        total = total + number
    return total


def intensity(flops: Number, moved: Number, batch: int) -> float | None:
    """FLOPs for each byte that is read or written once: inputs, weights, outputs; None where nothing is counted."""
    if type(flops) is not int or type(moved) is not int or not flops or not moved:
        return None
    return flops * batch / moved


def buffers(row: Row, convention: Convention) -> Number:
    """Bytes of a layer's running statistics; Keras counts them as weights."""
    if getattr(row.layer, "counts_buffers", False):
        return 0
    return _sum(
        in_bytes(prod(b.shape), 64 if b.name == "num_batches_tracked" else convention.bits["weights"])
        for b in row.facts.buffers
    )


def remembered(row: Row, convention: Convention) -> Number:
    """Bytes that an optimizer keeps of a layer's trained parameters; mixed precision has its float32 weights there."""
    trained = row.trainable
    bits = convention.trained_bits if convention.mixed is None else MASTER
    master = 0 if convention.mixed is None else in_bytes(trained, MASTER)
    arrays = [weight.shape for weight in row.own if is_trained(row, weight.name)]
    if convention.optimizer in STATES_8BIT:
        return STATES_8BIT[convention.optimizer] * _sum(eight_bits(shape) for shape in arrays) + master
    if convention.optimizer != ADAFACTOR:
        return in_bytes(STATES[convention.optimizer] * trained, bits) + master
    return in_bytes(_sum(factored(shape) for shape in arrays), bits) + master


def is_trained(row: Row, name: str) -> bool:
    """Whether training changes one of a layer's arrays."""
    frozen = row.node.frozen
    return not (frozen is True or (frozen and name in frozen))


def eight_bits(shape: tuple[Number, ...]) -> Number:
    """Bytes of one state of an 8-bit optimizer; arrays below 4096 numbers keep 32 bits."""
    count = prod(shape)
    if type(count) is int and count < SMALL_8BIT:
        return 4 * count
    return count + 4 * -(-count // BLOCK_8BIT)


def factored(shape: tuple[Number, ...]) -> Number:
    """Numbers that Adafactor keeps of an array: a row and a column of its last two axes; of a vector all."""
    if len(shape) < 2:
        return prod(shape)
    return prod(shape[:-2]) * (shape[-2] + shape[-1])
