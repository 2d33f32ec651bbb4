"""Recurrent layers as ONNX operators: their gates stand in another order there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnncalc.export.onnx.builder import Builder, Rule

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array
    from cnncalc.export.onnx.builder import Shapes
    from cnncalc.layers.recurrent import SequenceLayer
    from cnncalc.layers.recurrent_cell import Cell

# Where ONNX has each of PyTorch's gates: i f g o become i o f c, r z n become z r h.
ORDER = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN": (0,)}


class Way(NamedTuple):
    """The names of one direction's arrays: matrices of input and state, and the biases, one or two."""

    ih: str
    hh: str
    bias: tuple[str, ...]


def level(
    g: Builder, kind: str, x: str, ways: list[Way], word: str, states: list[str], order: tuple[int, ...],
    options: dict[str, object], last: bool = False,
) -> list[str]:  # fmt: skip
    """One level in all its directions over [T, N, features]: the sequence and the last states.

    last   whether the gates stand along the last axis of a matrix and not the first
    """

    def sort(array: Array) -> Array:
        gates = np.split(array, len(order))
        return np.concatenate([gates[at] for at in order])

    def sorted_matrices(*arrays: Array) -> Array:
        return np.stack([sort(array.T if last else array) for array in arrays])

    def sorted_biases(*arrays: Array) -> Array:
        """[directions, biases and gates]"""
        each = len(arrays) // len(ways)
        parts = [np.concatenate([sort(row) for row in np.atleast_2d(array)]) for array in arrays]
        return np.stack([np.concatenate(parts[at : at + each]) for at in range(0, len(parts), each)])

    hidden = g.array(ways[0].hh).shape[0 if last else 1]
    w = g.store(f"W{word}", [way.ih for way in ways], sorted_matrices)
    r = g.store(f"R{word}", [way.hh for way in ways], sorted_matrices)
    bias = None
    if ways[0].bias:
        names = [name for way in ways for name in way.bias]
        bias = g.store(f"B{word}", names, sorted_biases)
        count = len(order) * hidden
        if len(ways[0].bias) == 1 and g.array(names[0]).size == count:
            bias = g.op("Concat", bias, g.numbers(np.zeros((len(ways), count))), axis=1)
    if len(ways) > 1:
        options["direction"] = "bidirectional"
    outputs = 3 if kind == "LSTM" else 2
    return g.ops(kind, (x, w, r, bias, None, *states), outputs, hidden_size=hidden, **options)


def _level(
    g: Builder, layer: SequenceLayer | Cell, kind: str, x: str, endings: list[str], word: str, states: list[str]
) -> list[str]:
    """One level of PyTorch's."""
    ways = []
    for ending in endings:
        biases = (f"bias_ih{ending}", f"bias_hh{ending}")
        ways.append(Way(f"weight_ih{ending}", f"weight_hh{ending}", tuple(name for name in biases if g.has(name))))
    options: dict[str, object] = {}
    if kind == "GRU":
        options["linear_before_reset"] = int(bool(getattr(layer, "reset_after", True)))
    if kind == "RNN":
        options["activations"] = ["Relu" if layer.nonlinearity == "relu" else "Tanh"] * len(endings)
    return level(g, kind, x, ways, word, states, ORDER[kind], options)


def _recurrent(kind: str) -> Rule:
    def rule(g: Builder, layer: SequenceLayer, xs: list[str], shapes: Shapes) -> dict[str, str]:
        if any(held.name.startswith("weight_hr") for held in g.row.facts.weights):
            raise g.refuse("ONNX has no projection of the state")
        sides = ["", "_reverse"] if layer.bidirectional else [""]
        length = shapes[0][1]
        given = [g.op("Transpose", state, perm=[1, 0, 2]) for state in xs[1:]]
        x = g.op("Transpose", xs[0], perm=[1, 0, 2])
        last: list[list[str]] = []
        for level in range(layer.num_layers):
            endings = [f"_l{level}{side}" for side in sides]
            start = level * len(sides)
            states = [g.slice(state, 0, start, start + len(sides)) for state in given]
            made = _level(g, layer, kind, x, endings, str(level or ""), states)
            last.append(made[1:])
            hidden = g.array(f"weight_hh{endings[0]}").shape[1] * len(sides)
            turned = g.op("Transpose", made[0], perm=[0, 2, 1, 3])
            x = g.op("Reshape", turned, g.whole([length, -1, hidden]))
        ports = {}
        for at, name in enumerate(("h_n", "c_n")[: len(last[0])]):
            parts = [states[at] for states in last]
            whole = g.op("Concat", *parts, axis=0) if len(parts) > 1 else parts[0]
            ports[name] = g.op("Transpose", whole, perm=[1, 0, 2])
        return {"output": g.op("Transpose", x, perm=[1, 0, 2]), **ports}

    return rule


def _cell(kind: str) -> Rule:
    def rule(g: Builder, layer: Cell, xs: list[str], shapes: Shapes) -> dict[str, str]:
        x, *states = (g.op("Unsqueeze", name, g.whole([0])) for name in xs)
        made = _level(g, layer, kind, x, [""], "", states)
        ends = [g.op("Squeeze", name, g.whole([0])) for name in made[1:]]
        return {"output": ends[0], **dict(zip(("h", "c"), ends, strict=False))}

    return rule


RULES: dict[str, Rule] = {
    **{kind: _recurrent(kind) for kind in ORDER},
    **{f"{kind}Cell": _cell(kind) for kind in ORDER},
}
