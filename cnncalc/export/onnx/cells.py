"""Recurrent cells that are given by their equations, and AttentionRNN, as ONNX operators: one step after the other."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnncalc.core.problem import Fault
from cnncalc.export.onnx.builder import Builder, Rule

if TYPE_CHECKING:
    from cnncalc.export.onnx.builder import Shapes
    from cnncalc.layers.attention_rnn import AttentionRNN
    from cnncalc.layers.cells.tree import Piece
    from cnncalc.layers.equations import Recurrent

# Functions of each number alone, and of pairs, as ONNX calls them.
EACH = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu", "exp": "Exp", "ln": "Log", "log": "Log", "sqrt": "Sqrt",
        "sin": "Sin", "cos": "Cos", "abs": "Abs", "floor": "Floor", "ceil": "Ceil", "round": "Round",
        "negate": "Neg"}  # fmt: skip
PAIRS = {"+": "Add", "-": "Sub", "*": "Mul", "/": "Div", "**": "Pow", "max": "Max", "min": "Min"}


class Part(NamedTuple):
    """A value: its name, how many axes a sample of it has, and whether the batch axis stands in front."""

    name: str
    rank: int
    batched: bool = True


class _Cell:
    """The values of all steps so far."""

    def __init__(self, g: Builder, layer: Recurrent, xs: list[str], shapes: Shapes) -> None:
        self.g, self.layer = g, layer
        self.shapes = {held.name: held.shape for held in g.row.facts.weights}
        shape, steps = shapes[0], len(layer.sequences)
        self.inner = layer.shapes(*shapes)
        self.fixed = {
            name: Part(x, len(given) - 1)
            for name, x, given in zip(layer.fixed, xs[steps:], shapes[steps:], strict=True)
        }
        self.past: dict[str, list[Part]] = {equation.name: [] for equation in layer.equations}
        self.zeros: dict[str, Part] = {}
        for name, x in zip(layer.sequences, xs, strict=False):
            self.past[name] = [Part(step, 1) for step in g.steps(x, shape[1])]
            self.zeros[name] = Part(g.op("Mul", self.past[name][0].name, g.numbers(0)), 1)
        zero = self.zeros["x"].name
        one = g.slice(zero, 1, 0, 1)
        for name in layer.states:
            sizes = self.inner.shape(name)
            wide = g.unsqueeze(one, *range(2, 1 + len(sizes))) if len(sizes) > 1 else one
            self.zeros[name] = Part(g.op("Expand", wide, g.whole([1, *sizes])), len(sizes))

    def run(self, length: int) -> dict[str, str]:
        """Every equation's sequence, and "output"."""
        for t in range(length):
            for equation in self.layer.equations:
                self.past[equation.name].append(self.filled(equation.name, self.of(equation.tree, t)))
        ports = {
            equation.name: self.g.stack([part.name for part in self.past[equation.name]])
            for equation in self.layer.equations
        }
        return {"output": ports[self.layer.result], **ports}

    def filled(self, name: str, made: Part) -> Part:
        """The value for each sample; one number fills a state of one."""
        zero = self.zeros.get(name)
        if zero is not None and zero.rank != made.rank:
            return self.pair("Add", made, zero)
        return self.batch(made)

    def batch(self, part: Part) -> Part:
        """The part for each sample."""
        if part.batched:
            return part
        x = self.zeros["x"].name
        zero = self.g.squeeze(self.g.slice(x, 1, 0, 1), 1) if not part.rank else x
        if part.rank:
            zero = self.g.slice(x, 1, 0, 1)
            zero = self.g.unsqueeze(zero, *range(2, 1 + part.rank)) if part.rank > 1 else zero
        return Part(self.g.op("Add", part.name, zero), part.rank)

    def of(self, piece: Piece, t: int) -> Part:
        """The value of a node at step t."""
        g, op = self.g, piece.op
        if op == "value":
            return self.past[piece.name][t - piece.lag] if t >= piece.lag else self.zeros[piece.name]
        if op == "weight" and piece.name in self.fixed:
            return self.fixed[piece.name]
        if op == "weight":
            return Part(g.weight(piece.name), len(self.shapes[piece.name]), False)
        if op in ("number", "size"):
            sizes = {**self.inner.bound, "n": g.row.facts.inputs[0][2]}
            value = piece.value if op == "number" else int(sizes[piece.name])
            return Part(g.numbers(float(value)), 0, False)
        if op == "@":
            return self.product(piece, t)
        args = [self.of(arg, t) for arg in piece.args]
        first = args[0]
        if op in EACH:
            return first._replace(name=g.op(EACH[op], first.name))
        if op == "log2":
            return first._replace(name=g.op("Div", g.op("Log", first.name), g.numbers(log(2))))
        if op == "softmax":
            return first._replace(name=g.op("Softmax", first.name, axis=-1))
        if op == "transpose":
            return first._replace(name=self.turned(first))
        if op == "index":
            return self.index(piece.value, first)
        if op == "concat":
            parts = [self.batch(part) for part in args]
            names = [part.name if part.rank else g.unsqueeze(part.name, 1) for part in parts]
            return Part(g.op("Concat", *names, axis=1), max(1, *(part.rank for part in parts)))
        if op == "outer":
            a, b = (self.batch(part) for part in args)
            return Part(g.op("Mul", g.unsqueeze(a.name, 2), g.unsqueeze(b.name, 1)), 2)
        if op in ("sum", "max", "min") and len(args) == 1:
            kind = {"sum": "ReduceSum", "max": "ReduceMax", "min": "ReduceMin"}[op]
            axes = [at + first.batched for at in range(first.rank)]
            return Part(g.op(kind, first.name, g.whole(axes), keepdims=0) if axes else first.name, 0, first.batched)
        if op not in PAIRS:
            raise Fault("cannot-export", f"{g.row.call} cannot be written for ONNX: {op} is not written out")
        for other in args[1:]:
            first = self.pair(PAIRS[op], first, other)
        return first

    def pair(self, kind: str, a: Part, b: Part) -> Part:
        """Two values combined number by number, aligned at their last axis."""
        rank = max(a.rank, b.rank)
        sides = [
            self.g.unsqueeze(part.name, *range(1, 1 + rank - part.rank))
            if part.batched and part.rank < rank
            else part.name
            for part in (a, b)
        ]
        return Part(self.g.op(kind, *sides), rank, a.batched or b.batched)

    def index(self, value: object, part: Part) -> Part:
        """One position of the first axis of a sample, or a piece of it."""
        axis = int(part.batched)
        if not isinstance(value, slice):
            return Part(self.g.op("Gather", part.name, self.g.whole(value), axis=axis), part.rank - 1, part.batched)
        most = np.iinfo(np.int64).max
        step = 1 if value.step is None else value.step
        start = value.start if value.start is not None else 0 if step > 0 else -1
        stop = value.stop if value.stop is not None else most if step > 0 else -most
        return part._replace(name=self.g.slice(part.name, axis, start, stop, step))

    def turned(self, part: Part) -> str:
        """A matrix transposed, or that of each sample."""
        return self.g.op("Transpose", part.name, perm=[0, 2, 1] if part.batched else [1, 0])

    def product(self, piece: Piece, t: int) -> Part:
        """Matrices and vectors multiplied; as the left factor a transposed vector is the row that it is already."""
        g = self.g
        left, right = piece.args
        inner = self.of(left.args[0], t) if left.op == "transpose" else None
        a = inner if inner is not None and inner.rank == 1 else self.of(left, t)
        b = self.of(right, t)
        batched = a.batched or b.batched
        if b.rank == 1 and a.rank == 2 and not a.batched:
            return Part(g.op("MatMul", b.name, self.turned(a)), 1, b.batched)
        if a.rank == 1 and b.rank == 2 and not b.batched:
            return Part(g.op("MatMul", a.name, b.name), 1, a.batched)
        row = g.unsqueeze(a.name, int(a.batched)) if a.rank == 1 else a.name
        column = g.unsqueeze(b.name, 1 + int(b.batched)) if b.rank == 1 else b.name
        made = g.op("MatMul", row, column)
        gone = ([-2] if a.rank == 1 else []) + ([-1] if b.rank == 1 else [])
        return Part(g.squeeze(made, *gone) if gone else made, a.rank + b.rank - 2, batched)


def _recurrent(g: Builder, layer: Recurrent, xs: list[str], shapes: Shapes) -> dict[str, str]:
    return _Cell(g, layer, xs, shapes).run(shapes[0][1])


def _attention_rnn(g: Builder, layer: AttentionRNN, xs: list[str], shapes: Shapes) -> dict[str, str]:
    """Slots [N, slots, size], each times its own matrix; with `k: all` past states share the second one."""
    length = shapes[0][1]
    steps = g.steps(xs[0], length)
    turned = {name: g.op("Transpose", g.weight(name), perm=[0, 2, 1]) for name in "QKV"}
    zero = g.op("Mul", steps[0], g.numbers(0))
    past = [] if layer.every else [zero] * layer.k
    found: dict[str, list[str]] = {"scores": [], "attention": [], "h": []}
    for step in steps:
        count = 1 + len(past)
        slots = g.unsqueeze(g.stack([step, *past]), 2)  # [N, slots, 1, size]
        sides = {}
        for name, matrices in turned.items():
            if layer.every:
                places = [0, *[1] * (count - 1)]
                matrices = g.op("Gather", matrices, g.whole(places), axis=0)
            sides[name] = g.op("MatMul", slots, matrices)
        scores = g.op("MatMul", sides["Q"], g.op("Transpose", sides["K"], perm=[0, 1, 3, 2]))
        scores = g.squeeze(scores, 2, 3)
        attention = g.op("Softmax", scores, axis=-1)
        mixed = g.op("MatMul", g.unsqueeze(attention, 1), g.squeeze(sides["V"], 2))
        h = g.squeeze(mixed, 1)
        for name, made in (("scores", scores), ("attention", attention)):
            missing = length - count if layer.every else 0
            found[name].append(g.op("Pad", made, g.whole([0, 0, 0, missing]), g.numbers(0)) if missing else made)
        found["h"].append(h)
        past = [h, *past] if layer.every else [h, *past][: layer.k]
    ports = {name: g.stack(values) for name, values in found.items()}
    return {"output": ports["h"], **ports}


RULES: dict[str, Rule] = {"Recurrent": _recurrent, "AttentionRNN": _attention_rnn}
