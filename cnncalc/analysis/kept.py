"""What training keeps of the forward pass: which arrays the gradients need, once each, as PyTorch's autograd has it.

A convolution or matrix product needs its input (for the weights' gradient), a ReLU, sigmoid or softmax its output, a
max-pool where each largest stood, dropout its mask; sums and reshapes need nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.analysis.convention import in_bytes
from cnncalc.graph import Ref
from cnncalc.number import Number, Shape, prod
from cnncalc.report import Report, Row

INDEX = 8  # bytes of a position: PyTorch's int64
MASK = 1  # bytes of a truth value


# Numbers for each unit and step of a recurrent layer besides its output: the gates, and a cell or a product.
STEPS = {"RNN": 0, "LSTM": 5, "GRU": 5, "RNNCell": 0, "LSTMCell": 5, "GRUCell": 5}


def kinds(layer: Any) -> list[str]:
    """The names of a layer's class and its bases, nearest first."""
    return [base.__name__ for base in type(layer).__mro__]


class Storage:
    """Who owns the memory of each value: views and layers that work in place share their input's."""

    def __init__(self, report: Report, bits: int) -> None:
        self.report = report
        self.bits = bits  # of a number
        self.count = len(report.graph.inputs)
        self._roots: dict[Ref, Ref] = {}
        for number, row in enumerate(report.rows, self.count):
            if self.shares(row) and row.node.inputs:
                root = self.root(row.node.inputs[0])
                self._roots[number] = root
                for port in row.facts.ports:
                    self._roots[(number, port)] = root

    @staticmethod
    def shares(row: Row) -> str:
        """ "view" or "in place" where a layer needs no memory for its output, else ""."""
        if row.layer.view:
            return "view"
        return "in place" if getattr(row.layer, "inplace", None) is True else ""

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


class Kept:
    """What is kept for the backward pass: `values` are owners of memory, `extra` bytes by layer."""

    def __init__(self, report: Report, storage: Storage) -> None:
        self.values: dict[Ref, Number] = {}
        self.extra: dict[str, Number] = {}
        count = storage.count
        learning: set[int] = set()  # values that depend on something trained
        for number, row in enumerate(report.rows, count):
            taken = row.node.inputs
            own = bool(row.facts.weights) and not row.node.frozen
            if not own and not any((ref[0] if isinstance(ref, tuple) else ref) in learning for ref in taken):
                continue
            learning.add(number)
            inputs, output = needs(row, own)
            for ref in [*(taken if inputs else ()), *([number] if output else ())]:
                root = storage.root(ref)
                if root not in self.values:
                    self.values[root] = storage.bytes(root)
            more = extra(row, storage.bits)
            if not (type(more) is int and more == 0):
                self.extra[row.name] = more

    def total(self) -> Number:
        """Bytes of one sample."""
        result: Number = 0
        for amount in (*self.values.values(), *self.extra.values()):
            result = result + amount
        return result


def needs(row: Row, trained: bool) -> tuple[bool, bool]:
    """Whether the gradient needs the layer's inputs, and its output."""
    said = row.layer.saves.split()
    if said == ["unknown"]:
        return True, True
    activation = bool(getattr(row.layer, "activation", None)) and "trainable" in type(row.layer).options
    return "input" in said or ("weights" in said and trained), "output" in said or activation


def extra(row: Row, bits: int) -> Number:
    """Further bytes of one sample: positions, masks, gates, and the steps inside attention and feed-forward layers."""
    layer, y = row.layer, row.facts.shape
    said = layer.saves.split()
    if "positions" in said:
        return prod(y[1:]) * INDEX
    if "mask" in said:
        return prod(y[1:]) * MASK
    if "channel-mask" in said:
        return (y[-1] if layer.kernel_name() != layer.type() else y[1]) * MASK
    inside: Number = 0
    for amount in steps(layer, row.facts.inputs):
        inside = inside + amount
    return in_bytes(inside, bits)


def steps(layer: Any, xs: tuple[Shape, ...]) -> Iterator[Number]:
    """Numbers that a composed layer keeps besides its input and output."""
    names = kinds(layer)
    x = xs[0] if xs else ()
    if "SequenceLayer" in names:
        units = layer.num_layers * layer.directions * x[1]
        yield units * layer.hidden_size * STEPS.get(names[0], 0)
        yield (units - layer.directions * x[1]) * layer.state_size  # outputs of the layers below the last
    elif "Cell" in names:
        yield layer.hidden_size * STEPS.get(names[0], 0)
    elif "MultiheadAttention" in names or "Attention" in names or "ScaledDotProductAttention" in names:
        yield from attention(layer, xs)
    elif "GatedFeedForward" in names:  # gate, its activation, up, and their product
        yield 4 * prod(x[:-1]) * layer.hidden_features
    elif "Composed" in names:
        yield from composed(layer, xs)
    elif "TrailingNorm" in names:  # mean and deviation of each row
        yield 2 * prod(x[:-1])
    elif "ChannelNorm" in names:
        yield 2 * x[1]


def composed(layer: Any, xs: tuple[Shape, ...]) -> Iterator[Number]:
    """What stands between the parts of a transformer layer, and inside them; masks of its dropouts are left out."""
    for index, (name, part, given) in enumerate(layer.parts(*xs)):
        if index > 0:  # the input of the first is the layer's own
            yield prod(given[-1] if name == "decoder" else given[0])
        if name == "linear2" and layer.activation == "gelu":
            yield prod(given[0])  # what the function got; a ReLU keeps what it gave, the input of linear2
        yield from steps(part, given)


def attention(layer: Any, xs: tuple[Shape, ...]) -> Iterator[Number]:
    """Query, key and value, the softmax' output for every pair and head, and what comes out before the projection."""
    query, key = xs[0], xs[min(1, len(xs) - 1)]
    if hasattr(layer, "sizes"):
        d_query, d_key, d_value, d_out = layer.sizes(xs)
        heads = layer.num_heads
    elif hasattr(layer, "num_heads"):
        d_query = d_key = d_value = d_out = query[-1]
        heads = layer.num_heads
    else:  # query, key and value are inputs: only the pairs are its own
        yield prod(query[1:-1]) * key[-2]
        return
    yield query[1] * d_query
    yield key[1] * (d_key + d_value)
    yield heads * query[1] * key[1]
    yield query[1] * d_out
