"""Saved activations: the arrays of the forward pass that gradients need, once each, and who owns their memory."""

from __future__ import annotations

from cnncalc.core.number import Number, known_equal, prod
from cnncalc.cost.convention import in_bytes
from cnncalc.cost.saved_by_layer import INDEX, dry, in_place, keep
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report
from cnncalc.network.row import Row


class Storage:
    """Who owns the memory of each value: views and layers that work in place share their input's.

    Without training a dropout passes its input on.
    """

    def __init__(self, report: Report, bits: int, training: bool = True) -> None:
        self.report = report
        self.bits = bits  # of a number
        self.training = training
        self.count = len(report.graph.inputs)
        self._roots: dict[Ref, Ref] = {}
        self._shares: dict[int, str] = {}  # by a layer's identity
        for number, row in enumerate(report.rows, self.count):
            if self.shares(row) and row.node.inputs:
                root = self.root(row.node.inputs[0])
                self._roots[number] = root
                for port in row.facts.ports:
                    self._roots[(number, port)] = root

    def shares(self, row: Row) -> str:
        """ "view" or "in place" where a layer needs no memory for its output, else ""."""
        found = self._shares.get(id(row.layer))
        if found is None:
            found = self._shares[id(row.layer)] = self._shared(row)
        return found

    def _shared(self, row: Row) -> str:
        if row.layer.view or dry(row.layer) or (not self.training and row.layer.category == "dropout"):
            return "view"
        return "in place" if in_place(row.layer) else ""

    def root(self, ref: Ref) -> Ref:
        """The value whose memory a value lies in."""
        return self._roots.get(ref, ref)

    def elements(self, ref: Ref) -> Number:
        """Numbers of one sample that a value has."""
        return prod(self.report.shape_of(ref)[1:])

    def bytes(self, ref: Ref) -> Number:
        """Bytes of one sample of a value; whole-number inputs are counted as int64."""
        number = ref[0] if isinstance(ref, tuple) else ref
        whole = number < self.count and self.report.graph.inputs[number].dtype == "int"
        return in_bytes(self.elements(ref), 8 * INDEX if whole else self.bits)


def again(report: Report, recompute: str) -> dict[int, int]:
    """The rows that are computed again in the backward pass, each with its block: the copies of repeated entries."""
    if recompute == "all":
        return dict.fromkeys(range(len(report.rows)), 0)
    found: dict[int, int] = {}
    if recompute == "block":
        copies = [block for name, block in report.graph.blocks.items() if name.rpartition(".")[2].isdigit()]
        for block in sorted(copies, key=lambda block: block.start - block.stop):  # the outer ones first
            if block.start not in found:
                found.update(dict.fromkeys(range(block.start, block.stop), block.start))
    return found


class SavedActivations:
    """What is kept for the backward pass: `values` are owners of memory, `extra` bytes by layer, for one sample.

    `fixed` are bytes by layer that a batch has once, `several` those for each sample of a batch of several.
    """

    def __init__(
        self, report: Report, storage: Storage, flash: bool = False, recompute: str = "none", batch: int = 1
    ) -> None:
        self.values: dict[Ref, Number] = {}
        self.extra: dict[str, Number] = {}
        self.fixed: dict[str, Number] = {}
        self.several: dict[str, Number] = {}
        tables: set[object] = set()
        count = storage.count
        learning: set[int] = set()  # values that depend on something trained
        self.again = again(report, recompute)
        for number, row in enumerate(report.rows, count):
            taken = row.node.inputs
            own = trains(row)
            if not own and not any((ref[0] if isinstance(ref, tuple) else ref) in learning for ref in taken):
                continue
            learning.add(number)
            if number - count in self.again:  # computed again: of its block only what comes in is kept
                self._hold([ref for ref in taken if self._outside(ref, number - count, count)], storage)
                continue
            found = keep(row, own, storage.bits, flash)
            own_copies = batch > 1 and not flash and "scores" in row.layer.saves and row.layer.parallel == "passes"
            self._hold([*(taken if found.inputs else ()), *([number] if found.output else ())], storage, own_copies)
            fixed = found.fixed
            for table, amount in found.tables:  # the first of the layers that share it keeps it
                if table not in tables:
                    tables.add(table)
                    fixed = fixed + amount
            further = (found.extra, self.extra), (fixed, self.fixed), (found.several, self.several)
            for amount, where in further:
                if not (type(amount) is int and amount == 0):
                    where[row.name] = amount

    def _hold(self, refs: list[Ref], storage: Storage, copied: bool = False) -> None:
        """Keep values. `copied`: heads of several samples, cut out of a larger array, are copied to be multiplied."""
        for ref in refs:
            root = storage.root(ref)
            if copied and not known_equal(storage.elements(ref), storage.elements(root)):
                root = ref
            if root not in self.values:
                self.values[root] = storage.bytes(root)

    def _outside(self, ref: Ref, index: int, count: int) -> bool:
        """Whether a value comes from outside the block of a row."""
        at = (ref[0] if isinstance(ref, tuple) else ref) - count
        return self.again.get(at) != self.again[index]

    def beside(self, name: str, batch: int) -> Number:
        """Bytes of a batch that a layer keeps besides values of the network."""
        several = self.several.get(name, 0) if batch > 1 else 0
        return (self.extra.get(name, 0) + several) * batch + self.fixed.get(name, 0)

    def total(self, batch: int) -> Number:
        """Bytes of a batch."""
        each: Number = sum(
            (*self.values.values(), *self.extra.values(), *(self.several.values() if batch > 1 else ())), 0
        )
        return each * batch + sum(self.fixed.values())


def trains(row: Row) -> bool:
    """Whether training changes one of a layer's weights."""
    frozen = row.node.frozen
    if frozen is True or not row.facts.weights:
        return False
    return not frozen or any(weight.name not in frozen for weight in row.facts.weights)
